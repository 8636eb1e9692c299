// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/settings.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/text.h"

enum {
	DEADLINE = 180,
};

const struct json_key settings_keys[] = { { "url", 'S', 512 },
	                                  { "tls", 'S', 16 },
	                                  { "user", 'S', 256 },
	                                  { "ca", 's', 4096 },
	                                  { "domain", 'S', 253 },
	                                  { "deadline", 'i', 3600 },
	                                  { 0 } };

static int check_domain(const char *domain, struct err *e)
{
	if (!*domain || domain[strspn(domain, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-")])
		return err_set(e, EX_CONFIG, "mail.smtp: the domain for EHLO is not a host name");
	return 0;
}

// Taken apart by the library that will use it; a login belongs into `user`, a path has no meaning here.
static char *make_url(const char *text, const char *domain, bool tls, struct err *e)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *user = NULL, *path = NULL, *whole = NULL, *out = NULL;

	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_PATH, &path, 0) != CURLUE_OK)
		err_set(e, EX_CONFIG, "mail.smtp.url is not a URL");
	else if (!text_same(scheme, "smtp") && !text_same(scheme, "smtps"))
		err_set(e, EX_CONFIG, "mail.smtp.url must begin with smtp:// or smtps://");
	else if (!tls && text_same(scheme, "smtps"))
		err_set(e, EX_CONFIG, "mail.smtp: an smtps:// url and \"tls: none\" contradict each other");
	else if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK || strcmp(path, "/") != 0)
		err_set(e, EX_CONFIG, "mail.smtp.url must be a scheme, a host and perhaps a port, nothing else");
	else if (curl_url_set(url, CURLUPART_PATH, domain, 0) != CURLUE_OK ||
	         curl_url_get(url, CURLUPART_URL, &whole, 0) != CURLUE_OK)
		err_set(e, EX_OSERR, "cannot put the url of the mail server together");
	else
		out = text_copy(whole);
	curl_free(scheme);
	curl_free(user);
	curl_free(path);
	curl_free(whole);
	curl_url_cleanup(url);
	return out;
}

int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e)
{
	const char *tls = json_str(config, "tls");

	*s = (struct settings){ .deadline = (long)json_int(config, "deadline") };
	if (strcmp(tls, "required") != 0 && strcmp(tls, "none") != 0)
		return err_set(e, EX_CONFIG, "mail.smtp.tls must be \"required\" or \"none\"");
	if (s->deadline == 0)
		s->deadline = DEADLINE;
	s->tls = strcmp(tls, "required") == 0;
	s->user = text_copy(json_str(config, "user"));
	s->ca = text_copy(json_str(config, "ca"));
	if (check_domain(json_str(config, "domain"), e) < 0)
		return -1;
	s->url = make_url(json_str(config, "url"), json_str(config, "domain"), s->tls, e);
	if (!s->url)
		return -1;
	for (const char *p = s->user; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, EX_CONFIG, "mail.smtp.user holds a control byte");
	return *s->user ? login_take(&s->login, secrets, e) : 0;
}

void settings_free(struct settings *s)
{
	free(s->url);
	free(s->user);
	free(s->ca);
	login_free(&s->login);
	*s = (struct settings){ 0 };
}
