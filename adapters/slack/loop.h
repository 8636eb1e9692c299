// SPDX-License-Identifier: Apache-2.0
// One thread, one loop: the core's frames, the sockets, the calls.
#ifndef ADAPTERS_SLACK_LOOP_H
#define ADAPTERS_SLACK_LOOP_H

#include "adapters/channel.h"
#include "adapters/slack/settings.h"

struct loop;

// Everything that reads files of its own accord is done here, before the fence.  Both must outlive it.  NULL on error.
struct loop *loop_new(struct channel *channel, const struct settings *settings, struct err *e);

// Until the core says `stop` or is gone: 0, or -1 when it broke the rules.
int loop_run(struct loop *l, struct err *e);

// False when a lookup of a name still hangs: then nothing was given up, and the process must end by _exit(2), for a
// thread of it cannot be joined.
bool loop_free(struct loop **l);

#endif
