// SPDX-License-Identifier: Apache-2.0
// What checking a bundle comes to, in words and as JSON; what it cannot show is said, too.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/escape.h"
#include "base/json.h"
#include "bot/bundle_check.h"
#include "bot/bundle_templates.h"

#define WORDS_MAX (1 << 20)

static void put_text(struct buf *out, const char *text)
{
	escape_text(out, ESCAPE_HEADER, text, strlen(text));
}

static void put_key(struct buf *out, const struct bundle_verdict *v)
{
	_free_ char *key = note_key_text(&v->key);

	if (v->pinned) {
		buf_printf(out, "That head is signed by the key that you gave,\n  %s\n", key);
		if (v->others_key)
			buf_puts(out, "The bundle names another key beside it; that one was not used.\n");
		return;
	}
	buf_printf(out,
	           "That head is signed by the key that came with the bundle,\n  %s\n"
	           "Anybody could have made a log and a key of that name: compare it with the key that the\n"
	           "organisation publishes, or give that one with --key.\n",
	           key);
}

static void put_complete(struct buf *out, const struct bundle_verdict *v)
{
	if (v->complete == v->entries)
		buf_printf(out, "\nIt is complete: its last entry says that there were %zu of the case before it.\n",
		           v->entries - 1);
	else if (v->complete)
		buf_printf(out,
		           "\nIts first %zu entries are all that there were then, as one of them says.  That none is\n"
		           "missing behind them it cannot show; only the whole log does.\n",
		           v->complete);
	else
		buf_puts(out, "\nThat the case has no other entries it cannot show: none of these counts them, as the\n"
		              "entry that notes an export does.  Only the whole log shows that.\n");
	buf_printf(out, "That no other people were published between its entries it cannot show%s.\n",
	           v->complete == v->entries ? "" : ", either");
}

// The entry that says that this one's body was erased, or NULL.
static const struct bundle_entry *erasing(const struct bundle *b, uint64_t seq)
{
	json_t *gone;
	size_t k;

	for (size_t i = 0; i < b->count; i++) {
		if (strcmp(b->entries[i]->said.entry.type, "body.erased") != 0)
			continue;
		json_array_foreach(json_arr(json_obj(b->entries[i]->json, "body"), "entries"), k, gone)
			if (json_is_integer(gone) && (uint64_t)json_integer_value(gone) == seq)
				return b->entries[i];
	}
	return NULL;
}

static void put_gone(struct buf *out, const struct bundle_verdict *v)
{
	const char *before = "\nErased, so that what these entries said is not known: ";
	size_t gone = 0, unsaid = 0;

	for (size_t i = 0; i < v->b.count; i++) {
		uint64_t seq = v->b.entries[i]->said.entry.seq;
		const struct bundle_entry *by = erasing(&v->b, seq);

		if (v->b.entries[i]->body)
			continue;
		buf_printf(out, "%s%llu%s", before, (unsigned long long)seq, by ? "" : " (*)");
		before = ", ";
		gone++;
		unsaid += !by;
	}
	if (gone)
		buf_puts(out, ".\n");
	if (unsaid)
		buf_puts(out,
		         "(*) No entry of the bundle says that it was erased; the log does, or it was left out.\n");
	for (size_t i = 0; i < v->b.evidence_count; i++)
		if (!v->b.evidence[i].kept)
			buf_printf(out, "Not in the bundle: evidence %s, which was erased or moved away before.\n",
			           v->b.evidence[i].name);
}

static void put_rules(struct buf *out, const struct bundle_verdict *v)
{
	if (v->no_rules)
		buf_printf(out, "Not in the bundle: version %lld of the catalogue, by which the case was judged.\n",
		           (long long)v->no_rules);
}

static size_t kept(const struct bundle_verdict *v)
{
	size_t count = 0;

	for (size_t i = 0; i < v->b.evidence_count; i++)
		count += v->b.evidence[i].kept;
	return count;
}

static void put_texts(struct buf *out, const struct bundle_verdict *v)
{
	if (v->compared) {
		buf_puts(out, "summary.html and summary.txt say what the entries say.\n");
		return;
	}
	buf_puts(out, "summary.html and summary.txt were NOT compared with the entries: countersign ");
	put_text(out, v->program);
	buf_printf(out, " wrote them,\nand this is %s.  What the entries say is in the summary that --json prints.\n",
	           bundle_writer);
}

char *bundle_verdict_words(const struct bundle_verdict *v)
{
	_buf_ struct buf out = BUF(WORDS_MAX);
	char hex[2 * DIGEST_SIZE + 1];
	size_t pieces = kept(v);

	buf_printf(&out, "The bundle of %s holds: %zu entries, and %zu that they rest on", v->b.case_id, v->entries,
	           v->b.count - v->entries);
	buf_printf(&out, ", with %zu piece%s of evidence.\n", pieces, pieces == 1 ? "" : "s");
	put_texts(&out, v);
	buf_puts(&out, "\nAll of them are in the log ");
	put_text(&out, v->b.head.origin);
	buf_printf(&out, ", as it stood with %llu entries and the root\n  %s\n", (unsigned long long)v->b.head.size,
	           hex_encode(v->b.head.root.bytes, DIGEST_SIZE, hex));
	put_key(&out, v);
	put_complete(&out, v);
	put_gone(&out, v);
	put_rules(&out, v);
	if (out.full)
		panic("a bundle has more than %d bytes of words, or memory ran out", WORDS_MAX);
	return buf_steal(&out);
}

json_t *bundle_verdict_view(const struct bundle_verdict *v)
{
	json_t *view = json_object(), *erased = json_array(), *missing = json_array();
	_free_ char *key = note_key_text(&v->key);
	char hex[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < v->b.count; i++)
		if (!v->b.entries[i]->body)
			json_add(erased, json_integer((json_int_t)v->b.entries[i]->said.entry.seq));
	for (size_t i = 0; i < v->b.evidence_count; i++)
		if (!v->b.evidence[i].kept)
			json_add_str(missing, v->b.evidence[i].name);
	json_put_bool(view, "ok", true);
	json_put_str(view, "case", v->b.case_id);
	json_put_int(view, "entries", (int64_t)v->entries);
	json_put_int(view, "grounds", (int64_t)(v->b.count - v->entries));
	json_put_int(view, "evidence", (int64_t)kept(v));
	json_put_int(view, "complete", (int64_t)v->complete);
	json_put(view, "erased", erased);
	json_put(view, "missing_evidence", missing);
	json_put(view, "missing_catalogue", v->no_rules ? json_integer(v->no_rules) : json_null());
	json_put_bool(view, "compared", v->compared);
	json_put_str(view, "program", v->program);
	json_put_str(view, "origin", v->b.head.origin);
	json_put_int(view, "size", (int64_t)v->b.head.size);
	json_put_str(view, "root", hex_encode(v->b.head.root.bytes, DIGEST_SIZE, hex));
	json_put_str(view, "key", key);
	json_put_bool(view, "pinned", v->pinned);
	json_put_str(view, "summary", v->summary);
	return view;
}
