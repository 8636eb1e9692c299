// SPDX-License-Identifier: Apache-2.0
#include "bot/seed_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/epochs.h"
#include "base/file.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"

enum holds { NOTHING_THERE, OLD_KEY, NEXT_KEY, SOMETHING_ELSE };

static int look(const char *path, const struct note_key *old, const struct note_key *next, enum holds *out,
                struct err *e)
{
	_free_ char *reference = text_format("file:%s", path);
	_secret_ char *text = NULL;
	struct note_signer signer;
	struct stat st;

	*out = NOTHING_THERE;
	if (lstat(path, &st) < 0)
		return errno == ENOENT ? 0 : err_sys(e, EX_NOINPUT, "cannot look at %s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_CONFIG, "%s is not a regular file", path);
	text = secret_load(reference, "/", NULL, e);
	if (!text)
		return -1;
	*out = SOMETHING_ELSE;
	if (note_signer_read(text, &signer, NULL) < 0)
		return 0;
	if (note_key_same(&signer.key, old))
		*out = OLD_KEY;
	else if (note_key_same(&signer.key, next))
		*out = NEXT_KEY;
	note_signer_wipe(&signer);
	return 0;
}

static int sync_folder(const char *path, struct err *e)
{
	_free_ char *dir = path_dir(path);

	return dir_sync(dir, e);
}

// The old key gets a second name first: it must still be found when its own name is the successor's.
static int take_place(const char *path, const char *next_path, const char *aside, struct err *e)
{
	if (link(path, aside) < 0 && errno != EEXIST)
		return err_sys(e, EX_CANTCREAT, "cannot put %s aside as %s", path, aside);
	if (sync_folder(aside, e) < 0)
		return -1;
	if (rename(next_path, path) < 0)
		return err_sys(e, EX_CANTCREAT, "cannot move %s to %s", next_path, path);
	return sync_folder(path, e) < 0 ? -1 : sync_folder(next_path, e);
}

static int overwrite(const char *path, struct err *e)
{
	_close_ int fd = open(path, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);
	uint8_t noise[SECRET_MAX];
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return err_sys(e, EX_NOINPUT, "cannot open %s, to overwrite the old key", path);
	if (st.st_size > (off_t)sizeof noise)
		return err_set(e, EX_CONFIG, "%s is no key: it is too large", path);
	random_bytes(noise, sizeof noise);
	if (fd_write(fd, noise, (size_t)st.st_size, e) < 0 || fsync(fd) < 0)
		return err_sys(e, EX_IOERR, "cannot overwrite %s, the old key", path);
	return 0;
}

static int destroy(const char *aside, struct err *e)
{
	if (access(aside, F_OK) < 0 && errno == ENOENT)
		return 0;
	if (overwrite(aside, e) < 0)
		return -1;
	if (unlink(aside) < 0)
		return err_sys(e, EX_IOERR, "cannot remove %s, the old key", aside);
	return sync_folder(aside, e);
}

int seed_file_replace(const char *path, const char *next_path, const struct note_key *old, const struct note_key *next,
                      struct err *e)
{
	_free_ char *aside = text_format("%s.old", path);
	enum holds here, there, put_aside;

	if (look(path, old, next, &here, e) < 0 || look(next_path, old, next, &there, e) < 0 ||
	    look(aside, old, next, &put_aside, e) < 0)
		return -1;
	if (put_aside == NEXT_KEY || (put_aside == SOMETHING_ELSE && here != NEXT_KEY))
		return err_set(e, EX_CONFIG, "%s is in the way: move it elsewhere", aside);
	if (here != NEXT_KEY && there != NEXT_KEY)
		return err_set(e, EX_CONFIG, "%s does not hold the new key: nothing was destroyed", next_path);
	if (here != NEXT_KEY && here != OLD_KEY)
		return err_set(e, EX_CONFIG, "%s holds neither the old key nor the new one: nothing was destroyed",
		               path);
	if (here == OLD_KEY && take_place(path, next_path, aside, e) < 0)
		return -1;
	return destroy(aside, e);
}
