// SPDX-License-Identifier: Apache-2.0
#include "bot/adapter.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "bot/spawn.h"

#define YOUNG (10 * CLOCK_SECOND)  // who dies before this age is throttled
#define SILENT (10 * CLOCK_SECOND) // who has not said `ready` by then is killed
#define PAUSE_MIN 200              // ms before a restart
#define PAUSE_MAX (60 * CLOCK_SECOND)
#define FRAMES_AT_ONCE 256 // then others get their turn
#define QUEUE_MAX 4096     // frames waiting for a full socket

struct queued {
	STAILQ_ENTRY(queued) next;
	json_t *frame;
	int fds[FRAME_FDS];
	size_t fd_count;
};

enum life { WAITING, STARTING, READY, STOPPING, ENDED };

struct adapter {
	struct serve *serve;
	sd_event *event;
	const struct channel_kind *kind;
	enum life life;
	pid_t pid;
	int socket;
	int64_t generation, born, pause;
	sd_event_source *io, *child, *timer;
	STAILQ_HEAD(, queued) queue;
	size_t queue_len;
};

static void start(struct adapter *a);

static void drop_queue(struct adapter *a)
{
	struct queued *q;

	while ((q = STAILQ_FIRST(&a->queue))) {
		STAILQ_REMOVE_HEAD(&a->queue, next);
		json_decref(q->frame);
		for (size_t i = 0; i < q->fd_count; i++)
			close(q->fds[i]);
		free(q);
	}
	a->queue_len = 0;
}

static void hang_up(struct adapter *a)
{
	a->io = sd_event_source_disable_unref(a->io);
	if (a->socket >= 0)
		close(a->socket);
	a->socket = -1;
	drop_queue(a);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *data)
{
	struct adapter *a = data;

	(void)source, (void)usec;
	a->timer = sd_event_source_disable_unref(a->timer);
	if (a->life == WAITING) {
		start(a);
	} else if (a->life == STARTING) {
		log_error("%s has not got ready within %lld s; it is killed", a->kind->name,
		          (long long)SILENT / CLOCK_SECOND);
		adapter_kill(a);
	}
	return 0;
}

static void set_timer(struct adapter *a, int64_t ms)
{
	a->timer = sd_event_source_disable_unref(a->timer);
	if (sd_event_add_time_relative(a->event, &a->timer, CLOCK_MONOTONIC, (uint64_t)ms * 1000, 0, on_timer, a) < 0)
		panic("cannot set a timer");
}

static void wait_to_start(struct adapter *a)
{
	int64_t age = clock_monotonic() - a->born;

	a->pause = age >= YOUNG ? PAUSE_MIN : a->pause * 2 < PAUSE_MAX ? a->pause * 2 : PAUSE_MAX;
	a->life = WAITING;
	set_timer(a, a->pause);
}

static void say_how_it_died(const struct adapter *a, const siginfo_t *si)
{
	if (a->life == STOPPING && si->si_code == CLD_EXITED && si->si_status == 0)
		return;
	if (si->si_code == CLD_EXITED)
		log_warning("%s (pid %d) ended with exit code %d", a->kind->name, (int)a->pid, si->si_status);
	else
		log_warning("%s (pid %d) was killed by signal %d (%s)", a->kind->name, (int)a->pid, si->si_status,
		            strsignal(si->si_status));
}

static int on_child(sd_event_source *source, const siginfo_t *si, void *data)
{
	struct adapter *a = data;

	(void)source;
	say_how_it_died(a, si);
	a->child = sd_event_source_disable_unref(a->child);
	a->pid = 0;
	hang_up(a);
	if (a->life == STOPPING || a->life == ENDED) {
		a->life = ENDED;
		a->timer = sd_event_source_disable_unref(a->timer);
	} else {
		wait_to_start(a);
	}
	a->kind->gone(a->serve);
	return 0;
}

static void take_frame(struct adapter *a, struct frame *f)
{
	if (json_int(f->json, "generation") != a->generation) {
		log_warning("a frame of generation %lld came from %s %lld; it is ignored",
		            (long long)json_int(f->json, "generation"), a->kind->name, (long long)a->generation);
		return;
	}
	json_object_del(f->json, "generation");
	if (strcmp(json_str(f->json, "type"), "ready") != 0) {
		a->kind->frame(a->serve, f);
		return;
	}
	if (a->life == STARTING) {
		a->life = READY;
		a->timer = sd_event_source_disable_unref(a->timer);
		a->kind->ready(a->serve);
	}
}

static void read_frames(struct adapter *a)
{
	for (int i = 0; i < FRAMES_AT_ONCE && a->socket >= 0; i++) {
		_frame_ struct frame f = { 0 };
		struct err e = { 0 };

		switch (frame_receive(a->socket, &f, &e)) {
		case FRAME_OK:
			take_frame(a, &f);
			break;
		case FRAME_AGAIN:
			return;
		case FRAME_CLOSED:
			hang_up(a); // its end is told by on_child()
			return;
		case FRAME_BROKEN:
			log_error("%s sent what is no frame (%s); it is killed", a->kind->name, e.text);
			adapter_kill(a);
			return;
		}
	}
}

