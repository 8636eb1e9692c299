// SPDX-License-Identifier: Apache-2.0
#include "adapters/signer/mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/tree.h"

#define MARK_MAX 900 // bytes of the file

struct head head_of_nothing(void)
{
	struct tree_edge edge = { .count = 0 };

	return (struct head){ .size = 0, .root = tree_root(&edge) };
}

int mark_lock(const char *path, struct err *e)
{
	_free_ char *dir = path_dir(path);
	_close_ int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s, the folder of the signer's mark", dir);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return steal_fd(&fd);
	if (errno == EWOULDBLOCK)
		return err_set(e, EX_TEMPFAIL, "another signer uses the mark in %s", dir);
	return err_sys(e, EX_OSERR, "cannot lock %s, the folder of the signer's mark", dir);
}

// --- its one spelling ------------------------------------------------------------------------------------------------

// The caller frees.
static char *spell(const struct mark *mark, struct err *e)
{
	char root[2 * DIGEST_SIZE + 1];
	_json_ json_t *object = json_object();
	_free_ char *line = NULL;
	_buf_ struct buf text = BUF(MARK_MAX);

	json_put_str(object, "key", *mark->key ? mark->key : NULL);
	json_put_str(object, "old", *mark->old ? mark->old : NULL);
	json_put_str(object, "root", hex_encode(mark->head.root.bytes, DIGEST_SIZE, root));
	json_put_int(object, "size", (int64_t)mark->head.size);
	json_put_int(object, "time", mark->head.time);
	line = json_canonical(object, NULL, e);
	if (!line)
		return NULL;
	if (buf_printf(&text, "%s\n", line) < 0) {
		err_set(e, EX_OSERR, "out of memory for the signer's mark");
		return NULL;
	}
	return buf_steal(&text);
}

static int take_key(const json_t *object, const char *name, char out[MARK_KEY], struct err *e)
{
	const char *text = json_str_or_null(object, name);
	struct note_key key;

	if (!text)
		return 0;
	snprintf(out, MARK_KEY, "%s", text);
	return note_key_read(text, &key, e);
}

static int take_apart(const char *path, const struct buf *text, struct mark *out, struct err *e)
{
	static const struct json_key keys[] = { { "key", 's', MARK_KEY - 1 },     { "old", 's', MARK_KEY - 1 },
		                                { "root", 'S', 2 * DIGEST_SIZE }, { "size", 'I', HEAD_MAX },
		                                { "time", 'I', HEAD_MAX },        { 0 } };
	_json_ json_t *object = json_read(buf_text(text), text->len, e);
	_free_ char *again = NULL;

	if (!object || json_check(object, keys, "the mark", e) < 0 || take_key(object, "key", out->key, e) < 0 ||
	    take_key(object, "old", out->old, e) < 0)
		return err_prefix(e, "%s: this is not the signer's mark", path);
	out->head.size = (uint64_t)json_int(object, "size");
	out->head.time = json_int(object, "time");
	if (hex_decode(json_str(object, "root"), out->head.root.bytes, DIGEST_SIZE) < 0)
		return err_set(e, EX_DATAERR, "%s: this is not the signer's mark: its root is no hash", path);
	again = spell(out, e);
	if (!again)
		return -1;
	if (strlen(again) != text->len || memcmp(again, buf_text(text), text->len) != 0)
		return err_set(e, EX_DATAERR, "%s: this is not the signer's mark: the signer spells it otherwise",
		               path);
	if (out->head.size == 0)
		return err_set(e, EX_DATAERR, "%s: this is not the signer's mark: nothing was signed", path);
	if (*out->old && !*out->key)
		return err_set(e, EX_DATAERR, "%s: this is not the signer's mark: no key follows the old one", path);
	return 0;
}

// --- the file --------------------------------------------------------------------------------------------------------

int mark_read(const char *path, struct mark *out, struct err *e)
{
	// Not by file_read(), which follows a link: to nothing, that would be "no mark yet".
	_close_ int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_buf_ struct buf text = BUF(MARK_MAX);
	struct stat st;

	*out = (struct mark){ .head = head_of_nothing() };
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s, the signer's mark", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return err_set(e, EX_NOINPUT, "%s, the signer's mark, is not a regular file", path);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return err_set(e, EX_NOPERM, "%s, the signer's mark: others can write it; chmod go-w", path);
	if (fd_read(fd, path, &text, e) < 0)
		return -1;
	return take_apart(path, &text, out, e);
}

int mark_replace(const char *path, const struct mark *mark, struct err *e)
{
	_free_ char *text = spell(mark, e);

	return text ? file_replace(path, text, strlen(text), 0600, e) : -1;
}
