// SPDX-License-Identifier: Apache-2.0
// Fuzzes the strict JSON reader and the canonical writer: whatever is read can be written, and what was written reads
// back to the same bytes.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e;
	_json_ json_t *value = json_read((const char *)data, size, &e), *again = NULL;
	_free_ char *text = NULL, *same = NULL;
	size_t len, same_len;

	if (!value)
		return 0;
	text = json_canonical(value, &len, &e);
	if (!text) // a real number: not canonical for us
		return 0;
	again = json_read(text, len, &e);
	if (!again)
		panic("wrote what cannot be read: %s", e.text);
	same = json_canonical(again, &same_len, &e);
	if (!same || same_len != len || memcmp(same, text, len) != 0)
		panic("not the same when written again");
	return 0;
}
