// SPDX-License-Identifier: Apache-2.0
#include "bot/retention.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/bundle.h"
#include "bot/erasing.h"
#include "bot/log_key.h"
#include "bot/serve.h"
#include "store/archive.h"
#include "store/erase.h"

#define ERASED_AT_ONCE 50 // the index of words is made anew each time

// --- erasing ---------------------------------------------------------------------------------------------------------

static int erase_each(struct desk *desk, const json_t *cases, const char *why, struct err *e)
{
	bool erased;
	json_t *id;
	size_t i;

	json_array_foreach(cases, i, id) {
		_json_ json_t *one = json_pack("[O]", id);

		if (erasing_by_catalogue(desk, one, why, &erased, e) < 0)
			return -1;
		if (!erased)
			log_info("%s is not erased yet: something stands in the way", json_string_value(id));
	}
	return 0;
}

// 1: some were looked at; 0: there are none.
static int erase_some(struct serve *s, int64_t kept, struct err *e)
{
	struct desk *desk = &s->desk;
	_json_ json_t *cases =
	        retention_due(desk->db, false, desk->now - kept, ERASED_AT_ONCE, &s->retention.erased, e);
	_free_ char *why = text_format("over for more than %lld days", (long long)(kept / CLOCK_DAY));
	bool erased;

	if (!cases || json_array_size(cases) == 0)
		return cases ? 0 : -1;
	if (erasing_by_catalogue(desk, cases, why, &erased, e) < 0)
		return -1;
	return erased || erase_each(desk, cases, why, e) == 0 ? 1 : -1;
}

// --- archiving -------------------------------------------------------------------------------------------------------

static int record(struct desk *desk, const char *case_id, const struct bundled *b, const json_t *evidence,
                  struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	json_t *body = json_object();

	json_put_str(body, "bundle", hex_encode(b->sha256.bytes, DIGEST_SIZE, hex));
	json_put_int(body, "size", (int64_t)b->size);
	json_put(body, "evidence", json_deep_copy(evidence));
	json_put_int(body, "catalogue", catalogue_version(desk->catalogue));
	return desk_record(desk, "evidence.archived", "system", "system", case_id, body, e);
}

// Only what no other case rests on goes.  The bundle is durable before the entry is; a bundle without one is written
// anew.
static int archive(struct desk *desk, const char *case_id, struct err *e)
{
	_json_ json_t *found = erase_find(desk->db, &(struct erase_subject){ .case_id = case_id }, e);
	_free_ char *path = archive_path(desk->db, case_id);
	struct note_key key;
	struct err why = { 0 };
	int known = log_key_find(&desk->config, &key, &why);
	struct bundled bundled;

	if (!found || archive_make_dir(desk->db, e) < 0)
		return -1;
	if (bundle_to_tar(desk->db, case_id, UINT64_MAX, known > 0 ? &key : NULL, path, &bundled, &why) < 0) {
		log_warning("%s is not archived: %s", case_id, why.text);
		return 0;
	}
	return record(desk, case_id, &bundled, json_arr(json_obj(found, "body"), "evidence"), e);
}

static int archive_one(struct serve *s, int64_t kept, struct err *e)
{
	_json_ json_t *cases = retention_due(s->desk.db, true, s->desk.now - kept, 1, &s->retention.archived, e);

	if (!cases || json_array_size(cases) == 0)
		return cases ? 0 : -1;
	return archive(&s->desk, json_string_value(json_array_get(cases, 0)), e) < 0 ? -1 : 1;
}

// --- once a day ------------------------------------------------------------------------------------------------------

int retention_run(struct serve *s, struct err *e)
{
	const struct retention *r = catalogue_retention(s->desk.catalogue);
	int more = 0;

	if (s->desk.frozen || s->desk.now < retention_next(s))
		return 0;
	if (r->erase)
		more = erase_some(s, r->erase, e);
	if (!more && r->archive)
		more = archive_one(s, r->archive, e);
	if (!more) {
		s->retention.next = s->desk.now + CLOCK_DAY;
		s->retention.erased = s->retention.archived = 0;
	}
	return more < 0 ? -1 : 0;
}

int64_t retention_next(const struct serve *s)
{
	const struct retention *r = catalogue_retention(s->desk.catalogue);

	return r->erase || r->archive ? s->retention.next : INT64_MAX;
}
