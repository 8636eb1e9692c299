// SPDX-License-Identifier: Apache-2.0
#include "base/tlog_proof.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/text.h"
#include "base/tree.h"

#define FIRST "c2sp.org/tlog-proof@v1"
#define EXTRA "extra "
#define INDEX "index "

// The rest of a line that begins with a word; NULL when it does not.
static const char *after(const char *line, size_t *len, const char *word)
{
	size_t n = strlen(word);

	if (!line || *len < n || memcmp(line, word, n) != 0)
		return NULL;
	*len -= n;
	return line + n;
}

static int read_extra(const char *coded, size_t len, struct tlog_proof *out, struct err *e)
{
	size_t room = len / 4 * 3;
	long n;

	out->extra = malloc(room + 1);
	if (!out->extra)
		panic("out of memory");
	n = base64_decode(coded, len, out->extra, room);
	if (n < 1)
		return err_set(e, EX_DATAERR, "the proof's extra line is no base64");
	out->extra_len = (size_t)n;
	out->extra[n] = '\0';
	return 0;
}

// One hash a line, up to an empty line.
static int read_hashes(const char **at, const char *end, struct proof *out, struct err *e)
{
	const char *line;
	size_t n = 0;

	for (;;) {
		line = text_line(at, end, &n);
		if (!line)
			return err_set(e, EX_DATAERR, "the proof has no empty line before its checkpoint");
		if (n == 0)
			return 0;
		if (out->count == PROOF_MAX)
			return err_set(e, EX_DATAERR, "the proof has more than %d hashes", PROOF_MAX);
		if (base64_decode(line, n, out->hash[out->count].bytes, DIGEST_SIZE) != DIGEST_SIZE)
			return err_set(e, EX_DATAERR, "hash %zu of the proof is not %d bytes in base64", out->count + 1,
			               DIGEST_SIZE);
		out->count++;
	}
}

static int read_all(const char *bytes, size_t len, struct tlog_proof *out, struct err *e)
{
	const char *at = bytes, *end = bytes + len, *line, *rest;
	_note_ struct note note = { .count = 0 };
	size_t n = 0;

	if (len > TLOG_PROOF_MAX)
		return err_set(e, EX_DATAERR, "the proof has more than %d bytes", TLOG_PROOF_MAX);
	rest = after(text_line(&at, end, &n), &n, FIRST);
	if (!rest || n != 0)
		return err_set(e, EX_DATAERR, "a proof begins with the line %s; this does not", FIRST);
	line = text_line(&at, end, &n);
	rest = after(line, &n, EXTRA);
	if (rest) {
		if (read_extra(rest, n, out, e) < 0)
			return -1;
		line = text_line(&at, end, &n);
	}
	rest = after(line, &n, INDEX);
	if (!rest || text_decimal(rest, n, &out->index) < 0)
		return err_set(e, EX_DATAERR, "the proof has no line \"index N\" with a decimal number");
	if (read_hashes(&at, end, &out->proof, e) < 0 || note_read(at, (size_t)(end - at), &note, e) < 0)
		return -1;
	out->note = text_copy_n(at, (size_t)(end - at));
	return 0;
}

int tlog_proof_read(const char *bytes, size_t len, struct tlog_proof *out, struct err *e)
{
	*out = (struct tlog_proof){ .index = 0 };
	if (read_all(bytes, len, out, e) == 0)
		return 0;
	tlog_proof_free(out);
	return -1;
}

char *tlog_proof_text(const struct tlog_proof *p)
{
	struct buf text = BUF(TLOG_PROOF_MAX);

	buf_puts(&text, FIRST "\n");
	if (p->extra) {
		_free_ char *coded = base64_encode(p->extra, p->extra_len);

		buf_printf(&text, EXTRA "%s\n", coded);
	}
	buf_printf(&text, INDEX "%" PRIu64 "\n", p->index);
	for (size_t i = 0; i < p->proof.count; i++) {
		_free_ char *hash = base64_encode(p->proof.hash[i].bytes, DIGEST_SIZE);

		buf_printf(&text, "%s\n", hash);
	}
	buf_printf(&text, "\n%s", p->note);
	if (text.full)
		panic("a proof has more than %d bytes, or memory ran out", TLOG_PROOF_MAX);
	return buf_steal(&text);
}

void tlog_proof_free(struct tlog_proof *p)
{
	free(steal_ptr(p->extra));
	free(steal_ptr(p->note));
}

int tlog_proof_check(const struct tlog_proof *p, const void *leaf, size_t leaf_len, const struct note_key *key,
                     struct checkpoint *head, struct err *e)
{
	struct digest hash = tree_leaf_hash(leaf, leaf_len);
	_note_ struct note note = { .count = 0 };
	struct checkpoint c;

	if (note_read(p->note, strlen(p->note), &note, e) < 0)
		return -1;
	if (!note_is_signed(&note, key, NULL))
		return err_set(e, EX_DATAERR, "the checkpoint is not signed by the key %s that was given", key->name);
	if (checkpoint_read(note.text, note.len, &c, e) < 0)
		return -1;
	if (strcmp(c.origin, key->name) != 0)
		return err_set(e, EX_DATAERR, "the checkpoint is of the log %s, not of %s", c.origin, key->name);
	if (p->index >= c.size)
		return err_set(e, EX_DATAERR,
		               "the proof is of entry %" PRIu64 ", but its checkpoint covers only %" PRIu64, p->index,
		               c.size);
	if (!proof_includes(&p->proof, p->index, c.size, &hash, &c.root))
		return err_set(e, EX_DATAERR,
		               "the proof does not lead from this entry, as number %" PRIu64
		               ", to the root of the checkpoint",
		               p->index);
	if (head)
		*head = c;
	return 0;
}
