// SPDX-License-Identifier: Apache-2.0
// Small things about text that do not depend on the locale: what an I is must not change in Turkey.
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Is it valid UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL?
bool utf8_valid(const char *text, size_t len);

// Length of the valid character at `text` (of which `left` bytes may be read), 0 when there is none there.
size_t utf8_sequence(const char *text, size_t left);

// Length in bytes of the longest prefix of at most `max` bytes that does not cut a character.
size_t utf8_prefix(const char *text, size_t max);

// ASCII comparison without regard to case.
bool text_same(const char *a, const char *b);
bool text_starts(const char *text, const char *prefix);      // exact
bool text_starts_fold(const char *text, const char *prefix); // without regard to ASCII case

// ASCII letters to lower case, in place; returns text.
char *text_lower(char *text);

// Cuts ASCII white space off both ends, in place; returns where the text begins.
char *text_trim(char *text);

// Does every bracket "(" have its ")", so that others may be put around the whole?
bool text_brackets_close(const char *text);

bool text_is_space(char c);
bool text_is_digit(char c);

// A decimal number in its one right spelling (digits, no leading zero) of at most INT64_MAX; 0, or -1.
int text_decimal(const char *text, size_t len, uint64_t *out);

// The line at *at, without its line end; `len` is set and *at moves to the next one.  NULL when no line end follows
// before `end`.
const char *text_line(const char **at, const char *end, size_t *len);

// strdup() and friends that panic when memory runs out.
char *text_copy(const char *text);
char *text_copy_n(const char *text, size_t len);
char *text_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
