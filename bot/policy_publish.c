// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_publish.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/policy_apply.h"
#include "store/log.h"
#include "store/publications.h"

static json_t *body_of(const struct catalogue *c, const char *sha256)
{
	json_t *body = json_object();

	json_put_int(body, "version", catalogue_version(c));
	json_put_str(body, "name", catalogue_name(c));
	json_put_str(body, "sha256", sha256);
	json_put_str(body, "text", catalogue_text(c));
	return body;
}

// The first proposal of these bytes by another administrator, or NULL; and the caller's own, if there is one.
static const json_t *seconded(const struct desk *desk, const json_t *proposals, const char *actor, const json_t **own)
{
	const json_t *found = NULL;
	json_t *entry;
	size_t i;

	json_array_foreach(proposals, i, entry) {
		const char *who = json_str(entry, "actor");

		if (strcmp(who, actor) == 0)
			*own = entry;
		else if (!found && people_is_admin(desk->people, who))
			found = entry;
	}
	return found;
}

static enum decided record(struct desk *desk, const char *type, const char *actor, json_t *body, struct publishing *out,
                           struct err *e)
{
	out->entry = (int64_t)log_size(desk->db);
	return desk_record(desk, type, actor, "cli", NULL, body, e) < 0 ? DECIDED_ERROR : DECIDED;
}

static enum decided publish(struct desk *desk, struct catalogue **fresh, const json_t *proposal, const char *actor,
                            json_t *body, struct publishing *out, struct err *e)
{
	json_put_int(body, "proposed", json_int(proposal, "seq"));
	json_put_str(body, "proposed_by", json_str(proposal, "actor"));
	if (record(desk, "catalogue.published", actor, body, out, e) != DECIDED)
		return DECIDED_ERROR;
	out->published = true;
	catalogue_free(&desk->before);
	desk->before = desk->catalogue;
	desk->catalogue = steal_ptr(*fresh);
	free(desk->differs);
	desk->differs = catalogue_differs(desk->config.policy, desk->catalogue);
	return DECIDED;
}

static enum decided check(const struct desk *desk, const struct catalogue *fresh, const char *others,
                          struct refusal *refusal)
{
	int64_t version = catalogue_version(desk->catalogue);

	if (policy_applying(desk, NULL) != 0)
		return decided_not(refusal, "applying", "Try again in a few minutes.",
		                   "Cases are still being judged by version %lld.", (long long)version);

	if (!*others)
		return decided_not(refusal, "one-administrator",
		                   "List a second one in the people file, with the group admin.",
		                   "A catalogue is published by two administrators, and you are the only one.");
	if (strcmp(catalogue_text(fresh), catalogue_text(desk->catalogue)) == 0)
		return decided_not(refusal, "in-force", NULL, "That is what is in force already, version %lld.",
		                   (long long)version);
	if (catalogue_version(fresh) <= version)
		return decided_not(refusal, "version", "Raise 'version' with every change.",
		                   "It calls itself version %lld, and version %lld is in force.",
		                   (long long)catalogue_version(fresh), (long long)version);
	return DECIDED;
}

enum decided policy_publish(struct desk *desk, const struct person *person, const char *text, size_t len,
                            struct publishing *out, struct refusal *refusal, struct err *e)
{
	_free_ char *actor = person ? text_format("person:%s", person->id) : NULL, *others = NULL;
	_catalogue_ struct catalogue *fresh = NULL;
	_json_ json_t *proposals = NULL;
	const json_t *own = NULL, *other;
	struct digest digest = sha256_of(text, len);
	char hex[2 * DIGEST_SIZE + 1];

	if (!person || !person_in(person, "admin"))
		return decided_not(refusal, "administrators-only", NULL,
		                   "Only administrators can publish a catalogue.");
	fresh = catalogue_read(text, len, desk->config.policy, desk->people, desk->licences, e);
	if (!fresh)
		return decided_not(refusal, "catalogue", NULL, "It cannot be read.");
	others = people_administrators(desk->people, person);
	if (check(desk, fresh, others, refusal) != DECIDED)
		return DECIDED_NOT;
	proposals = proposals_of(desk->db, hex_encode(digest.bytes, DIGEST_SIZE, hex), e);
	if (!proposals)
		return DECIDED_ERROR;
	out->version = catalogue_version(fresh);
	other = seconded(desk, proposals, actor, &own);
	if (other)
		return publish(desk, &fresh, other, actor, body_of(fresh, hex), out, e);
	if (own)
		return decided_not(refusal, "proposed-already",
		                   "Another administrator publishes it by the same command.",
		                   "You have proposed it already, as entry %lld; it takes one of: %s.",
		                   (long long)json_int(own, "seq"), others);
	out->others = steal_ptr(others);
	return record(desk, "catalogue.proposed", actor, body_of(fresh, hex), out, e);
}
