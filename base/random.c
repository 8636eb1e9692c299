// SPDX-License-Identifier: Apache-2.0
#include "base/random.h"

#include <stdint.h>
#include <sys/random.h>
#include <sys/types.h>

#include "base/err.h"

void random_bytes(void *out, size_t len)
{
	uint8_t *to = out;

	for (size_t n; len; to += n, len -= n) {
		n = len < 256 ? len : 256; // what is never cut short
		if (getrandom(to, n, 0) != (ssize_t)n)
			panic("the system gave no random bytes");
	}
}
