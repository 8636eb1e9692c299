// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/ground.h"

#include <openssl/ssl.h>
#include <stdlib.h>

#include "adapters/slack/settings.h"
#include "adapters/slack/socket.h"

enum {
	PIECE = 4096,     // bytes that are read at once
	DESCRIPTORS = 64, // the library keeps a table as long as the limit of open files otherwise
};

static struct lws_context *make_context(struct ground *g)
{
	void *loops[] = { g->loop };
	struct lws_context_creation_info info = {
		.port = CONTEXT_PORT_NO_LISTEN,
		.protocols = g->protocols,
		.options = LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
		.foreign_loops = loops,
		.fd_limit_per_thread = DESCRIPTORS,
		.pt_serv_buf_size = PIECE,
		.retry_and_idle_policy = &g->policy,
		.ssl_client_options_set = SSL_OP_NO_TLSv1 | SSL_OP_NO_TLSv1_1,
	};

	if (*g->settings->ca) {
		info.client_ssl_ca_filepath = g->settings->ca;
		info.options |= LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS;
	}
	// The library's own lines would hold the ticket of the URL.
	lws_set_log_level(0, NULL);
	return lws_create_context(&info);
}

struct ground *ground_new(uv_loop_t *loop, const struct settings *settings, struct err *e)
{
	struct ground *g = calloc(1, sizeof *g);

	if (!g) {
		err_set(e, EX_OSERR, "out of memory");
		return NULL;
	}
	g->loop = loop;
	g->settings = settings;
	g->policy.secs_since_valid_ping = settings->ping;
	g->policy.secs_since_valid_hangup = settings->dead;
	g->protocols[0] =
	        (struct lws_protocols){ .name = GROUND_PROTOCOL, .callback = socket_event, .rx_buffer_size = PIECE };
	g->context = make_context(g);
	if (g->context)
		return g;
	err_set(e, EX_UNAVAILABLE, "cannot start libwebsockets: %s",
	        *settings->ca ? "is the CA file there, and libwebsockets-evlib-uv installed?"
	                      : "is libwebsockets-evlib-uv installed?");
	free(g);
	return NULL;
}

// The library gives up what it holds only when it is asked again after the loop has closed its handles.
void ground_free(struct ground **g)
{
	lws_context_destroy((*g)->context);
	free(*g);
	*g = NULL;
}
