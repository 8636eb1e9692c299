// SPDX-License-Identifier: Apache-2.0
#include "bot/log_key.h"

#include <string.h>

#include "base/auto.h"
#include "base/secret.h"
#include "bot/config.h"
#include "store/rotations.h"

int log_key_find(const struct config *config, struct note_key *out, struct err *why)
{
	struct note_signer signer;
	_secret_ char *secret = NULL;
	size_t len;

	if (config->log_public)
		return note_key_read(config->log_public, out, why) < 0 ? -1 : 1;
	if (!config->log_key) {
		err_set(why, EX_CONFIG, "the configuration names no key of the log (log.public)");
		return 0;
	}
	// Who may read the log need not be who may read its key.
	secret = secret_load(config->log_key, config->dir, &len, why);
	if (!secret) {
		err_prefix(why, "log.public is not set, and log.key");
		return 0;
	}
	if (note_signer_read(secret, &signer, why) < 0)
		return err_prefix(why, "log.key");
	*out = signer.key;
	note_signer_wipe(&signer);
	if (config->log_origin && strcmp(out->name, config->log_origin) != 0)
		return err_set(why, EX_CONFIG, "log.key is the key of the log %s, not of %s", out->name,
		               config->log_origin);
	return 1;
}

int log_keys_find(const struct config *config, struct db *db, struct epochs *out, struct err *why)
{
	struct note_key key;
	int known = log_key_find(config, &key, why);

	if (known <= 0)
		return known;
	if (rotations_read(db, &key, out, why) < 0)
		return why && why->code == EX_CONFIG
		               ? err_prefix(why, "%s", config->log_public ? "log.public" : "log.key")
		               : -1;
	return 1;
}
