// SPDX-License-Identifier: Apache-2.0
// The bytes of a message: put together from pieces, read as an envelope, and judged as the answer to each method with
// what the core would be told of it.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/slack/ack.h"
#include "adapters/slack/answer.h"
#include "adapters/slack/envelope.h"
#include "adapters/slack/message.h"
#include "adapters/slack/methods.h"
#include "adapters/slack/sends.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put_together(const char *text, size_t len)
{
	struct message m = message_new();
	enum message_state state = MESSAGE_PART;

	for (size_t at = 0, piece = 1; at < len; at += piece, piece = piece % 7 + 1) {
		if (piece > len - at)
			piece = len - at;
		state = message_add(&m, text + at, piece, at == 0, at + piece == len, false);
	}
	if (len && (state != MESSAGE_WHOLE || m.bytes.len != len || memcmp(m.bytes.data, text, len) != 0))
		panic("the message is another than its pieces");
	message_free(&m);
}

static void envelope(const char *text, size_t len)
{
	struct envelope e;
	_free_ char *ack = NULL;
	_json_ json_t *again = NULL;

	envelope_read(text, len, "U0BOT", &e);
	if (e.kind != ENVELOPE_HAND_OVER && e.kind != ENVELOPE_ACKNOWLEDGE)
		return;
	ack = ack_text(e.id, NULL);
	again = json_read(ack, strlen(ack), NULL);
	if (!*e.id || !e.type || strcmp(json_str(again, "envelope_id"), e.id) != 0)
		panic("an acknowledgement of something else");
	if (e.kind == ENVELOPE_HAND_OVER && strcmp(e.user, "U0BOT") == 0)
		panic("what we did ourselves is handed over");
}

static void answer(enum method_id method, const char *text, size_t len)
{
	const struct response r = {
		.status = 200, .sent = true, .retry_after = -1, .body = text, .len = len, .detail = "", .scopes = ""
	};
	_json_ json_t *result = NULL;
	struct answer a;

	answer_judge(&methods[method], &r, &a);
	if (!utf8_valid(a.why, strlen(a.why)))
		panic("a sentence that is no text");
	if (!a.ok && (!*a.error || !*a.why || strpbrk(a.error, " \n\"<")))
		panic("a failure without a word, or with a wrong one");
	if (a.permanent && a.again)
		panic("to be tried again, and never");
	if (a.ok)
		result = sends_result(method, &a);
	answer_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = calloc(1, size + 1);

	if (!text)
		return 0;
	memcpy(text, data, size);
	put_together(text, size);
	envelope(text, size);
	for (enum method_id m = 0; m < METHOD_COUNT; m++)
		answer(m, text, size);
	return 0;
}
