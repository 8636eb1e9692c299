// SPDX-License-Identifier: Apache-2.0
// `countersign serve`: the core's main loop and what belongs to it.
#ifndef BOT_SERVE_H
#define BOT_SERVE_H

#include <stdbool.h>
#include <sys/queue.h>
#include <systemd/sd-event.h>

#include "base/checkpoint.h"
#include "base/clock.h"
#include "bot/adapter.h"
#include "bot/desk.h"
#include "bot/render.h"
#include "store/inbox.h"
#include "store/rotations.h"

#define READING_MAX 16 // mails that the mime worker has in hand
#define SENDING_MAX 16 // letters that an adapter has in hand

enum carrier { BY_MAIL, BY_SLACK, CARRIERS };

struct hands {
	int64_t ids[SENDING_MAX];
	size_t count;
};

struct anchoring;
struct control;
struct work;

struct serve {
	struct desk desk;
	struct wall_clock clock;
	struct templates *templates;
	sd_event *event;
	sd_event_source *batch; // runs work_run() once when enabled
	sd_event_source *due;   // the next timer or letter
	sd_event_source *soon;  // until what can wait for a transaction gets one of its own, or NULL
	STAILQ_HEAD(, work) waiting;
	struct control *control;
	struct adapter *imap, *mime, *smtp, *slack, *signer, *anchor;
	struct {
		struct reading_hand {
			struct inbox_row row;
			int document, attachments; // what the worker writes into
		} hands[READING_MAX];              // oldest first: answers come in order
		size_t count;
		int64_t last; // id of the last row that was fed
		sd_event_source *limit;
	} reading;
	struct hands sending[CARRIERS];
	struct {
		char *user, *team; // who we are there, once the adapter said so
		int64_t fed;       // id of the last envelope that was taken up to be decided about
		int64_t last;      // number of the last thing that was asked of it beside letters
	} chat;
	struct {
		sd_event_source *timer;
		uint64_t count; // of looks
	} selfcheck;
	int64_t checkpoint_mail; // when the next is due; 0: to be looked up
	struct {
		int64_t next;             // when retention is looked at again
		int64_t erased, archived; // numbers of the last cases that it looked at
	} retention;
	struct {
		struct note_key key;  // with which it signs
		struct note_key next; // and can, once it is introduced
		bool has_next;
		bool known; // it has told its mark
		bool asked; // for the head below
		struct checkpoint asking;
		bool turning; // it is the first with the entry that introduces a key: two are to sign it
		struct rotation turn;
		uint64_t mark;             // size of what it signed last
		uint64_t covered;          // size of the newest signed head that is kept
		int64_t since, not_before; // monotonic ms: when it was asked, and when it may be asked again
		unsigned failures;         // in a row
		sd_event_source *timer;
		sd_event_source *limit; // within which a head is to be kept, while one is due
	} signing;
	struct {
		int64_t since;   // ms; 0: there is room
		char text[1024]; // what is full
	} stuck;
	struct anchoring *anchoring; // who is asked to vouch for heads (anchoring.h), or NULL
	bool stopping;               // no new work is begun
	int exit_code;
};

struct serve_options {
	const char *config;
	int64_t clock_rate; // 1, or how many times as fast time runs (loopback only)
};

// Runs until it is told to stop; an exit code of sysexits(3).
int serve(const struct serve_options *options);

// Something went wrong that only a new start can mend: the loop ends with this error's code.
void serve_fail(struct serve *s, const struct err *e);

// --- the channels, each a file of its own ------------------------------------------------------------------------

extern const struct channel_kind fetching;  // imap: fetching.c
extern const struct channel_kind reading;   // mime: reading.c
extern const struct channel_kind sending;   // smtp: sending.c
extern const struct channel_kind chatting;  // slack: chatting.c
extern const struct channel_kind signing;   // signer: signing.c
extern const struct channel_kind anchoring; // anchor: anchoring.c

// Hands the mime worker the mails that wait; hands smtp and slack the letters that are due.
void reading_feed(struct serve *s);
void sending_feed(struct serve *s);
void chatting_feed(struct serve *s);
// Has the log's head signed, if it was not; signing_covers(): the size that a letter may tell of, see outbox.h.
void signing_feed(struct serve *s);
int64_t signing_covers(const struct serve *s);

// Carries out what is due; part of the transaction (due.c).  And when to wake up next.
int due_run(struct serve *s, struct err *e);
void due_arm(struct serve *s);

// The control socket (control.c).
struct control *control_new(struct serve *s, struct err *e);
void control_free(struct control **c);

#endif
