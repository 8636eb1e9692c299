// SPDX-License-Identifier: Apache-2.0
// The two halves of the core's side of the signer: asking for heads (signing.c), and what it says (signing_answer.c).
#ifndef BOT_SIGNING_H
#define BOT_SIGNING_H

#include <stdint.h>

struct frame;
struct serve;

// One frame of the signer's.
void signing_take(struct serve *s, struct frame *f);

// Tries again to have the head signed, in so many ms.
void signing_wait(struct serve *s, int64_t ms);

#endif
