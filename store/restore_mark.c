// SPDX-License-Identifier: Apache-2.0
// How long the log was at least, as somebody outside of the database knows: the signer's mark, or a checkpoint.
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "store/restore_parts.h"

static int read_mark(const struct buf *text, uint64_t *size, struct digest *root, struct err *e)
{
	_json_ json_t *mark = json_read(buf_text(text), text->len, e);

	if (!mark || !json_is_integer(json_object_get(mark, "size")) || json_int(mark, "size") <= 0 ||
	    hex_decode(json_str(mark, "root"), root->bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_DATAERR, "it is neither a signer's mark nor a checkpoint");
	*size = (uint64_t)json_int(mark, "size");
	return 0;
}

static int read_checkpoint(const struct buf *text, uint64_t *size, struct digest *root, struct err *e)
{
	_note_ struct note note = { .count = 0 };
	struct checkpoint head;

	if (note_read(buf_text(text), text->len, &note, e) < 0 || checkpoint_read(note.text, note.len, &head, e) < 0)
		return -1;
	*size = head.size;
	*root = head.root;
	return 0;
}

int restore_mark_read(const char *path, uint64_t *size, struct digest *root, struct err *e)
{
	_buf_ struct buf text = BUF(NOTE_MAX);
	bool mark;
	int bad;

	if (access(path, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (file_read(path, &text, e) < 0)
		return -1;
	mark = buf_text(&text)[0] == '{';
	bad = mark ? read_mark(&text, size, root, e) : read_checkpoint(&text, size, root, e);
	return bad ? err_prefix(e, "%s", path) : mark ? 1 : 2;
}

// Its one spelling: adapters/signer/mark.c refuses any other.
int restore_mark_write(const char *path, uint64_t size, const struct digest *root, int64_t time, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1];
	_json_ json_t *mark = json_object();
	_free_ char *line = NULL, *text = NULL, *folder = path_dir(path);

	json_put_str(mark, "root", hex_encode(root->bytes, DIGEST_SIZE, hex));
	json_put_int(mark, "size", (int64_t)size);
	json_put_int(mark, "time", time);
	line = json_canonical(mark, NULL, e);
	if (!line || folder_make(folder, e) < 0)
		return -1;
	text = text_format("%s\n", line);
	return file_replace(path, text, strlen(text), 0600, e);
}
