// SPDX-License-Identifier: Apache-2.0
// One `send` of the core's while it is being done; upload.c, download.c and respond.c have the kinds that are more than
// a call of one method.
#ifndef ADAPTERS_SLACK_ERRAND_H
#define ADAPTERS_SLACK_ERRAND_H

#include <jansson.h>
#include <stdint.h>

struct answer;
struct calls;
struct core;
struct settings;

struct errand {
	char *id;
	struct calls *calls;
	struct core *core;
	const struct settings *settings;
	json_t *args;     // what is asked for
	int64_t deadline; // ms since 1970; 0: none
	int fd;           // of a download, -1 otherwise
	char *file;       // of an upload: the id it got
};

// Each ends in exactly one of these, which frees the errand.  `more` may be NULL and is taken over.
void errand_sent(struct errand *errand, json_t *more);
void errand_failed(struct errand *errand, const struct answer *answer);

// Our own refusal, for good.
void errand_refused(struct errand *errand, const char *error, const char *why);

// {"channel","thread_ts"?,"filename","title","comment"?,"text"}: a file made of a text, in three steps.
void upload_start(struct errand *errand);

// {"url","size_max"}: a file's bytes, by our token, from Slack's hosts alone.
void download_start(struct errand *errand);

// {"url","body"}: an answer to where a click or a command wants it.
void respond_start(struct errand *errand);

#endif
