// SPDX-License-Identifier: Apache-2.0
// Cleanup by scope: the project's one idiom for giving things back (see STYLE).  `_free_ char *p = NULL;` frees p when
// the scope ends.  Ownership that leaves the scope goes through steal_ptr(), which leaves NULL behind.
#ifndef BASE_AUTO_H
#define BASE_AUTO_H

#include <stdlib.h>
#include <unistd.h>

static inline void auto_free(void *p)
{
	free(*(void **)p);
}

static inline void auto_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _free_ _cleanup_(auto_free)
#define _close_ _cleanup_(auto_close)
// For a json_t * (jansson's own idiom under our spelling); include <jansson.h> where it is used.
#define _json_ _cleanup_(json_decrefp)

#define steal_ptr(p) \
	({ \
		__typeof__(p) q_ = (p); \
		(p) = NULL; \
		q_; \
	})

static inline int steal_fd(int *fd)
{
	int out = *fd;

	*fd = -1;
	return out;
}

#define LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
