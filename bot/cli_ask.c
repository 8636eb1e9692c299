// SPDX-License-Identifier: Apache-2.0
// Verbs that change something: the core carries them out, and asks the kernel who calls.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "bot/cli.h"
#include "bot/config.h"
#include "bot/grammar.h"

// What the answer says, to people or programs; its exit code.
static int tell(const struct cli *c, const json_t *answer, const char *done)
{
	const char *next = json_str(answer, "next");

	if (c->json) {
		int code = cli_print_json(answer);

		return code ? code : (int)json_int(answer, "exit");
	}
	if (json_bool(answer, "ok"))
		return cli_print(done);
	fprintf(stderr, "countersign: %s%s%s\n", json_str(answer, "text"), *next ? " " : "", next);
	return (int)json_int(answer, "exit");
}

// The verb and its arguments are one line of the grammar (DESIGN 7).
static char *line_of(const struct cli *c, const char *verb)
{
	struct buf line = BUF(65536);

	buf_puts(&line, verb);
	for (int i = 0; i < c->count; i++)
		buf_printf(&line, " %s", c->arguments[i]);
	return buf_steal(&line);
}

int cli_order(const struct cli *c, const char *verb)
{
	_config_ struct config config = { 0 };
	_command_ struct command command = { 0 };
	_free_ char *line = line_of(c, verb);
	_json_ json_t *answer = NULL;
	json_t *request = NULL;
	struct err e = { 0 };
	char done[128];

	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	if (grammar_parse(line, config.cases, false, &command, &e) != GRAMMAR_COMMAND) {
		fprintf(stderr, "countersign: %s\n", *e.text ? e.text : "not a command");
		return cli_usage("VERB CASE[: TEXT]");
	}
	request = json_object();
	json_put_str(request, "verb", verb_name(command.verb));
	json_put_str(request, "case", command.case_id);
	json_put_str(request, "text", command.text);
	answer = cli_request(config.run, request, -1, &e);
	if (!answer)
		return cli_fail(&e);
	snprintf(done, sizeof done, "%s: recorded as entry %lld", json_str(answer, "case"),
	         (long long)json_int(answer, "entry"));
	return tell(c, answer, done);
}

// Exit codes as a mail server reads them: whatever did not work out may work out later.
int cli_deliver(const struct cli *c)
{
	_config_ struct config config = { 0 };
	struct err e = { 0 };
	_json_ json_t *answer = NULL;
	_close_ int fd = -1;
	json_t *request;

	if (c->count)
		return cli_usage("deliver <MESSAGE");
	if (config_load(c->config, &config, &e) < 0) {
		cli_fail(&e);
		return EX_TEMPFAIL;
	}
	{
		_buf_ struct buf message = BUF(config.has_mail ? (size_t)config.mail.max_size : 0);

		if (fd_read(STDIN_FILENO, "the message", &message, &e) < 0)
			return cli_fail(&e); // EX_DATAERR: too large, and it will not get smaller
		fd = memfd_of("message", buf_text(&message), message.len, &e);
	}
	request = json_object();
	json_put_str(request, "verb", "deliver");
	answer = fd < 0 ? NULL : cli_request(config.run, request, fd, &e);
	if (fd < 0)
		json_decref(request);
	if (!answer) {
		cli_fail(&e);
		return EX_TEMPFAIL;
	}
	if (json_bool(answer, "ok"))
		return 0;
	fprintf(stderr, "countersign: %s\n", json_str(answer, "text"));
	return json_int(answer, "exit") == EX_DATAERR ? EX_DATAERR : EX_TEMPFAIL;
}

int cli_status(const struct cli *c)
{
	_config_ struct config config = { 0 };
	struct err e = { 0 };
	_json_ json_t *answer = NULL;
	json_t *request;

	if (c->count)
		return cli_usage("status");
	if (config_load(c->config, &config, &e) < 0)
		return cli_fail(&e);
	request = json_object();
	json_put_str(request, "verb", "status");
	answer = cli_request(config.run, request, -1, &e);
	if (!answer)
		return cli_fail(&e);
	if (c->json || !json_bool(answer, "ok"))
		return tell(c, answer, "");
	return cli_render(&config, "cli/status", answer);
}
