// SPDX-License-Identifier: Apache-2.0
// Which servers put their names on a mail.  This is for telling an administrator what to write into mail.trust; nothing
// is decided by it.
#ifndef BOT_DOCTOR_TRACE_H
#define BOT_DOCTOR_TRACE_H

#include "base/buf.h"

// "a, b, c": the authserv ids of its Authentication-Results, or the hosts that its Received fields name after "by",
// from the top; "" when there are none.  The caller frees.
char *trace_authservs(const struct buf *mail);
char *trace_hosts(const struct buf *mail);

#endif
