// SPDX-License-Identifier: Apache-2.0
// The control socket: the command line and a mail server's pipe speak with the core here.  The kernel says who calls;
// what they ask is done in the same transactions as everything else.
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/client.h"
#include "bot/work.h"

#define CLIENTS_MAX 64

struct control {
	struct serve *serve;
	char *path;
	int socket;
	sd_event_source *io;
	LIST_HEAD(, client) clients;
	size_t count;
};

void client_unref(struct client *c)
{
	if (--c->references > 0)
		return;
	sd_event_source_disable_unref(c->io);
	close(c->socket);
	LIST_REMOVE(c, next);
	c->control->count--;
	free(c);
}

void client_reply(struct client *c, const json_t *reply)
{
	struct err e = { 0 };

	if (frame_send(c->socket, reply, NULL, 0, &e) == FRAME_BROKEN)
		log_warning("a caller could not be answered: %s", e.text);
}

static int on_request(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct client *c = data;
	struct work w = { .kind = &client_request, .document = -1, .attachments = -1, .client = c };
	struct err e = { 0 };

	(void)source, (void)events;
	switch (frame_receive(fd, &w.frame, &e)) {
	case FRAME_OK:
		w.document = frame_take_fd(&w.frame, 0);
		c->references++;
		work_queue(c->control->serve, &w);
		return 0;
	case FRAME_AGAIN:
		return 0;
	case FRAME_BROKEN:
		log_warning("uid %d sent what is no frame: %s", (int)c->uid, e.text);
		break;
	case FRAME_CLOSED:
		break;
	}
	c->io = sd_event_source_disable_unref(c->io);
	client_unref(c);
	return 0;
}

static int on_connect(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct control *control = data;
	_close_ int socket = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct ucred who;
	socklen_t len = sizeof who;
	struct client *c;

	(void)source, (void)events;
	if (socket < 0)
		return 0;
	if (control->count >= CLIENTS_MAX || getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return 0; // closed at once: they try again
	c = calloc(1, sizeof *c);
	if (!c)
		return 0;
	*c = (struct client){ .control = control, .socket = steal_fd(&socket), .uid = who.uid, .references = 1 };
	LIST_INSERT_HEAD(&control->clients, c, next);
	control->count++;
	if (sd_event_add_io(control->serve->event, &c->io, c->socket, EPOLLIN, on_request, c) < 0)
		client_unref(c);
	return 0;
}

struct control *control_new(struct serve *s, struct err *e)
{
	struct control *c = calloc(1, sizeof *c);
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (!c)
		panic("out of memory");
	*c = (struct control){ .serve = s, .path = text_format("%s/control", s->desk.config.run), .socket = -1 };
	LIST_INIT(&c->clients);
	if ((size_t)snprintf(address.sun_path, sizeof address.sun_path, "%s", c->path) >= sizeof address.sun_path) {
		err_set(e, EX_CONFIG, "run: %s is too long for a socket", c->path);
		goto fail;
	}
	if (mkdir(s->desk.config.run, 0750) < 0 && errno != EEXIST) {
		err_sys(e, EX_CANTCREAT, "cannot create %s", s->desk.config.run);
		goto fail;
	}
	unlink(c->path); // a left-over: the lock on the state says that no other core is there
	c->socket = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->socket < 0 || bind(c->socket, (struct sockaddr *)&address, sizeof address) < 0 ||
	    chmod(c->path, 0660) < 0 || listen(c->socket, 32) < 0) {
		err_sys(e, EX_OSERR, "cannot listen on %s", c->path);
		goto fail;
	}
	if (sd_event_add_io(s->event, &c->io, c->socket, EPOLLIN, on_connect, c) < 0)
		panic("cannot watch the control socket");
	return c;
fail:
	control_free(&c);
	return NULL;
}

void control_free(struct control **cp)
{
	struct control *c = *cp;
	struct client *client;

	if (!c)
		return;
	while ((client = LIST_FIRST(&c->clients))) {
		client->references = 1;
		client_unref(client);
	}
	sd_event_source_disable_unref(c->io);
	if (c->socket >= 0) {
		close(c->socket);
		unlink(c->path);
	}
	free(c->path);
	free(c);
	*cp = NULL;
}
