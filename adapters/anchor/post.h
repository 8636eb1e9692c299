// SPDX-License-Identifier: Apache-2.0
// Requests on their way to those outside, side by side through libcurl, so that one who is slow holds up nobody else.
// No redirects, no proxy, no cookies; bounded in time and in what is taken.
#ifndef ADAPTERS_ANCHOR_POST_H
#define ADAPTERS_ANCHOR_POST_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/channel.h"
#include "base/buf.h"
#include "base/err.h"

#define POSTS_MAX 64               // under way at a time
#define POST_ANSWER_MAX (24 << 10) // bytes of an answer: it must fit into a frame, escaped

struct posts;

// What became of one.
struct post_result {
	char id[CHANNEL_ID_MAX + 1];
	long status;     // of HTTP; 0: there was no whole answer, for `why`
	struct buf body; // owned
	char why[512];   // one sentence
	bool permanent;  // trying again cannot help
};

// `ca`: a file of certificates to trust instead of the system's, or "".  It must outlive the posts.  NULL on error.
struct posts *posts_new(const char *ca, struct err *e);
void posts_free(struct posts **p);

size_t posts_count(const struct posts *p);

// `plain`: http:// may lead anywhere, for what comes back proves itself.  Takes the body over.  Only while fewer than
// POSTS_MAX are under way.  Whatever goes wrong comes back as a result.
void posts_start(struct posts *p, const char *id, const char *url, const char *type, bool plain, struct buf *body);

// Makes progress, then waits until something happens there or on `fd` (POLLIN when `read`), at most `timeout_ms`.
int posts_wait(struct posts *p, int fd, bool read, int timeout_ms, struct err *e);

// Takes one result out, for post_result_free(); false when there is none.
bool posts_next(struct posts *p, struct post_result *out);
void post_result_free(struct post_result *r);

#endif
