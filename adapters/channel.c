// SPDX-License-Identifier: Apache-2.0
#include "adapters/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/random.h"
#include "base/text.h"

#define SENTENCE_MAX 1024

bool channel_wait(const struct channel *c, int timeout_ms)
{
	struct pollfd p = { .fd = c->fd, .events = POLLIN };

	return poll(&p, 1, timeout_ms) > 0;
}

// --- the descriptor for poll(2) --------------------------------------------------------------------------------------

static int watch(int poller, int fd)
{
	struct epoll_event event = { .events = EPOLLIN };

	return epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event);
}

// One descriptor that shows both what waits in the socket and what has been taken out of it.
static int make_poller(struct channel *c, struct err *e)
{
	c->signal = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	c->fd = epoll_create1(EPOLL_CLOEXEC);
	c->backlog = calloc(CHANNEL_BACKLOG, sizeof *c->backlog);
	if (c->signal < 0 || c->fd < 0 || !c->backlog || watch(c->fd, c->socket) < 0 || watch(c->fd, c->signal) < 0)
		return err_sys(e, EX_OSERR, "cannot watch the channel");
	return 0;
}

static void backlog_put(struct channel *c, struct frame *frame)
{
	uint64_t one = 1;

	c->backlog[(c->first + c->count) % CHANNEL_BACKLOG] = *frame;
	*frame = (struct frame){ 0 };
	if (c->count++ == 0 && write(c->signal, &one, sizeof one) < 0)
		panic("an eventfd that is zero took no one");
}

static struct frame backlog_take(struct channel *c)
{
	struct frame frame = c->backlog[c->first];
	uint64_t value;

	c->first = (c->first + 1) % CHANNEL_BACKLOG;
	if (--c->count == 0 && read(c->signal, &value, sizeof value) < 0)
		panic("an eventfd that was set gave nothing");
	return frame;
}

// --- from the core ---------------------------------------------------------------------------------------------------

static int check_configure(struct channel *c, json_t *frame, const struct json_key *config,
                           const struct json_key *secrets, struct err *e)
{
	static const struct json_key keys[] = {
		{ "type", 'S', 16 }, { "generation", 'I', 0 }, { "config", 'O', 0 }, { "secrets", 'O', 0 }, { 0 }
	};

	if (strcmp(json_str(frame, "type"), "configure") != 0)
		return err_set(e, EX_PROTOCOL, "the first frame is not \"configure\"");
	if (json_check(frame, keys, "configure", e) < 0)
		return -1;
	if (json_check(json_obj(frame, "config"), config, "config", e) < 0)
		return -1;
	if (json_check(json_obj(frame, "secrets"), secrets, "secrets", e) < 0)
		return -1;
	c->generation = json_int(frame, "generation");
	c->config = json_incref(json_obj(frame, "config"));
	c->secrets = json_incref(json_obj(frame, "secrets"));
	return 0;
}

int channel_open(struct channel *c, int fd, const struct json_key *config, const struct json_key *secrets,
                 struct err *e)
{
	_frame_ struct frame first = { 0 };
	int flags = fcntl(fd, F_GETFL);
	enum frame_result result;

	*c = (struct channel){ .fd = -1, .socket = fd, .signal = -1 };
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 || fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return err_sys(e, EX_USAGE, "descriptor %d is not a channel: an adapter is started by the core", fd);
	if (make_poller(c, e) < 0)
		return -1;
	while ((result = frame_receive(fd, &first, e)) == FRAME_AGAIN)
		channel_wait(c, -1);
	if (result == FRAME_CLOSED)
		return err_set(e, EX_UNAVAILABLE, "the core went away before it sent \"configure\"");
	if (result == FRAME_BROKEN)
		return -1;
	return check_configure(c, first.json, config, secrets, e);
}

static enum channel_input input_kind(const json_t *frame, struct err *e)
{
	static const struct {
		const char *type;
		enum channel_input kind;
	} kinds[] = { { "done", INPUT_DONE },
		      { "drop", INPUT_DROP },
		      { "send", INPUT_SEND },
		      { "answer", INPUT_ANSWER },
		      { "stop", INPUT_STOP } };
	const char *type = json_str(frame, "type");

	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (strcmp(type, kinds[i].type) == 0)
			return kinds[i].kind;
	err_set(e, EX_PROTOCOL, "a frame of unknown type \"%.32s\"", type);
	return INPUT_BROKEN;
}

static enum channel_input check_input(const json_t *frame, struct err *e)
{
	static const struct json_key done[] = { { "type", 'S', 0 }, { "id", 'S', 0 }, { "reply", 'o', 0 }, { 0 } };
	enum channel_input kind = input_kind(frame, e);
	size_t len;

	if (kind == INPUT_STOP || kind == INPUT_BROKEN)
		return kind;
	len = strlen(json_str(frame, "id"));
	if (len == 0 || len > CHANNEL_ID_MAX) {
		err_set(e, EX_PROTOCOL, "a frame without an id of 1 to %d bytes", CHANNEL_ID_MAX);
		return INPUT_BROKEN;
	}
	if (kind == INPUT_DONE && json_check(frame, done, "done", e) < 0)
		return INPUT_BROKEN;
	return kind;
}

static enum frame_result next_frame(struct channel *c, struct frame *out, struct err *e)
{
	if (c->count == 0)
		return frame_receive(c->socket, out, e);
	*out = backlog_take(c);
	return FRAME_OK;
}

enum channel_input channel_receive(struct channel *c, struct frame *out, struct err *e)
{
	enum channel_input kind;

