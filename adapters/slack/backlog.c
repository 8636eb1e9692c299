// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/backlog.h"

#include <stdlib.h>
#include <string.h>

struct late {
	struct late *next;
	int64_t connection;
	char *text;
	size_t len;
};

void backlog_init(struct backlog *b)
{
	*b = (struct backlog){ .end = &b->first };
}

bool backlog_add(struct backlog *b, int64_t connection, const char *text, size_t len)
{
	struct late *late = b->bytes + len <= BACKLOG_BYTES ? malloc(sizeof *late) : NULL;
	char *copy = late ? malloc(len + 1) : NULL;

	if (!copy) {
		free(late);
		return false;
	}
	memcpy(copy, text, len);
	copy[len] = '\0';
	*late = (struct late){ NULL, connection, copy, len };
	*b->end = late;
	b->end = &late->next;
	b->bytes += len;
	return true;
}

char *backlog_take(struct backlog *b, int64_t *connection, size_t *len)
{
	struct late *late = b->first;
	char *text;

	if (!late)
		return NULL;
	b->first = late->next;
	if (!b->first)
		b->end = &b->first;
	b->bytes -= late->len;
	text = late->text;
	*connection = late->connection;
	*len = late->len;
	free(late);
	return text;
}

size_t backlog_count(const struct backlog *b, int64_t connection)
{
	size_t count = 0;

	for (const struct late *late = b->first; late; late = late->next)
		count += late->connection == connection;
	return count;
}

void backlog_free(struct backlog *b)
{
	int64_t connection;
	size_t len;
	char *text;

	while ((text = backlog_take(b, &connection, &len)))
		free(text);
}
