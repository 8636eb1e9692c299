// SPDX-License-Identifier: Apache-2.0
// Random bytes.  Apart from base/digest.h, so that who needs nothing else need not load libcrypto.
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>

// From the kernel's generator.
void random_bytes(void *out, size_t len);

#endif
