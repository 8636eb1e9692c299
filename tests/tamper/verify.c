// SPDX-License-Identifier: Apache-2.0
// verify - `countersign log verify` for many configurations, without starting the program for each of them, which takes
// a sanitized one longer than the verification.  A line on standard input is a configuration and further arguments,
// with tabs between; the answer is a line "EXIT-CODE LENGTH" and so many bytes, all that was said.  Each is done by a
// child.
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "bot/cli.h"

#define ARGUMENTS_MAX 8

static _Noreturn void verify(char *line, int out)
{
	static char verb[] = "verify";
	char *arguments[ARGUMENTS_MAX + 1] = { verb };
	char *config = strsep(&line, "\t");
	struct cli c = { .config = config, .config_given = true, .count = 1, .arguments = arguments };
	int code;

	while (line && c.count < ARGUMENTS_MAX)
		arguments[c.count++] = strsep(&line, "\t");
	if (dup2(out, STDOUT_FILENO) < 0 || dup2(out, STDERR_FILENO) < 0)
		_exit(EX_OSERR);
	code = cli_log(&c);
	fflush(NULL);
	_exit(code);
}

static int one(char *line)
{
	struct err e = { 0 };
	_close_ int out = memfd_of("said", NULL, 0, &e);
	_buf_ struct buf said = BUF(1 << 20);
	int status = 0;
	pid_t child = out < 0 ? -1 : fork();

	if (child == 0)
		verify(line, out);
	if (child < 0 || waitpid(child, &status, 0) < 0 || fd_read(out, "what was said", &said, &e) < 0)
		return -1;
	printf("%d %zu\n", WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status), said.len);
	fwrite(buf_text(&said), 1, said.len, stdout);
	return fflush(stdout);
}

int main(void)
{
	char line[4096];

	setlocale(LC_ALL, "C.UTF-8");
	umask(0077);
	while (fgets(line, sizeof line, stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (one(line) < 0)
			return EX_OSERR;
	}
	return 0;
}
