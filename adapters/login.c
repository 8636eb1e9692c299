// SPDX-License-Identifier: Apache-2.0
#include "adapters/login.h"

#include <string.h>

#include <curl/curl.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/secret.h"
#include "base/text.h"

enum {
	TOKEN_TIMEOUT = 30 * CLOCK_SECOND,
	TOKEN_CONNECT_TIMEOUT = 10 * CLOCK_SECOND,
	TOKEN_EARLY = 60 * CLOCK_SECOND, // a token is fetched again this long before it expires
	TOKEN_LIFE = CLOCK_HOUR,         // when the server does not say (RFC 6749 section 5.1 only recommends it)
	TOKEN_LIFE_MAX = CLOCK_DAY,
	ANSWER_MAX = 65536,
	TOKEN_MAX = 16384,
};

// --- what the core gave ----------------------------------------------------------------------------------------------

const struct json_key login_keys[] = { { "password", 's', SECRET_MAX },
	                               { "oauth_token_url", 's', 2048 },
	                               { "oauth_client_id", 's', 512 },
	                               { "oauth_client_secret", 's', SECRET_MAX },
	                               { "oauth_refresh_token", 's', SECRET_MAX },
	                               { 0 } };

// Whatever stands in a line of a mail protocol or of HTTP must not bring a line end of its own.
static int check_plain(const char *what, const char *text, struct err *e)
{
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, EX_CONFIG, "%s holds a control byte", what);
	return 0;
}

static int take(char **to, const json_t *secrets, const char *key, struct err *e)
{
	const char *value = json_str_or_null(secrets, key);

	if (!value)
		return 0;
	if (check_plain(key, value, e) < 0)
		return -1;
	*to = text_copy(value);
	return 0;
}

int login_take(struct login *login, const json_t *secrets, struct err *e)
{
	struct oauth *o = &login->oauth;

	*login = (struct login){ 0 };
	if (take(&login->password, secrets, "password", e) < 0 ||
	    take(&o->token_url, secrets, "oauth_token_url", e) < 0 ||
	    take(&o->client_id, secrets, "oauth_client_id", e) < 0 ||
	    take(&o->client_secret, secrets, "oauth_client_secret", e) < 0 ||
	    take(&o->refresh_token, secrets, "oauth_refresh_token", e) < 0)
		return -1;
	if (login->password) {
		if (o->token_url || o->client_id || o->client_secret || o->refresh_token)
			return err_set(e, EX_CONFIG, "both a password and OAuth secrets are given: one must go");
		return 0;
	}
	if (!o->token_url || !o->client_id || !o->refresh_token)
		return err_set(e, EX_CONFIG,
		               "no password, and of OAuth not all of token_url, client_id, refresh_token");
	if (!o->client_secret)
		o->client_secret = text_copy("");
	return oauth_check_url(o->token_url, e);
}

void login_free(struct login *login)
{
	secret_free(login->password);
	secret_free(login->oauth.token_url);
	secret_free(login->oauth.client_id);
	secret_free(login->oauth.client_secret);
	secret_free(login->oauth.refresh_token);
	secret_free(login->oauth.access_token);
	*login = (struct login){ 0 };
}

// --- the token server ------------------------------------------------------------------------------------------------

static bool is_loopback(const char *scheme, const char *host)
{
	return text_same(scheme, "http") && strcmp(host, "127.0.0.1") == 0;
}

int oauth_check_url(const char *url, struct err *e)
{
	CURLU *parsed = curl_url();
	char *scheme = NULL, *host = NULL, *user = NULL;
	int r = -1;

	// Taken apart by the library that will use it: two parsers would disagree about
	// "http://127.0.0.1:1@example.com/".
	if (!parsed || curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
	    curl_url_get(parsed, CURLUPART_HOST, &host, 0) != CURLUE_OK)
		err_set(e, EX_CONFIG, "oauth.token_url is not a URL");
	else if (curl_url_get(parsed, CURLUPART_USER, &user, 0) == CURLUE_OK)
		err_set(e, EX_CONFIG, "oauth.token_url must not name a user");
	else if (!text_same(scheme, "https") && !is_loopback(scheme, host))
		err_set(e, EX_CONFIG, "oauth.token_url must begin with https:// (http only to 127.0.0.1)");
	else
		r = 0;
	curl_free(scheme);
	curl_free(host);
	curl_free(user);
	curl_url_cleanup(parsed);
	return r;
}

static int take_error(const json_t *answer, long status, struct err *e)
{
	const char *error = json_str(answer, "error");
	const char *more = json_str(answer, "error_description");
	// RFC 6749 section 5.2: these need a person; a full house or a broken server does not.
	bool refused = strcmp(error, "invalid_grant") == 0 || strcmp(error, "invalid_client") == 0 ||
	               strcmp(error, "unauthorized_client") == 0;

	return err_set(e, refused ? EX_NOPERM : EX_TEMPFAIL, "the token server answered %ld%s%.64s%s%.200s", status,
	               *error ? ": " : "", error, *more ? ": " : "", more);
}

