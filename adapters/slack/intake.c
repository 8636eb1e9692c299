// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/ack.h"
#include "adapters/slack/backlog.h"
#include "adapters/slack/core.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/settings.h"
#include "adapters/slack/users.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

enum { ARRIVALS = 4 }; // of one envelope that waits

struct entry {
	struct intake *intake;
	char id[ENVELOPE_ID_MAX + 1]; // "": free
	const char *type;
	bool handed_over, payload_wanted;
	int fd; // the bytes, until they are handed over
	int64_t first;
	int64_t sockets[ARRIVALS]; // by which it came; what died is taken out
	unsigned arrivals;
};

struct intake {
	const struct settings *settings;
	struct core *core;
	struct users *users;
	struct sockets *sockets;
	struct sockets_user user;
	char self[USER_ID_MAX + 1];
	bool stopping;
	size_t count;
	struct entry entries[INTAKE_MAX];
	struct backlog backlog; // while all entries are taken
};

static struct entry *find(struct intake *i, const char *id)
{
	for (size_t n = 0; n < INTAKE_MAX; n++)
		if (strcmp(i->entries[n].id, id) == 0)
			return &i->entries[n];
	return NULL;
}

// --- to the core -----------------------------------------------------------------------------------------------------

static void hand_over(struct entry *entry, const json_t *user)
{
	_close_ int fd = steal_fd(&entry->fd);
	json_t *more = json_object();

	json_put_str(more, "envelope", entry->type);
	json_put_int(more, "connection", entry->first);
	if (user)
		json_put(more, "user", json_incref((json_t *)user));
	entry->handed_over = true;
	core_event(entry->intake->core, "envelope", entry->id, more, fd);
}

static void on_user(void *data, const json_t *user)
{
	hand_over(data, user);
}

static void look_up(struct entry *entry, const char *user)
{
	struct intake *i = entry->intake;

	if (!*user || json_object_get(i->settings->listed, user))
		hand_over(entry, NULL);
	else
		users_find(i->users, user, on_user, entry);
}

static void add_arrival(struct entry *entry, int64_t number)
{
	unsigned at = entry->arrivals < ARRIVALS ? entry->arrivals++ : ARRIVALS - 1;

	entry->sockets[at] = number;
}

static struct entry *new_entry(struct intake *i, const char *id)
{
	struct entry *entry = find(i, "");

	*entry = (struct entry){ .intake = i, .fd = -1 };
	snprintf(entry->id, sizeof entry->id, "%s", id);
	i->count++;
	return entry;
}

// An entry for what has arrived, where there is room for one; NULL when it waits already.
static struct entry *enter(struct intake *i, const struct envelope *envelope, int64_t number)
{
	struct entry *entry = find(i, envelope->id);
	bool waits = entry && (!entry->handed_over || entry->arrivals > 0);

	if (!entry)
		entry = new_entry(i, envelope->id);
	entry->type = envelope->type;
	entry->payload_wanted = envelope->payload_wanted;
	entry->first = number;
	add_arrival(entry, number);
	return waits ? NULL : entry;
}

// What is not taken is not acknowledged, and Slack sends it again.
static void take(struct intake *i, const struct envelope *envelope, int64_t number, const char *text, size_t len)
{
	struct err e = { 0 };
	_close_ int fd = memfd_of("envelope", text, len, &e);
	struct entry *entry;

	if (fd < 0) {
		log_warning("an envelope has to come again: %s", e.text);
		return;
	}
	entry = enter(i, envelope, number);
	if (!entry)
		return;
	entry->handed_over = false;
	entry->fd = steal_fd(&fd);
	look_up(entry, envelope->user);
}

static void take_or_put_by(struct intake *i, const struct envelope *envelope, int64_t number, const char *text,
                           size_t len)
{
	if (i->stopping)
		return;
	if (i->count < INTAKE_MAX || find(i, envelope->id))
		take(i, envelope, number, text, len);
	else if (!backlog_add(&i->backlog, number, text, len))
		core_notice(i->core, "backlog", "more comes from Slack than the desk can take; it has to come again");
}

// --- from a socket ---------------------------------------------------------------------------------------------------

