// SPDX-License-Identifier: Apache-2.0
// Files that a requester shares become evidence of their case.  Fetching one is a letter like any other: its row is
// written with the message that it came by, so that it is not lost.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/case_review.h"
#include "bot/chat.h"
#include "bot/chat_parts.h"
#include "store/blob.h"
#include "store/cases.h"

#define FILES_MAX 20
#define BYTES_MAX (256U << 20)

static int fetch(struct chat *c, const json_t *file, const json_t *state, struct err *e)
{
	_json_ json_t *place = json_object();

	json_put_str(place, "fetch", json_str(file, "url_private"));
	json_put_str(place, "name", *json_str(file, "name") ? json_str(file, "name") : "file");
	json_put_str(place, "type",
	             *json_str(file, "mimetype") ? json_str(file, "mimetype") : "application/octet-stream");
	return letter_write(c->in.desk,
	                    &(struct letter_to){ .kind = "file",
	                                         .principal = c->in.principal,
	                                         .name = c->in.name,
	                                         .address = c->from,
	                                         .place = place,
	                                         .state = state },
	                    e);
}

enum step chat_fetch_files(struct chat *c, struct err *e)
{
	const json_t *files = json_arr(c->event, "files");
	_json_ json_t *state = NULL;

	if (!json_array_size(files) || !*c->in.case_id)
		return STEP_DONE;
	state = case_load(c->in.desk->db, c->in.case_id, e);
	if (!state)
		return STEP_ERROR;
	for (size_t i = 0; i < json_array_size(files) && i < FILES_MAX; i++)
		if (fetch(c, json_array_get(files, i), state, e) < 0)
			return STEP_ERROR;
	return STEP_DONE;
}

static json_t *keep(struct desk *desk, const json_t *place, const struct buf *bytes, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	struct blob blob;
	json_t *item;

	if (blob_put(desk->db, buf_text(bytes), bytes->len, &blob, e) < 0)
		return NULL;
	item = json_object();
	json_put_str(item, "name", json_str(place, "name"));
	json_put_str(item, "type", json_str(place, "type"));
	json_put_int(item, "size", (int64_t)bytes->len);
	json_put_str(item, "sha256", hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex));
	json_put_str(item, "commitment", hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex));
	return item;
}

int chat_file(struct serve *s, const json_t *row, struct work *w, struct err *e)
{
	const char *principal = json_str(row, "principal");
	_buf_ struct buf bytes = BUF(BYTES_MAX);
	_json_ json_t *evidence = json_array(), *nothing = json_object();
	struct refusal refusal = { 0 };
	struct performed done;
	json_t *item;
	struct order order = {
		.kind = ORDER_AMEND,
		.actor = principal,
		.name = desk_name(&s->desk, principal),
		.address = json_str(row, "address"),
		.person = person_of(s->desk.people, principal),
		.via = "slack",
		.authenticated = true,
		.message = -1,
		.subject = "",
		.text = "",
		.code = "",
		.reading = nothing,
		.evidence = evidence,
	};

	if (fd_read(w->document, "a shared file", &bytes, e) < 0 ||
	    !(item = keep(&s->desk, json_obj(row, "place"), &bytes, e)))
		return -1;
	json_add(evidence, item);
	if (perform(&s->desk, json_str(row, "case"), &order, NULL, &done, &refusal, e) == DECIDED_ERROR)
		return -1;
	if (refusal.code)
		log_warning("a file for %s is kept, but was not added: %s", json_str(row, "case"), refusal.reason);
	return 0;
}
