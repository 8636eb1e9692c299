// SPDX-License-Identifier: Apache-2.0
#include "bot/doctor_anchor.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "bot/doctor_adapter.h"
#include "bot/log_key.h"
#include "bot/voucher.h"
#include "bot/witness_request.h"
#include "store/checkpoints.h"
#include "store/cosignatures.h"
#include "store/log.h"

#define ANSWER_TIME (30 * CLOCK_SECOND) // the adapter itself gives up after 20 s

struct visit {
	const struct config *config;
	struct report *report;
	struct helper helper;
	struct db *db; // NULL: there is none yet
	uint64_t size; // of the newest signed head; 0: there is none
	struct digest root;
	char *note;
};

// --- a question and its answer ---------------------------------------------------------------------------------------

struct reply {
	int64_t status;
	struct buf body;
};

static int take(const json_t *f, struct reply *out, struct err *e)
{
	const char *text = json_str_or_null(f, "body"), *coded = json_str(f, "base64");
	char *room;
	long len;

	if (strcmp(json_str(f, "type"), "sent") != 0)
		return err_set(e, EX_UNAVAILABLE, "it cannot be reached: %s", json_str(f, "why"));
	out->status = json_int(f, "status");
	if (text)
		return buf_puts(&out->body, text);
	room = buf_reserve(&out->body, strlen(coded));
	len = room ? base64_decode(coded, strlen(coded), room, strlen(coded)) : -1;
	if (len < 0)
		return err_set(e, EX_SOFTWARE, "the program anchor did not say what was answered");
	out->body.len += (size_t)len;
	return 0;
}

static int ask(struct visit *v, const char *url, bool stamp, const struct buf *question, struct reply *out,
               struct err *e)
{
	_json_ json_t *frame = json_object();
	_close_ int fd = memfd_of("question", buf_text(question), question->len, e);
	_frame_ struct frame answer = { 0 };
	_free_ char *words = NULL;

	if (fd < 0)
		return -1;
	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", "doctor");
	json_put_str(frame, "url", url);
	if (stamp) {
		json_put_str(frame, "content_type", "application/timestamp-query");
		json_put_bool(frame, "plain", true);
	}
	if (helper_send(&v->helper, frame, &fd, 1, e) < 0)
		return -1;
	switch (helper_next(&v->helper, clock_monotonic() + ANSWER_TIME, &answer)) {
	case HELPER_FRAME:
		return take(answer.json, out, e);
	case HELPER_LATE:
		return err_set(e, EX_UNAVAILABLE, "it did not answer within 30 s");
	case HELPER_GONE:
		words = helper_last_words(&v->helper);
		return err_set(e, EX_UNAVAILABLE, "%s", words);
	}
	return -1;
}

// --- witnesses -------------------------------------------------------------------------------------------------------

static int question_for(struct visit *v, const struct config_witness *w, struct voucher *voucher, struct buf *out,
                        struct err *e)
{
	if (v->size == 0) // nothing that it could sign: whoever is a witness says that it is no request
		return buf_puts(out, "old 0\n\n");
	if (voucher->from == 0 && cosignature_last(v->db, &w->key, &voucher->from, &voucher->at, e) < 0)
		return -1;
	voucher_ask(voucher, v->size);
	return witness_request_make(v->db, voucher->from, v->size, &v->root, v->note, out, e);
}

static int ask_witness(struct visit *v, const struct config_witness *w, struct voucher *voucher, struct reply *out,
                       struct err *e)
{
	_buf_ struct buf question = BUF(WITNESS_QUESTION_MAX);

	buf_free(&out->body);
	out->body = BUF(TIMESTAMP_MAX);
	if (question_for(v, w, voucher, &question, e) < 0)
		return -1;
	return ask(v, w->url, false, &question, out, e);
}

static bool is_cosigned(const struct visit *v, const struct config_witness *w, const struct buf *answer)
{
	const char *end = strstr(v->note, "\n\n");
	_free_ char *text = text_format("%.*s\n\n%s", (int)(end - v->note), v->note, buf_text(answer));
	_note_ struct note note = { 0 };

	return note_read(text, strlen(text), &note, NULL) == 0 && note_is_signed(&note, &w->key, NULL);
}

// What whoever runs the witness has to add.
static void report_no(struct visit *v, const struct voucher *voucher, int64_t status)
{
	_free_ char *key = NULL;
	struct epochs keys;

	if ((status == 403 || status == 404) && v->db && log_keys_find(v->config, v->db, &keys, NULL) > 0) {
		key = note_key_text(epochs_key(&keys, v->size));
		report_failed(v->report, EX_UNAVAILABLE, "witness", "%s: %s: %s", voucher->name, voucher->trouble, key);
		return;
	}
	report_failed(v->report, EX_UNAVAILABLE, "witness", "%s: %s.", voucher->name, voucher->trouble);
}

static void report_verdict(struct visit *v, const struct config_witness *w, struct voucher *voucher,
                           enum verdict_of_witness verdict, const struct reply *reply)
{
	struct report *r = v->report;

