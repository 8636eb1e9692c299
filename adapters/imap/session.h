// SPDX-License-Identifier: Apache-2.0
// One connection to the server, from connecting to the selected folder.  A session that met an error is of no further
// use: what libetpan has read half cannot be told from what it has not.  Close it and open another.
#ifndef ADAPTERS_IMAP_SESSION_H
#define ADAPTERS_IMAP_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <libetpan/libetpan.h>

#include "adapters/imap/settings.h"
#include "adapters/imap/transport.h"
#include "base/clock.h"
#include "base/err.h"

enum {
	SESSION_OPEN_TIME = 30 * CLOCK_SECOND,    // connecting, TLS and login together
	SESSION_COMMAND_TIME = 60 * CLOCK_SECOND, // one command that brings no mail
	SESSION_ANSWER_MAX = 1 << 20,             // bytes of such a command's answer
};

// Which notice an error is worth, beside its sentence.
enum session_trouble { TROUBLE_CONNECTION, TROUBLE_TLS, TROUBLE_LOGIN, TROUBLE_FOLDER };

struct session {
	mailimap *imap;
	struct transport *transport; // owned by imap's stream
	uint32_t uidvalidity;
	bool has_idle, has_move, has_uidplus;
	enum session_trouble trouble; // after an error
};

// 0, or -1 with s->trouble set and nothing left open.
int session_open(struct session *s, struct settings *settings, const struct watch *watch, struct err *e);

// Says goodbye without waiting for an answer when `polite`; just closes otherwise.
void session_close(struct session *s, bool polite);

// Before a command: how long it may take and how much it may bring.
void session_begin(struct session *s, int64_t time, size_t budget);

// After one: 0 when `result` (MAILIMAP_...) is a success, else -1 saying what failed, in the transport's words when the
// connection broke, and in the server's when it refused.
int session_check(struct session *s, int result, const char *what, struct err *e);

// -1 when the server has named another UIDVALIDITY meanwhile: no UID means what it meant.
int session_check_uids(const struct session *s, struct err *e);

// Did the server itself say NO, so that the session is as good as before?
bool session_refused(int result);

#endif
