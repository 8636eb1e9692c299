// SPDX-License-Identifier: Apache-2.0
#include "bot/config_log.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/config_mail.h"

const struct yaml_key config_witness_keys[] = {
	{ .name = "url", .kind = YAML_TEXT, .required = true, .max = 512 },
	{ .name = "key", .kind = YAML_TEXT, .required = true, .max = 512 },
	{ .name = NULL },
};

// The submission prefix (tlog-witness): add-checkpoint comes behind it.
static int take_url(struct yaml *y, json_t *witness, char **out, struct err *e)
{
	json_t *value = json_object_get(witness, "url");
	const char *text = json_string_value(value);
	size_t len = strlen(text);

	if (!text_starts(text, "https://") && !(text_starts(text, "http://") && config_loopback_url(text)))
		return yaml_error(y, value, e, "'url' must be an https:// address (http:// on this machine only)");
	if (strpbrk(text, "?#@ ") || !utf8_valid(text, len))
		return yaml_error(y, value, e, "'url' must be a host, perhaps a port and a path, nothing else");
	*out = text_format("%s%sadd-checkpoint", text, text[len - 1] == '/' ? "" : "/");
	return 0;
}

static int take_witness(struct yaml *y, json_t *witness, struct config *c, struct err *e)
{
	struct config_witness *w = &c->witnesses[c->witness_count];
	json_t *value = json_object_get(witness, "key");
	struct err problem = { 0 };

	if (note_key_read(json_string_value(value), &w->key, &problem) < 0)
		return yaml_error(y, value, e, "%s", problem.text);
	if (w->key.algorithm != NOTE_COSIGNATURE)
		return yaml_error(y, value, e, "this is a log's key; a witness' is wanted");
	for (size_t i = 0; i < c->witness_count; i++)
		if (memcmp(c->witnesses[i].key.public, w->key.public, sizeof w->key.public) == 0)
			return yaml_error(y, value, e, "this witness stands here twice");
	c->witness_count++;
	return take_url(y, witness, &w->url, e);
}

int config_take_witnesses(struct yaml *y, json_t *log, struct config *out, struct err *e)
{
	json_t *list = json_arr(log, "witnesses"), *witness;
	const char *ca = json_str(log, "ca");
	size_t i;

	out->log_ca = *ca ? path_join(out->dir, ca) : text_copy("");
	if (json_array_size(list) == 0)
		return 0;
	if (!out->log_key)
		return yaml_error(y, list, e, "'witnesses' cosign what the log's 'key' signs, and there is none");
	out->witnesses = calloc(json_array_size(list), sizeof *out->witnesses);
	if (!out->witnesses)
		return err_set(e, EX_OSERR, "out of memory for %zu witnesses", json_array_size(list));
	json_array_foreach(list, i, witness)
		if (take_witness(y, witness, out, e) < 0)
			return -1;
	return 0;
}

// In clear too, and anywhere: the answer proves itself, and what is asked tells nothing.
int config_take_tsa(struct yaml *y, json_t *log, struct config *out, struct err *e)
{
	json_t *value = json_object_get(log, "tsa"), *ca = json_object_get(log, "tsa_ca");
	const char *text = json_string_value(value);

	if (!text)
		return ca ? yaml_error(y, ca, e, "'tsa_ca' is whom time-stamps must lead to, and there is no 'tsa'")
		          : 0;
	if (!out->log_key)
		return yaml_error(y, value, e, "'tsa' stamps what the log's 'key' signs, and there is none");
	if (!ca)
		return yaml_error(y, value, e,
		                  "'tsa' needs 'tsa_ca', the file with the certificate that its stamps lead to");
	if ((!text_starts(text, "https://") && !text_starts(text, "http://")) || strpbrk(text, "#@ ") ||
	    !utf8_valid(text, strlen(text)))
		return yaml_error(y, value, e, "'tsa' must be an https:// or http:// address");
	out->log_tsa = text_copy(text);
	out->log_tsa_ca = path_join(out->dir, json_string_value(ca));
	return 0;
}

void config_free_witnesses(struct config *c)
{
	for (size_t i = 0; i < c->witness_count; i++)
		free(c->witnesses[i].url);
	free(c->witnesses);
	free(c->log_ca);
	free(c->log_tsa);
	free(c->log_tsa_ca);
}
