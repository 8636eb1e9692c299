// SPDX-License-Identifier: Apache-2.0
// A frame: one seqpacket holding one JSON object of at most 64 KiB, with up to three descriptors beside it.  What
// is larger travels as a descriptor (a memfd).  See countersign-frames(7).
#ifndef BASE_FRAME_H
#define BASE_FRAME_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

#define FRAME_MAX 65536
#define FRAME_FDS 3

struct frame {
	json_t *json;
	int fds[FRAME_FDS];
	size_t fd_count;
};

enum frame_result {
	FRAME_OK,
	FRAME_AGAIN,  // nothing to read, or no room to write, on a non-blocking socket
	FRAME_CLOSED, // the peer is gone
	FRAME_BROKEN, // what came is not a frame (err says why); its descriptors were closed
};

// Sends one object and descriptors (which stay the caller's).  Never raises SIGPIPE.
enum frame_result frame_send(int socket, const json_t *object, const int *fds, size_t fd_count, struct err *e);

// Receives one frame; with FRAME_OK the caller owns it until frame_free().
enum frame_result frame_receive(int socket, struct frame *out, struct err *e);

// Gives up the object and whatever descriptors have not been taken out with frame_take_fd().
void frame_free(struct frame *f);
#define _frame_ __attribute__((cleanup(frame_free)))

// Takes descriptor `i` out of the frame; -1 when there is none.
int frame_take_fd(struct frame *f, size_t i);

#endif
