// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/scopes.h"

#include <string.h>

#include "base/auto.h"
#include "base/text.h"

#define SCOPES_START \
	"chat:write,commands,im:write,im:history,app_mentions:read,users:read,users:read.email,files:read,files:" \
	"write," \
	"channels:history,groups:history"

void scopes_set(struct scopes *s, const char *list)
{
	free(s->list);
	s->list = text_copy(list);
}

void scopes_init(struct scopes *s)
{
	s->list = text_copy(SCOPES_START);
}

void scopes_free(struct scopes *s)
{
	free(s->list);
}

bool scopes_have(const struct scopes *s, const char *scope)
{
	if (!scope || !*scope)
		return true;
	size_t len = strlen(scope);

	for (const char *at = s->list; (at = strstr(at, scope)); at += len)
		if ((at == s->list || at[-1] == ',') && (at[len] == ',' || !at[len]))
			return true;
	return false;
}
