// SPDX-License-Identifier: Apache-2.0
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *buf_reserve(struct buf *b, size_t len)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	if (b->full || len > b->max || b->len > b->max - len) {
		b->full = true;
		return NULL;
	}
	if (b->data && b->len + len < b->cap)
		return b->data + b->len;
	while (cap <= b->len + len)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data) {
		b->full = true;
		return NULL;
	}
	b->data = data;
	b->cap = cap;
	b->data[b->len] = '\0';
	return b->data + b->len;
}

int buf_add(struct buf *b, const void *data, size_t len)
{
	char *to = buf_reserve(b, len);

	if (!to)
		return -1;
	if (len)
		memcpy(to, data, len);
	b->len += len;
	b->data[b->len] = '\0';
	return 0;
}

int buf_puts(struct buf *b, const char *text)
{
	return buf_add(b, text, strlen(text));
}

int buf_putc(struct buf *b, char c)
{
	return buf_add(b, &c, 1);
}

// Formats into what room there is, and once more only when that was too little.
int buf_printf(struct buf *b, const char *format, ...)
{
	char *to = buf_reserve(b, 0);
	size_t room = to ? b->cap - b->len : 0;
	va_list args;
	int len;

	va_start(args, format);
	len = vsnprintf(to, room, format, args);
	va_end(args);
	if (len < 0 || !(to = buf_reserve(b, (size_t)len)))
		return -1;
	if ((size_t)len >= room) {
		va_start(args, format);
		vsnprintf(to, (size_t)len + 1, format, args);
		va_end(args);
	}
	b->len += (size_t)len;
	return 0;
}

const char *buf_text(const struct buf *b)
{
	return b->data ? b->data : "";
}

char *buf_steal(struct buf *b)
{
	char *data = b->data ? b->data : strdup("");

	*b = BUF(b->max);
	return data;
}

void buf_free(struct buf *b)
{
	free(b->data);
	*b = BUF(b->max);
}
