// SPDX-License-Identifier: Apache-2.0
// Any bytes as a bundle.  Behind "t": a tar file.  Behind "e": entries that a log would vouch for, a leaf and its body
// in turn, a line each; what a person reads is made from them, and must be text whatever they say.
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/text.h"
#include "bot/bundle_parts.h"
#include "bot/bundle_read.h"

#define ENTRIES_MAX 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take(void *context, const char *name, const char *data, size_t len, struct err *e)
{
	char *last = context;

	(void)e;
	if (*last && strcmp(name, last) <= 0)
		panic("names out of order");
	if (strstr(name, "..") == name || *name == '/' || strlen(name) >= BUNDLE_NAME_MAX || data[len])
		panic("a name or bytes that were promised not to come");
	memcpy(last, name, strlen(name) + 1);
	return 0;
}

static void read_tar(const char *data, size_t size)
{
	_close_ int fd = memfd_of("tar", data, size, NULL);
	char folder[BUNDLE_FOLDER_MAX], last[BUNDLE_NAME_MAX] = "";
	struct err e = { 0 };

	lseek(fd, 0, SEEK_SET);
	if (bundle_read_tar(fd, take, last, folder, &e) < 0 && !*e.text)
		panic("refused without a word");
}

static char *keep(const char *data, size_t len)
{
	char *copy = calloc(1, len + 1);

	if (!copy)
		panic("out of memory");
	if (len)
		memcpy(copy, data, len);
	return copy;
}

static struct bundle_entry *read_entry(const char **at, const char *end)
{
	struct bundle_entry *entry = calloc(1, sizeof *entry);
	size_t leaf_len = 0, body_len = 0;
	const char *leaf = text_line(at, end, &leaf_len), *body = text_line(at, end, &body_len);

	if (!entry)
		panic("out of memory");
	entry->proof = text_copy("");
	entry->leaf = keep(leaf, leaf_len);
	entry->leaf_len = leaf_len;
	entry->body = body_len ? keep(body, body_len) : NULL;
	entry->body_len = body_len;
	return entry;
}

// As bundle_check() would have them: read one by one, by number.
static int read_entries(struct bundle *b, const char *data, size_t size)
{
	const char *at = data, *end = data + size;
	struct err e = { 0 };

	b->entries = calloc(ENTRIES_MAX, sizeof *b->entries);
	if (!b->entries)
		panic("out of memory");
	while (at < end && b->count < ENTRIES_MAX) {
		struct bundle_entry *entry = read_entry(&at, end);

		b->entries[b->count++] = entry;
		if (bundle_entry_read(entry, &e) < 0)
			return -1;
		if (b->count > 1 && entry->said.entry.seq <= b->entries[b->count - 2]->said.entry.seq)
			return -1;
	}
	return b->count ? bundle_list_evidence(b, &e) : -1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_bundle_ struct bundle b = { .case_id = "CS-1", .head = { .origin = "example.com/log", .size = 1000 } };
	_bundle_files_ struct bundle_files files = { 0 };
	struct err e = { 0 };

	if (size && *data == 't')
		read_tar((const char *)data + 1, size - 1);
	if (!size || *data != 'e' || read_entries(&b, (const char *)data + 1, size - 1) < 0)
		return 0;
	b.note = text_copy("note");
	if (bundle_files(&b, "0", &files, &e) < 0 && !*e.text)
		panic("no files, and not a word why");
	for (size_t i = 0; i < files.count; i++)
		if (strstr(files.list[i].name, "summary") && !utf8_valid(files.list[i].data, files.list[i].len))
			panic("what people read is no text");
	return 0;
}
