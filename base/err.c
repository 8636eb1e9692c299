// SPDX-License-Identifier: Apache-2.0
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int err_set(struct err *e, int code, const char *format, ...)
{
	va_list args;

	if (!e)
		return -1;
	e->code = code;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	return -1;
}

int err_sys(struct err *e, int code, const char *format, ...)
{
	int saved = errno;
	va_list args;
	size_t used;

	if (!e)
		return -1;
	e->code = code;
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s", strerror(saved));
	errno = saved;
	return -1;
}

int err_prefix(struct err *e, const char *format, ...)
{
	char text[sizeof e->text];
	va_list args;
	size_t used;

	if (!e)
		return -1;
	memcpy(text, e->text, sizeof text);
	va_start(args, format);
	vsnprintf(e->text, sizeof e->text, format, args);
	va_end(args);
	used = strlen(e->text);
	snprintf(e->text + used, sizeof e->text - used, ": %s", text);
	return -1;
}

void err_panic(const char *file, int line, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "<2>panic: %s:%d: ", file, line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