static void write_queue(struct adapter *a)
{
	struct queued *q;

	while (a->socket >= 0 && (q = STAILQ_FIRST(&a->queue))) {
		if (frame_send(a->socket, q->frame, q->fds, q->fd_count, NULL) == FRAME_AGAIN)
			return;
		STAILQ_REMOVE_HEAD(&a->queue, next);
		a->queue_len--;
		json_decref(q->frame);
		for (size_t i = 0; i < q->fd_count; i++)
			close(q->fds[i]);
		free(q);
	}
	if (a->io)
		sd_event_source_set_io_events(a->io, EPOLLIN);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct adapter *a = data;

	(void)source, (void)fd;
	if (events & EPOLLOUT)
		write_queue(a);
	if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
		read_frames(a);
	return 0;
}

static int send_configure(struct adapter *a, struct err *e)
{
	json_t *config = NULL, *secrets = NULL;
	_json_ json_t *frame = json_object();

	if (a->kind->configure(a->serve, &config, &secrets, e) < 0)
		return -1;
	json_put_str(frame, "type", "configure");
	json_put_int(frame, "generation", a->generation);
	json_put(frame, "config", config);
	json_put(frame, "secrets", secrets);
	switch (frame_send(a->socket, frame, NULL, 0, e)) {
	case FRAME_OK:
	case FRAME_CLOSED: // it is dead already: on_child() sees to that
		return 0;
	case FRAME_AGAIN:
	case FRAME_BROKEN:
		break;
	}
	return -1;
}

static int try_start(struct adapter *a, struct err *e)
{
	a->generation++;
	a->born = clock_monotonic();
	if (spawn_adapter(a->kind->name, &a->pid, &a->socket, e) < 0)
		return -1;
	if (sd_event_add_child(a->event, &a->child, a->pid, WEXITED, on_child, a) < 0 ||
	    sd_event_add_io(a->event, &a->io, a->socket, EPOLLIN, on_io, a) < 0)
		panic("cannot watch %s", a->kind->name);
	if (send_configure(a, e) < 0)
		return -1;
	a->life = STARTING;
	set_timer(a, SILENT);
	return 0;
}

static void start(struct adapter *a)
{
	struct err e = { 0 };

	if (try_start(a, &e) == 0)
		return;
	log_error("cannot start %s: %s", a->kind->name, e.text);
	if (a->pid)
		adapter_kill(a); // on_child() waits and starts it again
	else
		wait_to_start(a);
}

struct adapter *adapter_new(struct serve *s, sd_event *event, const struct channel_kind *kind, struct err *e)
{
	struct adapter *a = calloc(1, sizeof *a);

	if (!a) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	*a = (struct adapter){ .serve = s, .event = event, .kind = kind, .socket = -1, .pause = PAUSE_MIN };
	STAILQ_INIT(&a->queue);
	if (try_start(a, e) == 0)
		return a;
	adapter_kill(a);
	adapter_free(&a);
	return NULL;
}

bool adapter_ready(const struct adapter *a)
{
	return a && a->life == READY;
}

static void enqueue(struct adapter *a, json_t *frame, const int *fds, size_t fd_count)
{
	struct queued *q = calloc(1, sizeof *q);

	if (!q)
		panic("out of memory");
	q->frame = json_incref(frame);
	for (; q->fd_count < fd_count; q->fd_count++) {
		q->fds[q->fd_count] = fcntl(fds[q->fd_count], F_DUPFD_CLOEXEC, 4);
		if (q->fds[q->fd_count] < 0)
			panic("out of descriptors");
	}
	STAILQ_INSERT_TAIL(&a->queue, q, next);
	a->queue_len++;
	sd_event_source_set_io_events(a->io, EPOLLIN | EPOLLOUT);
}

void adapter_send(struct adapter *a, json_t *frame, const int *fds, size_t fd_count)
{
	struct err e = { 0 };

	if (!a || a->socket < 0)
		return;
	if (STAILQ_EMPTY(&a->queue)) {
		enum frame_result result = frame_send(a->socket, frame, fds, fd_count, &e);

		if (result == FRAME_BROKEN)
			panic("%s cannot be sent a frame: %s", a->kind->name, e.text);
		if (result != FRAME_AGAIN)
			return;
	}
	if (a->queue_len >= QUEUE_MAX) {
		log_error("%s does not take its frames; it is killed", a->kind->name);
		adapter_kill(a);
		return;
	}
	enqueue(a, frame, fds, fd_count);
}

void adapter_kill(struct adapter *a)
{
	if (a->pid)
		kill(a->pid, SIGKILL);
}

void adapter_stop(struct adapter *a)
{
	_json_ json_t *frame = json_object();

	if (a->life == ENDED || a->life == STOPPING)
		return;
	if (a->life == WAITING) {
		a->timer = sd_event_source_disable_unref(a->timer);
		a->life = ENDED;
		return;
	}
	json_put_str(frame, "type", "stop");
	adapter_send(a, frame, NULL, 0);
	a->life = STOPPING;
}

bool adapter_ended(const struct adapter *a)
{
	return !a || a->life == ENDED;
}

void adapter_free(struct adapter **ap)
{
	struct adapter *a = *ap;

	if (!a)
		return;
	adapter_kill(a);
	hang_up(a);
	sd_event_source_disable_unref(a->timer);
	sd_event_source_disable_unref(a->child);
	free(a);
	*ap = NULL;
}

const char *adapter_state(const struct adapter *a)
{
	static const char *const names[] = {
		[WAITING] = "waiting to start again",
		[STARTING] = "starting",
		[READY] = "ready",
		[STOPPING] = "stopping",
		[ENDED] = "stopped",
	};

	return a ? names[a->life] : "not configured";
}
