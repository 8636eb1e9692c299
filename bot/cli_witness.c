// SPDX-License-Identifier: Apache-2.0
// `witness` and `witness keygen`: a program of its own in the same file, with a configuration of its own.
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/log.h"
#include "base/note.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/witness.h"

#define CONFIG_WITNESS "/etc/countersign/witness.yaml"

static const char usage[] = "witness [--config FILE] | witness keygen NAME FILE";

// A key that was there is never overwritten: what it cosigned would belong to nobody.
static int write_key(const char *path, const char *text, struct err *e)
{
	_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	_free_ char *dir = path_dir(path);

	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	if (fd_write(fd, text, strlen(text), e) < 0)
		return err_prefix(e, "%s", path);
	return fsync(fd) < 0 ? err_sys(e, EX_IOERR, "cannot write %s", path) : dir_sync(dir, e);
}

static int keygen(const char *name, const char *path)
{
	__attribute__((cleanup(note_signer_wipe))) struct note_signer signer = { 0 };
	_secret_ char *text = NULL;
	_free_ char *key = NULL;
	uint8_t seed[NOTE_KEY];
	struct err e = { 0 };
	int made;

	random_bytes(seed, sizeof seed);
	made = note_signer_make(name, NOTE_COSIGNATURE, seed, &signer, &e);
	explicit_bzero(seed, sizeof seed);
	if (made < 0)
		return cli_fail(&e);
	text = note_signer_text(&signer);
	if (write_key(path, text, &e) < 0)
		return cli_fail(&e);
	key = note_key_text(&signer.key);
	return cli_print(key);
}

static int run(const char *path)
{
	struct err e = { 0 };

	log_open("countersign");
	if (witness_serve(path, &e) == 0)
		return 0;
	log_error("%s", e.text);
	return e.code;
}

int cli_witness(const struct cli *c)
{
	const char *path = c->config_given ? c->config : CONFIG_WITNESS;
	int i = 0;

	if (c->count == 3 && strcmp(c->arguments[0], "keygen") == 0)
		return keygen(c->arguments[1], c->arguments[2]);
	for (; i < c->count; i++) {
		if (strcmp(c->arguments[i], "--config") == 0 && i + 1 < c->count)
			path = c->arguments[++i];
		else if (text_starts(c->arguments[i], "--config=") && c->arguments[i][strlen("--config=")])
			path = c->arguments[i] + strlen("--config=");
		else
			return cli_usage(usage);
	}
	return run(path);
}
