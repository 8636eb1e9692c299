// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/message.h"

enum { KEPT = 64 << 10 }; // a buffer that one large message made is not kept for the small ones

struct message message_new(void)
{
	return (struct message){ .bytes = BUF(MESSAGE_MAX) };
}

void message_free(struct message *m)
{
	buf_free(&m->bytes);
}

static void begin(struct message *m, bool binary)
{
	if (m->bytes.cap > KEPT)
		buf_free(&m->bytes);
	m->bytes.max = MESSAGE_MAX;
	m->bytes.len = 0;
	if (m->bytes.data)
		m->bytes.data[0] = '\0';
	m->bytes.full = false;
	m->binary = binary;
}

enum message_state message_add(struct message *m, const void *piece, size_t len, bool first, bool last, bool binary)
{
	if (first)
		begin(m, binary);
	if (len && buf_add(&m->bytes, piece, len) < 0)
		return MESSAGE_TOO_LARGE;
	return last ? MESSAGE_WHOLE : MESSAGE_PART;
}
