// SPDX-License-Identifier: Apache-2.0
// How a function says what went wrong: it returns -1 and leaves a code and one sentence that a person can act on.
// Library code fills a struct err and never logs or exits; the caller at the top logs or prints it once.
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <sysexits.h>

// `code` is a value of sysexits(3): it becomes the exit code when the error reaches the top of a program.
//   EX_USAGE       the command line          EX_DATAERR     what somebody else sent is wrong
//   EX_NOINPUT     no such file or case      EX_UNAVAILABLE a service does not answer
//   EX_SOFTWARE    a broken invariant        EX_OSERR       the system refused (memory, descriptors)
//   EX_IOERR       reading or writing failed EX_TEMPFAIL    try again later
//   EX_PROTOCOL    the peer broke the rules  EX_NOPERM      not allowed
//   EX_CONFIG      the configuration is wrong
struct err {
	int code;
	char text[1024]; // one sentence without a line end; may hold several lines when a source excerpt helps
};

// Sets code and text.  Always returns -1, so that a caller may `return err_set(...)`.  `e` may be NULL.
int err_set(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// As err_set, with ": " and the text of errno appended.  errno stays as it was.
int err_sys(struct err *e, int code, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Puts "what: " before the text, to say where an error from below happened.  Returns -1.
int err_prefix(struct err *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

// A broken invariant of our own: says where and aborts.  Never for anything that came from outside.
#define panic(...) err_panic(__FILE__, __LINE__, __VA_ARGS__)
_Noreturn void err_panic(const char *file, int line, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
