// SPDX-License-Identifier: Apache-2.0
// Why a message is refused as a whole: a code that operators and the log know (BAD-INPUTS: "mime-limit", "mime-decode",
// "header-limit", "nul-in-header") and one sentence.  The sentence never quotes the message.
#ifndef MIME_FAILURE_H
#define MIME_FAILURE_H

#define CODE_HEADER_LIMIT "header-limit"
#define CODE_NUL "nul-in-header"
#define CODE_LIMIT "mime-limit"
#define CODE_DECODE "mime-decode"
#define CODE_IO "mime-io" // what the core gave us to write to cannot be written

struct failure {
	const char *code; // one of the above
	char why[256];
};

// Fills `f`; always returns -1, so that a caller may `return refuse(...)`.
int refuse(struct failure *f, const char *code, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