static void on_message(void *data, int64_t number, const char *text, size_t len)
{
	struct intake *i = data;
	struct envelope envelope;

	envelope_read(text, len, i->self, &envelope);
	switch (envelope.kind) {
	case ENVELOPE_NOTHING:
		log_info("connection %lld: passed over a message of %zu bytes that is no envelope", (long long)number,
		         len);
		break;
	case ENVELOPE_HELLO:
		sockets_hello(i->sockets, number, &envelope);
		break;
	case ENVELOPE_DISCONNECT:
		sockets_disconnect(i->sockets, number, envelope.reason);
		break;
	case ENVELOPE_ACKNOWLEDGE:
		if (envelope.rate_limited)
			core_notice(i->core, "rate",
			            "Slack leaves events out: the workspace sends more than 30,000 an hour");
		sockets_write(i->sockets, number, ack_text(envelope.id, NULL));
		break;
	case ENVELOPE_HAND_OVER:
		take_or_put_by(i, &envelope, number, text, len);
		break;
	}
}

static size_t waiting(void *data, int64_t number)
{
	const struct intake *i = data;
	size_t sum = backlog_count(&i->backlog, number);

	for (size_t n = 0; n < INTAKE_MAX; n++)
		for (unsigned a = 0; *i->entries[n].id && a < i->entries[n].arrivals; a++)
			sum += i->entries[n].sockets[a] == number;
	return sum;
}

static void on_gone(void *data, int64_t number)
{
	struct intake *i = data;

	for (size_t n = 0; n < INTAKE_MAX; n++) {
		struct entry *entry = &i->entries[n];
		unsigned left = 0;

		for (unsigned a = 0; a < entry->arrivals; a++)
			if (entry->sockets[a] != number)
				entry->sockets[left++] = entry->sockets[a];
		entry->arrivals = left;
	}
}

// --- from the core ---------------------------------------------------------------------------------------------------

// Takes out what the core had in hand: freed before anything is written, for whoever writes may ask how many wait.
static bool take_out(struct intake *i, const char *id, struct entry *old)
{
	struct entry *entry = *id ? find(i, id) : NULL;

	if (!entry || !entry->handed_over)
		return false;
	*old = *entry;
	entry->id[0] = '\0';
	entry->arrivals = 0;
	i->count--;
	return true;
}

// There is room again: what was put by is read as if it came now.
static void go_on(struct intake *i)
{
	struct envelope envelope;
	int64_t number;
	size_t len;

	while (i->count < INTAKE_MAX && !i->stopping) {
		_free_ char *text = backlog_take(&i->backlog, &number, &len);

		if (!text)
			return;
		envelope_read(text, len, i->self, &envelope);
		take(i, &envelope, number, text, len);
	}
}

void intake_done(struct intake *i, const char *id, json_t *reply)
{
	struct entry old;

	if (!take_out(i, id, &old))
		return;
	for (unsigned a = 0; a < old.arrivals; a++)
		sockets_write(i->sockets, old.sockets[a], ack_text(old.id, old.payload_wanted ? reply : NULL));
	go_on(i);
}

void intake_drop(struct intake *i, const char *id)
{
	struct entry old;

	if (take_out(i, id, &old))
		go_on(i);
}

// --- life ------------------------------------------------------------------------------------------------------------

struct intake *intake_new(const struct settings *settings, struct core *core, struct users *users, struct err *e)
{
	struct intake *i = calloc(1, sizeof *i);

	if (!i) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	i->settings = settings;
	i->core = core;
	i->users = users;
	i->user = (struct sockets_user){ on_message, waiting, on_gone, i };
	backlog_init(&i->backlog);
	return i;
}

void intake_free(struct intake **i)
{
	for (size_t n = 0; n < INTAKE_MAX; n++)
		if (*(*i)->entries[n].id && (*i)->entries[n].fd >= 0)
			close((*i)->entries[n].fd);
	backlog_free(&(*i)->backlog);
	free(*i);
	*i = NULL;
}

const struct sockets_user *intake_user(const struct intake *i)
{
	return &i->user;
}

void intake_set_sockets(struct intake *i, struct sockets *sockets)
{
	i->sockets = sockets;
}

void intake_set_self(struct intake *i, const char *user_id)
{
	snprintf(i->self, sizeof i->self, "%.*s", USER_ID_MAX, user_id);
}

void intake_stop(struct intake *i)
{
	i->stopping = true;
	backlog_free(&i->backlog);
}

size_t intake_count(const struct intake *i)
{
	return i->count;
}
