// SPDX-License-Identifier: Apache-2.0
// emulator: a Slack of our own on the loopback, for the tests and the demonstration.  README.md says what it does and
// what can be asked of it.
#include <libwebsockets.h>
#include <signal.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/err.h"
#include "tests/slack/control.h"
#include "tests/slack/emulator.h"
#include "tests/slack/http.h"

#define TICK_MS 10

// What one connection to the web port keeps: it speaks HTTP first, and perhaps websocket later.
struct session {
	struct exchange *exchange;
	struct link *link;
};

static int on_web(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct emulator *m = lws_context_user(lws_get_context(wsi));
	struct session *s = user;
	struct link *none = NULL;

	if (http_reason(reason))
		return s ? http_event(m, &s->exchange, wsi, reason, in, len) : 0;
	return link_event(m, s ? &s->link : &none, wsi, reason, in, len);
}

static int on_control(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len)
{
	struct emulator *m = lws_context_user(lws_get_context(wsi));

	(void)in;
	(void)len;
	return user ? control_event(m, user, wsi, reason) : 0;
}

static const struct lws_protocols protocols[] = {
	{ .name = "web", .callback = on_web, .per_session_data_size = sizeof(struct session) },
	{ .name = CONTROL_PROTOCOL, .callback = on_control, .per_session_data_size = sizeof(struct control *) },
	{ 0 },
};

static int serve(struct emulator *m, struct err *e)
{
	struct lws_context_creation_info info = {
		.port = m->options.port,
		.iface = "127.0.0.1",
		.protocols = protocols,
		.user = m,
		.ssl_cert_filepath = m->options.cert,
		.ssl_private_key_filepath = m->options.key,
		.alpn = "http/1.1",
		.options = m->options.cert ? LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT : 0,
		.pt_serv_buf_size = 1 << 16,
		.max_http_header_data = 8192,
		.max_http_header_pool = 256,
		.keepalive_timeout = 300,
		.vhost_name = "slack",
		.gid = -1,
		.uid = -1,
	};

	lws_set_log_level(m->options.verbose ? LLL_ERR | LLL_WARN | LLL_NOTICE | LLL_INFO : LLL_ERR, NULL);
	m->context = lws_create_context(&info);
	m->vhost = m->context ? lws_get_vhost_by_name(m->context, "slack") : NULL;
	if (!m->vhost)
		return err_set(e, EX_UNAVAILABLE, "cannot serve on port %d", m->options.port);
	m->port = lws_get_vhost_listen_port(m->vhost);
	return control_listen(m, m->options.control, e);
}

static void init(struct emulator *m)
{
	settings_init(&m->settings);
	m->settings.retry_permille = (int64_t)(1000 * m->options.retry_scale);
	workspace_init(&m->workspace);
	views_init(&m->views);
	hooks_init(&m->hooks);
	scopes_init(&m->scopes);
	faults_init(&m->faults);
	rates_init(&m->rates);
	links_init(&m->links);
	deliveries_init(&m->deliveries);
	m->calls = json_array();
}

static void finish(struct emulator *m)
{
	if (m->context)
		lws_context_destroy(m->context);
	deliveries_free(&m->deliveries);
	links_free(&m->links);
	rates_free(&m->rates);
	faults_free(&m->faults);
	scopes_free(&m->scopes);
	hooks_free(&m->hooks);
	views_free(&m->views);
	workspace_free(&m->workspace);
	json_decref(m->calls);
}

static void on_tick(lws_sorted_usec_list_t *tick)
{
	struct emulator *m = lws_container_of(tick, struct emulator, tick);
	int64_t now = clock_monotonic();

	links_tick(m, now);
	deliveries_tick(m, now);
	lws_sul_schedule(m->context, 0, tick, on_tick, TICK_MS * LWS_US_PER_MS);
}

static volatile sig_atomic_t stopped;

static void on_signal(int signal)
{
	(void)signal;
	stopped = 1;
}

int main(int argc, char **argv)
{
	struct sigaction stop = { .sa_handler = on_signal };
	struct emulator m = { 0 };
	struct err e = { 0 };
	int r = -1;

	if (options_read(&m.options, argc, argv, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return e.code;
	}
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	init(&m);
	if (serve(&m, &e) < 0) {
		fprintf(stderr, "emulator: %s\n", e.text);
	} else {
		printf("port %d\n", m.port);
		fflush(stdout);
		on_tick(&m.tick);
		r = 0;
		while (r >= 0 && !stopped)
			r = lws_service(m.context, 0);
	}
	finish(&m);
	return r < 0 ? e.code : 0;
}
