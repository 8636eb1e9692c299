// SPDX-License-Identifier: Apache-2.0
// `countersign witness`: cosigns the heads of other logs (c2sp.org/tlog-witness), and of no log two heads that
// contradict each other.
#ifndef BOT_WITNESS_H
#define BOT_WITNESS_H

#include "base/err.h"

// Serves by the configuration in `path` until SIGTERM or SIGINT: 0; or -1.
int witness_serve(const char *path, struct err *e);

#endif