int oauth_take_answer(struct oauth *oauth, long status, const char *text, size_t len, int64_t now, struct err *e)
{
	_json_ json_t *answer = json_read(text, len, NULL);
	const char *token = json_str(answer, "access_token"), *refresh = json_str(answer, "refresh_token");
	int64_t life = json_int(answer, "expires_in");

	if (status != 200)
		return take_error(answer, status, e);
	if (!*token || strlen(token) > TOKEN_MAX || check_plain("access_token", token, NULL) < 0)
		return err_set(e, EX_TEMPFAIL, "the token server's answer holds no usable access_token");
	secret_free(oauth->access_token);
	oauth->access_token = text_copy(token);
	life = life <= 0 ? TOKEN_LIFE : life < TOKEN_LIFE_MAX / CLOCK_SECOND ? life * CLOCK_SECOND : TOKEN_LIFE_MAX;
	oauth->expires = now + life;
	if (*refresh && strlen(refresh) <= TOKEN_MAX) {
		secret_free(oauth->refresh_token);
		oauth->refresh_token = text_copy(refresh);
	}
	return 0;
}

static size_t on_answer(char *data, size_t one, size_t len, void *to)
{
	return buf_add(to, data, one * len) == 0 ? len : 0;
}

static int on_progress(void *data, curl_off_t dl_total, curl_off_t dl, curl_off_t ul_total, curl_off_t ul)
{
	const struct oauth *oauth = data;

	(void)dl_total, (void)dl, (void)ul_total, (void)ul;
	return oauth->cancelled && oauth->cancelled(oauth->data);
}

static int add_field(CURL *curl, struct buf *form, const char *name, const char *value)
{
	char *escaped = curl_easy_escape(curl, value, 0);
	int r = escaped ? buf_printf(form, "%s%s=%s", form->len ? "&" : "", name, escaped) : -1;

	if (escaped)
		explicit_bzero(escaped, strlen(escaped));
	curl_free(escaped);
	return r;
}

static int make_form(CURL *curl, const struct oauth *oauth, struct buf *form)
{
	if (add_field(curl, form, "grant_type", "refresh_token") < 0 ||
	    add_field(curl, form, "refresh_token", oauth->refresh_token) < 0 ||
	    add_field(curl, form, "client_id", oauth->client_id) < 0)
		return -1;
	return *oauth->client_secret ? add_field(curl, form, "client_secret", oauth->client_secret) : 0;
}

static CURLcode post(CURL *curl, const struct oauth *oauth, const struct buf *form, struct buf *answer, long *status)
{
	CURLcode r;

	curl_easy_setopt(curl, CURLOPT_URL, oauth->token_url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, text_starts_fold(oauth->token_url, "https:") ? "https" : "http");
	if (!text_starts_fold(oauth->token_url, "https:"))
		curl_easy_setopt(curl, CURLOPT_NOPROXY, "*"); // what is for loopback goes to no proxy
	curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
	curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L); // secrets go where the configuration says, nowhere else
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)TOKEN_CONNECT_TIMEOUT);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TOKEN_TIMEOUT);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)form->len);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, form->data);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer);
	curl_easy_setopt(curl, CURLOPT_WRITEDATA, answer);
	curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(curl, CURLOPT_XFERINFODATA, oauth);
	r = curl_easy_perform(curl);
	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, status);
	return r;
}

static void wipe(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->len);
	buf_free(b);
}

static int refresh(struct oauth *oauth, int64_t now, struct err *e)
{
	struct buf form = BUF(4 * ANSWER_MAX), answer = BUF(ANSWER_MAX);
	CURL *curl = curl_easy_init();
	long status = 0;
	CURLcode result;
	int r;

	if (!curl || make_form(curl, oauth, &form) < 0)
		r = err_set(e, EX_OSERR, "cannot ask for an access token: out of memory");
	else if ((result = post(curl, oauth, &form, &answer, &status)) != CURLE_OK)
		r = err_set(e, EX_TEMPFAIL, "cannot ask for an access token: %s", curl_easy_strerror(result));
	else
		r = oauth_take_answer(oauth, status, buf_text(&answer), answer.len, now, e);
	curl_easy_cleanup(curl);
	wipe(&form);
	wipe(&answer);
	return r;
}

int oauth_access_token(struct oauth *oauth, int64_t now, char **token, struct err *e)
{
	*token = NULL;
	if ((!oauth->access_token || now >= oauth->expires - TOKEN_EARLY) && refresh(oauth, now, e) < 0)
		return -1;
	*token = text_copy(oauth->access_token);
	return 0;
}

void oauth_forget(struct oauth *oauth)
{
	secret_free(oauth->access_token);
	oauth->access_token = NULL;
	oauth->expires = 0;
}
