// SPDX-License-Identifier: Apache-2.0
#include "bot/doctor_adapter.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/spawn.h"

#define GENERATION 1
#define READY_TIME (10 * CLOCK_SECOND)
#define STOP_TIME (5 * CLOCK_SECOND)
#define LOG_MAX (1U << 20)
#define NAP (20 * 1000 * 1000) // nanoseconds

// The child inherits our standard error: for that moment it is the memory file.
static int spawn_logged(struct helper *h, struct err *e)
{
	_close_ int ours = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	int r;

	h->log = memfd_of("log", NULL, 0, e);
	if (h->log < 0)
		return -1;
	if (ours < 0 || fcntl(h->log, F_SETFL, O_APPEND) < 0 || dup2(h->log, STDERR_FILENO) < 0)
		return err_sys(e, EX_OSERR, "cannot keep the log of %s", h->name);
	r = spawn_adapter(h->name, &h->pid, &h->socket, e);
	if (dup2(ours, STDERR_FILENO) < 0)
		panic("cannot have standard error back");
	return r;
}

// Its socket closes before it has said its last words.
static void await_last_words(const struct helper *h)
{
	const struct timespec nap = { .tv_nsec = NAP };
	int64_t end = clock_monotonic() + CLOCK_SECOND;
	siginfo_t info = { 0 };

	while (waitid(P_PID, (id_t)h->pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0 &&
	       clock_monotonic() < end)
		nanosleep(&nap, NULL);
}

static int await_ready(struct helper *h, struct err *e)
{
	_frame_ struct frame frame = { 0 };
	_free_ char *words = NULL;

	switch (helper_next(h, clock_monotonic() + READY_TIME, &frame)) {
	case HELPER_FRAME:
		if (strcmp(json_str(frame.json, "type"), "ready") == 0)
			return 0;
		return err_set(e, EX_PROTOCOL, "%s did not begin with \"ready\"", h->name);
	case HELPER_LATE:
		return err_set(e, EX_UNAVAILABLE, "%s did not get ready within 10 s", h->name);
	case HELPER_GONE:
		break;
	}
	await_last_words(h);
	words = helper_last_words(h);
	return err_set(e, EX_UNAVAILABLE, "%s ended at once: %s", h->name, words);
}

int helper_start(struct helper *h, const char *name, json_t *config, json_t *secrets, struct err *e)
{
	_json_ json_t *frame = json_object();

	h->name = name;
	json_put_str(frame, "type", "configure");
	json_put_int(frame, "generation", GENERATION);
	json_put(frame, "config", config);
	json_put(frame, "secrets", secrets);
	if (spawn_logged(h, e) < 0 || helper_send(h, frame, NULL, 0, e) < 0)
		return -1;
	return await_ready(h, e);
}

int helper_send(struct helper *h, const json_t *frame, const int *fds, size_t fd_count, struct err *e)
{
	// So little is ever under way that a full socket means an adapter that does not listen.
	if (frame_send(h->socket, frame, fds, fd_count, e) == FRAME_OK)
		return 0;
	return err_set(e, EX_UNAVAILABLE, "%s does not listen any more", h->name);
}

enum helper_news helper_next(struct helper *h, int64_t deadline, struct frame *out)
{
	for (;;) {
		struct pollfd poll_fd = { .fd = h->socket, .events = POLLIN };
		int64_t left;

		switch (frame_receive(h->socket, out, NULL)) {
		case FRAME_OK:
			if (json_int(out->json, "generation") == GENERATION)
				return HELPER_FRAME;
			frame_free(out);
			return HELPER_GONE;
		case FRAME_AGAIN:
			break;
		case FRAME_CLOSED:
		case FRAME_BROKEN:
			return HELPER_GONE;
		}
		left = deadline - clock_monotonic();
		if (left <= 0)
			return HELPER_LATE;
		if (poll(&poll_fd, 1, (int)left) < 0 && errno != EINTR)
			return HELPER_GONE;
	}
}

static char *whole_log(const struct helper *h)
{
	_buf_ struct buf text = BUF(LOG_MAX);

	if (h->log < 0 || fd_read(h->log, "the log", &text, NULL) < 0)
		return text_copy("");
	return text_copy(buf_text(&text));
}

bool helper_logged(const struct helper *h, const char *words)
{
	_free_ char *log = whole_log(h);

	return strstr(log, words);
}

char *helper_last_words(const struct helper *h)
{
	_free_ char *log = whole_log(h);
	char *text = text_trim(log), *line = strrchr(text, '\n');

	line = line ? line + 1 : text;
	return text_copy(*line ? line : "it ended without a word");
}

// True when it has ended by the deadline.
static bool await_end(struct helper *h, int64_t deadline)
{
	const struct timespec nap = { .tv_nsec = NAP };
	enum helper_news news = HELPER_FRAME;

	// What it still has to say is taken, lest it wait for room.
	while (news == HELPER_FRAME) {
		_frame_ struct frame frame = { 0 };

		news = helper_next(h, deadline, &frame);
	}
	for (;;) {
		pid_t ended = waitpid(h->pid, NULL, WNOHANG);

		if (ended == h->pid || (ended < 0 && errno == ECHILD))
			return true;
		if (clock_monotonic() >= deadline)
			return false;
		nanosleep(&nap, NULL);
	}
}

void helper_stop(struct helper *h)
{
	_json_ json_t *stop = json_object();

	json_put_str(stop, "type", "stop");
	if (h->pid && h->socket >= 0) {
		helper_send(h, stop, NULL, 0, NULL);
		if (await_end(h, clock_monotonic() + STOP_TIME))
			h->pid = 0;
	}
	if (h->pid) {
		kill(h->pid, SIGKILL);
		waitpid(h->pid, NULL, 0);
	}
	if (h->socket >= 0)
		close(h->socket);
	if (h->log >= 0)
		close(h->log);
	*h = HELPER;
}
