// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <syslog.h>
#include <unistd.h>

static struct {
	const char *program;
	bool journal;
} target = { "countersign", false };

void log_open(const char *program)
{
	target.program = program;
	target.journal = getenv("JOURNAL_STREAM") != NULL;
}

// One write(2) per line: lines of several processes on one descriptor do not mix.
__attribute__((format(printf, 2, 0))) static void write_line(int priority, const char *format, va_list args)
{
	char raw[2048], line[4096];
	size_t n = 0;

	vsnprintf(raw, sizeof raw, format, args);
	n = (size_t)(target.journal ? snprintf(line, sizeof line, "<%d>%s: ", priority, target.program)
	                            : snprintf(line, sizeof line, "%s: ", target.program));
	for (const char *p = raw; *p && n < sizeof line - 8; p++) {
		if ((unsigned char)*p >= 0x20 && *p != 0x7f)
			line[n++] = *p;
		else
			n += (size_t)snprintf(line + n, sizeof line - n, "\\x%02x", (unsigned char)*p);
	}
	line[n++] = '\n';
	if (write(STDERR_FILENO, line, n) < 0)
		return; // nowhere left to say so
}

#define DEFINE_LEVEL(name, priority) \
	void name(const char *format, ...) \
	{ \
		va_list args; \
		va_start(args, format); \
		write_line(priority, format, args); \
		va_end(args); \
	}

DEFINE_LEVEL(log_error, LOG_ERR)
DEFINE_LEVEL(log_warning, LOG_WARNING)
DEFINE_LEVEL(log_info, LOG_INFO)
