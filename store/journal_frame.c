// SPDX-License-Identifier: Apache-2.0
#include "store/journal_frame.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"

#define MAGIC "CSgnJrn1"
#define NAME_DIGITS 20
#define ENTRY_HEAD (8 + SALT_SIZE)

static void put_number(char *at, uint64_t number, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (char)(uint8_t)(number >> 8 * i);
}

static uint64_t get_number(const char *at, size_t bytes)
{
	uint64_t number = 0;

	for (size_t i = 0; i < bytes; i++)
		number |= (uint64_t)(uint8_t)at[i] << 8 * i;
	return number;
}

void journal_seal(struct buf *frame, uint64_t before, uint64_t after, const struct digest *root)
{
	char *head = frame->data;
	struct digest hash = sha256_of(head + JOURNAL_HEAD, frame->len - JOURNAL_HEAD);

	memcpy(head, MAGIC, 8);
	put_number(head + 8, frame->len - JOURNAL_HEAD, 8);
	put_number(head + 16, before, 8);
	put_number(head + 24, after, 8);
	memcpy(head + 32, root->bytes, DIGEST_SIZE);
	memcpy(head + 64, hash.bytes, DIGEST_SIZE);
	hash = sha256_of(head, 96);
	memcpy(head + 96, hash.bytes, DIGEST_SIZE);
}

int journal_put(struct buf *frame, const struct journal_entry *entry)
{
	static const uint8_t erased[SALT_SIZE];
	char head[8];

	put_number(head, entry->leaf.len, 4);
	put_number(head + 4, entry->body.len, 4);
	buf_add(frame, head, sizeof head);
	buf_add(frame, entry->salt ? entry->salt : erased, SALT_SIZE);
	buf_add(frame, entry->leaf.data, entry->leaf.len);
	return entry->body.len ? buf_add(frame, entry->body.data, entry->body.len) : 0;
}

int journal_take(struct journal_frame *frame, struct journal_entry *out, struct err *e)
{
	uint64_t leaf = frame->len < ENTRY_HEAD ? 0 : get_number(frame->data, 4);
	uint64_t body = frame->len < ENTRY_HEAD ? 0 : get_number(frame->data + 4, 4);

	if (frame->len < ENTRY_HEAD || ENTRY_HEAD + leaf + body > frame->len)
		return err_set(e, EX_DATAERR, "a frame of the journal has fewer entries than it says");
	*out = (struct journal_entry){
		.leaf = { frame->data + ENTRY_HEAD, leaf },
		.body = { frame->data + ENTRY_HEAD + leaf, body },
		.salt = (const uint8_t *)frame->data + 8,
	};
	frame->data += ENTRY_HEAD + leaf + body;
	frame->len -= ENTRY_HEAD + leaf + body;
	return 0;
}

