// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/methods.h"

#include <string.h>

#include <curl/curl.h>

#include "base/auto.h"
#include "base/json.h"

// The rates are of the method reference: Tier 3 is 50 a minute, Tier 4 100.  chat.postMessage is limited per channel
// and by a number per workspace that is not published.
const struct method methods[METHOD_COUNT] = {
	[METHOD_POST_MESSAGE] = { "chat.postMessage", 200, 20, 1, false, false },
	[METHOD_UPDATE] = { "chat.update", 50, 10, 1, true, false },
	[METHOD_POST_EPHEMERAL] = { "chat.postEphemeral", 100, 20, 2, false, false },
	[METHOD_DELETE] = { "chat.delete", 50, 10, 1, true, false },
	[METHOD_VIEWS_OPEN] = { "views.open", 100, 20, 4, false, false },
	[METHOD_VIEWS_UPDATE] = { "views.update", 100, 20, 2, true, false },
	[METHOD_VIEWS_PUBLISH] = { "views.publish", 100, 20, 1, true, false },
	[METHOD_CONVERSATIONS_OPEN] = { "conversations.open", 50, 10, 1, true, false },
	[METHOD_USERS_INFO] = { "users.info", 100, 20, 2, true, false },
	[METHOD_USERS_LOOKUP] = { "users.lookupByEmail", 50, 10, 1, true, false },
	[METHOD_AUTH_TEST] = { "auth.test", 60, 5, 1, true, false },
	[METHOD_CONNECTIONS_OPEN] = { "apps.connections.open", 30, 4, 1, true, false },
	[METHOD_UPLOAD_URL] = { "files.getUploadURLExternal", 100, 20, 1, true, false },
	[METHOD_UPLOAD_BYTES] = { "upload", 100, 20, 1, true, true },
	[METHOD_UPLOAD_COMPLETE] = { "files.completeUploadExternal", 100, 20, 1, false, false },
	[METHOD_DOWNLOAD] = { "download", 100, 20, 2, true, true },
	[METHOD_RESPOND] = { "respond", 100, 20, 2, false, true },
};

const struct method *method_find(const char *name)
{
	for (size_t i = 0; i < METHOD_CONNECTIONS_OPEN; i++)
		if (strcmp(methods[i].name, name) == 0)
			return &methods[i];
	return NULL;
}

enum method_id method_id(const struct method *m)
{
	return (enum method_id)(m - methods);
}

static void add_encoded(struct buf *out, const char *text, size_t len)
{
	char *encoded = curl_easy_escape(NULL, text, (int)len);

	if (!encoded || buf_puts(out, encoded) < 0)
		out->full = true;
	curl_free(encoded);
}

// curl_easy_escape() takes the length of an empty text for "find out".
static void add_value(struct buf *out, const json_t *value)
{
	_free_ char *text = json_is_string(value) ? NULL : json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	const char *shown = text ? text : json_string_value(value);
	size_t len = text ? strlen(text) : json_string_length(value);

	if (shown && len)
		add_encoded(out, shown, len);
}

int method_form(const json_t *args, struct buf *out)
{
	const char *name;
	json_t *value;

	json_object_foreach((json_t *)args, name, value) {
		if (json_is_null(value) || !*name)
			continue;
		if (out->len)
			buf_putc(out, '&');
		add_encoded(out, name, strlen(name));
		buf_putc(out, '=');
		add_value(out, value);
	}
	return out->full ? -1 : 0;
}