	switch (verdict) {
	case WITNESS_SAID_YES:
		if (is_cosigned(v, w, &reply->body))
			report_ok(r, "witness", "%s cosigns the newest head, of %" PRIu64 " entries.", voucher->name,
			          v->size);
		else
			report_failed(r, EX_UNAVAILABLE, "witness",
			              "%s: what it answered is no cosignature by the key in log.witnesses.",
			              voucher->name);
		return;
	case WITNESS_KNOWS_OTHER: // a newer one, by the desk that runs meanwhile
		report_ok(r, "witness", "%s answers, and knows the log's first %" PRIu64 " entries.", voucher->name,
		          voucher->from);
		return;
	case WITNESS_SAID_NO:
		report_no(v, voucher, reply->status);
		return;
	case WITNESS_SAW_LONGER:
		report_failed(r, EX_DATAERR, "witness",
		              "%s has cosigned a longer log than this one: the database is an old copy.",
		              voucher->name);
		return;
	case WITNESS_SAW_ANOTHER:
		report_failed(r, EX_DATAERR, "witness",
		              "%s has cosigned another log than this one: its entries were altered.", voucher->name);
		return;
	}
}

static void check_witness(struct visit *v, const struct config_witness *w)
{
	struct voucher voucher = { .name = w->key.name };
	struct reply reply = { 0 };
	enum verdict_of_witness verdict = WITNESS_KNOWS_OTHER;
	struct err e = { 0 };
	int r = 0;

	for (int i = 0; i < 2 && r == 0 && verdict == WITNESS_KNOWS_OTHER && voucher.from <= v->size; i++) {
		r = ask_witness(v, w, &voucher, &reply, &e);
		if (r == 0 && v->size > 0)
			verdict = voucher_judge(&voucher, reply.status, buf_text(&reply.body), reply.body.len,
			                        log_size(v->db), 0);
		if (v->size == 0)
			break;
	}
	if (r < 0)
		report_failed(v->report, EX_UNAVAILABLE, "witness", "%s: %s", w->key.name, e.text);
	else if (v->size > 0)
		report_verdict(v, w, &voucher, verdict, &reply);
	else if (reply.status == 400)
		report_ok(v->report, "witness", "%s answers; no head is signed yet that it could cosign.", w->key.name);
	else
		report_failed(v->report, EX_UNAVAILABLE, "witness",
		              "%s: status %lld is not what a witness answers to an empty question: is its url right?",
		              w->key.name, (long long)reply.status);
	buf_free(&reply.body);
}

// --- the authority ---------------------------------------------------------------------------------------------------

static int have_stamped(struct visit *v, int64_t *time, struct err *e)
{
	_buf_ struct buf question = BUF(TIMESTAMP_MAX);
	struct reply reply = { .body = BUF(TIMESTAMP_MAX) };
	const char *data = v->note ? v->note : "countersign doctor\n";
	uint8_t nonce[TIMESTAMP_NONCE];
	struct timestamp_check want = {
		.data = data, .len = strlen(data), .nonce = nonce, .ca = v->config->log_tsa_ca
	};
	int r;

	random_bytes(nonce, sizeof nonce);
	r = timestamp_request(data, want.len, nonce, &question, e);
	if (r == 0)
		r = ask(v, v->config->log_tsa, true, &question, &reply, e);
	if (r == 0 && reply.status != 200)
		r = err_set(e, EX_UNAVAILABLE, "it answered with status %lld", (long long)reply.status);
	if (r == 0)
		r = timestamp_check(buf_text(&reply.body), reply.body.len, &want, time, e);
	buf_free(&reply.body);
	return r;
}

static void check_authority(struct visit *v)
{
	char text[CLOCK_TEXT];
	struct err e = { 0 };
	int64_t time;

	if (have_stamped(v, &time, &e) < 0)
		report_failed(v->report, e.code, "time-stamp", "%s: %s.", v->config->log_tsa, e.text);
	else
		report_ok(v->report, "time-stamp", "%s stamps; its clock says %s.", v->config->log_tsa,
		          clock_format(time, text));
}

// --- all of them -----------------------------------------------------------------------------------------------------

// A desk that never ran has no database.
static int find_head(struct visit *v, struct err *e)
{
	_free_ char *path = path_join(v->config->state, "countersign.db");

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	v->db = db_open(v->config->state, DB_READ, e);
	if (!v->db)
		return -1;
	return checkpoint_last(v->db, UINT64_MAX, &v->size, &v->root, &v->note, e) < 0 ? -1 : 0;
}

void doctor_anchor(const struct config *config, struct report *r)
{
	struct visit v = { .config = config, .report = r, .helper = HELPER };
	json_t *settings = json_object();
	struct err e = { 0 };

	json_put_str(settings, "ca", config->log_ca);
	if (find_head(&v, &e) < 0) {
		json_decref(settings);
		report_failed(r, e.code, "witness", "%s", e.text);
	} else if (helper_start(&v.helper, "anchor", settings, json_object(), &e) < 0) {
		report_failed(r, EX_UNAVAILABLE, "witness", "%s", e.text);
	} else {
		for (size_t i = 0; i < config->witness_count; i++)
			check_witness(&v, &config->witnesses[i]);
		if (config->log_tsa)
			check_authority(&v);
	}
	helper_stop(&v.helper);
	db_close(&v.db);
	free(v.note);
}
