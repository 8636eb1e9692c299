// SPDX-License-Identifier: Apache-2.0
// The adapter's side of the channel: what it accepts, what it sends, and that both sides may be full at once.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>

#include "adapters/channel.h"
#include "base/auto.h"
#include "base/text.h"

static const struct json_key config_keys[] = { { "url", 'S', 20 }, { 0 } };
static const struct json_key secret_keys[] = { { "password", 's', 20 }, { 0 } };

#define CONFIGURE \
	"{\"type\":\"configure\",\"generation\":7,\"config\":{\"url\":\"x\"},\"secrets\":{\"password\":\"p\"}}"

// The core's end.
struct core {
	int fd;
	struct channel channel;
};

static void core_says(const struct core *core, const char *text)
{
	assert_int_equal(send(core->fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

static void core_open(struct core *core)
{
	int pair[2];
	struct err e = { 0 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	core->fd = pair[0];
	core_says(core, CONFIGURE);
	assert_int_equal(channel_open(&core->channel, pair[1], config_keys, secret_keys, &e), 0);
}

static void core_close(struct core *core)
{
	channel_close(&core->channel);
	close(core->fd);
}

static json_t *core_hears(const struct core *core)
{
	_frame_ struct frame frame = { 0 };
	struct err e;

	assert_int_equal(frame_receive(core->fd, &frame, &e), FRAME_OK);
	assert_int_equal(json_int(frame.json, "generation"), 7);
	return json_incref(frame.json);
}

static void test_configure(void **state)
{
	static const struct {
		const char *frame;
		const char *says; // NULL: accepted
	} cases[] = {
		{ CONFIGURE, NULL },
		{ "{\"type\":\"stop\"}", "configure" },
		{ "{\"type\":\"configure\",\"config\":{\"url\":\"x\"},\"secrets\":{}}", "generation" },
		{ "{\"type\":\"configure\",\"generation\":\"7\",\"config\":{\"url\":\"x\"},\"secrets\":{}}",
		  "generation" },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{},\"secrets\":{}}", "url" },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"url\":\"x\",\"y\":1},\"secrets\":{}}", "y" },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"url\":\"x\"},\"secrets\":{\"q\":\"\"}}",
		  "q" },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"url\":\"x\"},\"secrets\":{},\"z\":1}", "z" },
		{ "[]", "object" },
		{ "nonsense", "JSON" },
		{ "", "went away" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct core core;
		int pair[2];
		struct err e = { 0 };

		assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
		core.fd = pair[0];
		if (*cases[i].frame)
			core_says(&core, cases[i].frame);
		else
			shutdown(core.fd, SHUT_RDWR);
		assert_int_equal(channel_open(&core.channel, pair[1], config_keys, secret_keys, &e),
		                 cases[i].says ? -1 : 0);
		if (cases[i].says)
			assert_non_null(strstr(e.text, cases[i].says));
		core_close(&core);
	}
}

static void test_input(void **state)
{
	_free_ char *long_id = text_format("{\"type\":\"done\",\"id\":\"%0257d\"}", 0);
	_free_ char *longest_id = text_format("{\"type\":\"done\",\"id\":\"%0256d\"}", 0);
	const struct {
		const char *frame;
		enum channel_input input;
	} cases[] = {
		{ "{\"type\":\"done\",\"id\":\"a\"}", INPUT_DONE },
		{ "{\"type\":\"done\",\"id\":\"a\",\"reply\":{}}", INPUT_DONE },
		{ longest_id, INPUT_DONE },
		{ "{\"type\":\"send\",\"id\":\"a\",\"whatever\":[1]}", INPUT_SEND },
		{ "{\"type\":\"answer\",\"id\":\"a\"}", INPUT_ANSWER },
		{ "{\"type\":\"stop\"}", INPUT_STOP },
		{ "{\"type\":\"done\",\"id\":\"a\",\"more\":1}", INPUT_BROKEN },
		{ "{\"type\":\"done\",\"id\":\"\"}", INPUT_BROKEN },
		{ "{\"type\":\"done\",\"id\":1}", INPUT_BROKEN },
		{ "{\"type\":\"done\"}", INPUT_BROKEN },
		{ "{\"type\":\"send\"}", INPUT_BROKEN },
		{ long_id, INPUT_BROKEN },
		{ "{\"type\":\"dance\",\"id\":\"a\"}", INPUT_BROKEN },
		{ "{\"id\":\"a\"}", INPUT_BROKEN },
		{ "{", INPUT_BROKEN },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_frame_ struct frame frame = { 0 };
		struct core core;
		struct err e = { 0 };

		core_open(&core);
		assert_int_equal(channel_receive(&core.channel, &frame, &e), INPUT_NONE);
		core_says(&core, cases[i].frame);
		assert_true(channel_wait(&core.channel, 1000));
		assert_int_equal(channel_receive(&core.channel, &frame, &e), cases[i].input);
		core_close(&core);
	}
}

static void test_core_gone(void **state)
{
	_frame_ struct frame frame = { 0 };
	struct core core;
	struct err e = { 0 };

	(void)state;
	core_open(&core);
	shutdown(core.fd, SHUT_RDWR);
	assert_true(channel_wait(&core.channel, 1000));
	assert_int_equal(channel_receive(&core.channel, &frame, &e), INPUT_CLOSED);
	assert_int_equal(channel_ready(&core.channel, &e), -1);
	core_close(&core);
}

static void test_output(void **state)
{
	struct core core;
	struct err e = { 0 };
	json_t *frame;

	(void)state;
	core_open(&core);
	assert_int_equal(channel_ready(&core.channel, &e), 0);
	frame = core_hears(&core);
	assert_string_equal(json_str(frame, "type"), "ready");
	json_decref(frame);

	assert_int_equal(
	        channel_failed(&core.channel, "a", "it said \xff", true, 9, json_pack("{s:s}", "code", "c"), &e), 0);
	frame = core_hears(&core);
	assert_string_equal(json_str(frame, "type"), "failed");
	assert_string_equal(json_str(frame, "id"), "a");
	assert_string_equal(json_str(frame, "why"), "it said ?"); // a frame is UTF-8, whatever a server says
	assert_string_equal(json_str(frame, "code"), "c");
	assert_true(json_bool(frame, "permanent"));
	assert_int_equal(json_int(frame, "retry_after"), 9);
	json_decref(frame);

	assert_int_equal(channel_notice(&core.channel, "tls", "Expired.", &e), 0);
	frame = core_hears(&core);
	assert_string_equal(json_str(frame, "kind"), "notice");
	assert_string_equal(json_str(frame, "code"), "tls");
	assert_int_equal(strlen(json_str(frame, "id")), 16);
	json_decref(frame);
	core_close(&core);
}

enum { MANY = 700 };

// A core that reads nothing until everything it has to say is said.
static void *stubborn_core(void *data)
{
	const struct core *core = data;

	for (int i = 0; i < MANY; i++) {
		_free_ char *text = text_format("{\"type\":\"done\",\"id\":\"%d\"}", i);

		if (send(core->fd, text, strlen(text), MSG_NOSIGNAL) < 0)
			return NULL;
	}
	for (int i = 0; i < MANY; i++) {
		char frame[256]; // not by frame_receive(), which one thread may use

		if (recv(core->fd, frame, sizeof frame, 0) <= 0)
			return NULL;
	}
	return data;
}

static void test_both_full(void **state)
{
	struct core core;
	struct err e = { 0 };
	pthread_t thread;
	void *result;

	(void)state;
	core_open(&core);
	assert_int_equal(pthread_create(&thread, NULL, stubborn_core, &core), 0);
	for (int i = 0; i < MANY; i++) {
		char id[16];

		snprintf(id, sizeof id, "%d", i);
		assert_int_equal(channel_sent(&core.channel, id, NULL, &e), 0);
	}
	for (int i = 0; i < MANY; i++) {
		_frame_ struct frame frame = { 0 };
		struct pollfd p = { .fd = core.channel.fd, .events = POLLIN };
		char id[16];

		assert_int_equal(poll(&p, 1, 5000), 1);
		assert_int_equal(channel_receive(&core.channel, &frame, &e), INPUT_DONE);
		snprintf(id, sizeof id, "%d", i);
		assert_string_equal(json_str(frame.json, "id"), id); // in order
	}
	assert_false(channel_wait(&core.channel, 0));
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_non_null(result);
	core_close(&core);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_configure), cmocka_unit_test(test_input),     cmocka_unit_test(test_core_gone),
		cmocka_unit_test(test_output),    cmocka_unit_test(test_both_full),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
