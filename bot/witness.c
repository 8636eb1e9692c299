// SPDX-License-Identifier: Apache-2.0
#include "bot/witness.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include <systemd/sd-daemon.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/log.h"
#include "bot/witness_http.h"
#include "bot/witness_settings.h"
#include "bot/witness_state.h"

static const char *type_of(enum witness_status status)
{
	return status == WITNESS_CONFLICT ? "text/x.tlog.size" : "text/plain; charset=utf-8";
}

static void report_fork(const struct witness_settings *s, const struct witness_answer *a)
{
	const struct witness_log *log = &s->witness.logs[a->log];
	struct err e = { 0 };

	log_error("%s shows two trees: its key signed another root of size %llu than the one that was cosigned",
	          log->origin, (unsigned long long)log->mark.size);
	if (witness_state_keep_fork(s->state, &s->witness, a, &e) < 0)
		log_error("the proof of it could not be kept: %s", e.text);
}

// One at a time: what is checked against the mark is kept before anything else is looked at.
static int handle(void *data, const char *bytes, size_t len, struct witness_reply *out, struct err *e)
{
	struct witness_settings *s = data;
	_witness_answer_ struct witness_answer a = { 0 };

	if (witness_decide(&s->witness, bytes, len, (uint64_t)(clock_real() / CLOCK_SECOND), &a, e) < 0)
		return -1;
	if (a.fork)
		report_fork(s, &a);
	if (a.status == WITNESS_COSIGNED && witness_state_keep(s->state, &s->witness, &a, e) < 0)
		return -1;
	out->status = (int)a.status;
	out->type = type_of(a.status);
	out->body = steal_ptr(a.body);
	return 0;
}

static void ready(void *data)
{
	const struct witness_settings *s = data;
	_free_ char *key = note_key_text(&s->witness.signer.key);

	log_info("witness %s listens on %s, port %d, for %zu logs", key, s->host, s->port, s->witness.count);
	sd_notify(0, "READY=1");
}

// Before the server has a thread or a descriptor: the signals come by descriptor.
static void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigprocmask(SIG_BLOCK, &set, NULL);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0); // the key is in memory
}

int witness_serve(const char *path, struct err *e)
{
	_witness_settings_ struct witness_settings s = { 0 };
	_close_ int lock = -1;

	block_signals();
	if (witness_settings_load(path, &s, e) < 0)
		return -1;
	lock = witness_state_open(s.state, &s.witness, e);
	if (lock < 0)
		return -1;
	return witness_http_run(&(struct witness_http){ .host = s.host,
	                                                .port = s.port,
	                                                .body_max = WITNESS_REQUEST_MAX,
	                                                .handle = handle,
	                                                .data = &s,
	                                                .ready = ready },
	                        e);
}
