// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/settings.h"

#include <string.h>

#include "adapters/channel.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

enum {
	SIZE_DEFAULT = 25 << 20,
	SIZE_MAX_SETTING = 256 << 20,
	IDLE_DEFAULT = 300, // seconds: servers and the boxes between give up at 30 minutes, some at 10
	IDLE_MAX = 1740,    // RFC 2177: "at least every 29 minutes"
	NUMBERS_IN_ID = 22, // "/4294967295/4294967295"
};

const struct json_key settings_keys[] = { { "url", 'S', 300 },
	                                  { "tls", 's', 16 },
	                                  { "user", 'S', 128 },
	                                  { "folder", 's', 128 },
	                                  { "processed", 's', 128 },
	                                  { "ca", 's', 4096 },
	                                  { "max_size", 'i', SIZE_MAX_SETTING },
	                                  { "idle", 'i', IDLE_MAX },
	                                  { 0 } };

// "HOST", "HOST:PORT" or "[ADDRESS]:PORT", perhaps followed by one slash.
static int take_authority(struct settings *s, const char *text, struct err *e)
{
	static const char host_bytes[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
	bool bracket = *text == '[';
	size_t len = bracket ? strspn(text + 1, "0123456789abcdefABCDEF:.") : strspn(text, host_bytes);
	const char *rest = text + len + (bracket ? 2 : 0);
	size_t digits;

	if (len == 0 || (bracket && text[len + 1] != ']'))
		return err_set(e, EX_CONFIG, "imap.url names no host");
	s->host = text_copy_n(text + bracket, len);
	if (*rest == ':') {
		digits = strspn(++rest, "0123456789");
		if (digits == 0 || digits > 5)
			return err_set(e, EX_CONFIG, "imap.url has no port after the colon");
		free(s->port);
		s->port = text_copy_n(rest, digits);
		rest += digits;
	}
	if (*rest == '/')
		rest++;
	if (*rest)
		return err_set(e, EX_CONFIG, "imap.url has more than a host and a port");
	return 0;
}

static int take_url(struct settings *s, const char *url, const char *tls, struct err *e)
{
	bool none = strcmp(tls, "none") == 0;

	if (*tls && !none && strcmp(tls, "required") != 0)
		return err_set(e, EX_CONFIG, "imap.tls must be required or none");
	if (text_starts_fold(url, "imaps://")) {
		if (none)
			return err_set(e, EX_CONFIG, "imap.tls is none, but imap.url begins with imaps://");
		s->tls = TLS_FIRST;
		s->port = text_copy("993");
		return take_authority(s, url + strlen("imaps://"), e);
	}
	if (text_starts_fold(url, "imap://")) {
		s->tls = none ? TLS_NONE : TLS_STARTTLS;
		s->port = text_copy("143");
		return take_authority(s, url + strlen("imap://"), e);
	}
	return err_set(e, EX_CONFIG, "imap.url must begin with imaps:// or imap://");
}

// What goes into a command line of the protocol: no control bytes, and ASCII (a folder's name on the wire would
// otherwise be in modified UTF-7, which may be written here as it is).
static int take_word(char **to, const json_t *config, const char *key, const char *fallback, struct err *e)
{
	const char *value = json_str(config, key);

	if (!*value)
		value = fallback;
	if (!*value)
		return err_set(e, EX_CONFIG, "imap.%s is empty", key);
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
			return err_set(e, EX_CONFIG, "imap.%s may hold ASCII only (folders: modified UTF-7)", key);
	*to = text_copy(value);
	return 0;
}

int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e)
{
	const char *ca = json_str(config, "ca");
	int64_t size = json_int(config, "max_size"), idle = json_int(config, "idle");

	*s = (struct settings){ 0 };
	if (take_url(s, json_str(config, "url"), json_str(config, "tls"), e) < 0 ||
	    take_word(&s->user, config, "user", "", e) < 0 || take_word(&s->folder, config, "folder", "INBOX", e) < 0 ||
	    take_word(&s->processed, config, "processed", "Processed", e) < 0)
		return -1;
	if (strcmp(s->folder, s->processed) == 0)
		return err_set(e, EX_CONFIG, "imap.folder and imap.processed are the same folder");
	s->account = text_format("%s@%s", s->user, s->host);
	if (strlen(s->account) + 1 + strlen(s->folder) + NUMBERS_IN_ID > CHANNEL_ID_MAX)
		return err_set(e, EX_CONFIG, "imap.user, host and imap.folder are too long together");
	s->ca = *ca ? text_copy(ca) : NULL;
	s->max_size = size ? size : SIZE_DEFAULT;
	s->idle = (idle ? idle : IDLE_DEFAULT) * CLOCK_SECOND;
	return login_take(&s->login, secrets, e);
}

void settings_free(struct settings *s)
{
	free(s->host);
	free(s->port);
	free(s->user);
	free(s->account);
	free(s->folder);
	free(s->processed);
	free(s->ca);
	login_free(&s->login);
	*s = (struct settings){ 0 };
}
