// SPDX-License-Identifier: Apache-2.0
// Verbs for whoever sets a desk up: serve, check-config, keygen.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"
#include "base/note.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "bot/cli.h"
#include "bot/config.h"
#include "bot/desk.h"
#include "bot/render.h"
#include "bot/serve.h"
#include "bot/templates_dir.h"
#include "bot/token.h"

#define CLOCK_RATE_MAX 100000

int cli_serve(const struct cli *c)
{
	struct serve_options options = { .config = c->config, .clock_rate = 1 };

	for (int i = 0; i < c->count; i++) {
		char *end;

		if (!text_starts(c->arguments[i], "--clock="))
			return cli_usage("serve [--clock=RATE]");
		options.clock_rate = strtoll(c->arguments[i] + strlen("--clock="), &end, 10);
		if (*end || options.clock_rate < 1 || options.clock_rate > CLOCK_RATE_MAX)
			return cli_usage("serve [--clock=RATE], RATE from 1 to 100000");
	}
	log_open("countersign");
	return serve(&options);
}

// What is in force is in the database, where there is one that the caller may read: does it suit the people, and is it
// the policy file's?  0 and a sentence or NULL, or -1.
static int check_in_force(const struct config *config, const struct people *people, const struct licences *licences,
                          struct buf *notes, struct err *e)
{
	_free_ char *database = path_join(config->state, "countersign.db");
	_db_ struct db *db = access(database, R_OK) == 0 ? db_open(config->state, DB_READ, e) : NULL;
	struct desk desk = { .config = *config, .db = db, .licences = (struct licences *)licences };
	_catalogue_ struct catalogue *in_force = db ? catalogue_in_force(&desk, people, e) : NULL;

	_free_ char *differs = in_force ? catalogue_differs(config->policy, in_force) : NULL;

	if (differs)
		buf_printf(notes, "\n%s", differs);
	return in_force || access(database, R_OK) < 0 ? 0 : -1;
}

char *cli_check(const char *path, struct config *config, struct err *e)
{
	_people_ struct people *people = NULL;
	_licences_ struct licences *licences = NULL;
	_catalogue_ struct catalogue *catalogue = NULL;
	_templates_ struct templates *templates = NULL;
	_buf_ struct buf notes = BUF(4096);
	_free_ char *dir = NULL;

	if (config_load(path, config, e) < 0)
		return NULL;
	dir = templates_dir(config);
	people = people_load(config->people, e);
	licences = people ? licences_load(dir, e) : NULL;
	catalogue = licences ? catalogue_load(config->policy, people, licences, e) : NULL;
	templates = catalogue ? templates_open(dir, e) : NULL;
	if (!templates || templates_check(templates, e) < 0 || check_in_force(config, people, licences, &notes, e) < 0)
		return NULL;
	return text_format("%s: fine\n%s: %zu people\n%s: version %lld of %s\n%s: templates%s", config->path,
	                   config->people, people_count(people), config->policy,
	                   (long long)catalogue_version(catalogue), catalogue_name(catalogue), dir, buf_text(&notes));
}

int cli_check_config(const struct cli *c)
{
	_config_ struct config config = { 0 };
	_free_ char *text = NULL;
	struct err e = { 0 };

	if (c->count)
		return cli_usage("check-config");
	text = cli_check(c->config, &config, &e);
	return text ? cli_print(text) : cli_fail(&e);
}

// The smallest key number that the file does not hold yet; -1 when all are taken.
static int free_id(const char *old, struct err *e)
{
	struct token_keys keys = { 0 };
	bool used[TOKEN_KEYS] = { false };

	if (*old && token_keys_read(old, &keys, e) < 0)
		return -1;
	for (size_t i = 0; i < keys.count; i++)
		used[keys.keys[i].id] = true;
	explicit_bzero(&keys, sizeof keys);
	for (int id = 0; id < TOKEN_KEYS; id++)
		if (!used[id])
			return id;
	return err_set(e, EX_DATAERR, "it holds %d keys already; delete the oldest line", TOKEN_KEYS);
}

static int generate(const char *path, struct err *e)
{
	_buf_ struct buf old = BUF(SECRET_MAX), text = BUF(SECRET_MAX + 128);
	uint8_t key[TOKEN_KEY];
	char hex[2 * TOKEN_KEY + 1];
	int id;

	if (file_read(path, &old, e) < 0 && errno != ENOENT)
		return -1;
	id = free_id(buf_text(&old), e);
	if (id < 0)
		return err_prefix(e, "%s", path);
	random_bytes(key, sizeof key);
	buf_printf(&text, "%d %s\n%s", id, hex_encode(key, sizeof key, hex), buf_text(&old));
	explicit_bzero(key, sizeof key);
	explicit_bzero(hex, sizeof hex);
	if (file_replace(path, buf_text(&text), text.len, 0600, e) < 0)
		return -1;
	return id;
}

// A new file only: who loses the log's key cannot go on with the log.
static int write_new(const char *path, const char *text, struct err *e)
{
	_free_ char *dir = path_dir(path);
	_close_ int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return err_set(e, EX_CANTCREAT, "%s is there already; a key is never overwritten", path);
	if (fd < 0)
		return err_sys(e, EX_CANTCREAT, "cannot create %s", path);
	if (fd_write(fd, text, strlen(text), e) < 0)
		err_prefix(e, "%s", path);
	else if (fsync(fd) < 0)
		err_sys(e, EX_IOERR, "cannot write %s", path);
	else
		return dir_sync(dir, e);
	unlink(path);
	return -1;
}

// The log's key, as Go's note.GenerateKey writes one; its public half is for whoever verifies.
static int keygen_log(const char *origin, const char *path)
{
	uint8_t seed[NOTE_KEY];
	struct note_signer signer;
	struct err e = { 0 };
	_secret_ char *secret = NULL, *line = NULL;
	_free_ char *public = NULL;
	int r;

	random_bytes(seed, sizeof seed);
	r = note_signer_make(origin, NOTE_ED25519, seed, &signer, &e);
	explicit_bzero(seed, sizeof seed);
	if (r < 0)
		return cli_fail(&e);
	secret = note_signer_text(&signer);
	public = note_key_text(&signer.key);
	note_signer_wipe(&signer);
	line = text_format("%s\n", secret);
	return write_new(path, line, &e) < 0 ? cli_fail(&e) : cli_print(public);
}

int cli_keygen(const struct cli *c)
{
	struct err e = { 0 };
	_free_ char *text = NULL;
	int id;

	if (c->count == 3 && strcmp(c->arguments[0], "--log") == 0 && *c->arguments[2])
		return keygen_log(c->arguments[1], c->arguments[2]);
	if (c->count != 1 || !*c->arguments[0] || text_starts(c->arguments[0], "--"))
		return cli_usage("keygen FILE | keygen --log ORIGIN FILE");
	id = generate(c->arguments[0], &e);
	if (id < 0)
		return cli_fail(&e);
	text = text_format("%s: key %d signs from the next start on", c->arguments[0], id);
	return cli_print(text);
}
