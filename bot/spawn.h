// SPDX-License-Identifier: Apache-2.0
// Starting one adapter: a socket as descriptor 3, all else closed, and a failed exec told.
#ifndef BOT_SPAWN_H
#define BOT_SPAWN_H

#include <sys/types.h>

#include "base/err.h"

// Runs $COUNTERSIGN_LIBEXEC/NAME, or LIBEXECDIR/NAME.  The parent's end is non-blocking.  0, or -1 when it could not be
// started (a missing program is EX_OSERR naming it).
int spawn_adapter(const char *name, pid_t *pid, int *socket, struct err *e);

#endif
