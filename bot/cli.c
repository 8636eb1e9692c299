// SPDX-License-Identifier: Apache-2.0
// What the verbs share: printing, failing, speaking with the core.
#include "bot/cli.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/frame.h"
#include "base/json.h"
#include "bot/render.h"
#include "bot/templates_dir.h"

#define ANSWER_WITHIN 30 // seconds

int cli_fail(const struct err *e)
{
	fprintf(stderr, "countersign: %s\n", e->text);
	return e->code ? e->code : EX_SOFTWARE;
}

int cli_usage(const char *usage)
{
	fprintf(stderr, "usage: countersign %s\n", usage);
	return EX_USAGE;
}

int cli_print(const char *text)
{
	size_t len = strlen(text);

	if (fputs(text, stdout) < 0 || (len && text[len - 1] != '\n' && putchar('\n') < 0) || fflush(stdout) != 0) {
		fprintf(stderr, "countersign: cannot write to standard output: %s\n", strerror(errno));
		return EX_IOERR;
	}
	return 0;
}

int cli_print_json(const json_t *value)
{
	_free_ char *text = json_dumps(value, JSON_INDENT(2) | JSON_ENCODE_ANY);

	return text ? cli_print(text) : EX_OSERR;
}

int cli_render(const struct config *config, const char *template, const json_t *model)
{
	_free_ char *dir = templates_dir(config);
	struct err e = { 0 };
	_templates_ struct templates *templates = templates_open(dir, &e);
	_free_ char *text = templates ? render_text(templates, template, model, &e) : NULL;

	return text ? cli_print(text) : cli_fail(&e);
}

json_t *cli_request(const char *run, json_t *request, int fd, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_close_ int s = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct timeval limit = { .tv_sec = ANSWER_WITHIN };
	_json_ json_t *owned = request;
	_frame_ struct frame answer = { 0 };

	if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s/control", run) >= sizeof address.sun_path) {
		err_set(e, EX_CONFIG, "run: %s is too long for a socket", run);
		return NULL;
	}
	if (s < 0 || setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) < 0 ||
	    connect(s, (struct sockaddr *)&address, sizeof address) < 0) {
		err_sys(e, EX_UNAVAILABLE, "the desk does not answer at %s", address.sun_path);
		return NULL;
	}
	if (frame_send(s, owned, &fd, fd >= 0, e) != FRAME_OK || frame_receive(s, &answer, e) != FRAME_OK) {
		err_set(e, EX_UNAVAILABLE, "the desk did not answer");
		return NULL;
	}
	return json_incref(answer.json);
}

int cli_become_owner(const char *state, struct err *e)
{
	struct stat st;

	if (geteuid() != 0 || stat(state, &st) < 0 || st.st_uid == 0)
		return 0;
	if (setgroups(0, NULL) < 0 || setresgid(st.st_gid, st.st_gid, st.st_gid) < 0 ||
	    setresuid(st.st_uid, st.st_uid, st.st_uid) < 0)
		return err_sys(e, EX_OSERR, "cannot become the owner of %s, uid %d", state, (int)st.st_uid);
	return 0;
}