	switch (next_frame(c, out, e)) {
	case FRAME_AGAIN:
		return INPUT_NONE;
	case FRAME_CLOSED:
		return INPUT_CLOSED;
	case FRAME_BROKEN:
		return INPUT_BROKEN;
	case FRAME_OK:
		break;
	}
	kind = check_input(out->json, e);
	if (kind == INPUT_STOP || kind == INPUT_BROKEN)
		frame_free(out);
	return kind;
}

// --- to the core -----------------------------------------------------------------------------------------------------

// A socket holds few frames (net.unix.max_dgram_qlen: ten by default), so that both sides may find it full at once.
// Whatever the core has sent is taken in, then, so that it can go on reading.
static int take_in(struct channel *c, struct err *e)
{
	struct frame frame;

	while (c->count < CHANNEL_BACKLOG) {
		switch (frame_receive(c->socket, &frame, e)) {
		case FRAME_OK:
			backlog_put(c, &frame);
			break;
		case FRAME_AGAIN:
			return 0;
		case FRAME_CLOSED:
			return err_set(e, EX_UNAVAILABLE, "the core is gone");
		case FRAME_BROKEN:
			return -1;
		}
	}
	return 0;
}

// Room for a small frame does not mean room for this one, and the kernel may also refuse for want of descriptors or
// memory while POLLOUT is set: hence a nap besides the poll.
static int wait_for_room(struct channel *c, unsigned tries, struct err *e)
{
	static const struct timespec nap = { .tv_nsec = 2000000 };
	struct pollfd p = { .fd = c->socket, .events = POLLOUT };

	if (c->count < CHANNEL_BACKLOG)
		p.events |= POLLIN;
	if (poll(&p, 1, -1) < 0 && errno != EINTR)
		return err_sys(e, EX_OSERR, "cannot wait for the core");
	if (p.revents & POLLIN && take_in(c, e) < 0)
		return -1;
	if (p.revents & POLLOUT && tries > 0)
		nanosleep(&nap, NULL);
	return 0;
}

static int send_frame(struct channel *c, const char *type, json_t *frame, const int *fds, size_t fd_count,
                      struct err *e)
{
	_json_ json_t *object = frame;

	json_put_str(object, "type", type);
	json_put_int(object, "generation", c->generation);
	for (unsigned tries = 0;; tries++) {
		errno = 0;
		switch (frame_send(c->socket, object, fds, fd_count, e)) {
		case FRAME_OK:
			return 0;
		case FRAME_AGAIN:
			if (wait_for_room(c, tries, e) < 0)
				return -1;
			break;
		case FRAME_CLOSED:
			return err_set(e, EX_UNAVAILABLE, "the core is gone");
		case FRAME_BROKEN:
			if ((errno != ETOOMANYREFS && errno != ENOBUFS) || wait_for_room(c, 1, e) < 0)
				return -1;
			break;
		}
	}
}

// A sentence may quote a server, whose bytes need not be UTF-8, and a frame must be.
static void put_sentence(json_t *object, const char *key, const char *text)
{
	_free_ char *copy = text_copy_n(text, strnlen(text, SENTENCE_MAX));

	if (!utf8_valid(copy, strlen(copy)))
		for (char *p = copy; *p; p++)
			if ((unsigned char)*p >= 0x80)
				*p = '?';
	json_put_str(object, key, copy);
}

static json_t *with_id(json_t *more, const char *id)
{
	json_t *object = more ? more : json_object();

	json_put_str(object, "id", id);
	return object;
}

int channel_ready(struct channel *c, struct err *e)
{
	return send_frame(c, "ready", json_object(), NULL, 0, e);
}

int channel_event(struct channel *c, const char *kind, const char *id, json_t *more, const int *fds, size_t fd_count,
                  struct err *e)
{
	json_t *object = with_id(more, id);

	json_put_str(object, "kind", kind);
	return send_frame(c, "event", object, fds, fd_count, e);
}

int channel_notice(struct channel *c, const char *code, const char *text, struct err *e)
{
	uint8_t random[8];
	char id[2 * sizeof random + 1];
	json_t *more = json_object();

	random_bytes(random, sizeof random);
	json_put_str(more, "code", code);
	put_sentence(more, "text", text);
	return channel_event(c, "notice", hex_encode(random, sizeof random, id), more, NULL, 0, e);
}

int channel_sent(struct channel *c, const char *id, json_t *more, struct err *e)
{
	return channel_sent_with(c, id, more, NULL, 0, e);
}

int channel_sent_with(struct channel *c, const char *id, json_t *more, const int *fds, size_t fd_count, struct err *e)
{
	return send_frame(c, "sent", with_id(more, id), fds, fd_count, e);
}

int channel_failed(struct channel *c, const char *id, const char *why, bool permanent, int64_t retry_after,
                   json_t *more, struct err *e)
{
	json_t *object = with_id(more, id);

	put_sentence(object, "why", why);
	json_put_bool(object, "permanent", permanent);
	json_put_int(object, "retry_after", retry_after);
	return send_frame(c, "failed", object, NULL, 0, e);
}

// --- the end ---------------------------------------------------------------------------------------------------------

void channel_forget(struct channel *c)
{
	const char *key;
	json_t *value;

	json_object_foreach(c->secrets, key, value)
		if (json_is_string(value))
			explicit_bzero((char *)json_string_value(value), json_string_length(value));
	json_decref(c->secrets);
	c->secrets = NULL;
}

void channel_close(struct channel *c)
{
	int *const fds[] = { &c->fd, &c->signal, &c->socket };

	channel_forget(c);
	json_decref(c->config);
	c->config = NULL;
	while (c->count) {
		struct frame frame = backlog_take(c);

		frame_free(&frame);
	}
	free(c->backlog);
	c->backlog = NULL;
	for (size_t i = 0; i < LENGTH(fds); i++) {
		if (*fds[i] >= 0)
			close(*fds[i]);
		*fds[i] = -1;
	}
}
