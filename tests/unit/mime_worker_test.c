// SPDX-License-Identifier: Apache-2.0
// The mime worker as a process, behind its fence: configured, asked, answered in order, stopped.  Runs the worker that
// was built beside this test; without one there is nothing to test.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "adapters/channel.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/frame.h"
#include "base/json.h"
#include "base/text.h"

struct worker {
	pid_t pid;
	int socket;
};

static const char *program;

static void start(struct worker *w)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		dup2(pair[1], CHANNEL_FD);
		execl(program, program, (char *)NULL);
		_exit(127);
	}
	close(pair[1]);
	w->socket = pair[0];
}

static void tell(const struct worker *w, json_t *frame, const int *fds, size_t count)
{
	_json_ json_t *object = frame;
	struct err e;

	assert_int_equal(frame_send(w->socket, object, fds, count, &e), FRAME_OK);
}

static void expect(const struct worker *w, const char *type, struct frame *out)
{
	struct err e = { 0 };

	assert_int_equal(frame_receive(w->socket, out, &e), FRAME_OK);
	assert_string_equal(json_str(out->json, "type"), type);
	assert_int_equal(json_int(out->json, "generation"), 7);
}

static void configure(const struct worker *w)
{
	_frame_ struct frame ready = { 0 };

	tell(w,
	     json_pack("{s:s, s:i, s:{s:[s], s:[s], s:s}, s:{}}", "type", "configure", "generation", 7, "config",
	               "authserv", "mx.example.com", "hosts", "store.example.com", "address", "licensing@example.com",
	               "secrets"),
	     NULL, 0);
	expect(w, "ready", &ready);
}

static int end(struct worker *w)
{
	int status = 0;

	close(w->socket);
	assert_int_equal(waitpid(w->pid, &status, 0), w->pid);
	return status;
}

struct job {
	int fds[3];
};

static struct job ask(const struct worker *w, const char *id, const char *mail)
{
	struct err e;
	struct job job = { { memfd_of("mail", mail, strlen(mail), &e), memfd_of("document", NULL, 0, &e),
		             memfd_of("attachments", NULL, 0, &e) } };

	tell(w, json_pack("{s:s, s:s}", "type", "send", "id", id), job.fds, 3);
	return job;
}

static json_t *document_of(struct job *job, struct buf *attachments)
{
	_buf_ struct buf text = BUF(1 << 20);
	struct err e;
	json_t *document;

	assert_int_equal(fd_read(job->fds[1], "document", &text, &e), 0);
	assert_int_equal(fd_read(job->fds[2], "attachments", attachments, &e), 0);
	document = text.len ? json_read(text.data, text.len, &e) : NULL;
	for (size_t i = 0; i < 3; i++)
		close(job->fds[i]);
	return document;
}

static void answers_in_order(void **state)
{
	static const char good[] =
	        "From: Bo <bo@example.com>\nSubject: x\nDate: Tue, 24 Nov 2026 09:12:33 +0530\n"
	        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=gb2312\n\n"
	        "approve\n--b\nContent-Type: text/html; name=a.html\n\n<p>hello\n--b--\n";
	static const char bad[] = "From: bo@example.com\nContent-Type: multipart/mixed\n\nx\n";
	_buf_ struct buf attachments = BUF(4096);
	struct worker w;

	(void)state;
	start(&w);
	configure(&w);
	struct job first = ask(&w, "one", good), second = ask(&w, "two", bad), third = ask(&w, "three", "");
	_frame_ struct frame a = { 0 }, b = { 0 }, c = { 0 };

	expect(&w, "sent", &a);
	assert_string_equal(json_str(a.json, "id"), "one");
	assert_int_equal(json_int(a.json, "attachments"), 8);
	_json_ json_t *document = document_of(&first, &attachments);

	assert_string_equal(json_str(document, "own"), "approve");
	assert_string_equal(json_str(document, "date"), "2026-11-24T03:42:33.000Z");
	assert_string_equal(buf_text(&attachments), "<p>hello");

	expect(&w, "failed", &b);
	assert_string_equal(json_str(b.json, "id"), "two");
	assert_string_equal(json_str(b.json, "code"), "mime-limit");
	assert_true(json_bool(b.json, "permanent"));
	assert_null(document_of(&second, &attachments));

	expect(&w, "sent", &c);
	_json_ json_t *empty = document_of(&third, &attachments);

	assert_string_equal(json_str(empty, "from_problem"), "from-missing");
	tell(&w, json_pack("{s:s}", "type", "stop"), NULL, 0);
	assert_int_equal(end(&w), 0);
}

