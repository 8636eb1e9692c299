// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/headers.h"

#include <gmime/gmime.h>
#include <string.h>

#include "adapters/mime/address.h"
#include "adapters/mime/words.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

#define ADDRESSES_MAX 200
#define IDS_MAX 100
#define ID_MAX_BYTES 998 // RFC 5322 section 2.1.1: no line is longer
#define SUBJECT_MAX_BYTES 1024
#define LOOPS_MAX 20
#define LOOP_MAX_BYTES 128

// Exactly one field with exactly one mailbox: two readers must not see two different people.
static void put_from(json_t *document, const struct fields *fields, struct charsets *charsets)
{
	size_t count = fields_count(fields, "From");
	_mailbox_ struct mailbox from = { 0 };
	json_t *object;

	if (count != 1) {
		json_put_str(document, "from_problem", count ? "from-not-unique" : "from-missing");
		return;
	}
	if (mailbox_read(charsets, fields_get(fields, "From"), &from) < 0) {
		json_put_str(document, "from_problem", "from-syntax");
		return;
	}
	object = json_object();
	json_put_str(object, "address", from.address);
	json_put_str(object, "name", from.name ? from.name : "");
	json_put(document, "from", object);
}

// The addresses of all fields of this name among the first `count`.
static void put_addresses(json_t *document, const char *key, const struct fields *fields, size_t count,
                          const char *name)
{
	json_t *list = json_arr(document, key);

	for (size_t i = 0; i < count; i++) {
		if (!text_same(fields->list[i].name, name))
			continue;
		if (!list) {
			list = json_array();
			json_put(document, key, list);
		}
		mailbox_list(fields->list[i].value, list, ADDRESSES_MAX);
	}
}

static void put_reply_to(json_t *document, const struct fields *fields)
{
	const char *value = fields_get(fields, "Reply-To");
	_json_ json_t *list = json_array();

	if (value)
		mailbox_list(value, list, 1);
	json_put_str(document, "reply_to", json_string_value(json_array_get(list, 0)));
}

json_t *headers_ids(const char *value, size_t max)
{
	json_t *ids = json_array();
	const char *begin = value;

	while (begin && (begin = strchr(begin, '<'))) {
		size_t len = strcspn(begin + 1, "<> \t\r\n") + 1;

		if (begin[len] == '>' && len > 1 && len < ID_MAX_BYTES && utf8_valid(begin, len + 1)) {
			json_add(ids, json_stringn(begin, len + 1));
			if (json_array_size(ids) > max)
				json_array_remove(ids, 0);
		}
		begin += len;
	}
	return ids;
}

static void put_ids(json_t *document, const char *key, const char *value)
{
	json_t *ids = headers_ids(value, IDS_MAX);

	if (value)
		json_put(document, key, ids);
	else
		json_decref(ids);
}

static void put_message_id(json_t *document, const struct fields *fields)
{
	_json_ json_t *ids = headers_ids(fields_get(fields, "Message-ID"), 1);

	json_put_str(document, "message_id", json_string_value(json_array_get(ids, 0)));
}

static void put_date(json_t *document, const char *value)
{
	GDateTime *date = value ? g_mime_utils_header_decode_date(value) : NULL;
	char text[CLOCK_TEXT];
	int64_t seconds;

	if (!date)
		return;
	seconds = g_date_time_to_unix(date);
	g_date_time_unref(date);
	// From 1000 to 9999: RFC 3339 knows years of four digits only.
	if (seconds >= -30610224000LL && seconds < 253402300800LL)
		json_put_str(document, "date", clock_format(seconds * CLOCK_SECOND, text));
}

static void put_loops(json_t *document, const struct fields *fields, struct charsets *charsets)
{
	json_t *loops = json_array();

	for (size_t i = 0; i < fields->count && json_array_size(loops) < LOOPS_MAX; i++) {
		_free_ char *value = NULL;

		if (!text_same(fields->list[i].name, "Countersign-Loop"))
			continue;
		value = words_decode(charsets, fields->list[i].value, LOOP_MAX_BYTES);
		json_add_str(loops, value);
	}
	json_put(document, "loop", loops);
}

void headers_put(json_t *document, const struct fields *fields, size_t trusted, struct charsets *charsets)
{
	static const char *const envelope[] = { "Delivered-To", "X-Original-To", "Envelope-To" };
	const char *subject = fields_get(fields, "Subject");

	put_from(document, fields, charsets);
	put_addresses(document, "to", fields, fields->count, "To");
	put_addresses(document, "cc", fields, fields->count, "Cc");
	for (size_t i = 0; i < LENGTH(envelope); i++)
		put_addresses(document, "delivered_to", fields, trusted, envelope[i]);
	put_reply_to(document, fields);
	if (subject) {
		_free_ char *decoded = words_decode(charsets, subject, SUBJECT_MAX_BYTES);

		json_put_str(document, "subject", decoded);
	}
	put_date(document, fields_get(fields, "Date"));
	put_message_id(document, fields);
	put_ids(document, "in_reply_to", fields_get(fields, "In-Reply-To"));
	put_ids(document, "references", fields_get(fields, "References"));
	put_loops(document, fields, charsets);
}
