// SPDX-License-Identifier: Apache-2.0
// Birth and death of the adapters: spawned with one socket and their own secrets, throttled when they die young, killed
// when they stay silent at the start, restarted, and never believed when a frame is of another generation.
#ifndef BOT_ADAPTER_H
#define BOT_ADAPTER_H

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/err.h"
#include "base/frame.h"

struct adapter;
struct serve;

// What the core does for one kind of channel; a new channel is one new table.  All are called from the event loop.
struct channel_kind {
	const char *name; // of the program, too
	// What goes into the `configure` frame; secrets are read anew for every birth.  New references; -1: cannot
	// start.
	int (*configure)(struct serve *s, json_t **config, json_t **secrets, struct err *e);
	void (*ready)(struct serve *s);
	// One frame; fds that are not taken out are closed.
	void (*frame)(struct serve *s, struct frame *frame);
	// It died, or was killed: whatever it had in hand comes back to the core.
	void (*gone)(struct serve *s);
};

// Starts it at once, and again whenever it ends, until adapter_stop().
struct adapter *adapter_new(struct serve *s, sd_event *event, const struct channel_kind *kind, struct err *e);

bool adapter_ready(const struct adapter *a);

// Sends a frame, or queues it while the socket is full; descriptors are duplicated when needed.  A frame for an adapter
// that is not there is dropped: whoever sends learns that from gone().
void adapter_send(struct adapter *a, json_t *frame, const int *fds, size_t fd_count);

// Kills it (it hangs, or was fed something bad); it is started again.
void adapter_kill(struct adapter *a);

// Asks it to finish what is in hand and end; it is not started again.
void adapter_stop(struct adapter *a);
bool adapter_ended(const struct adapter *a);
void adapter_free(struct adapter **a);

// "ready", "starting", "waiting to start again", "stopped": for status.
const char *adapter_state(const struct adapter *a);

#endif
