// SPDX-License-Identifier: Apache-2.0
// chat_floor URL CA DATABASE - the floor that a click is measured against: the least that can take envelopes from Slack
// and keep them.  One process holds the websocket (URL, wss, trusted by CA); a child of it stores each envelope by a
// durable commit of one row; then it is acknowledged.  Ends when the connection does.
#include <jansson.h>
#include <libwebsockets.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum { ENVELOPE_MAX = 1 << 17 };

struct floor {
	int child;
	bool over;
	size_t len; // of the message so far
	char message[ENVELOPE_MAX];
	char ack[LWS_PRE + 512];
	size_t ack_len; // 0: nothing is to be said
};

static _Noreturn void fail(const char *what)
{
	fprintf(stderr, "chat_floor: %s\n", what);
	exit(EX_UNAVAILABLE);
}

// --- the child -------------------------------------------------------------------------------------------------------

static sqlite3 *open_store(const char *path)
{
	sqlite3 *db;

	if (sqlite3_open(path, &db) != SQLITE_OK ||
	    sqlite3_exec(db,
	                 "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	                 "CREATE TABLE envelope (id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)",
	                 NULL, NULL, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
	return db;
}

static void keep(sqlite3 *db, sqlite3_stmt *insert, const char *bytes, size_t len)
{
	sqlite3_bind_blob(insert, 1, bytes, (int)len, SQLITE_STATIC);
	if (sqlite3_step(insert) != SQLITE_DONE)
		fail(sqlite3_errmsg(db));
	sqlite3_reset(insert);
}

static void store(int parent, const char *path)
{
	static char bytes[ENVELOPE_MAX];
	sqlite3 *db = open_store(path);
	sqlite3_stmt *insert;
	ssize_t len;

	if (sqlite3_prepare_v2(db, "INSERT INTO envelope (bytes) VALUES (?)", -1, &insert, NULL) != SQLITE_OK)
		fail(sqlite3_errmsg(db));
	while ((len = recv(parent, bytes, sizeof bytes, 0)) > 0) {
		keep(db, insert, bytes, (size_t)len);
		if (send(parent, "", 1, MSG_NOSIGNAL) < 0)
			break;
	}
	sqlite3_finalize(insert);
	sqlite3_close(db);
}

static int start_child(const char *path)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) < 0)
		fail("there is no socketpair");
	switch (fork()) {
	case -1:
		fail("there is no child");
	case 0:
		close(ends[0]);
		store(ends[1], path);
		exit(0);
	}
	close(ends[1]);
	return ends[0];
}

// --- the websocket ---------------------------------------------------------------------------------------------------

static void take(struct floor *f, struct lws *wsi)
{
	json_t *message = json_loadb(f->message, f->len, 0, NULL);
	const char *id = json_string_value(json_object_get(message, "envelope_id"));
	char done;

	if (id) {
		if (send(f->child, f->message, f->len, MSG_NOSIGNAL) < 0 || recv(f->child, &done, 1, 0) != 1)
			fail("the child is gone");
		f->ack_len =
		        (size_t)snprintf(f->ack + LWS_PRE, sizeof f->ack - LWS_PRE, "{\"envelope_id\":\"%s\"}", id);
		lws_callback_on_writable(wsi);
	}
	json_decref(message);
}

static int receive(struct floor *f, struct lws *wsi, const void *in, size_t len)
{
	if (lws_is_first_fragment(wsi))
		f->len = 0;
	if (len > sizeof f->message - f->len)
		return -1;
	memcpy(f->message + f->len, in, len);
	f->len += len;
	if (lws_remaining_packet_payload(wsi) == 0 && lws_is_final_fragment(wsi))
		take(f, wsi);
	return 0;
}

static int acknowledge(struct floor *f, struct lws *wsi)
{
	size_t len = f->ack_len;

	f->ack_len = 0;
	return len && lws_write(wsi, (unsigned char *)f->ack + LWS_PRE, len, LWS_WRITE_TEXT) < (int)len ? -1 : 0;
}

static int on_event(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct floor *f = lws_context_user(lws_get_context(wsi));

	(void)user;
	switch ((int)reason) {
	case LWS_CALLBACK_CLIENT_RECEIVE:
		return receive(f, wsi, in, len);
	case LWS_CALLBACK_CLIENT_WRITEABLE:
		return acknowledge(f, wsi);
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
		fail(in ? in : "there is no connection");
	case LWS_CALLBACK_CLIENT_CLOSED:
		f->over = true;
	}
	return 0;
}

static void connect_to(struct lws_context *context, char *url)
{
	const char *scheme, *host, *path;
	char whole[1024];
	int port;

	if (lws_parse_uri(url, &scheme, &host, &port, &path) || strcmp(scheme, "wss") != 0)
		fail("that is no URL");
	snprintf(whole, sizeof whole, "/%s", path);
	if (!lws_client_connect_via_info(&(struct lws_client_connect_info){ .context = context,
	                                                                    .address = host,
	                                                                    .host = host,
	                                                                    .port = port,
	                                                                    .path = whole,
	                                                                    .ssl_connection = LCCSCF_USE_SSL }))
		fail("there is no connection");
}

int main(int argc, char **argv)
{
	static const struct lws_protocols protocols[] = { { "floor", on_event, 0, ENVELOPE_MAX, 0, NULL, 0 }, { 0 } };
	static struct floor f;
	struct lws_context *context;

	if (argc != 4)
		return EX_USAGE;
	f.child = start_child(argv[3]);
	lws_set_log_level(LLL_ERR, NULL);
	context = lws_create_context(&(struct lws_context_creation_info){
	        .port = CONTEXT_PORT_NO_LISTEN,
	        .protocols = protocols,
	        .client_ssl_ca_filepath = argv[2],
	        .options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
	        .user = &f,
	});
	if (!context)
		fail("libwebsockets does not begin");
	connect_to(context, argv[1]);
	while (!f.over && lws_service(context, 0) >= 0)
		continue;
	lws_context_destroy(context);
	return 0;
}
