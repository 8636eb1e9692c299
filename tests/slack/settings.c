// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/settings.h"

#include <stddef.h>
#include <string.h>

#include "base/json.h"

static const struct {
	const char *name;
	size_t offset;
	int64_t start;
} table[] = {
#define SETTING(name, start) \
	{ \
#name, offsetof(struct settings, name), start \
	}
	SETTING(ack_ms, 3000),
	SETTING(redeliver, 1),
	SETTING(retry_permille, 1000),
	SETTING(trigger_ms, 3000),
	SETTING(ticket_ms, 30000),
	SETTING(hook_ms, 30 * 60 * 1000),
	SETTING(hook_uses, 5),
	SETTING(connection_limit, 10),
	SETTING(connection_seconds, 18060),
	SETTING(more_connections, 0),
	SETTING(hello, 1),
	SETTING(ping_ms, 5000),
	SETTING(echo, 1),
	SETTING(refuse, 0),
	SETTING(refuse_status, 503),
	SETTING(used_tickets, 0),
	SETTING(duplicate, 0),
	SETTING(fragment, 0),
	SETTING(tiers, 0),
	SETTING(slow_ms, 0),
#undef SETTING
};

static int64_t *place(struct settings *s, size_t offset)
{
	return (int64_t *)((char *)s + offset);
}

void settings_init(struct settings *s)
{
	for (size_t i = 0; i < LENGTH(table); i++)
		*place(s, table[i].offset) = table[i].start;
}

static int set_one(struct settings *s, const char *name, const json_t *value, struct err *e)
{
	for (size_t i = 0; i < LENGTH(table); i++) {
		if (strcmp(name, table[i].name) != 0)
			continue;
		if (!json_is_integer(value))
			return err_set(e, EX_USAGE, "\"%s\" must be an integer", name);
		*place(s, table[i].offset) = json_integer_value(value);
		return 0;
	}
	return err_set(e, EX_USAGE, "there is no setting \"%s\"", name);
}

int settings_set(struct settings *s, const json_t *values, struct err *e)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)values, name, value)
		if (set_one(s, name, value, e) < 0)
			return -1;
	return 0;
}

json_t *settings_show(const struct settings *s)
{
	json_t *out = json_object();

	for (size_t i = 0; i < LENGTH(table); i++)
		json_put_int(out, table[i].name, *place((struct settings *)s, table[i].offset));
	return out;
}
