// SPDX-License-Identifier: Apache-2.0
#include "bot/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"

#define ADAPTER_FD 3
#define REPORT_FD 4 // closed by a successful exec; else tells errno

// In the child, between fork and exec: only what is safe there.
_Noreturn static void become(const char *path, const char *name, int socket, int report)
{
	char *const arguments[] = { (char *)(uintptr_t)name, NULL };
	sigset_t none;
	int problem;

	// Both may sit on each other's target: lift them out of the way first.
	socket = fcntl(socket, F_DUPFD, 10);
	report = fcntl(report, F_DUPFD, 10);
	dup2(socket, ADAPTER_FD);
	dup2(report, REPORT_FD);
	fcntl(REPORT_FD, F_SETFD, FD_CLOEXEC);
	close_range(REPORT_FD + 1, ~0U, 0);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	prctl(PR_SET_PDEATHSIG, SIGKILL); // no adapter outlives the core, however it ends
	execv(path, arguments);
	problem = errno;
	if (write(REPORT_FD, &problem, sizeof problem) < 0)
		_exit(126);
	_exit(127);
}

static int await_exec(int report, const char *path, pid_t pid, struct err *e)
{
	int problem;
	ssize_t n;

	while ((n = read(report, &problem, sizeof problem)) < 0 && errno == EINTR)
		;
	if (n == 0)
		return 0;
	waitpid(pid, NULL, 0);
	errno = n == sizeof problem ? problem : EIO;
	return err_sys(e, EX_OSERR, "cannot run %s", path);
}

int spawn_adapter(const char *name, pid_t *pid, int *socket, struct err *e)
{
	const char *dir = getenv("COUNTERSIGN_LIBEXEC");
	_free_ char *path = path_join(dir ? dir : LIBEXECDIR, name);
	_close_ int report_in = -1, report_out = -1, ours = -1, theirs = -1;
	int pair[2], report[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, EX_OSERR, "cannot make a socket for %s", name);
	ours = pair[0];
	theirs = pair[1];
	if (pipe2(report, O_CLOEXEC) < 0)
		return err_sys(e, EX_OSERR, "cannot make a pipe for %s", name);
	report_in = report[0];
	report_out = report[1];
	*pid = fork();
	if (*pid < 0)
		return err_sys(e, EX_OSERR, "cannot start a process for %s", name);
	if (*pid == 0)
		become(path, name, theirs, report_out);
	close(steal_fd(&report_out));
	if (await_exec(report_in, path, *pid, e) < 0) {
		*pid = 0;
		return -1;
	}
	if (fcntl(ours, F_SETFL, O_NONBLOCK) < 0)
		return err_sys(e, EX_OSERR, "cannot prepare the socket of %s", name);
	*socket = steal_fd(&ours);
	return 0;
}
