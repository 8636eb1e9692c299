// SPDX-License-Identifier: Apache-2.0
#include "base/frame.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include "base/auto.h"
#include "base/json.h"

// The union gives the control buffer the alignment that CMSG_DATA needs.
union control {
	char bytes[CMSG_SPACE(sizeof(int) * FRAME_FDS)];
	struct cmsghdr align;
};

enum frame_result frame_send(int socket, const json_t *object, const int *fds, size_t fd_count, struct err *e)
{
	_free_ char *text = json_text(object);
	struct iovec io = { text, strlen(text) };
	struct msghdr message = { .msg_iov = &io, .msg_iovlen = 1 };
	union control control = { 0 };

	if (io.iov_len > FRAME_MAX) {
		err_set(e, EX_SOFTWARE, "a frame of %zu bytes is too large", io.iov_len);
		return FRAME_BROKEN;
	}
	if (fd_count) {
		struct cmsghdr *c;

		message.msg_control = control.bytes;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * fd_count);
		c = CMSG_FIRSTHDR(&message);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * fd_count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * fd_count);
	}
	while (sendmsg(socket, &message, MSG_NOSIGNAL) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EAGAIN)
			return FRAME_AGAIN;
		bool gone = errno == EPIPE || errno == ECONNRESET;

		err_sys(e, EX_IOERR, "cannot send a frame");
		return gone ? FRAME_CLOSED : FRAME_BROKEN;
	}
	return FRAME_OK;
}

static void take_descriptors(struct msghdr *message, struct frame *out)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
			if (out->fd_count < FRAME_FDS)
				out->fds[out->fd_count++] = fd;
			else
				close(fd);
		}
	}
}

enum frame_result frame_receive(int socket, struct frame *out, struct err *e)
{
	static char text[FRAME_MAX + 1]; // one thread reads frames
	struct iovec io = { text, sizeof text };
	union control control;
	struct msghdr message = {
		.msg_iov = &io, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes
	};
	ssize_t n;

	*out = (struct frame){ 0 };
	while ((n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (n < 0) {
		err_sys(e, EX_IOERR, "cannot receive a frame");
		return errno == EAGAIN ? FRAME_AGAIN : FRAME_CLOSED;
	}
	take_descriptors(&message, out);
	if (n == 0 && out->fd_count == 0)
		return FRAME_CLOSED;
	if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC) || n > FRAME_MAX) {
		err_set(e, EX_PROTOCOL, "a frame larger than %d bytes, or with too many descriptors", FRAME_MAX);
	} else {
		out->json = json_read(text, (size_t)n, e);
		if (json_is_object(out->json))
			return FRAME_OK;
		if (out->json)
			err_set(e, EX_PROTOCOL, "a frame that is not an object");
	}
	frame_free(out);
	return FRAME_BROKEN;
}

void frame_free(struct frame *f)
{
	json_decref(f->json);
	f->json = NULL;
	for (size_t i = 0; i < f->fd_count; i++)
		if (f->fds[i] >= 0)
			close(f->fds[i]);
	f->fd_count = 0;
}

int frame_take_fd(struct frame *f, size_t i)
{
	return i < f->fd_count ? steal_fd(&f->fds[i]) : -1;
}
