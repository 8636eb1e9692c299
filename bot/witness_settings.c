// SPDX-License-Identifier: Apache-2.0
#include "bot/witness_settings.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/config_mail.h"
#include "bot/yaml_check.h"

#define LOGS_MAX 1000

static const struct yaml_key keys[] = {
	{ .name = "listen", .kind = YAML_TEXT, .required = true, .max = 64 },
	{ .name = "state", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = NOTE_NAME_MAX },
	{ .name = "key", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "logs", .kind = YAML_TEXTS, .required = true, .min = 1, .max = LOGS_MAX },
	{ .name = NULL },
};

static bool is_address(const char *host, bool bracketed)
{
	struct in_addr four;
	struct in6_addr six;

	return bracketed ? inet_pton(AF_INET6, host, &six) == 1 : inet_pton(AF_INET, host, &four) == 1;
}

// ADDRESS:PORT or [ADDRESS]:PORT.
static int take_listen(struct yaml *y, json_t *root, struct witness_settings *out, struct err *e)
{
	json_t *value = json_object_get(root, "listen");
	const char *text = json_string_value(value), *colon = strrchr(text, ':');
	bool bracketed = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
	size_t digits = colon ? strspn(colon + 1, "0123456789") : 0;
	long port = digits > 0 && digits < 6 && !colon[1 + digits] ? strtol(colon + 1, NULL, 10) : 0;

	if (colon)
		out->host = text_copy_n(text + bracketed, (size_t)(colon - text) - 2 * bracketed);
	if (port < 1 || port > 65535 || !is_address(out->host, bracketed))
		return yaml_error(y, value, e, "'listen' must be an address and a port, like 127.0.0.1:8333");
	out->port = (int)port;
	return 0;
}

static int load_key(struct yaml *y, json_t *root, const char *dir, struct witness_settings *out, struct err *e)
{
	_free_ char *reference = NULL;
	_secret_ char *secret = NULL;
	struct note_signer *signer = &out->witness.signer;
	json_t *value = json_object_get(root, "key");
	struct err problem = { 0 };
	size_t len;

	if (config_take_secret(y, root, "key", &reference, e) < 0)
		return -1;
	secret = secret_load(reference, dir, &len, &problem);
	if (!secret || note_signer_read(secret, signer, &problem) < 0)
		return yaml_error(y, value, e, "'key': %s", problem.text);
	if (signer->key.algorithm != NOTE_COSIGNATURE)
		return yaml_error(y, value, e,
		                  "'key' is a key for signing logs, not for cosigning: make one with `countersign "
		                  "witness keygen`");
	if (strcmp(signer->key.name, json_str(root, "name")) != 0)
		return yaml_error(y, json_object_get(root, "name"), e, "'name' is not that of the key, which is %s",
		                  signer->key.name);
	return 0;
}

static int add_key(struct yaml *y, json_t *value, struct witness *w, struct err *e)
{
	struct err problem = { 0 };
	struct witness_log *log;
	struct note_key key;

	if (note_key_read(json_string_value(value), &key, &problem) < 0)
		return yaml_error(y, value, e, "%s", problem.text);
	if (key.algorithm != NOTE_ED25519)
		return yaml_error(y, value, e, "this is a witness' key; a log's is wanted");
	log = witness_log_of(w, key.name);
	if (!log) {
		log = &w->logs[w->count++];
		memcpy(log->origin, key.name, sizeof log->origin);
	}
	for (size_t i = 0; i < log->key_count; i++)
		if (memcmp(log->keys[i].public, key.public, sizeof key.public) == 0)
			return yaml_error(y, value, e, "this key stands here twice");
	if (log->key_count == WITNESS_KEYS_MAX)
		return yaml_error(y, value, e, "a log may have at most %d keys", WITNESS_KEYS_MAX);
	log->keys[log->key_count++] = key;
	return 0;
}

static int take_logs(struct yaml *y, json_t *list, struct witness *w, struct err *e)
{
	json_t *value;
	size_t i;

	w->logs = calloc(json_array_size(list), sizeof *w->logs);
	if (!w->logs)
		return err_set(e, EX_OSERR, "out of memory for %zu logs", json_array_size(list));
	json_array_foreach(list, i, value)
		if (add_key(y, value, w, e) < 0)
			return -1;
	return 0;
}

static int take(struct yaml *y, const char *path, struct witness_settings *out, struct err *e)
{
	json_t *root = y ? yaml_json(y) : NULL;
	_free_ char *dir = path_dir(path);

	*out = (struct witness_settings){ 0 };
	if (!y || yaml_check(y, root, keys, e) < 0 || take_listen(y, root, out, e) < 0)
		return -1;
	out->state = path_join(dir, json_str(root, "state"));
	if (load_key(y, root, dir, out, e) < 0)
		return -1;
	return take_logs(y, json_arr(root, "logs"), &out->witness, e);
}

// Somebody may have written a secret where its name belongs: such a line is not shown.
static int conceal(struct err *e)
{
	char *excerpt = e ? strchr(e->text, '\n') : NULL;

	if (excerpt && strcasestr(excerpt, "key"))
		*excerpt = '\0';
	return -1;
}

int witness_settings_load(const char *path, struct witness_settings *out, struct err *e)
{
	_yaml_ struct yaml *y = yaml_load(path, e);

	return take(y, path, out, e) < 0 ? conceal(e) : 0;
}

int witness_settings_read(const char *text, size_t len, const char *path, struct witness_settings *out, struct err *e)
{
	_yaml_ struct yaml *y = yaml_read(text, len, path, e);

	return take(y, path, out, e) < 0 ? conceal(e) : 0;
}

void witness_settings_free(struct witness_settings *s)
{
	free(s->host);
	free(s->state);
	witness_free(&s->witness);
	*s = (struct witness_settings){ 0 };
}
