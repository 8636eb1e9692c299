// SPDX-License-Identifier: Apache-2.0
// The adapter's side of descriptor 3: reads `configure`, then speaks with the core in frames (countersign-frames(7)).
// Every frame that leaves carries the generation that `configure` named.  What to do is the adapter's business.
#ifndef ADAPTERS_CHANNEL_H
#define ADAPTERS_CHANNEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/frame.h"
#include "base/json.h"

#define CHANNEL_FD 3
#define CHANNEL_ID_MAX 256 // bytes of an id

// Each side sends while the other one does: a channel that is full takes in what waits at the other end's pleasure
// rather than wait for ever.  So much of it; more is back-pressure.
#define CHANNEL_BACKLOG 1024

struct channel {
	int fd; // readable when channel_receive() has something: give it to poll(2) with POLLIN, nothing else
	int socket;
	int signal;            // an eventfd that is set while frames wait in `backlog`
	struct frame *backlog; // a ring of CHANNEL_BACKLOG
	size_t first, count;
	int64_t generation;
	json_t *config;  // checked against the adapter's table
	json_t *secrets; // as above; channel_forget() when they have been taken
};

// Waits for `configure` on `fd` and checks it, `config` and `secrets` against the adapter's tables (base/json.h).
// -1 when what came first is anything else, or the core is gone.
int channel_open(struct channel *c, int fd, const struct json_key *config, const struct json_key *secrets,
                 struct err *e);

// Gives up the secrets, overwritten.
void channel_forget(struct channel *c);

// Closes the descriptor and gives everything up.
void channel_close(struct channel *c);

enum channel_input {
	INPUT_NONE,   // nothing waits
	INPUT_DONE,   // {"type":"done","id":...,"reply":{...}?}
	INPUT_DROP,   // {"type":"drop","id":...}: the event could not be kept, so it is not acknowledged
	INPUT_SEND,   // {"type":"send","id":...,...} and descriptors: the adapter checks its own keys
	INPUT_ANSWER, // {"type":"answer","id":...,...}: the adapter checks its own keys
	INPUT_STOP,   // finish what is in hand, exit 0
	INPUT_CLOSED, // the core is gone: exit
	INPUT_BROKEN, // what came breaks the rules (err says how): exit
};

// Takes one frame if one waits; never blocks.  For DONE, DROP, SEND and ANSWER `out` is the caller's until
// frame_free(), and its `id` is a string of 1 to CHANNEL_ID_MAX bytes; for everything else `out` is empty.
enum channel_input channel_receive(struct channel *c, struct frame *out, struct err *e);

// Waits until a frame can be taken, or `timeout_ms` (-1: without end) is over.  True when one can.
bool channel_wait(const struct channel *c, int timeout_ms);

// All of these wait while the socket is full (the core decides how fast it is fed) and return 0, or -1 when the core is
// gone.  Descriptors stay the caller's; a json_t * is taken over, also on failure.
int channel_ready(struct channel *c, struct err *e);

// `more` holds what belongs to the kind.
int channel_event(struct channel *c, const char *kind, const char *id, json_t *more, const int *fds, size_t fd_count,
                  struct err *e);

// Something that the operator should know; needs no `done`.
int channel_notice(struct channel *c, const char *code, const char *text, struct err *e);

// `more` may be NULL.
int channel_sent(struct channel *c, const char *id, json_t *more, struct err *e);
int channel_sent_with(struct channel *c, const char *id, json_t *more, const int *fds, size_t fd_count, struct err *e);

// `why` is one sentence; `retry_after` in seconds (0: the core decides); `more` may be NULL.
int channel_failed(struct channel *c, const char *id, const char *why, bool permanent, int64_t retry_after,
                   json_t *more, struct err *e);

#endif
