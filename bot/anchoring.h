// SPDX-License-Identifier: Apache-2.0
// The core's side of the anchor adapter: after a head was signed, witnesses are asked to cosign the newest one and the
// time-stamping authority to stamp it.  Nothing waits for them; who fails is asked again later, and is shown by
// `status`.  A witness that has seen another log of ours freezes the desk.
#ifndef BOT_ANCHORING_H
#define BOT_ANCHORING_H

#include <jansson.h>
#include <stdbool.h>
#include <systemd/sd-event.h>

#include "base/buf.h"
#include "base/timestamp.h"
#include "bot/config_log.h"
#include "bot/voucher.h"

struct serve;

struct anchoring {
	size_t witnesses, count;                           // in `vouchers`: the witnesses, then the authority, if any
	struct voucher vouchers[CONFIG_WITNESSES_MAX + 1]; // in the configuration's order
	struct {
		char *note; // that is being stamped
		uint8_t nonce[TIMESTAMP_NONCE];
		struct buf answer; // that was checked, to be kept
		int64_t time;      // of the stamp
	} stamp;
	sd_event_source *timer;
};

// Starts the adapter, if there is anybody to ask.  0, or -1.
int anchoring_begin(struct serve *s, struct err *e);
void anchoring_end(struct serve *s);

// Asks whoever is due about the newest signed head.
void anchoring_feed(struct serve *s);

// --- between bot/anchoring*.c ----------------------------------------------------------------------------------------

struct frame;
struct work;
struct work_kind;

int64_t anchoring_now(const struct serve *s);
bool anchoring_is_witness(const struct anchoring *a, const struct voucher *v);
const struct config_witness *anchoring_witness(const struct serve *s, const struct voucher *v);

// A frame of the adapter's: anchoring_answer.c.
void anchoring_frame(struct serve *s, struct frame *f);

// Queues work that is about one of them, with its answer, if any; and whom a piece of work is about.
void anchoring_queue(struct serve *s, const struct work_kind *kind, const struct voucher *v, const char *answer);
struct voucher *anchoring_voucher(struct serve *s, const struct work *w);

// After it failed: an alarm, if it is late.
void anchoring_look(struct serve *s, struct voucher *v);

// Since when there is a head that it did not vouch for: 1; 0 when it has vouched for all; -1.
int anchoring_behind(struct serve *s, const struct voucher *v, int64_t *since, struct err *e);

// For `status`: into `view` go "witnesses", an array, and "authority", an object, as far as there are any.  0, or -1.
int anchoring_view(struct serve *s, json_t *view, struct err *e);

#endif
