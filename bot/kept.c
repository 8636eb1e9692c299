// SPDX-License-Identifier: Apache-2.0
#include "bot/kept.h"

#include <string.h>

#include "base/auto.h"
#include "base/continuation.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"
#include "base/tlog_proof.h"
#include "bot/config.h"
#include "bot/kept_mail.h"
#include "bot/log_key.h"
#include "store/checkpoints.h"
#include "store/log.h"

#define PROOF_FIRST "c2sp.org/tlog-proof@"
#define FILE_MAX (16U << 20) // a mail

// In place; a note and a proof have no other use for CR.
static void mend_line_ends(struct buf *text)
{
	size_t to = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != '\r' || i + 1 == text->len || text->data[i + 1] != '\n')
			text->data[to++] = text->data[i];
	text->len = to;
}

static bool begins(const struct buf *text, const char *first)
{
	return text->len >= strlen(first) && memcmp(text->data, first, strlen(first)) == 0;
}

static int read_proof(const struct buf *text, struct note *out, struct err *e)
{
	_tlog_proof_ struct tlog_proof proof = { .index = 0 };

	if (tlog_proof_read(text->data, text->len, &proof, e) < 0)
		return -1;
	return note_read(proof.note, strlen(proof.note), out, e);
}

static int read_continuation(const struct buf *text, struct note *out, struct err *e)
{
	_continuation_ struct continuation c = { .old = 0 };

	if (continuation_read(text->data, text->len, &c, e) < 0)
		return -1;
	*out = c.note;
	c.note = (struct note){ .text = NULL };
	return 0;
}

static int read_note(const struct buf *text, struct note *out, struct err *e)
{
	if (begins(text, PROOF_FIRST))
		return read_proof(text, out, e);
	if (begins(text, CONTINUATION_FIRST))
		return read_continuation(text, out, e);
	return note_read(text->data ? text->data : "", text->len, out, e);
}

static bool is_checkpoint(struct buf *attachment)
{
	_note_ struct note note = { .text = NULL };
	struct checkpoint head;

	mend_line_ends(attachment);
	return read_note(attachment, &note, NULL) == 0 && checkpoint_read(note.text, note.len, &head, NULL) == 0;
}

static bool is_continuation(struct buf *attachment)
{
	_continuation_ struct continuation c = { .old = 0 };

	mend_line_ends(attachment);
	return continuation_read(buf_text(attachment), attachment->len, &c, NULL) == 0;
}

// What may be a mail as well (an origin may have a colon) is one only when it is nothing better.
static int read_file(const char *path, bool (*wanted)(struct buf *text), struct buf *out, struct err *e)
{
	_buf_ struct buf file = BUF(FILE_MAX);

	if (file_read(path, &file, e) < 0)
		return -1;
	if (!wanted(&file) && mail_begins(file.data, file.len)) {
		if (mail_attachment(&file, wanted, out, e) == 0)
			return 0;
		return err_prefix(e, "%s holds no checkpoint; read as a mail", path);
	}
	*out = file;
	file = BUF(0);
	return 0;
}

int kept_read(const char *path, struct kept *out, struct err *e)
{
	_buf_ struct buf text = BUF(TLOG_PROOF_MAX * 2);

	*out = (struct kept){ .name = text_copy(path) };
	if (read_file(path, is_checkpoint, &text, e) < 0)
		return -1;
	if (read_note(&text, &out->note, e) < 0 || checkpoint_read(out->note.text, out->note.len, &out->head, e) < 0)
		return err_prefix(e, "%s holds no checkpoint", path);
	return 0;
}

int kept_read_continuation(const char *path, struct continuation *out, struct err *e)
{
	_buf_ struct buf text = BUF(CONTINUATION_MAX);

	*out = (struct continuation){ .old = 0 };
	if (read_file(path, is_continuation, &text, e) < 0)
		return -1;
	if (continuation_read(buf_text(&text), text.len, out, e) < 0)
		return err_prefix(e, "%s holds no proof that a log continues", path);
	return 0;
}

void kept_free(struct kept *k)
{
	free(steal_ptr(k->name));
	note_free(&k->note);
}

const char *kept_word(enum kept_verdict verdict)
{
	switch (verdict) {
	case KEPT_HOLDS:
		return "holds";
	case KEPT_OTHER_LOG:
		return "other-log";
	case KEPT_UNSIGNED:
		return "signature";
	case KEPT_ROLLBACK:
		return "rollback";
	case KEPT_FORK:
		return "fork";
	case KEPT_DAMAGED:
		return "damaged";
	}
	panic("no such verdict: %d", (int)verdict);
}

int kept_judge_signature(const struct kept *k, const struct config *config, enum kept_verdict *verdict, bool *unchecked,
                         struct err *e)
{
	_db_ struct db *db = db_open(config->state, DB_READ, e);
	struct epochs keys;
	int known = db ? log_keys_find(config, db, &keys, e) : -1;

	*verdict = KEPT_HOLDS;
	*unchecked = known == 0;
	if (known < 0)
		return -1;
	if (config->log_origin && strcmp(k->head.origin, config->log_origin) != 0) {
		*verdict = KEPT_OTHER_LOG;
		err_set(e, EX_DATAERR, "%s is a checkpoint of the log %s, not of %s", k->name, k->head.origin,
		        config->log_origin);
	} else if (known && epochs_check(&keys, &k->note, k->head.size, e) < 0) {
		*verdict = KEPT_UNSIGNED;
		err_prefix(e, "%s is no checkpoint of this log, or was altered", k->name);
	}
	return 0;
}

static int judge_root(const struct kept *k, const struct digest *now, enum kept_verdict *verdict, struct err *e)
{
	char hex[2][2 * DIGEST_SIZE + 1];

	if (memcmp(now->bytes, k->head.root.bytes, DIGEST_SIZE) == 0)
		return 0;
	*verdict = KEPT_FORK;
	err_set(e, EX_DATAERR,
	        "FORK: the log's first %llu entries have the root %s now; in %s they had %s. They were altered since",
	        (unsigned long long)k->head.size, hex_encode(now->bytes, DIGEST_SIZE, hex[0]), k->name,
	        hex_encode(k->head.root.bytes, DIGEST_SIZE, hex[1]));
	return 0;
}

int kept_judge(const struct kept *k, struct db *db, enum kept_verdict *verdict, struct err *e)
{
	unsigned long long size = log_size(db), kept = k->head.size;
	struct digest now;

	*verdict = KEPT_HOLDS;
	if (kept > size) {
		*verdict = KEPT_ROLLBACK;
		err_set(e, EX_DATAERR,
		        "ROLLBACK: the log has %llu entries; in %s it had %llu. Entries %llu to %llu are gone", size,
		        k->name, kept, size, kept - 1);
		return 0;
	}
	if (log_root_of_leaves(db, kept, &now, e) == 0)
		return judge_root(k, &now, verdict, e);
	*verdict = KEPT_DAMAGED;
	return e->code == EX_DATAERR ? 0 : -1;
}
