// SPDX-License-Identifier: Apache-2.0
// A growable byte buffer with a maximum that its creator names: remote input cannot exhaust memory.
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

// `data` always ends in a NUL that `len` does not count (NULL while empty).  Once something did not fit, `full` stays
// set and later additions are dropped: check it, or the return values, once at the end.
struct buf {
	char *data;
	size_t len;
	size_t cap;
	size_t max;
	bool full;
};

#define BUF(maximum) ((struct buf){ .max = (maximum) })

// All return 0, or -1 when the maximum is reached or memory ran out (then `full` is set).
int buf_add(struct buf *b, const void *data, size_t len);
int buf_puts(struct buf *b, const char *text);
int buf_putc(struct buf *b, char c);
int buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Makes room for `len` more bytes and returns where they go (then the caller adds to b->len); NULL as above.
char *buf_reserve(struct buf *b, size_t len);

// The text ("" when empty), which stays the buffer's.
const char *buf_text(const struct buf *b);

// The text, which becomes the caller's to free (never NULL unless memory ran out).
char *buf_steal(struct buf *b);

void buf_free(struct buf *b);
#define _buf_ __attribute__((cleanup(buf_free)))

#endif
