// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/redact.h"

#include <string.h>

#include "base/text.h"

enum {
	SHOWN = 4,
	LONG_RUN = 20, // a token is 40 characters: so long a run after '+' is cut even where no '@' follows
};

// How many characters of an address's local part stand here.
static size_t run(const char *text)
{
	static const char atoms[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'*+-/=?^_`{|}~.";

	return strspn(text, atoms);
}

static void cut(char *text, size_t len)
{
	memmove(text + SHOWN, text + len, strlen(text + len) + 1);
}

char *redact(char *text)
{
	for (char *p = text; *p; p++) {
		if ((unsigned char)*p >= 0x80)
			*p = '?';
		else if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	}
	for (char *p = text; *p; p++) {
		size_t len;

		if (*p != '+' && !text_starts_fold(p, "cs1."))
			continue;
		p += *p == '+' ? 1 : strlen("cs1.");
		len = run(p);
		if (len > SHOWN && (p[len] == '@' || len >= LONG_RUN))
			cut(p, len);
		if (!*p)
			break;
	}
	return text;
}
