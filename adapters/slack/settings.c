// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/settings.h"

#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/secret.h"
#include "base/text.h"

enum {
	LISTED_MAX = 4096,
	PING = 10,
	DEAD = 30,
};

const struct json_key settings_keys[] = { { "api", 'S', 512 },  { "ca", 's', 4096 },   { "listed", 'a', LISTED_MAX },
	                                  { "ping", 'i', 600 }, { "dead", 'i', 1800 }, { 0 } };

const struct json_key secret_keys[] = { { "app_token", 'S', SECRET_MAX }, { "bot_token", 'S', SECRET_MAX }, { 0 } };

static bool is_loopback(const char *host)
{
	return text_same(host, "localhost") || strcmp(host, "127.0.0.1") == 0;
}

// Taken apart by the library that will use it.
static int take_api(struct settings *s, const char *text, struct err *e)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL, *query = NULL;
	size_t len = strlen(text);
	int r = 0;

	if (!url || curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(url, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		r = err_set(e, EX_CONFIG, "slack.api is not a URL");
	else if (!text_same(scheme, "https") && !(text_same(scheme, "http") && is_loopback(host)))
		r = err_set(e, EX_CONFIG, "slack.api must begin with https://");
	else if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK ||
	         curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK || text[len - 1] != '/')
		r = err_set(e, EX_CONFIG,
		            "slack.api must be a scheme, a host, perhaps a port, and a path with a slash at the end");
	if (r == 0) {
		s->api = text_copy(text);
		s->host = text_lower(text_copy(host));
		s->plain = text_same(scheme, "http");
		s->loopback = is_loopback(host);
	}
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_free(query);
	curl_url_cleanup(url);
	return r;
}

// It goes into a header line: visible ASCII and nothing else.
static char *take_token(const char *token, const char *prefix, const char *name, struct err *e)
{
	bool clean = true;

	for (const char *p = token; *p; p++)
		clean = clean && *p > 0x20 && *p < 0x7f;
	if (!text_starts(token, prefix) || !clean) {
		err_set(e, EX_CONFIG, "slack.%s is not such a token: it begins with %s", name, prefix);
		return NULL;
	}
	return text_copy(token);
}

static int take_listed(struct settings *s, const json_t *listed, struct err *e)
{
	const json_t *id;
	size_t i;

	s->listed = json_object();
	json_array_foreach(listed, i, id) {
		if (!json_is_string(id))
			return err_set(e, EX_CONFIG, "slack.listed holds something that is not a user's id");
		json_put_bool(s->listed, json_string_value(id), true);
	}
	return 0;
}

int settings_take(struct settings *s, const json_t *config, const json_t *secrets, struct err *e)
{
	int64_t ping = json_int(config, "ping"), dead = json_int(config, "dead");

	*s = (struct settings){ .ping = (uint16_t)(ping ? ping : PING), .dead = (uint16_t)(dead ? dead : DEAD) };
	s->ca = text_copy(json_str(config, "ca"));
	if (s->dead <= s->ping)
		return err_set(e, EX_CONFIG, "slack.dead must be more seconds than slack.ping");
	if (take_api(s, json_str(config, "api"), e) < 0 || take_listed(s, json_arr(config, "listed"), e) < 0)
		return -1;
	s->app_token = take_token(json_str(secrets, "app_token"), "xapp-", "app_token", e);
	if (s->app_token)
		s->bot_token = take_token(json_str(secrets, "bot_token"), "xoxb-", "bot_token", e);
	return s->bot_token ? 0 : -1;
}

void settings_free(struct settings *s)
{
	free(s->api);
	free(s->host);
	free(s->ca);
	json_decref(s->listed);
	secret_free(s->app_token);
	secret_free(s->bot_token);
	*s = (struct settings){ 0 };
}
