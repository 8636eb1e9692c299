// SPDX-License-Identifier: Apache-2.0
// rotate FOLDER - the end of a log's old key (bot/seed_file.h), stopped at each step: a child is killed before its n-th
// call that changes a file, or that call fails, until there are no more calls.  Then log.key must hold one whole key,
// the old one with the new one still beside it, or the new one; and the same call again must come to its end, with the
// old key's bytes overwritten.
//
// Preloaded with killshim.so; tests/system/signer.py runs it.
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/epochs.h"
#include "base/file.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/seed_file.h"
#include "tests/kill/killshim.h"

struct plan {
	void (*arm)(long at, int error, const char *folder);
	char *dir, *key, *next, *aside, *peek; // peek: a second name of the old key's file
	struct note_signer signer[2];
	char *secret[2];
};

static _Noreturn void fail(const char *how, long at, const char *what, const struct err *e)
{
	fprintf(stderr, "rotate: %s, call %ld: %s%s%s\n", how, at, what, e ? ": " : "", e ? e->text : "");
	exit(1);
}

static void put(const char *path, const char *secret)
{
	_free_ char *line = text_format("%s\n", secret);
	struct err e = { 0 };

	if (file_replace(path, line, strlen(line), 0600, &e) < 0)
		fail("before", 0, "cannot begin", &e);
}

static void prepare(const struct plan *p)
{
	unlink(p->aside);
	unlink(p->peek);
	put(p->key, p->secret[0]);
	put(p->next, p->secret[1]);
	if (link(p->key, p->peek) < 0)
		fail("before", 0, strerror(errno), NULL);
}

static int replace(const struct plan *p, struct err *e)
{
	return seed_file_replace(p->key, p->next, &p->signer[0].key, &p->signer[1].key, e);
}

// Which of the two it holds; -1 when it is not there.
static int key_in(const struct plan *p, const char *path, const char *how, long at)
{
	_free_ char *reference = text_format("file:%s", path);
	_secret_ char *text = access(path, F_OK) < 0 ? NULL : secret_load(reference, "/", NULL, NULL);

	if (!text)
		return -1;
	for (int i = 0; i < 2; i++)
		if (strcmp(text, p->secret[i]) == 0)
			return i;
	fail(how, at, "a file holds no whole key", NULL);
}

static bool is_overwritten(const struct plan *p)
{
	_buf_ struct buf text = BUF(SECRET_MAX + 1);

	return file_read(p->peek, &text, NULL) == 0 &&
	       !memmem(text.data, text.len, p->secret[0] + strlen(p->secret[0]) - 20, 20);
}

static void look(const struct plan *p, const char *how, long at, bool done)
{
	int key = key_in(p, p->key, how, at), next = key_in(p, p->next, how, at);

	if (key < 0 || (key == 0 && next != 1))
		fail(how, at, "the desk has lost a key that it needs", NULL);
	if (done && (key != 1 || next >= 0 || access(p->aside, F_OK) == 0 || !is_overwritten(p)))
		fail(how, at, "it said that the old key is gone, and it is not", NULL);
}

// Were there fewer calls than that?
static bool stop_at(const struct plan *p, const char *how, int error, long at)
{
	struct err e = { 0 };
	int status;
	pid_t child;

	prepare(p);
	child = fork();
	if (child == 0) {
		p->arm(at, error, p->dir);
		_exit(replace(p, NULL) < 0 ? 2 : 0);
	}
	if (child < 0 || waitpid(child, &status, 0) < 0)
		fail(how, at, strerror(errno), NULL);
	look(p, how, at, WIFEXITED(status) && WEXITSTATUS(status) == 0);
	if (replace(p, &e) < 0)
		fail(how, at, "it does not come to its end then", &e);
	look(p, how, at, true);
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int error;
	} hows[] = { { "killed", 0 }, { "EIO", EIO }, { "ENOSPC", ENOSPC } };
	struct plan p = { .arm = NULL };

	*(void **)&p.arm = dlsym(RTLD_DEFAULT, "killshim_arm");
	if (argc != 2 || !p.arm) {
		fprintf(stderr, "usage: LD_PRELOAD=killshim.so rotate FOLDER\n");
		return EX_USAGE;
	}
	p.dir = argv[1];
	p.key = path_join(p.dir, "log.key");
	p.next = path_join(p.dir, "log.next");
	p.aside = path_join(p.dir, "log.key.old");
	p.peek = path_join(p.dir, "peek");
	for (size_t i = 0; i < 2; i++) {
		const uint8_t seed[NOTE_KEY] = { (uint8_t)(i + 1) };

		note_signer_make("example.com/countersign", NOTE_ED25519, seed, &p.signer[i], NULL);
		p.secret[i] = note_signer_text(&p.signer[i]);
	}
	for (size_t i = 0; i < LENGTH(hows); i++) {
		long at = 1;

		while (!stop_at(&p, hows[i].name, hows[i].error, at))
			at++;
		printf("%s before each of %ld calls: the old key or the new one, and then it ends\n", hows[i].name,
		       at - 1);
	}
	free(p.key);
	free(p.next);
	free(p.aside);
	free(p.peek);
	free(p.secret[0]);
	free(p.secret[1]);
	return 0;
}
