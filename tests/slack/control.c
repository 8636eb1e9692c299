// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/control.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/buf.h"
#include "base/json.h"
#include "tests/slack/emulator.h"
#include "tests/slack/verbs.h"

#define CHUNK (1U << 16)

#define AGAIN_MS 1

struct control {
	struct emulator *emulator;
	struct lws *wsi;
	lws_sorted_usec_list_t timer;
	bool listening;
	struct buf in, out;
	size_t written;
};

static int adopt(struct emulator *m, int fd)
{
	lws_sock_file_fd_type u = { .filefd = fd };

	return lws_adopt_descriptor_vhost(m->vhost, LWS_ADOPT_RAW_FILE_DESC, u, CONTROL_PROTOCOL, NULL) ? 0 : -1;
}

int control_listen(struct emulator *m, const char *path, struct err *e)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (strlen(path) >= sizeof address.sun_path)
		return err_set(e, EX_USAGE, "the control socket's path is too long");
	memcpy(address.sun_path, path, strlen(path));
	unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 64) < 0)
		return err_sys(e, EX_OSERR, "cannot listen at %s", path);
	return adopt(m, steal_fd(&fd)) == 0 ? 0 : err_set(e, EX_OSERR, "libwebsockets refuses the control socket");
}

static int accept_client(struct emulator *m, struct lws *wsi)
{
	int fd = accept4((int)(intptr_t)lws_get_socket_fd(wsi), NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0)
		adopt(m, fd);
	return 0;
}

static void answer_line(struct emulator *m, struct control *c, const char *line, size_t len)
{
	struct err e = { 0 };
	_json_ json_t *ask = json_read(line, len, &e);
	_json_ json_t *answer = ask ? verb_run(m, ask, &e) : NULL;

	if (!answer)
		answer = json_pack("{s:b, s:s}", "ok", 0, "error", e.text);
	else
		json_put_bool(answer, "ok", true);
	_free_ char *text = json_text(answer);

	buf_puts(&c->out, text);
	buf_putc(&c->out, '\n');
}

static void answer_lines(struct emulator *m, struct control *c)
{
	size_t begin = 0;
	char *stop;

	while ((stop = memchr(c->in.data + begin, '\n', c->in.len - begin))) {
		answer_line(m, c, c->in.data + begin, (size_t)(stop - c->in.data) - begin);
		begin = (size_t)(stop - c->in.data) + 1;
	}
	memmove(c->in.data, c->in.data + begin, c->in.len - begin);
	c->in.len -= begin;
}

static int take(struct emulator *m, struct control *c, struct lws *wsi)
{
	char *room = buf_reserve(&c->in, CHUNK);
	ssize_t got = room ? read(lws_get_socket_fd(wsi), room, CHUNK) : -1;

	if (got < 0 && room && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (got <= 0)
		return -1;
	c->in.len += (size_t)got;
	if (memchr(room, '\n', (size_t)got))
		answer_lines(m, c);
	if (c->out.full)
		return -1;
	if (c->out.len > c->written)
		lws_callback_on_writable(wsi);
	return 0;
}

static void on_time(lws_sorted_usec_list_t *timer)
{
	lws_callback_on_writable(lws_container_of(timer, struct control, timer)->wsi);
}

// Of a raw descriptor lws forgets after the callback that it shall say writeable once more: it is asked for later.
static int give(struct control *c)
{
	size_t left = c->out.len - c->written;
	ssize_t put = send(lws_get_socket_fd(c->wsi), c->out.data + c->written, left, MSG_NOSIGNAL);

	if (put < 0 && errno != EAGAIN && errno != EINTR)
		return -1;
	c->written += put > 0 ? (size_t)put : 0;
	if (c->written < c->out.len)
		lws_sul_schedule(c->emulator->context, 0, &c->timer, on_time, AGAIN_MS * LWS_US_PER_MS);
	else
		c->out.len = c->written = 0;
	return 0;
}

static int begin(struct emulator *m, struct control **c, struct lws *wsi)
{
	int listening = 0;
	socklen_t len = sizeof listening;

	*c = calloc(1, sizeof **c);
	if (!*c)
		return -1;
	getsockopt(lws_get_socket_fd(wsi), SOL_SOCKET, SO_ACCEPTCONN, &listening, &len);
	(*c)->emulator = m;
	(*c)->wsi = wsi;
	(*c)->listening = listening;
	(*c)->in = (*c)->out = BUF(CONTROL_LINE_MAX);
	return 0;
}

static void end(struct control **c)
{
	if (!*c)
		return;
	lws_sul_schedule((*c)->emulator->context, 0, &(*c)->timer, NULL, LWS_SET_TIMER_USEC_CANCEL);
	buf_free(&(*c)->in);
	buf_free(&(*c)->out);
	free(*c);
	*c = NULL;
}

int control_event(struct emulator *m, struct control **c, struct lws *wsi, enum lws_callback_reasons reason)
{
	switch ((int)reason) {
	case LWS_CALLBACK_RAW_ADOPT_FILE:
		return begin(m, c, wsi);
	case LWS_CALLBACK_RAW_RX_FILE:
		return !*c ? -1 : (*c)->listening ? accept_client(m, wsi) : take(m, *c, wsi);
	case LWS_CALLBACK_RAW_WRITEABLE_FILE:
		return *c && (*c)->out.len > (*c)->written ? give(*c) : 0;
	case LWS_CALLBACK_RAW_CLOSE_FILE:
		end(c);
		return 0;
	}
	return 0;
}
