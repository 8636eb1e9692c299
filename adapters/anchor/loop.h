// SPDX-License-Identifier: Apache-2.0
// The adapter at work: takes `send` frames from the core, hands them to post.h, and reports what was answered.
#ifndef ADAPTERS_ANCHOR_LOOP_H
#define ADAPTERS_ANCHOR_LOOP_H

#include "adapters/channel.h"

// Until `stop` or the core is gone: 0.  -1 when the core broke the rules or libcurl fails.  At a `stop` what is under
// way is given up: it can be asked again.
int loop_run(struct channel *channel, const char *ca, struct err *e);

#endif
