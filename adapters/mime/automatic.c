// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/automatic.h"

#include <string.h>

#include "adapters/mime/address.h"
#include "adapters/mime/headers.h"
#include "adapters/mime/limits.h"
#include "adapters/mime/token.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

// The first word of a field, in lower case; "" when there is none.
static void first_word(const struct fields *fields, const char *name, char word[TOKEN_MAX])
{
	const char *value = fields_get(fields, name);

	if (!value || !token_next(&value, ";", word))
		word[0] = '\0';
	text_lower(word);
}

static bool is_bulk(const char *precedence)
{
	static const char *const bulk[] = { "bulk", "junk", "list", "auto_reply", "auto-reply" };

	for (size_t i = 0; i < LENGTH(bulk); i++)
		if (strcmp(precedence, bulk[i]) == 0)
			return true;
	return false;
}

// X-Auto-Response-Suppress is not among them: Exchange puts it on mail that people write.
static bool is_autoreply(const struct fields *fields)
{
	static const char *const names[] = { "X-Autoreply", "X-Auto-Reply", "X-Autorespond", "X-Autoresponder",
		                             "X-Mail-Autoreply" };
	char word[TOKEN_MAX];

	for (size_t i = 0; i < LENGTH(names); i++) {
		first_word(fields, names[i], word);
		if (word[0] && strcmp(word, "no") != 0)
			return true;
	}
	return false;
}

// List-Id and its siblings (RFC 2369, RFC 2919).
static bool is_list(const struct fields *fields)
{
	for (size_t i = 0; i < fields->count; i++)
		if (text_starts_fold(fields->list[i].name, "List-"))
			return true;
	return false;
}

static bool is_null_path(const struct fields *fields)
{
	char word[TOKEN_MAX];

	first_word(fields, "Return-Path", word);
	return strcmp(word, "<>") == 0;
}

const char *automatic_reason(const struct fields *fields)
{
	char word[TOKEN_MAX];

	first_word(fields, "Auto-Submitted", word);
	if (word[0] && strcmp(word, "no") != 0)
		return "auto-submitted";
	first_word(fields, "Precedence", word);
	if (is_bulk(word))
		return "precedence";
	if (is_autoreply(fields))
		return "x-autoreply";
	if (is_list(fields))
		return "list";
	return is_null_path(fields) ? "null-return-path" : "";
}

// --- delivery status notifications -----------------------------------------------------------------------------------

// "rfc822; bo@example.com" without its type.
static void put_recipient(json_t *report, const char *value)
{
	const char *address = strchr(value, ';');
	_json_ json_t *list = json_array();

	mailbox_list(address ? address + 1 : value, list, 1);
	json_put_str(report, "recipient", json_string_value(json_array_get(list, 0)));
}

static void put_word(json_t *report, const char *key, const struct fields *fields, const char *name)
{
	char word[TOKEN_MAX];

	first_word(fields, name, word);
	word[utf8_prefix(word, 64)] = '\0';
	if (word[0])
		json_put_str(report, key, word);
}

json_t *report_read(const char *text, size_t len)
{
	json_t *report = json_object();

	// The first group is about the message, those that follow are about one recipient each.
	while (len > 0) {
		_fields_ struct fields group;
		const char *recipient;

		fields_split(text, len, &group);
		text += group.bytes;
		len -= group.bytes;
		if (!fields_get(&group, "Action") && !fields_get(&group, "Status"))
			continue;
		put_word(report, "action", &group, "Action");
		put_word(report, "status", &group, "Status");
		recipient = fields_get(&group, "Original-Recipient");
		recipient = recipient ? recipient : fields_get(&group, "Final-Recipient");
		if (recipient)
			put_recipient(report, recipient);
		break;
	}
	return report;
}

void report_original(json_t *report, const char *header, size_t len)
{
	_fields_ struct fields fields;
	_json_ json_t *ids = NULL;

	fields_split(header, len, &fields);
	ids = headers_ids(fields_get(&fields, "Message-ID"), 1);
	json_put_str(report, "original_message_id", json_string_value(json_array_get(ids, 0)));
}
