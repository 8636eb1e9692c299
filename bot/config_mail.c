// SPDX-License-Identifier: Apache-2.0
#include "bot/config_mail.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

#define SIZE_DEFAULT (50 * 1024 * 1024)

static const struct yaml_key oauth_keys[] = {
	{ .name = "token_url", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "client_id", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "client_secret", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "refresh_token", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = NULL },
};

#define MAILBOX_KEYS \
	{ .name = "url", .kind = YAML_TEXT, .required = true, .max = 512 }, { .name = "tls", .kind = YAML_TEXT }, \
	        { .name = "user", .kind = YAML_TEXT, .required = true, .max = 256 }, \
	        { .name = "password", .kind = YAML_TEXT, .max = 1024 }, \
	        { .name = "oauth", .kind = YAML_MAP, .sub = oauth_keys }, \
	{ \
		.name = "ca", .kind = YAML_TEXT, .min = -1 \
	}

static const struct yaml_key imap_keys[] = {
	MAILBOX_KEYS,
	{ .name = "folder", .kind = YAML_TEXT, .max = 256 },
	{ .name = "processed", .kind = YAML_TEXT, .max = 256 },
	{ .name = NULL },
};
static const struct yaml_key smtp_keys[] = { MAILBOX_KEYS, { .name = NULL } };
static const struct yaml_key trust_keys[] = {
	{ .name = "authserv", .kind = YAML_TEXTS, .required = true, .min = 1, .max = 16 },
	{ .name = "hosts", .kind = YAML_TEXTS, .max = 64 },
	{ .name = NULL },
};
const struct yaml_key config_mail_keys[] = {
	{ .name = "address", .kind = YAML_TEXT, .required = true, .max = 200 },
	{ .name = "imap", .kind = YAML_MAP, .required = true, .sub = imap_keys },
	{ .name = "smtp", .kind = YAML_MAP, .required = true, .sub = smtp_keys },
	{ .name = "trust", .kind = YAML_MAP, .sub = trust_keys },
	{ .name = "max_size", .kind = YAML_INTEGER, .min = 65536, .max = 256 << 20 },
	{ .name = NULL },
};

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

// RFC 5321 4.5.3.1.1 gives a local part 64 characters; '+' and a token take 41 of them.
#define LOCAL_MAX 23

static bool is_host(const char *text, size_t len)
{
	return len > 0 && len < 254 && strspn(text, name_characters) >= len && text[0] != '.' && text[0] != '-';
}

// SCHEME://HOST[:PORT] and nothing else; HOST may be [IPv6].  The host's place comes back.
static bool split_url(const char *url, const char *scheme, const char **host, size_t *host_len)
{
	size_t length = strlen(scheme), port;
	const char *at = url + length;

	if (strncmp(url, scheme, length) != 0)
		return false;
	*host = at;
	if (*at == '[') {
		*host = at + 1;
		*host_len = strspn(at + 1, "0123456789abcdefABCDEF:.");
		at += 1 + *host_len;
		if (*at++ != ']' || *host_len == 0)
			return false;
	} else {
		*host_len = strcspn(at, ":/?#@");
		if (!is_host(at, *host_len))
			return false;
		at += *host_len;
	}
	if (*at == ':') {
		port = strspn(at + 1, "0123456789");
		if (port < 1 || port > 5)
			return false;
		at += 1 + port;
	}
	return strcmp(at, "") == 0 || strcmp(at, "/") == 0;
}

