// SPDX-License-Identifier: Apache-2.0
// verify - `countersign log verify` for many configurations, without starting the program for each of them, which takes
// a sanitized one longer than the verification.  A line on standard input is a configuration and further arguments,
// with tabs between; the answer is a line "EXIT-CODE LENGTH" and so many bytes, all that was said.
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "bot/cli.h"

#define ARGUMENTS_MAX 8

static int verify(char *line)
{
	static char verb[] = "verify";
	char *arguments[ARGUMENTS_MAX + 1] = { verb };
	char *config = strsep(&line, "\t");
	struct cli c = { .config = config, .config_given = true, .count = 1, .arguments = arguments };

	while (line && c.count < ARGUMENTS_MAX)
		arguments[c.count++] = strsep(&line, "\t");
	return cli_log(&c);
}

// What it says goes into a file instead of to whoever reads our answers.
static int one(char *line, int answers)
{
	struct err e = { 0 };
	_close_ int out = memfd_of("said", NULL, 0, &e);
	_buf_ struct buf said = BUF(1 << 20), answer = BUF((1 << 20) + 64);
	int code;

	if (out < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		return -1;
	code = verify(line);
	fflush(NULL);
	if (fd_read(out, "what was said", &said, &e) < 0)
		return -1;
	buf_printf(&answer, "%d %zu\n", code, said.len);
	buf_add(&answer, said.data, said.len);
	return fd_write(answers, answer.data, answer.len, &e);
}

int main(void)
{
	_close_ int answers = dup(STDOUT_FILENO);
	char line[4096];

	setlocale(LC_ALL, "C.UTF-8");
	umask(0077);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (one(line, answers) < 0)
			return EX_OSERR;
	}
	return 0;
}
