// SPDX-License-Identifier: Apache-2.0
// An adapter that the doctor runs for a minute: one at a time is spoken to, every wait has an end, and what it logs is
// kept instead of shown.
#ifndef BOT_DOCTOR_ADAPTER_H
#define BOT_DOCTOR_ADAPTER_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/frame.h"

// All zero but `socket` and `log`, which are -1, before it is started and after it is stopped.
struct helper {
	const char *name;
	pid_t pid;
	int socket;
	int log; // a memory file
};
#define HELPER ((struct helper){ .socket = -1, .log = -1 })

enum helper_news {
	HELPER_FRAME, // `out` is the caller's until frame_free()
	HELPER_LATE,  // nothing came until the deadline
	HELPER_GONE,  // it ended, or sent what is no frame
};

// Runs it, configures it and waits until it is ready.  Takes the references of `config` and `secrets`.  0, or -1 with
// what it said last; helper_stop() is due either way.
int helper_start(struct helper *h, const char *name, json_t *config, json_t *secrets, struct err *e);

int helper_send(struct helper *h, const json_t *frame, const int *fds, size_t fd_count, struct err *e);

// The next frame; `deadline` is a time of clock_monotonic().
enum helper_news helper_next(struct helper *h, int64_t deadline, struct frame *out);

// Has it logged a line with these words?
bool helper_logged(const struct helper *h, const char *words);

// The last line that it logged; "it ended without a word" when there is none.  The caller frees.
char *helper_last_words(const struct helper *h);

// Asks it to stop, kills it after five seconds.
void helper_stop(struct helper *h);

#endif