static void ends_when_the_core_is_gone(void **state)
{
	struct worker w;

	(void)state;
	start(&w);
	configure(&w);
	assert_int_equal(end(&w), 0);
}

static void refuses_wrong_frames(void **state)
{
	static const struct {
		const char *configure; // or NULL for a good one
		const char *frame;
	} table[] = {
		{ "{\"type\":\"send\",\"id\":\"x\"}", NULL },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"authserv\":[1],\"hosts\":[],\"address\":\"a@"
		  "b\"},"
		  "\"secrets\":{}}",
		  NULL },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"authserv\":[],\"hosts\":[],\"address\":\"a@"
		  "b\","
		  "\"limits\":{\"depth\":65}},\"secrets\":{}}",
		  NULL },
		{ "{\"type\":\"configure\",\"generation\":7,\"config\":{\"authserv\":[],\"hosts\":[],\"address\":\"a@"
		  "b\"},"
		  "\"secrets\":{\"password\":\"x\"}}",
		  NULL },
		{ NULL, "{\"type\":\"send\",\"id\":\"x\"}" }, // no descriptors
		{ NULL, "{\"type\":\"send\",\"id\":\"x\",\"more\":1}" },
		{ NULL, "{\"type\":\"sing\"}" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(table); i++) {
		const char *text = table[i].configure ? table[i].configure : table[i].frame;
		struct worker w;
		struct err e;
		int status;

		start(&w);
		if (!table[i].configure)
			configure(&w);
		tell(&w, json_read(text, strlen(text), &e), NULL, 0);
		_frame_ struct frame none = { 0 };

		assert_int_equal(frame_receive(w.socket, &none, &e), FRAME_CLOSED);
		status = end(&w);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 0);
	}
}

// The tree of the worst text within the bounds fits behind the fence, and what it took is given back: several times.
static void bears_an_sbom_of_the_worst_kind(void **state)
{
	static const char before[] = "From: Bo <bo@example.com>\nContent-Type: application/json; name=bom.json\n\n"
	                             "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.5\",\"components\":[";
	_buf_ struct buf mail = BUF(8 << 20);
	struct worker w;

	(void)state;
	buf_puts(&mail, before);
	for (int i = 0; i < 249000; i++)
		buf_printf(&mail, "{\"name\":\"c%d\"},\n", i);
	buf_puts(&mail, "{\"name\":\"last\"}]}");
	start(&w);
	configure(&w);
	for (int i = 0; i < 2; i++) {
		_buf_ struct buf attachments = BUF(8 << 20);
		struct job job = ask(&w, "one", buf_text(&mail));
		_frame_ struct frame sent = { 0 };
		const json_t *sbom;

		expect(&w, "sent", &sent);
		_json_ json_t *document = document_of(&job, &attachments);

		sbom = json_array_get(json_arr(document, "sboms"), 0);
		assert_int_equal(json_int(sbom, "count"), 249001);
		assert_int_equal(json_array_size(json_arr(sbom, "components")), 200);
		assert_true(json_bool(sbom, "cut"));
	}
	tell(&w, json_pack("{s:s}", "type", "stop"), NULL, 0);
	assert_int_equal(end(&w), 0);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_in_order),
		cmocka_unit_test(ends_when_the_core_is_gone),
		cmocka_unit_test(refuses_wrong_frames),
		cmocka_unit_test(bears_an_sbom_of_the_worst_kind),
	};
	_free_ char *dir = path_dir(argv[0]);
	_free_ char *path = path_join(dir, "../../mime");

	(void)argc;
	program = path;
	if (access(program, X_OK) < 0) {
		printf("skipped: %s is not built\n", program);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
