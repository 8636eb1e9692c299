// SPDX-License-Identifier: Apache-2.0
#include "bot/signed_head.h"

#include <stdio.h>
#include <string.h>

#include "base/encode.h"
#include "base/json.h"
#include "store/checkpoints.h"

#define ROOT_SHOWN 10 // bytes, of a root in a Message-ID too (DESIGN 8)

const char *count_text(uint64_t count, char out[COUNT_TEXT])
{
	char digits[COUNT_TEXT];
	size_t len = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)count), to = 0;

	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[to++] = ',';
		out[to++] = digits[i];
	}
	out[to] = '\0';
	return out;
}

int signed_head_put(const struct desk *desk, json_t *model, struct err *e)
{
	char hex[2 * DIGEST_SIZE + 1], count[COUNT_TEXT];
	struct digest root;
	json_t *head;
	uint64_t size;
	int found;

	if (!desk->config.log_key)
		return 0;
	found = checkpoint_last(desk->db, UINT64_MAX, &size, &root, NULL, e);
	if (found <= 0)
		return found;
	head = json_object();
	json_put_int(head, "size", (int64_t)size);
	json_put_str(head, "size_text", count_text(size, count));
	json_put_str(head, "root", hex_encode(root.bytes, ROOT_SHOWN, hex));
	json_put(model, "signed", head);
	return 0;
}
