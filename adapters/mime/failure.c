// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/failure.h"

#include <stdarg.h>
#include <stdio.h>

int refuse(struct failure *f, const char *code, const char *format, ...)
{
	va_list args;

	f->code = code;
	va_start(args, format);
	vsnprintf(f->why, sizeof f->why, format, args);
	va_end(args);
	return -1;
}
