// SPDX-License-Identifier: Apache-2.0
// The connection under libetpan: TCP, then TLS that verifies.  The library's own streams do neither: its TLS accepts
// any certificate, its timeouts count per read, its select() aborts on descriptors from 1024 on, and a server that
// closes inside a literal makes it spin.  Here every read and write ends at an absolute deadline, has a budget of
// bytes, and gives way to the channel.
#ifndef ADAPTERS_IMAP_TRANSPORT_H
#define ADAPTERS_IMAP_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libetpan/libetpan.h>

#include "base/err.h"

struct transport;

// What else is looked at while the server is waited for.
struct watch {
	int fd;                       // the channel's
	bool (*readable)(void *data); // reads what came on fd; false = give the connection up
	void *data;
	bool news;        // readable() took something that its owner has not looked at yet
	int64_t deadline; // on the monotonic clock: nothing is waited for after it (INT64_MAX: no such time)
};

// Connects to the first address that answers; `watch` must outlive the transport.  `deadline` is on the monotonic
// clock.
struct transport *transport_open(const char *host, const char *port, const struct watch *watch, int64_t deadline,
                                 struct err *e);

// TLS 1.2 or later; the server's chain must lead to `ca` (a PEM file; NULL = the system's authorities) and its
// certificate must name `host`.  -1 leaves the connection unusable.
int transport_start_tls(struct transport *t, const char *host, const char *ca, int64_t deadline, struct err *e);

// Is the other end on this machine?
bool transport_is_loopback(const struct transport *t);

// For one that has no stream yet.
void transport_free(struct transport *t);

// Makes the stream that owns `t` from now on: mailstream_close() frees both.  NULL when memory ran out.
mailstream *transport_stream(struct transport *t);

// From now on: reading and writing fail after `deadline`, and when more than `budget` bytes were read.
void transport_limit(struct transport *t, int64_t deadline, size_t budget);

// Every later read and write fails at once, so that closing waits for nobody.
void transport_abandon(struct transport *t);

enum transport_event { TRANSPORT_READABLE, TRANSPORT_CHANNEL, TRANSPORT_TIMEOUT };

// Waits, without reading, for bytes from the server (those that TLS has already taken off the socket included), or for
// the channel, whose callback is not called here; for the latter also when a read before has served it, and its owner
// does not know yet.
enum transport_event transport_wait(struct transport *t, int64_t deadline);

// Why the last read or write failed; "" when none did.
const char *transport_trouble(const struct transport *t);

#endif
