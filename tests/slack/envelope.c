// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/envelope.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "tests/slack/delivery.h"
#include "tests/slack/http.h"

void envelope_name(struct delivery *one)
{
	char bytes[16], hex[33];

	random_bytes(bytes, sizeof bytes);
	hex_encode(bytes, sizeof bytes, hex);
	snprintf(one->id, sizeof one->id, "%.8s-%.4s-4%.3s-8%.3s-%.12s", hex, hex + 8, hex + 13, hex + 17, hex + 20);
}

// Slack writes these three so, wherever they stand; in JSON they stand in strings only.
static char *disguise(const char *text)
{
	struct buf out = BUF(HTTP_BODY_MAX);

	for (; *text; text++) {
		size_t plain = strcspn(text, "<>&");

		buf_add(&out, text, plain);
		text += plain;
		if (!*text)
			break;
		buf_printf(&out, "\\u%04x", (unsigned char)*text);
	}
	return buf_steal(&out);
}

char *envelope_text(const struct delivery *one)
{
	_json_ json_t *whole = NULL;

	if (!*one->type) {
		whole = json_incref(one->payload);
	} else {
		whole = json_pack("{s:s, s:O, s:s, s:b}", "envelope_id", one->id, "payload", one->payload, "type",
		                  one->type, "accepts_response_payload", one->accepts);
		if (!strcmp(one->type, "events_api")) {
			json_put_int(whole, "retry_attempt", one->attempt);
			json_put_str(whole, "retry_reason", one->attempt ? "timeout" : "");
		}
	}
	_free_ char *text = json_dumps(whole, JSON_COMPACT | JSON_ENSURE_ASCII);

	return disguise(text);
}
