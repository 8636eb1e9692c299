// SPDX-License-Identifier: Apache-2.0
#include "bot/witness_state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/text.h"

static char *path_of(const char *dir, const struct witness_log *log, const char *suffix)
{
	struct digest hash = sha256_of(log->origin, strlen(log->origin));
	char hex[2 * DIGEST_SIZE + 1];

	return text_format("%s/%s%s", dir, hex_encode(hash.bytes, DIGEST_SIZE, hex), suffix);
}

static int read_mark(const struct witness *w, struct witness_log *log, const struct buf *text, struct err *e)
{
	_note_ struct note note = { 0 };
	struct checkpoint c;

	if (note_read(buf_text(text), text->len, &note, e) < 0 || checkpoint_read(note.text, note.len, &c, e) < 0)
		return -1;
	if (strcmp(c.origin, log->origin) != 0)
		return err_set(e, EX_DATAERR, "it is of another log than %s", log->origin);
	if (!note_is_signed(&note, &w->signer.key, &log->mark.time))
		return err_set(e, EX_DATAERR,
		               "it was not cosigned by this witness' key; a new key needs a folder of its own");
	log->mark.size = c.size;
	log->mark.root = c.root;
	return 0;
}

static int load(const char *dir, const struct witness *w, struct witness_log *log, struct err *e)
{
	_free_ char *path = path_of(dir, log, ".checkpoint");
	_buf_ struct buf text = BUF(NOTE_MAX);

	log->mark = (struct witness_mark){ 0 };
	if (access(path, F_OK) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_IOERR, "cannot look for %s", path);
	if (file_read(path, &text, e) < 0)
		return -1;
	return read_mark(w, log, &text, e) < 0 ? err_prefix(e, "%s", path) : 0;
}

int witness_state_open(const char *dir, struct witness *w, struct err *e)
{
	_free_ char *path = path_join(dir, "lock");
	_close_ int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (lock < 0)
		return err_sys(e, EX_CANTCREAT, "cannot open %s", path);
	if (flock(lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? err_set(e, EX_TEMPFAIL, "%s: another witness is at work there", dir)
		                            : err_sys(e, EX_OSERR, "cannot lock %s", path);
	for (size_t i = 0; i < w->count; i++)
		if (load(dir, w, &w->logs[i], e) < 0)
			return -1;
	return steal_fd(&lock);
}

int witness_state_keep(const char *dir, struct witness *w, const struct witness_answer *a, struct err *e)
{
	struct witness_log *log = &w->logs[a->log];
	_free_ char *path = path_of(dir, log, ".checkpoint");

	if (file_replace(path, a->kept, strlen(a->kept), 0600, e) < 0)
		return -1;
	log->mark = a->next;
	return 0;
}

int witness_state_keep_fork(const char *dir, const struct witness *w, const struct witness_answer *a, struct err *e)
{
	_free_ char *path = path_of(dir, &w->logs[a->log], ".fork");

	if (access(path, F_OK) == 0)
		return 0;
	return file_replace(path, a->kept, strlen(a->kept), 0600, e);
}
