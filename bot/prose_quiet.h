// SPDX-License-Identifier: Apache-2.0
// Which clauses state nothing: negations, suppositions, comparisons, what is to be replaced.
#ifndef BOT_PROSE_QUIET_H
#define BOT_PROSE_QUIET_H

struct prose;

// Marks the words of such clauses as quiet.  When in doubt a clause is quiet: what is missed is asked for, what is
// invented may be overlooked.
void prose_hush(struct prose *p);

#endif
