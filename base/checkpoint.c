// SPDX-License-Identifier: Apache-2.0
#include "base/checkpoint.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/encode.h"
#include "base/text.h"

// One line of text, so that what is kept is what was signed.
static bool is_origin(const char *line, size_t len)
{
	if (len == 0 || len > NOTE_NAME_MAX || !utf8_valid(line, len))
		return false;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)line[i] < ' ')
			return false;
	return true;
}

int checkpoint_read(const char *text, size_t len, struct checkpoint *out, struct err *e)
{
	const char *at = text, *end = text + len, *line;
	size_t n;

	*out = (struct checkpoint){ .size = 0 };
	line = text_line(&at, end, &n);
	if (!line || !is_origin(line, n))
		return err_set(e, EX_DATAERR, "the checkpoint's first line is no origin (1 to %d bytes of text)",
		               NOTE_NAME_MAX);
	memcpy(out->origin, line, n);
	line = text_line(&at, end, &n);
	if (!line || text_decimal(line, n, &out->size) < 0)
		return err_set(e, EX_DATAERR,
		               "the checkpoint's second line is no size (decimal, without leading zeros)");
	line = text_line(&at, end, &n);
	if (!line || base64_decode(line, n, out->root.bytes, DIGEST_SIZE) != DIGEST_SIZE)
		return err_set(e, EX_DATAERR, "the checkpoint's third line is no root (%d bytes in base64)",
		               DIGEST_SIZE);
	while (at < end) {
		line = text_line(&at, end, &n);
		if (!line || n == 0)
			return err_set(e, EX_DATAERR, "the checkpoint has an empty or unfinished line after its root");
	}
	return 0;
}

char *checkpoint_text(const struct checkpoint *c)
{
	_free_ char *root = base64_encode(c->root.bytes, DIGEST_SIZE);

	return text_format("%s\n%" PRIu64 "\n%s\n", c->origin, c->size, root);
}
