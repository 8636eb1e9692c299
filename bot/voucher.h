// SPDX-License-Identifier: Apache-2.0
// One outside who vouches for the log's heads: a witness that cosigns them, or the authority that time-stamps them.
// When to ask, and what an answer means; pure: no socket, no database, and the time is told.
#ifndef BOT_VOUCHER_H
#define BOT_VOUCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

enum {
	VOUCHER_PAUSE =
	        10 * CLOCK_SECOND, // between two heads; also after the first failure, then twice as long each time
	VOUCHER_PAUSE_MAX = CLOCK_HOUR,
	VOUCHER_LATE = CLOCK_DAY, // without vouching for the newest heads: an alarm
	VOUCHER_TRIES = 5,        // that failed since the start: who was off for days has not been asked either
};

struct voucher {
	const char *name; // borrowed
	uint64_t size;    // of the newest head that it vouched for; 0: none yet
	int64_t at;       // when
	uint64_t from;    // of a witness: the head that it knows, where a proof begins
	uint64_t asking;  // size of the head that it is asked about; 0: of none
	bool corrected;   // it has told another `from`, and was asked again at once
	int64_t next;     // not before
	unsigned failures;
	bool told; // of its being late
	int64_t trouble_at;
	char trouble[400]; // a sentence without its end; "" while all is well
};

// When to ask about the newest head, of size `head`: then or earlier.  INT64_MAX: not now.  A clock that was set back
// makes nobody wait longer than VOUCHER_PAUSE_MAX.
int64_t voucher_due(struct voucher *v, uint64_t head, int64_t now);

// It is being asked about this head.
void voucher_ask(struct voucher *v, uint64_t head);
// What became of it: it vouched for the head of this size, and the next head may go there at `next`; or it did not, and
// why.
void voucher_vouched(struct voucher *v, uint64_t size, int64_t now, int64_t next);
__attribute__((format(printf, 3, 4))) void voucher_failed(struct voucher *v, int64_t now, const char *why, ...);

enum verdict_of_witness {
	WITNESS_SAID_YES,    // if what it signed verifies: the caller looks, and calls one of the two above
	WITNESS_KNOWS_OTHER, // size: `from` is set, it is asked again
	WITNESS_SAID_NO,     // the trouble is set
	WITNESS_SAW_LONGER,  // a log of ours, longer than this one: this is an old copy, or another
	WITNESS_SAW_ANOTHER, // log of ours: its head is none of this log's
};

// What a witness answered to the head that it is asked about (c2sp.org/tlog-witness).  `log_size`: of the log as it is
// now.  The proof that went with the question is known to be right.
enum verdict_of_witness voucher_judge(struct voucher *v, int64_t status, const char *body, size_t len,
                                      uint64_t log_size, int64_t now);

// Has it not vouched for a head that is there since then, for longer than anybody should wait?
bool voucher_is_late(const struct voucher *v, int64_t since, int64_t now);

// The authority stamps a head an hour after the last one, and at midnight (UTC) whatever the day's last one is.
int64_t stamp_next(int64_t last);

#endif