static bool is_loopback(const char *host, size_t len)
{
	_free_ char *name = text_copy_n(host, len);
	struct in_addr four;
	struct in6_addr six;

	if (text_same(name, "localhost"))
		return true;
	if (inet_pton(AF_INET, name, &four) == 1)
		return ntohl(four.s_addr) >> 24 == 127;
	return inet_pton(AF_INET6, name, &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
}

bool config_loopback_url(const char *url)
{
	const char *host = strstr(url, "://");
	size_t len;

	if (!host)
		return false;
	host += 3;
	len = strcspn(host, *host == '[' ? "]" : ":/?#");
	return !memchr(host, '@', len) && is_loopback(host + (*host == '['), len - (*host == '['));
}

int config_take_secret(struct yaml *y, json_t *object, const char *key, char **out, struct err *e)
{
	const char *text = json_str_or_null(object, key);

	if (!text)
		return 0;
	if ((strncmp(text, "credential:", 11) != 0 || !text[11] || strchr(text + 11, '/')) &&
	    (strncmp(text, "file:", 5) != 0 || !text[5]))
		return yaml_error(y, json_object_get(object, key), e,
		                  "'%s' must name a secret, as credential:NAME or file:PATH, never hold it", key);
	*out = text_copy(text);
	return 0;
}

static int take_oauth(struct yaml *y, json_t *oauth, struct mailbox *out, struct err *e)
{
	json_t *url = json_object_get(oauth, "token_url");
	const char *text = json_string_value(url);

	if (!text_starts(text, "https://") && !(text_starts(text, "http://") && config_loopback_url(text)))
		return yaml_error(y, url, e, "'token_url' must be an https:// address");
	out->oauth_token_url = text_copy(text);
	out->oauth_client_id = text_copy(json_str(oauth, "client_id"));
	if (config_take_secret(y, oauth, "client_secret", &out->oauth_client_secret, e) < 0)
		return -1;
	return config_take_secret(y, oauth, "refresh_token", &out->oauth_refresh_token, e);
}

static int take_login(struct yaml *y, json_t *section, struct mailbox *out, struct err *e)
{
	json_t *oauth = json_obj(section, "oauth");

	out->user = text_copy(json_str(section, "user"));
	if (oauth && json_object_get(section, "password"))
		return yaml_error_key(y, section, "oauth", e, "give either 'password' or 'oauth', not both");
	if (!oauth && !json_object_get(section, "password"))
		return yaml_error(y, section, e, "'password' (or 'oauth') is missing");
	return oauth ? take_oauth(y, oauth, out, e) : config_take_secret(y, section, "password", &out->password, e);
}

// `plain` and `secure` are the two schemes.
static int take_server(struct yaml *y, json_t *section, const char *plain, const char *secure, struct mailbox *out,
                       struct err *e)
{
	json_t *url = json_object_get(section, "url"), *tls = json_object_get(section, "tls");
	const char *text = json_string_value(url), *wish = tls ? json_string_value(tls) : "required", *host;
	bool is_plain;
	size_t len;

	is_plain = split_url(text, plain, &host, &len);
	if (!is_plain && !split_url(text, secure, &host, &len))
		return yaml_error(y, url, e, "'url' must look like %smail.example.com or %smail.example.com:PORT",
		                  secure, plain);
	out->tls = strcmp(wish, "none") != 0;
	if (out->tls && strcmp(wish, "required") != 0)
		return yaml_error(y, tls, e, "'tls' must be required or none");
	if (!out->tls && !is_plain)
		return yaml_error(y, tls, e, "'tls: none' does not go with %s", secure);
	if (!out->tls && !is_loopback(host, len))
		return yaml_error(y, tls, e, "'tls: none' is for servers on this machine (localhost) only");
	out->url = text_copy(text);
	return 0;
}

static void take_ca(const json_t *section, const char *dir, struct mailbox *out)
{
	const char *ca = json_str(section, "ca");

	out->ca = *ca ? path_join(dir, ca) : text_copy("");
}

static int take_folders(struct yaml *y, json_t *section, struct mailbox *out, struct err *e)
{
	const char *folder = json_str_or_null(section, "folder"), *processed = json_str_or_null(section, "processed");

	out->folder = text_copy(folder ? folder : "INBOX");
	out->processed = text_copy(processed ? processed : "Processed");
	if (text_same(out->folder, out->processed))
		return yaml_error(y, section, e, "'folder' and 'processed' must be two different folders");
	return 0;
}

static int take_address(struct yaml *y, json_t *mail, struct config *out, struct err *e)
{
	json_t *value = json_object_get(mail, "address");
	const char *text = json_string_value(value), *at = strchr(text, '@');
	size_t local = at ? (size_t)(at - text) : 0;

	// Reply tokens are put behind a '+', so the address has none of its own.
	if (!at || local == 0 || local > LOCAL_MAX || strspn(text, name_characters) < local ||
	    !is_host(at + 1, strlen(at + 1)))
		return yaml_error(y, value, e, "'address' must be a plain mail address, like licensing@example.com");
	out->mail.address = text_lower(text_copy(text));
	out->mail.domain = text_copy(strchr(out->mail.address, '@') + 1);
	return 0;
}

static int take_hosts(struct yaml *y, const json_t *names, json_t *out, struct err *e)
{
	size_t i;
	json_t *name;

	json_array_foreach(names, i, name) {
		if (!is_host(json_string_value(name), json_string_length(name)))
			return yaml_error(y, name, e, "this is not the name of a host");
		_free_ char *lower = text_lower(text_copy(json_string_value(name)));

		json_add_str(out, lower);
	}
	return 0;
}

int config_take_mail(struct yaml *y, json_t *mail, struct config *out, struct err *e)
{
	json_t *imap = json_obj(mail, "imap"), *smtp = json_obj(mail, "smtp"), *trust = json_obj(mail, "trust");

	out->has_mail = true;
	out->mail.authserv = json_array();
	out->mail.hosts = json_array();
	out->mail.max_size = json_object_get(mail, "max_size") ? json_int(mail, "max_size") : SIZE_DEFAULT;
	take_ca(imap, out->dir, &out->mail.imap);
	take_ca(smtp, out->dir, &out->mail.smtp);
	if (take_address(y, mail, out, e) < 0 ||
	    take_hosts(y, json_arr(trust, "authserv"), out->mail.authserv, e) < 0 ||
	    take_hosts(y, json_arr(trust, "hosts"), out->mail.hosts, e) < 0)
		return -1;
	if (take_server(y, imap, "imap://", "imaps://", &out->mail.imap, e) < 0 ||
	    take_login(y, imap, &out->mail.imap, e) < 0 || take_folders(y, imap, &out->mail.imap, e) < 0)
		return -1;
	if (take_server(y, smtp, "smtp://", "smtps://", &out->mail.smtp, e) < 0)
		return -1;
	return take_login(y, smtp, &out->mail.smtp, e);
}

static void free_mailbox(struct mailbox *m)
{
	free(m->url);
	free(m->user);
	free(m->password);
	free(m->oauth_token_url);
	free(m->oauth_client_id);
	free(m->oauth_client_secret);
	free(m->oauth_refresh_token);
	free(m->folder);
	free(m->processed);
	free(m->ca);
}

void config_free_mail(struct config *c)
{
	free(c->mail.address);
	free(c->mail.domain);
	free_mailbox(&c->mail.imap);
	free_mailbox(&c->mail.smtp);
	json_decref(c->mail.authserv);
	json_decref(c->mail.hosts);
}
