// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/uids.h"

#include <stdlib.h>
#include <string.h>

#include <libetpan/libetpan.h>

#include "base/buf.h"

// Where `uid` is, or would be.
static size_t place(const struct uids *u, uint32_t uid)
{
	size_t low = 0, high = u->count;

	if (high && u->list[high - 1] < uid)
		return high;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (u->list[middle] < uid)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool uids_has(const struct uids *u, uint32_t uid)
{
	size_t at = place(u, uid);

	return at < u->count && u->list[at] == uid;
}

int uids_add(struct uids *u, uint32_t uid)
{
	size_t at = place(u, uid);

	if (uid == 0 || uid > UID_LAST)
		return -1;
	if (at < u->count && u->list[at] == uid)
		return 0;
	if (u->count == u->max)
		return -1;
	if (u->count == u->room) {
		size_t room = u->room ? 2 * u->room : 64;
		uint32_t *list = reallocarray(u->list, room, sizeof *list);

		if (!list)
			return -1;
		u->list = list;
		u->room = room;
	}
	memmove(u->list + at + 1, u->list + at, (u->count - at) * sizeof *u->list);
	u->list[at] = uid;
	u->count++;
	return 0;
}

bool uids_remove(struct uids *u, uint32_t uid)
{
	size_t at = place(u, uid);

	if (at == u->count || u->list[at] != uid)
		return false;
	u->count--;
	memmove(u->list + at, u->list + at + 1, (u->count - at) * sizeof *u->list);
	return true;
}

void uids_drop(struct uids *u, size_t count)
{
	u->count -= count;
	if (u->count)
		memmove(u->list, u->list + count, u->count * sizeof *u->list);
}

void uids_clear(struct uids *u)
{
	u->count = 0;
}

void uids_free(struct uids *u)
{
	free(u->list);
	*u = UIDS(u->max);
}

// The length of the run of neighbours that begins at `at`.
static size_t run_length(const struct uids *u, size_t at)
{
	size_t n = 1;

	while (at + n < u->count && u->list[at + n] == u->list[at] + n)
		n++;
	return n;
}

char *uids_text(const struct uids *u)
{
	struct buf text = BUF(24 * u->count + 1);

	for (size_t i = 0, n; i < u->count; i += n) {
		n = run_length(u, i);
		buf_printf(&text, "%s%u", i ? "," : "", u->list[i]);
		if (n > 1)
			buf_printf(&text, ":%u", u->list[i + n - 1]);
	}
	return buf_steal(&text);
}

struct mailimap_set *uids_set(const struct uids *u)
{
	struct mailimap_set *set = mailimap_set_new_empty();

	for (size_t i = 0, n; set && i < u->count; i += n) {
		n = run_length(u, i);
		if (mailimap_set_add_interval(set, u->list[i], u->list[i + n - 1]) != MAILIMAP_NO_ERROR) {
			mailimap_set_free(set);
			set = NULL;
		}
	}
	return set;
}
