// SPDX-License-Identifier: Apache-2.0
#include "bot/desk.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/templates_dir.h"
#include "store/alarms.h"
#include "store/cases.h"
#include "store/journal.h"
#include "store/log.h"

static int load_keys(struct desk *desk, struct err *e)
{
	_secret_ char *text = secret_load(desk->config.token_key, desk->config.dir, NULL, e);

	if (!text)
		return err_prefix(e, "tokens.key");
	return token_keys_read(text, &desk->keys, e) < 0 ? err_prefix(e, "tokens.key") : 0;
}

static struct licences *load_licences(const struct desk *desk, struct err *e)
{
	_free_ char *dir = templates_dir(&desk->config);

	return licences_load(dir, e);
}

int desk_open(struct desk *out, const char *config_path, enum db_mode mode, struct err *e)
{
	int frozen;

	*out = (struct desk){ 0 };
	if (config_load(config_path, &out->config, e) < 0)
		return -1;
	out->people = people_load(out->config.people, e);
	if (!out->people)
		return -1;
	out->licences = load_licences(out, e);
	if (!out->licences)
		return -1;
	if (mode == DB_WRITE && load_keys(out, e) < 0)
		return -1;
	out->db = db_open(out->config.state, mode, e);
	if (out->db && mode == DB_WRITE && out->config.log_journal &&
	    journal_open(out->db, out->config.log_journal, e) < 0)
		return -1;
	out->catalogue = out->db ? catalogue_in_force(out, out->people, e) : NULL;
	if (!out->catalogue)
		return -1;
	out->differs = catalogue_differs(out->config.policy, out->catalogue);
	frozen = alarms_of_another_log(out->db, e);
	out->frozen = frozen > 0;
	out->memberships = frozen < 0 ? NULL : memberships_load(out->db, e);
	return out->memberships ? 0 : -1;
}

void desk_close(struct desk *desk)
{
	db_close(&desk->db);
	json_decref(desk->memberships);
	catalogue_free(&desk->catalogue);
	catalogue_free(&desk->before);
	free(desk->differs);
	licences_free(&desk->licences);
	people_free(&desk->people);
	config_free(&desk->config);
	explicit_bzero(&desk->keys, sizeof desk->keys);
	desk->memberships = NULL;
	desk->differs = NULL;
}

// Appends TYPE with the text, unless the last one on record is the same.
static int publish(struct desk *desk, const char *kind, const char *text, json_t *body, struct err *e)
{
	struct digest digest = sha256_of(text, strlen(text));
	char hex[2 * DIGEST_SIZE + 1], last[65];
	_free_ char *type = text_format("%s.published", kind);

	hex_encode(digest.bytes, DIGEST_SIZE, hex);
	if (publication_last(desk->db, kind, last, e) < 0 || strcmp(hex, last) == 0) {
		json_decref(body);
		return strcmp(hex, last) == 0 ? 0 : -1;
	}
	json_put_str(body, "sha256", hex);
	json_put_str(body, "text", text);
	return desk_record(desk, type, "system", "system", NULL, body, e);
}

static int publish_first(struct desk *desk, struct err *e)
{
	char last[65];
	json_t *body;

	if (publication_last(desk->db, "catalogue", last, e) < 0 || *last)
		return *last ? 0 : -1;
	body = json_object();
	json_put_int(body, "version", catalogue_version(desk->catalogue));
	json_put_str(body, "name", catalogue_name(desk->catalogue));
	return publish(desk, "catalogue", catalogue_text(desk->catalogue), body, e);
}

int desk_publish(struct desk *desk, struct err *e)
{
	json_t *people = json_object();

	json_put(people, "groups", people_groups(desk->people));
	if (publish(desk, "people", people_text(desk->people), people, e) < 0 || publish_first(desk, e) < 0)
		return -1;
	json_decref(desk->memberships);
	desk->memberships = memberships_load(desk->db, e);
	return desk->memberships ? 0 : -1;
}

int desk_reload(struct desk *desk, struct err *e)
{
	_people_ struct people *people = people_load(desk->config.people, e);
	_catalogue_ struct catalogue *catalogue = people ? catalogue_in_force(desk, people, e) : NULL;

	if (!catalogue)
		return -1;
	people_free(&desk->people);
	catalogue_free(&desk->catalogue);
	catalogue_free(&desk->before);
	free(desk->differs);
	desk->people = steal_ptr(people);
	desk->catalogue = steal_ptr(catalogue);
	desk->differs = catalogue_differs(desk->config.policy, desk->catalogue);
	return 0;
}

int desk_restore(struct desk *desk, struct err *e)
{
	_catalogue_ struct catalogue *catalogue = catalogue_in_force(desk, desk->people, e);

	if (!catalogue)
		return -1;
	if (strcmp(catalogue_text(catalogue), catalogue_text(desk->catalogue)) == 0)
		return 0;
	catalogue_free(&desk->catalogue);
	catalogue_free(&desk->before);
	desk->catalogue = steal_ptr(catalogue);
	return 0;
}

struct rules desk_rules(const struct desk *desk)
{
	return (struct rules){
		.prefix = desk->config.cases,
		.people = desk->people,
		.catalogue = desk->catalogue,
		.licences = desk->licences,
		.memberships = desk->memberships,
	};
}

static const struct person *listed(const struct desk *desk, const char *principal)
{
	return text_starts(principal, "person:") ? people_find(desk->people, principal + 7) : NULL;
}

const char *desk_name(const struct desk *desk, const char *principal)
{
	const struct person *person = listed(desk, principal);
	const char *colon = strchr(principal, ':');

	if (strcmp(principal, "system") == 0)
		return desk->config.name;
	return person ? person->name : colon ? colon + 1 : principal;
}

const char *desk_address(const struct desk *desk, const char *principal)
{
	const struct person *person = listed(desk, principal);

	if (person)
		return json_string_value(json_array_get(person->mail, 0));
	return text_starts(principal, "mail:") ? principal + 5 : NULL;
}

int desk_record(struct desk *desk, const char *type, const char *actor, const char *via, const char *case_id,
                json_t *body, struct err *e)
{
	_json_ json_t *event = event_new(type, actor, via, case_id, 0, body);

	return log_append(desk->db, event, desk->now, NULL, e);
}
