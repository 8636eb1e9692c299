// SPDX-License-Identifier: Apache-2.0
// The adapter at work: takes `send` frames from the core, hands mails to submit.h and reports what became of each.
#ifndef ADAPTERS_SMTP_LOOP_H
#define ADAPTERS_SMTP_LOOP_H

#include "adapters/channel.h"
#include "adapters/smtp/settings.h"

// Until `stop` (then what is in flight has 5 s to end) or the core is gone: 0.  -1 when the core broke the rules or
// libcurl fails.
int loop_run(struct channel *channel, struct settings *settings, struct err *e);

#endif
