// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/fetch.h"

#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

enum {
	SEARCH_ANSWER_MAX = 64 << 20, // a million mails in the folder are eight megabytes of numbers
	BYTES_PER_MS = 64,            // slower than 64 KB/s is taken for broken
	OVERHEAD = 4096,              // bytes around each mail's literal, generously
};

// --- search ----------------------------------------------------------------------------------------------------------

static struct mailimap_search_key *wanted(uint32_t from)
{
	struct mailimap_search_key *all = mailimap_search_key_new_multiple_empty();

	if (!all)
		return NULL;
	// "0" as the last one is the library's way to write "*".
	mailimap_search_key_multiple_add(all, mailimap_search_key_new_uid(mailimap_set_new_interval(from, 0)));
	mailimap_search_key_multiple_add(all, mailimap_search_key_new_unkeyword(text_copy(FETCH_FLAG)));
	return all;
}

static int take_found(const clist *list, uint32_t from, struct uids *found, struct err *e)
{
	for (clistiter *i = clist_begin(list); i; i = clist_next(i)) {
		uint32_t uid = *(const uint32_t *)clist_content(i);

		if (uid == 0 || uid > UID_LAST)
			return err_set(e, EX_PROTOCOL, "UID SEARCH: the server names UID %u, which no mail can have",
			               uid);
		if (uid < from)
			continue; // "N:*" means the last mail even when its UID is below N (RFC 3501 section 6.4.8)
		if (found->count == found->max) {
			// No order is promised, and whoever goes on after the highest must have had all below.
			if (uid >= found->list[found->count - 1])
				continue;
			found->count--;
		}
		if (uids_add(found, uid) < 0)
			return err_set(e, EX_OSERR, "out of memory for UIDs");
	}
	return 0;
}

int fetch_search(struct session *s, uint32_t from, struct uids *found, struct err *e)
{
	struct mailimap_search_key *key = wanted(from);
	clist *list = NULL;
	int r;

	if (!key)
		panic("out of memory for a search");
	session_begin(s, SESSION_COMMAND_TIME, SEARCH_ANSWER_MAX);
	r = session_check(s, mailimap_uid_search(s->imap, NULL, key, &list), "UID SEARCH", e);
	mailimap_search_key_free(key);
	if (r < 0)
		return -1;
	r = take_found(list, from, found, e);
	mailimap_search_result_free(list);
	return r;
}

// --- one answer to FETCH ---------------------------------------------------------------------------------------------

int64_t fetch_date(const struct mailimap_date_time *date)
{
	struct tm tm = { .tm_year = date->dt_year - 1900,
		         .tm_mon = date->dt_month - 1,
		         .tm_mday = date->dt_day,
		         .tm_hour = date->dt_hour,
		         .tm_min = date->dt_min,
		         .tm_sec = date->dt_sec };
	int offset = date->dt_zone / 100 * 60 + date->dt_zone % 100; // the library keeps "+0130" as 130
	bool sane = date->dt_year >= 1970 && date->dt_year <= 9999 && tm.tm_mon >= 0 && tm.tm_mon < 12 &&
	            tm.tm_mday >= 1 && tm.tm_mday <= 31 && offset > -CLOCK_DAY / CLOCK_MINUTE &&
	            offset < CLOCK_DAY / CLOCK_MINUTE;

	return sane ? timegm(&tm) * (int64_t)CLOCK_SECOND - offset * (int64_t)CLOCK_MINUTE : 0;
}

struct answer {
	struct mail mail;
	bool has_size;
	const struct mailimap_msg_att_body_section *body; // NULL when none came
};

// An answer without a UID is news about a flag, sent unasked: it stays UID 0.
static struct answer read_answer(const struct mailimap_msg_att *att)
{
	struct answer a = { 0 };

	for (clistiter *i = clist_begin(att->att_list); i; i = clist_next(i)) {
		const struct mailimap_msg_att_item *item = clist_content(i);
		const struct mailimap_msg_att_static *fixed = item->att_data.att_static;

		if (item->att_type != MAILIMAP_MSG_ATT_ITEM_STATIC)
			continue;
		switch (fixed->att_type) {
		case MAILIMAP_MSG_ATT_UID:
			a.mail.uid = fixed->att_data.att_uid;
			break;
		case MAILIMAP_MSG_ATT_RFC822_SIZE:
			a.mail.size = fixed->att_data.att_rfc822_size;
			a.has_size = true;
			break;
		case MAILIMAP_MSG_ATT_INTERNALDATE:
			a.mail.date =
			        fixed->att_data.att_internal_date ? fetch_date(fixed->att_data.att_internal_date) : 0;
			break;
		case MAILIMAP_MSG_ATT_BODY_SECTION:
			a.body = fixed->att_data.att_body_section;
			break;
		}
	}
	return a;
}

