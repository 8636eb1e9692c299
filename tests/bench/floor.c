// SPDX-License-Identifier: Apache-2.0
// floor PORT USER PASSWORD - the floor that ingest is measured against: a bare loop that fetches a mail, parses it and
// stores \Seen, mail by mail, by STARTTLS from the rig's server.  Prints how many it took in how many seconds, from the
// connection on.
#include <gmime/gmime.h>
#include <libetpan/libetpan.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>

static double seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void check(int r, const char *what)
{
	if (r == MAILIMAP_NO_ERROR || r == MAILIMAP_NO_ERROR_AUTHENTICATED || r == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
		return;
	fprintf(stderr, "floor: %s failed (%d)\n", what, r);
	exit(EX_UNAVAILABLE);
}

static clist *all_mails(mailimap *imap)
{
	struct mailimap_search_key *key = mailimap_search_key_new_all();
	clist *uids = NULL;

	check(mailimap_uid_search(imap, NULL, key, &uids), "UID SEARCH");
	mailimap_search_key_free(key);
	return uids;
}

static void parse(const char *bytes, size_t len)
{
	GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, len);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);

	if (!message) {
		fprintf(stderr, "floor: a mail cannot be parsed\n");
		exit(EX_DATAERR);
	}
	g_object_unref(message);
	g_object_unref(parser);
	g_object_unref(stream);
}

static void fetch(mailimap *imap, struct mailimap_set *one)
{
	struct mailimap_fetch_type *type = mailimap_fetch_type_new_fetch_att_list_empty();
	clist *answers = NULL;

	mailimap_fetch_type_new_fetch_att_list_add(
	        type, mailimap_fetch_att_new_body_peek_section(mailimap_section_new(NULL)));
	check(mailimap_uid_fetch(imap, one, type, &answers), "UID FETCH");
	for (clistiter *i = clist_begin(answers); i; i = clist_next(i)) {
		struct mailimap_msg_att *answer = clist_content(i);

		for (clistiter *k = clist_begin(answer->att_list); k; k = clist_next(k)) {
			struct mailimap_msg_att_item *item = clist_content(k);
			struct mailimap_msg_att_static *fixed = item->att_data.att_static;

			if (item->att_type == MAILIMAP_MSG_ATT_ITEM_STATIC &&
			    fixed->att_type == MAILIMAP_MSG_ATT_BODY_SECTION)
				parse(fixed->att_data.att_body_section->sec_body_part,
				      fixed->att_data.att_body_section->sec_length);
		}
	}
	mailimap_fetch_list_free(answers);
	mailimap_fetch_type_free(type);
}

static void store_seen(mailimap *imap, struct mailimap_set *one)
{
	struct mailimap_flag_list *flags = mailimap_flag_list_new_empty();
	struct mailimap_store_att_flags *store;

	mailimap_flag_list_add(flags, mailimap_flag_new_seen());
	store = mailimap_store_att_flags_new_add_flags_silent(flags);
	check(mailimap_uid_store(imap, one, store), "UID STORE");
	mailimap_store_att_flags_free(store);
}

int main(int argc, char **argv)
{
	mailimap *imap = mailimap_new(0, NULL);
	double start = seconds();
	clist *uids;

	if (argc != 4)
		return EX_USAGE;
	g_mime_init();
	check(mailimap_socket_connect(imap, "localhost", (uint16_t)strtoul(argv[1], NULL, 10)), "the connection");
	check(mailimap_socket_starttls(imap), "STARTTLS");
	check(mailimap_login(imap, argv[2], argv[3]), "LOGIN");
	check(mailimap_select(imap, "INBOX"), "SELECT");
	uids = all_mails(imap);
	for (clistiter *i = clist_begin(uids); i; i = clist_next(i)) {
		struct mailimap_set *one = mailimap_set_new_single(*(uint32_t *)clist_content(i));

		fetch(imap, one);
		store_seen(imap, one);
		mailimap_set_free(one);
	}
	printf("%d %.6f\n", clist_count(uids), seconds() - start);
	mailimap_search_result_free(uids);
	mailimap_logout(imap);
	mailimap_free(imap);
	return 0;
}
