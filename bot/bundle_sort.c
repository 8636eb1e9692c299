// SPDX-License-Identifier: Apache-2.0
#include "bot/bundle_sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/text.h"

// Room for one more; `list` and `room` are updated.
#define GROW(list, count, room) \
	do { \
		if ((count) == (room)) { \
			(room) = (room) ? 2 * (room) : 64; \
			(list) = reallocarray((list), (room), sizeof *(list)); \
			if (!(list)) \
				panic("out of memory"); \
		} \
	} while (0)

// By the order of the names the files of an entry follow one another.
static struct sorted_entry *entry_of(struct sorted *s, uint64_t seq)
{
	if (s->count && s->entries[s->count - 1].seq == seq)
		return &s->entries[s->count - 1];
	GROW(s->entries, s->count, s->room);
	s->entries[s->count] = (struct sorted_entry){ .seq = seq };
	return &s->entries[s->count++];
}

// The proofs come behind all entries, and most often in the same order.
static struct sorted_entry *proven_entry(struct sorted *s, uint64_t seq)
{
	for (size_t i = 0; i < s->count; i++) {
		size_t at = (s->proven + i) % s->count;

		if (s->entries[at].seq == seq) {
			s->proven = at + 1;
			return &s->entries[at];
		}
	}
	return entry_of(s, seq);
}

static struct sorted_evidence *evidence_of(struct sorted *s, const char *name)
{
	for (size_t i = 0; i < s->evidence_count; i++)
		if (strcmp(s->evidence[i].name, name) == 0)
			return &s->evidence[i];
	return NULL;
}

static char *keep(const char *data, size_t len)
{
	char *copy = malloc(len + 1);

	if (!copy)
		panic("out of memory");
	memcpy(copy, data, len + 1);
	return copy;
}

// The number before the file's ending.
static int number_of(const char *name, const char *folder, const char *ending, uint64_t *seq)
{
	size_t begin = strlen(folder), len = strlen(name), end = strlen(ending);

	if (!text_starts(name, folder) || len <= begin + end || strcmp(name + len - end, ending) != 0)
		return -1;
	return text_decimal(name + begin, len - begin - end, seq);
}

// 1 when it was a file of an entry.
static int take_entry(struct sorted *s, const char *name, const char *data, size_t len)
{
	uint64_t seq;
	struct sorted_entry *entry;

	if (number_of(name, "entries/", ".leaf", &seq) == 0) {
		entry = entry_of(s, seq);
		entry->leaf = keep(data, len);
		entry->leaf_len = len;
	} else if (number_of(name, "entries/", ".body", &seq) == 0) {
		entry = entry_of(s, seq);
		entry->body = keep(data, len);
		entry->body_len = len;
	} else if (number_of(name, "entries/", ".salt", &seq) == 0) {
		entry = entry_of(s, seq);
		entry->salt = keep(data, len);
		entry->salt_len = len;
	} else if (number_of(name, "proofs/", ".tlog-proof", &seq) == 0) {
		entry = proven_entry(s, seq);
		entry->proof = keep(data, len);
		entry->proof_len = len;
	} else {
		return 0;
	}
	return 1;
}

static bool is_hash(const char *name)
{
	uint8_t bytes[DIGEST_SIZE];
	char again[2 * DIGEST_SIZE + 1];

	return hex_decode(name, bytes, DIGEST_SIZE) == 0 && strcmp(hex_encode(bytes, DIGEST_SIZE, again), name) == 0;
}

// The salts come first, by the order of the names.
static int take_salt(struct sorted *s, const char *name, const char *data, size_t len, struct err *e)
{
	const char *hash = name + strlen("evidence-salt/");

	if (!is_hash(hash))
		return err_set(e, EX_DATAERR, "%s is not named by a hash", name);
	if (len != SALT_SIZE)
		return err_set(e, EX_DATAERR, "%s is no salt of %d bytes", name, SALT_SIZE);
	GROW(s->evidence, s->evidence_count, s->evidence_room);
	s->evidence[s->evidence_count] = (struct sorted_evidence){ .read = false };
	memcpy(s->evidence[s->evidence_count].name, hash, strlen(hash) + 1);
	memcpy(s->evidence[s->evidence_count].salt, data, len);
	s->evidence_count++;
	return 0;
}

static int take_evidence(struct sorted *s, const char *name, const char *data, size_t len, const struct digest *sha256,
                         struct err *e)
{
	const char *hash = name + strlen("evidence/");
	struct sorted_evidence *piece = evidence_of(s, hash);
	char hex[2 * DIGEST_SIZE + 1];

	if (strcmp(hex_encode(sha256->bytes, DIGEST_SIZE, hex), hash) != 0)
		return err_set(e, EX_DATAERR, "%s: its bytes do not have the hash that it is named by", name);
	if (!piece)
		return err_set(e, EX_DATAERR, "%s: there is no evidence-salt/%s", name, hash);
	piece->read = true;
	piece->size = len;
	piece->commitment = evidence_commitment(piece->salt, data, len);
	return 0;
}

static int take(void *context, const char *name, const char *data, size_t len, struct err *e)
{
	struct sorted *s = context;
	const struct digest sha256 = sha256_of(data, len);

	GROW(s->files.list, s->files.count, s->files.room);
	s->files.list[s->files.count++] = (struct bundle_file){ .name = text_copy(name), .len = len, .sha256 = sha256 };
	if (text_starts(name, "evidence-salt/"))
		return take_salt(s, name, data, len, e);
	if (text_starts(name, "evidence/"))
		return take_evidence(s, name, data, len, &sha256, e);
	if (take_entry(s, name, data, len))
		return 0;
	if (strcmp(name, "checkpoint") == 0)
		s->note = keep(data, len);
	else if (strcmp(name, "key") == 0)
		s->key = keep(data, len);
	else if (strcmp(name, "manifest.json") == 0)
		s->manifest = keep(data, len);
	else if (strcmp(name, "SHA256SUMS") == 0)
		s->sums = keep(data, len);
	return 0; // anything else follows from these, and is compared
}

static int by_number(const void *a, const void *b)
{
	uint64_t x = ((const struct sorted_entry *)a)->seq, y = ((const struct sorted_entry *)b)->seq;

	return x < y ? -1 : x > y;
}

int bundle_sort(const char *path, struct sorted *out, struct err *e)
{
	*out = (struct sorted){ .count = 0 };
	if (bundle_read(path, take, out, out->folder, e) < 0)
		return -1;
	if (out->count)
		qsort(out->entries, out->count, sizeof *out->entries, by_number);
	return 0;
}

void sorted_free(struct sorted *s)
{
	for (size_t i = 0; i < s->count; i++) {
		free(s->entries[i].leaf);
		free(s->entries[i].body);
		free(s->entries[i].salt);
		free(s->entries[i].proof);
	}
	bundle_files_free(&s->files);
	free(s->entries);
	free(s->evidence);
	free(s->note);
	free(s->key);
	free(s->manifest);
	free(s->sums);
	*s = (struct sorted){ 0 };
}