// --- FETCH -----------------------------------------------------------------------------------------------------------

static int fetch(struct session *s, const struct uids *uids, struct mailimap_fetch_att *const *what, size_t count,
                 clist **list, struct err *e)
{
	struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
	struct mailimap_set *set = uids_set(uids);
	int r;

	if (!type || !set)
		panic("out of memory for a fetch");
	for (size_t i = 0; i < count; i++)
		if (!what[i] || mailimap_fetch_type_new_fetch_att_list_add(type, what[i]) != MAILIMAP_NO_ERROR)
			panic("out of memory for a fetch");
	r = mailimap_uid_fetch(s->imap, set, type, list);
	mailimap_fetch_type_free(type);
	mailimap_set_free(set);
	return session_check(s, r, "UID FETCH", e);
}

int fetch_sizes(struct session *s, const struct uids *uids, struct mail *mails, size_t *count, struct err *e)
{
	struct mailimap_fetch_att *what[] = { mailimap_fetch_att_new_uid(), mailimap_fetch_att_new_rfc822_size(),
		                              mailimap_fetch_att_new_internaldate() };
	struct uids left = UIDS(uids->count);
	clist *list = NULL;

	*count = 0;
	session_begin(s, SESSION_COMMAND_TIME, SESSION_ANSWER_MAX + uids->count * OVERHEAD);
	if (fetch(s, uids, what, 3, &list, e) < 0)
		return -1;
	for (size_t i = 0; i < uids->count; i++)
		uids_add(&left, uids->list[i]);
	for (clistiter *i = clist_begin(list); i; i = clist_next(i)) {
		struct answer a = read_answer(clist_content(i));

		if (a.has_size && uids_remove(&left, a.mail.uid)) // not asked for, or twice: passed over
			mails[(*count)++] = a.mail;
	}
	mailimap_fetch_list_free(list);
	uids_free(&left);
	return 0;
}

static struct mail *find(struct mail *mails, size_t count, uint32_t uid)
{
	for (size_t i = 0; i < count; i++)
		if (mails[i].uid == uid)
			return &mails[i];
	return NULL;
}

static int take_bodies(const clist *list, struct mail *mails, size_t count, fetch_take *take, void *data, struct err *e)
{
	for (clistiter *i = clist_begin(list); i; i = clist_next(i)) {
		struct answer a = read_answer(clist_content(i));
		struct mail *mail = a.body ? find(mails, count, a.mail.uid) : NULL;
		size_t len = a.body && a.body->sec_body_part ? a.body->sec_length : 0;

		if (!mail || mail->taken)
			continue;
		// libetpan reads a literal of negative length as an empty one.
		if (len == 0 && mail->size > 0)
			return err_set(e, EX_PROTOCOL, "UID FETCH: mail %u has %u bytes, but none came", mail->uid,
			               mail->size);
		if (take(data, mail, len ? a.body->sec_body_part : "", len, e) < 0)
			return -1;
		mail->taken = true;
	}
	return 0;
}

int fetch_bodies(struct session *s, const struct uids *uids, enum fetch_part part, size_t limit, struct mail *mails,
                 size_t count, fetch_take *take, void *data, struct err *e)
{
	struct mailimap_section *section =
	        part == FETCH_HEADER ? mailimap_section_new_header() : mailimap_section_new(NULL);
	struct mailimap_fetch_att *what[] = { mailimap_fetch_att_new_uid(),
		                              mailimap_fetch_att_new_body_peek_section(section) };
	clist *list = NULL;
	int r;

	session_begin(s, SESSION_COMMAND_TIME + (int64_t)limit / BYTES_PER_MS, limit + uids->count * OVERHEAD);
	if (fetch(s, uids, what, 2, &list, e) < 0)
		return -1;
	r = take_bodies(list, mails, count, take, data, e);
	mailimap_fetch_list_free(list);
	return r;
}
