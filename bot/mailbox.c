// SPDX-License-Identifier: Apache-2.0
#include "bot/mailbox.h"

#include "base/json.h"
#include "base/secret.h"

json_t *mailbox_config(const struct mailbox *m)
{
	json_t *config = json_object();

	json_put_str(config, "url", m->url);
	json_put_str(config, "tls", m->tls ? "required" : "none");
	json_put_str(config, "user", m->user);
	json_put_str(config, "ca", m->ca);
	return config;
}

static int put_secret(json_t *secrets, const char *key, const char *reference, const char *dir, struct err *e)
{
	_secret_ char *secret = secret_load(reference, dir, NULL, e);

	if (!secret)
		return err_prefix(e, "%s", key);
	json_put_str(secrets, key, secret);
	return 0;
}

json_t *mailbox_secrets(const struct mailbox *m, const char *dir, struct err *e)
{
	_json_ json_t *secrets = json_object();

	if (m->password)
		return put_secret(secrets, "password", m->password, dir, e) < 0 ? NULL : steal_ptr(secrets);
	json_put_str(secrets, "oauth_token_url", m->oauth_token_url);
	json_put_str(secrets, "oauth_client_id", m->oauth_client_id);
	if (put_secret(secrets, "oauth_client_secret", m->oauth_client_secret, dir, e) < 0 ||
	    put_secret(secrets, "oauth_refresh_token", m->oauth_refresh_token, dir, e) < 0)
		return NULL;
	return steal_ptr(secrets);
}
