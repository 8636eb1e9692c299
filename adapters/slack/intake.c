// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/intake.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/ack.h"
#include "adapters/slack/core.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/settings.h"
#include "adapters/slack/users.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

enum {
	ARRIVALS = 4,                // of one envelope that waits
	RESUME = INTAKE_MAX * 3 / 4, // when so few are left, reading goes on
};

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

// An entry for what has arrived; NULL when it waits already, or there is no room.
static struct entry *enter(struct intake *i, const struct envelope *envelope, int64_t number)
{
	struct entry *entry = find(i, envelope->id);
	bool waits = entry && (!entry->handed_over || entry->arrivals > 0);

	if (!entry && i->count < INTAKE_MAX) {
		entry = find(i, "");
		*entry = (struct entry){ .intake = i, .fd = -1 };
		snprintf(entry->id, sizeof entry->id, "%s", envelope->id);
		i->count++;
	}
	if (!entry)
		return NULL;
	entry->type = envelope->type;
	entry->payload_wanted = envelope->payload_wanted;
	entry->first = number;
	add_arrival(entry, number);
	return waits ? NULL : entry;
}

static void take(struct intake *i, const struct envelope *envelope, int64_t number, const char *text, size_t len)
{
	struct err e = { 0 };
	_close_ int fd = i->stopping ? -1 : memfd_of("envelope", text, len, &e);
	struct entry *entry;

	if (fd < 0) { // not acknowledged: it comes again
		if (!i->stopping)
			log_warning("an envelope has to come again: %s", e.text);
		return;
	}
	entry = enter(i, envelope, number);
	if (entry) {
		entry->handed_over = false;
		entry->fd = steal_fd(&fd);
		look_up(entry, envelope->user);
	}
	if (i->count == INTAKE_MAX)
		sockets_read(i->sockets, false);
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
		take(i, &envelope, number, text, len);
		break;
	}
}

static size_t waiting(void *data, int64_t number)
{
	const struct intake *i = data;
	size_t sum = 0;

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

static void go_on(struct intake *i)
{
	if (i->count <= RESUME)
		sockets_read(i->sockets, true);
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
	return i;
}

void intake_free(struct intake **i)
{
	for (size_t n = 0; n < INTAKE_MAX; n++)
		if (*(*i)->entries[n].id && (*i)->entries[n].fd >= 0)
			close((*i)->entries[n].fd);
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
}

size_t intake_count(const struct intake *i)
{
	return i->count;
}
