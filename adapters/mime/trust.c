// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/trust.h"

#include <string.h>

#include "adapters/mime/token.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

#define RESULT_FIELDS_MAX 20
#define RESULTS_MAX 50
#define PROPS_MAX 20

static bool holds(const json_t *names, const char *name)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		const char *item = json_string_value(json_array_get(names, i));

		if (item && text_same(item, name))
			return true;
	}
	return false;
}

// The host behind "by" of a Received field (RFC 5321 section 4.4), or "".
static void received_by(const char *value, char host[TOKEN_MAX])
{
	char token[TOKEN_MAX];

	while (token_next(&value, "", token))
		if (text_same(token, "by")) {
			if (!token_next(&value, "", host))
				host[0] = '\0';
			return;
		}
	host[0] = '\0';
}

size_t trust_line(const struct fields *fields, const struct trust *trust)
{
	for (size_t i = 0; i < fields->count; i++) {
		char host[TOKEN_MAX];

		if (!text_same(fields->list[i].name, "Received"))
			continue;
		received_by(fields->list[i].value, host);
		if (holds(trust->authserv, host) || !holds(trust->hosts, host))
			return i;
	}
	return 0;
}

// --- Authentication-Results (RFC 8601 section 2.2) -------------------------------------------------------------------

// Reads "name=value", the name in lower case; false when that is not what comes.
static bool read_pair(const char **p, char name[TOKEN_MAX], char value[TOKEN_MAX])
{
	char equals[TOKEN_MAX];

	if (!token_next(p, "=;", name) || strchr("=;", name[0]))
		return false;
	if (!token_next(p, "=;", equals) || strcmp(equals, "=") != 0)
		return false;
	text_lower(name);
	return token_next(p, "=;", value) && !(strchr("=;", value[0]) && value[0] && !value[1]);
}

// "dkim=pass reason="..." header.d=example.com": what stands between two semicolons.
static json_t *read_result(const char **p)
{
	char name[TOKEN_MAX], value[TOKEN_MAX];
	const char *next;
	_json_ json_t *result = NULL;
	json_t *props;

	if (!read_pair(p, name, value))
		return NULL;
	name[strcspn(name, "/")] = '\0'; // method/version
	result = json_object();
	props = json_object();
	json_put(result, "props", props);
	json_put_str(result, "method", name);
	json_put_str(result, "result", text_lower(value));
	for (next = *p; read_pair(&next, name, value); *p = next)
		if (json_object_size(props) < PROPS_MAX && !json_object_get(props, name))
			json_put_str(props, name, value);
	return steal_ptr(result);
}

// A field that cannot be read to its end counts as a failure of everything: nothing of it is believed, and it does not
// vanish, because another field might say "pass" (the worst verdict wins).
static json_t *unreadable(void)
{
	json_t *result = json_object();

	json_put_str(result, "method", "dmarc");
	json_put_str(result, "result", "permerror");
	json_put(result, "props", json_object());
	return result;
}

static json_t *read_results(const char *p)
{
	json_t *results = json_array();
	char token[TOKEN_MAX];

	while (token_next(&p, ";", token)) {
		const char *peek = p;
		json_t *result;

		if (strcmp(token, ";") != 0) // the version behind the id
			continue;
		if (!token_next(&peek, ";=", token))
			break;
		if (text_same(token, "none") || strcmp(token, ";") == 0)
			continue;
		result = read_result(&p);
		if (!result || json_array_size(results) >= RESULTS_MAX) {
			json_decref(result);
			json_array_clear(results);
			json_add(results, unreadable());
			break;
		}
		json_add(results, result);
	}
	return results;
}

json_t *trust_results(const struct fields *fields, size_t trusted, const struct trust *trust)
{
	json_t *all = json_array();

	for (size_t i = 0; i < trusted && json_array_size(all) < RESULT_FIELDS_MAX; i++) {
		const char *p = fields->list[i].value;
		char id[TOKEN_MAX];
		json_t *one;

		if (!text_same(fields->list[i].name, "Authentication-Results") || !token_next(&p, ";", id) ||
		    !holds(trust->authserv, id))
			continue;
		one = json_object();
		json_put_str(one, "authserv", text_lower(id));
		json_put(one, "results", read_results(p));
		json_add(all, one);
	}
	return all;
}
