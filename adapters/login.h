// SPDX-License-Identifier: Apache-2.0
// How an adapter proves to a mail server who it is: by a password, or by an OAuth 2 access token (XOAUTH2) that is
// fetched with a refresh token (RFC 6749 section 6) and kept until shortly before it expires.
#ifndef ADAPTERS_LOGIN_H
#define ADAPTERS_LOGIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"

struct oauth {
	char *token_url; // https, or http to 127.0.0.1
	char *client_id;
	char *client_secret; // "" for a public client
	char *refresh_token; // replaced when the server hands out another
	char *access_token;  // NULL until fetched
	int64_t expires;     // ms, wall clock
	// While the token server is waited for, this is asked about once a second; true = give up.  May be NULL.
	bool (*cancelled)(void *data);
	void *data;
};

struct login {
	char *password;     // NULL: by OAuth
	struct oauth oauth; // all NULL: by password
};

// The keys of `secrets` in `configure`, for channel_open().
extern const struct json_key login_keys[];

// Copies the secrets; -1 unless they are exactly one kind, whole and free of control bytes.
int login_take(struct login *login, const json_t *secrets, struct err *e);
void login_free(struct login *login); // overwrites

// A token that is good for another minute at least, from memory or from the token server.  The caller frees it with
// secret_free().  -1 with EX_NOPERM when the server refuses the refresh token, EX_TEMPFAIL when it does not answer.
int oauth_access_token(struct oauth *oauth, int64_t now, char **token, struct err *e);

// The mail server refused the token: fetch another next time.
void oauth_forget(struct oauth *oauth);

// Takes access token, expiry and perhaps a new refresh token out of the token server's answer.
int oauth_take_answer(struct oauth *oauth, long status, const char *text, size_t len, int64_t now, struct err *e);

// May secrets be sent to this URL?
int oauth_check_url(const char *url, struct err *e);

#endif
