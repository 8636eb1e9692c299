// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/move.h"

#include "adapters/imap/fetch.h"
#include "base/text.h"

enum move_way move_best(const struct session *s)
{
	return s->has_move ? MOVE_MOVE : s->has_uidplus ? MOVE_COPY : MOVE_FLAG;
}

static int store_flags(struct session *s, struct mailimap_set *set, struct mailimap_flag *a, struct mailimap_flag *b)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	struct mailimap_store_att_flags *store;
	int r;

	if (!flags || !a || mailimap_flag_list_add(flags, a) != MAILIMAP_NO_ERROR ||
	    (b && mailimap_flag_list_add(flags, b) != MAILIMAP_NO_ERROR))
		panic("out of memory for flags");
	store = mailimap_store_att_flags_new_add_flags_silent(flags);
	if (!store)
		panic("out of memory for flags");
	r = mailimap_uid_store(s->imap, set, store);
	mailimap_store_att_flags_free(store);
	return r;
}

// Returns MAILIMAP_...; a step that is refused leaves the mails where they are.
static int copy_and_expunge(struct session *s, struct mailimap_set *set, const char *folder)
{
	int r = mailimap_uid_copy(s->imap, set, folder);

	if (r == MAILIMAP_NO_ERROR)
		r = store_flags(s, set, mailimap_flag_new_deleted(),
		                mailimap_flag_new_flag_keyword(text_copy(FETCH_FLAG)));
	if (r == MAILIMAP_NO_ERROR)
		r = mailimap_uid_expunge(s->imap, set);
	return r;
}

static int try_way(struct session *s, struct mailimap_set *set, const char *folder, enum move_way way)
{
	switch (way) {
	case MOVE_MOVE:
		return mailimap_uid_move(s->imap, set, folder);
	case MOVE_COPY:
		return copy_and_expunge(s, set, folder);
	case MOVE_FLAG:
		return store_flags(s, set, mailimap_flag_new_seen(),
		                   mailimap_flag_new_flag_keyword(text_copy(FETCH_FLAG)));
	case MOVE_NOTHING:
		return MAILIMAP_NO_ERROR;
	}
	panic("no such way to move: %d", (int)way);
}

// Once more when it may have been for want of the folder.  The first refusal is the one worth telling.
static int try_with_folder(struct session *s, struct mailimap_set *set, const char *folder, enum move_way way,
                           struct err *e)
{
	int r = try_way(s, set, folder, way);

	if (!session_refused(r))
		return r;
	session_check(s, r, "putting mails away", e);
	if (way == MOVE_FLAG)
		return r;
	session_begin(s, SESSION_COMMAND_TIME, SESSION_ANSWER_MAX);
	if (mailimap_create(s->imap, folder) != MAILIMAP_NO_ERROR)
		return r;
	session_begin(s, SESSION_COMMAND_TIME, SESSION_ANSWER_MAX);
	return try_way(s, set, folder, way);
}

int move_away(struct session *s, const struct uids *uids, const char *folder, enum move_way *way, struct err *e)
{
	struct mailimap_set *set = uids_set(uids);
	int r;

	if (!set)
		panic("out of memory for a move");
	for (;;) {
		session_begin(s, SESSION_COMMAND_TIME, SESSION_ANSWER_MAX);
		r = try_with_folder(s, set, folder, *way, e);
		if (!session_refused(r))
			break;
		*way = *way < MOVE_FLAG ? MOVE_FLAG : MOVE_NOTHING;
	}
	mailimap_set_free(set);
	return session_check(s, r, "putting mails away", e);
}