char *journal_segment_path(const char *dir, uint64_t first)
{
	return text_format("%s/%020" PRIu64 ".journal", dir, first);
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static bool is_segment(const char *name, uint64_t *first)
{
	char *end;

	if (strspn(name, "0123456789") != NAME_DIGITS || strcmp(name + NAME_DIGITS, ".journal") != 0)
		return false;
	*first = strtoull(name, &end, 10);
	return true;
}

int journal_segments(const char *dir, uint64_t **firsts, size_t *count, struct err *e)
{
	DIR *d = opendir(dir);
	uint64_t first;

	*firsts = NULL;
	*count = 0;
	if (!d)
		return errno == ENOENT ? 0 : err_sys(e, EX_NOINPUT, "cannot open the journal %s", dir);
	for (const struct dirent *entry; (entry = readdir(d));) {
		uint64_t *more;

		if (!is_segment(entry->d_name, &first))
			continue;
		more = reallocarray(*firsts, *count + 1, sizeof **firsts);
		if (!more)
			panic("out of memory");
		*firsts = more;
		more[(*count)++] = first;
	}
	closedir(d);
	if (*count)
		qsort(*firsts, *count, sizeof **firsts, by_number);
	return 0;
}

static int load(struct journal_reader *r, struct err *e)
{
	_free_ char *path = journal_segment_path(r->dir, r->firsts[r->at]);

	buf_free(&r->bytes);
	r->bytes = BUF((size_t)JOURNAL_SEGMENT + JOURNAL_FRAME_MAX + JOURNAL_HEAD);
	r->offset = 0;
	return file_read(path, &r->bytes, e);
}

int journal_read(struct journal_reader *r, const char *dir, uint64_t from, struct err *e)
{
	*r = (struct journal_reader){ .dir = dir, .size = UINT64_MAX };
	if (journal_segments(dir, &r->firsts, &r->count, e) < 0)
		return -1;
	// Not the one that begins right there: the one before may end in changes that came after it.
	while (r->at + 1 < r->count && r->firsts[r->at + 1] < from)
		r->at++;
	return r->count ? load(r, e) : 0;
}

void journal_read_end(struct journal_reader *r)
{
	free(r->firsts);
	buf_free(&r->bytes);
	*r = (struct journal_reader){ 0 };
}

static bool is_head(const char *at)
{
	struct digest hash;

	if (memcmp(at, MAGIC, 8) != 0)
		return false;
	hash = sha256_of(at, 96);
	return memcmp(at + 96, hash.bytes, DIGEST_SIZE) == 0;
}

// Does a frame begin anywhere behind this place?  Then what stands here is not the tail that a crash left.
static bool more_follows(const struct journal_reader *r)
{
	const char *end = r->bytes.data + r->bytes.len;

	for (const char *at = r->bytes.data + r->offset + 1; end - at >= JOURNAL_HEAD; at++) {
		at = memmem(at, (size_t)(end - at), MAGIC, 8);
		if (!at || end - at < JOURNAL_HEAD)
			return false;
		if (is_head(at))
			return true;
	}
	return false;
}

static bool has_length(const struct journal_reader *r)
{
	const char *head = r->bytes.data + r->offset;
	size_t left = r->bytes.len - r->offset;

	return left >= JOURNAL_HEAD && is_head(head) && get_number(head + 8, 8) <= left - JOURNAL_HEAD;
}

static bool is_whole(const struct journal_reader *r)
{
	const char *head = r->bytes.data + r->offset;
	struct digest hash;

	if (!has_length(r))
		return false;
	hash = sha256_of(head + JOURNAL_HEAD, get_number(head + 8, 8));
	return memcmp(head + 64, hash.bytes, DIGEST_SIZE) == 0;
}

static int say_damaged(const struct journal_reader *r, const char *what, struct err *e)
{
	_free_ char *path = journal_segment_path(r->dir, r->firsts[r->at]);

	return err_set(e, EX_DATAERR, "%s: %s at byte %zu", path, what, r->offset);
}

int journal_next(struct journal_reader *r, struct journal_frame *out, struct err *e)
{
	const char *head;

	while (r->at < r->count && r->offset == r->bytes.len) {
		if (r->at + 1 == r->count)
			return 0;
		r->at++;
		if (load(r, e) < 0)
			return -1;
	}
	if (r->at == r->count)
		return 0;
	if (!is_whole(r)) {
		if (r->at + 1 < r->count || more_follows(r))
			return say_damaged(r, "the journal is damaged", e);
		r->torn = r->bytes.len - r->offset;
		r->spoiled = has_length(r);
		return 0;
	}
	head = r->bytes.data + r->offset;
	*out = (struct journal_frame){ .before = get_number(head + 16, 8),
		                       .after = get_number(head + 24, 8),
		                       .data = head + JOURNAL_HEAD,
		                       .len = get_number(head + 8, 8) };
	memcpy(out->root.bytes, head + 32, DIGEST_SIZE);
	if (out->after < out->before || (r->offset == 0 && out->before != r->firsts[r->at]))
		return say_damaged(r, "the journal is damaged", e);
	if (r->size != UINT64_MAX && out->before != r->size)
		return err_set(e, EX_DATAERR,
		               "the journal %s has a gap: entries %" PRIu64 " to %" PRIu64 " were written without it",
		               r->dir, r->size, out->before - 1);
	r->size = out->after;
	r->offset += JOURNAL_HEAD + out->len;
	return 1;
}
