// SPDX-License-Identifier: Apache-2.0
// What a receipt says.  Its texts come from whoever handed it over, and go to a terminal: they are made harmless.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/escape.h"
#include "base/json.h"
#include "bot/receipt.h"

#define WORDS_MAX (1 << 20)

static const struct {
	const char *type, *words;
} decisions[] = {
	{ "case.approved", "The case was approved" },
	{ "case.rejected", "The case was rejected" },
	{ "case.withdrawn", "The request was withdrawn" },
	{ "case.revoked", "The exception was revoked" },
	{ "case.expired", "The exception expired" },
	{ "case.lapsed", "The case lapsed: nobody decided in time" },
	{ "case.renewed", "The exception was renewed" },
	{ "case.opened", "The case was opened" },
	{ "case.amended", "The case was amended" },
	{ "stage.passed", "A stage of the review was passed" },
	{ "vote.voided", "A vote was voided" },
};

static void put_text(struct buf *out, const char *text)
{
	escape_text(out, ESCAPE_HEADER, text, strlen(text));
}

// "  Label       text", unless there is none.
static void put_line(struct buf *out, const char *label, const char *text)
{
	if (!text || !*text)
		return;
	buf_printf(out, "  %-10s ", label);
	put_text(out, text);
	buf_putc(out, '\n');
}

static void put_decision(struct buf *out, const struct receipt *r)
{
	if (strcmp(r->entry.type, "vote.cast") == 0) {
		buf_puts(out, "A vote was cast: ");
		put_text(out, r->body ? json_str(r->body, "verdict") : "(the body was left out)");
		buf_putc(out, '\n');
		return;
	}
	for (size_t i = 0; i < LENGTH(decisions); i++) {
		if (strcmp(decisions[i].type, r->entry.type) == 0) {
			buf_printf(out, "%s\n", decisions[i].words);
			return;
		}
	}
	buf_puts(out, "An entry of type ");
	put_text(out, r->entry.type);
	buf_putc(out, '\n');
}

static void put_facts(struct buf *out, const struct receipt *r)
{
	const char *person = json_str(r->body, "person"), *seat = json_str(r->body, "seat");
	char when[CLOCK_TEXT], version[32];

	put_decision(out, r);
	put_line(out, "Type", r->entry.type);
	put_line(out, "Who", r->entry.actor);
	put_line(out, "Name", json_str(r->body, "name"));
	if (strcmp(seat, person) != 0)
		put_line(out, "For", seat);
	put_line(out, "Case", r->entry.case_id);
	if (r->entry.version) {
		snprintf(version, sizeof version, "%lld", (long long)r->entry.version);
		put_line(out, "Version", version);
	}
	put_line(out, "When", clock_format(r->entry.time, when));
	put_line(out, "Via", r->entry.via);
	put_line(out, "Decided by", json_str(r->body, "by"));
	put_line(out, "Until", json_str(r->body, "until"));
	put_line(out, "Content", json_str(r->body, "hash"));
	put_line(out, "Grounds", json_str(r->body, "why"));
	if (r->body)
		return;
	buf_puts(out, "  The rest of the entry is not in this receipt: it was erased, or is too large for one.\n"
	              "  The entry commits to it by the SHA-256 (with a salt, see countersign-log(7))\n  ");
	put_text(out, json_str(r->leaf, "body"));
	buf_putc(out, '\n');
}

static void put_key(struct buf *out, const struct receipt *r)
{
	_free_ char *key = note_key_text(&r->key), *signer = note_key_text(&r->signer);

	if (r->pinned && strcmp(key, signer) != 0) {
		buf_printf(out,
		           "That head is signed by another key of the log than the one that you gave,\n  %s\n"
		           "How the one followed the other is proven by heads that both signed.\n",
		           signer);
		return;
	}
	if (r->pinned) {
		buf_printf(out, "That head is signed by the key that you gave,\n  %s\n", key);
		if (r->proof_key && strcmp(r->proof_key, key) != 0)
			buf_puts(out, "The receipt names another key beside it; that one was not used.\n");
		return;
	}
	buf_printf(out,
	           "That head is signed by the key that came with the receipt,\n  %s\n"
	           "Anybody could have made a log and a key of that name: compare it with the key that the\n"
	           "organisation publishes, or give that one with --key.\n",
	           key);
}

char *receipt_words(const struct receipt *r)
{
	_buf_ struct buf out = BUF(WORDS_MAX);
	char hex[2 * DIGEST_SIZE + 1];

	put_facts(&out, r);
	buf_printf(&out, "\nThis is entry %llu of the log ", (unsigned long long)r->entry.seq);
	put_text(&out, r->head.origin);
	buf_printf(&out, ", as it stood with %llu entries and the root\n  %s\n", (unsigned long long)r->head.size,
	           hex_encode(r->head.root.bytes, DIGEST_SIZE, hex));
	put_key(&out, r);
	if (out.full)
		panic("a receipt has more than %d bytes of words, or memory ran out", WORDS_MAX);
	return buf_steal(&out);
}

json_t *receipt_view(const struct receipt *r)
{
	json_t *view = json_object();
	_free_ char *key = note_key_text(&r->key), *signer = note_key_text(&r->signer);
	char when[CLOCK_TEXT], hex[2 * DIGEST_SIZE + 1];

	json_put_bool(view, "ok", true);
	json_put_int(view, "entry", (int64_t)r->entry.seq);
	json_put_str(view, "type", r->entry.type);
	json_put_str(view, "actor", r->entry.actor);
	json_put_str(view, "case", r->entry.case_id);
	if (r->entry.version)
		json_put_int(view, "version", r->entry.version);
	json_put_str(view, "time", clock_format(r->entry.time, when));
	json_put_str(view, "via", r->entry.via);
	json_put(view, "body", r->body ? json_incref(r->body) : json_null());
	json_put_str(view, "origin", r->head.origin);
	json_put_int(view, "size", (int64_t)r->head.size);
	json_put_str(view, "root", hex_encode(r->head.root.bytes, DIGEST_SIZE, hex));
	json_put_str(view, "key", key);
	json_put_str(view, "signer", signer);
	json_put_bool(view, "pinned", r->pinned);
	return view;
}
