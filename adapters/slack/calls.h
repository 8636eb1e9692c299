// SPDX-License-Identifier: Apache-2.0
// The calls that wait and the calls that are under way: one queue for each method, at its tier's rate, after the time
// that Slack asked for.  What can be asked again without harm is asked again here, a little; the rest is the core's.
#ifndef ADAPTERS_SLACK_CALLS_H
#define ADAPTERS_SLACK_CALLS_H

#include <stddef.h>
#include <stdint.h>
#include <uv.h>

#include "adapters/slack/answer.h"
#include "adapters/slack/methods.h"
#include "base/err.h"

struct calls;
struct core;
struct settings;
struct web;

enum bearer {
	BEARER_NONE,
	BEARER_BOT,
	BEARER_APP,
	BEARER_COUNT,
};

// Called once for each call, never from inside calls_add().  What it wants of the answer's JSON it takes
// a reference of.
typedef void call_done(void *data, const struct answer *answer);

struct call {
	enum method_id method;
	enum bearer bearer;
	char *url; // NULL: the method's own
	const char *content_type;
	char *body;       // NULL: GET
	size_t len;       // of `body`
	int fd;           // where the answer's bytes go, the caller's; -1: it is JSON or nobody's concern
	size_t max;       // bytes of the answer; 0: 4 MiB
	char *lane;       // the conversation that it goes into (lanes.h); NULL: none
	int64_t deadline; // ms since 1970: too late to begin; 0: none
	bool once;        // whoever asks repeats it himself
	call_done *done;
	void *data;
};

#define CALL_FORM "application/x-www-form-urlencoded"
#define CALL_JSON "application/json; charset=utf-8"

// Everything must outlive it.  NULL on error.
struct calls *calls_new(uv_loop_t *loop, const struct settings *settings, struct web *web, struct core *core,
                        struct err *e);

// Takes over what `call` points to, but for `fd`, `content_type` and `data`.
void calls_add(struct calls *c, const struct call *call);

// How many wait or are under way.
size_t calls_count(const struct calls *c);

// What waits is answered with "stopping"; what is under way goes on.
void calls_stop(struct calls *c);

// After web_close(): answers what was left as calls_stop() does; its handle closes when the loop runs next.  Then
// calls_free().
void calls_close(struct calls *c);
void calls_free(struct calls **c);

#endif
