// SPDX-License-Identifier: Apache-2.0
// The core's birth, loop and end.
#include "bot/serve.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#include "base/json.h"
#include "base/log.h"
#include "bot/anchoring.h"
#include "bot/journal_tell.h"
#include "bot/letter_seals.h"
#include "bot/selfcheck.h"
#include "bot/slack_account.h"
#include "bot/templates_dir.h"
#include "bot/work.h"
#include "store/checkpoints.h"
#include "store/erase.h"
#include "store/log.h"
#include "store/restored.h"

#define STOP_WITHIN (10 * CLOCK_SECOND)

void serve_fail(struct serve *s, const struct err *e)
{
	if (s->exit_code == 0) {
		log_error("%s", e->text);
		s->exit_code = e->code ? e->code : EX_SOFTWARE;
	}
	sd_event_exit(s->event, s->exit_code);
}

static int on_batch(sd_event_source *source, void *data)
{
	(void)source;
	work_run(data);
	return 0;
}

static int on_due(sd_event_source *source, uint64_t usec, void *data)
{
	(void)source, (void)usec;
	work_wake(data);
	return 0;
}

// --- stopping ------------------------------------------------------------------------------------------------------

static int on_too_late(sd_event_source *source, uint64_t usec, void *data)
{
	struct serve *s = data;

	(void)source, (void)usec;
	log_warning("not everything ended within %lld s; going anyway", (long long)STOP_WITHIN / CLOCK_SECOND);
	return sd_event_exit(s->event, s->exit_code);
}

// Runs after every other event: the loop ends once nothing is in hand any more.
static int on_idle(sd_event_source *source, void *data)
{
	struct serve *s = data;

	(void)source;
	if (s->stopping && STAILQ_EMPTY(&s->waiting) && adapter_ended(s->imap) && adapter_ended(s->mime) &&
	    adapter_ended(s->smtp) && adapter_ended(s->slack) && adapter_ended(s->signer) && adapter_ended(s->anchor))
		return sd_event_exit(s->event, s->exit_code);
	return 0;
}

static int on_stop(sd_event_source *source, const struct signalfd_siginfo *si, void *data)
{
	struct serve *s = data;

	(void)source;
	if (s->stopping)
		return 0;
	log_info("stopping on signal %u", si->ssi_signo);
	sd_notify(0, "STOPPING=1");
	s->stopping = true;
	if (s->imap)
		adapter_stop(s->imap);
	if (s->smtp)
		adapter_stop(s->smtp);
	if (s->slack)
		adapter_stop(s->slack);
	if (s->signer)
		adapter_stop(s->signer);
	if (s->anchor)
		adapter_stop(s->anchor);
	if (s->mime)
		adapter_stop(s->mime);
	if (sd_event_add_time_relative(s->event, NULL, CLOCK_MONOTONIC, STOP_WITHIN * 1000, 0, on_too_late, s) < 0)
		return sd_event_exit(s->event, s->exit_code);
	return 0;
}

// --- reloading -----------------------------------------------------------------------------------------------------

static int publish(struct serve *s, struct work *w, struct err *e)
{
	(void)w;
	return desk_publish(&s->desk, e);
}

static void warn_of_difference(const struct desk *desk)
{
	if (desk->differs)
		log_warning("%s", desk->differs);
}

static const struct work_kind publication = { "the people", publish, NULL, NULL, NULL };

static int on_reload(sd_event_source *source, const struct signalfd_siginfo *si, void *data)
{
	struct serve *s = data;
	_json_ json_t *before = slack_config(&s->desk.config, s->desk.people), *after = NULL;
	struct err e = { 0 };

	(void)source, (void)si;
	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld", (long long)clock_monotonic() * 1000);
	if (desk_reload(&s->desk, &e) < 0) {
		log_error("the people stay as they were: %s", e.text);
	} else {
		log_info("the people were read again");
		warn_of_difference(&s->desk);
		work_queue(s, &(struct work){ .kind = &publication, .document = -1, .attachments = -1 });
		s->checkpoint_mail = 0; // to others, perhaps
		after = slack_config(&s->desk.config, s->desk.people);
		if (s->slack && !json_equal(before, after)) // it knows whom it need not look up
			adapter_kill(s->slack);
	}
	sd_notify(0, "READY=1");
	return 0;
}

// --- starting ------------------------------------------------------------------------------------------------------

static int watch(struct serve *s, struct err *e)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	sd_event_source *idle;
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < LENGTH(signals); i++)
		sigaddset(&set, signals[i]);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (sd_event_new(&s->event) < 0 || sd_event_add_signal(s->event, NULL, SIGTERM, on_stop, s) < 0 ||
	    sd_event_add_signal(s->event, NULL, SIGINT, on_stop, s) < 0 ||
	    sd_event_add_signal(s->event, NULL, SIGHUP, on_reload, s) < 0 ||
	    sd_event_add_defer(s->event, &s->batch, on_batch, s) < 0 ||
	    sd_event_add_post(s->event, &idle, on_idle, s) < 0 ||
	    sd_event_add_time_relative(s->event, &s->due, CLOCK_MONOTONIC, 0, 0, on_due, s) < 0 ||
	    sd_event_set_watchdog(s->event, 1) < 0)
		return err_set(e, EX_OSERR, "cannot set up the event loop");
	// Lower than everything else: what has come in by then goes into one transaction.
	sd_event_source_set_priority(s->batch, SD_EVENT_PRIORITY_IDLE);
	sd_event_source_set_floating(idle, 1);
	sd_event_source_unref(idle);
	return 0;
}

static int record_start(struct serve *s, const struct serve_options *o, struct err *e)
{
	json_t *body = json_object();
	int64_t last;

	s->desk.now = clock_now(&s->clock);
	json_put_str(body, "version", VERSION);
	if (o->clock_rate != 1)
		json_put_int(body, "clock_rate", o->clock_rate);
	if (s->desk.frozen)
		log_error("frozen: the log was altered, or replies spoke of another one (see 'countersign status'); "
		          "mail is taken in, but nothing is decided on this copy");
	warn_of_difference(&s->desk);
	if (db_begin(s->desk.db, "the start", e) < 0) {
		json_decref(body);
		return -1;
	}
	if (letter_seals_begin(&s->desk, &last, e) < 0) {
		json_decref(body);
		return -1;
	}
	if (desk_record(&s->desk, "daemon.started", "system", "system", NULL, body, e) < 0 ||
	    desk_publish(&s->desk, e) < 0 || journal_tell(&s->desk, e) < 0 || letter_seals_make(&s->desk, last, e) < 0)
		return -1;
	return db_commit(s->desk.db, e);
}

static int start_signer(struct serve *s, struct err *e)
{
	if (!s->desk.config.log_key)
		return 0;
	if (checkpoint_last(s->desk.db, UINT64_MAX, &s->signing.covered, NULL, NULL, e) < 0)
		return -1;
	s->signer = adapter_new(s, s->event, &signing, e);
	return s->signer ? 0 : -1;
}

static int start_adapters(struct serve *s, struct err *e)
{
	if (start_signer(s, e) < 0 || anchoring_begin(s, e) < 0)
		return -1;
	if (s->desk.config.has_slack && !(s->slack = adapter_new(s, s->event, &chatting, e)))
		return -1;
	if (!s->desk.config.has_mail)
		return 0;
	s->mime = adapter_new(s, s->event, &reading, e);
	s->smtp = s->mime ? adapter_new(s, s->event, &sending, e) : NULL;
	s->imap = s->smtp ? adapter_new(s, s->event, &fetching, e) : NULL;
	return s->imap ? 0 : -1;
}

// A log that lost entries went on under another name: by the old one it would be a fork.
static int check_origin(const struct desk *desk, struct err *e)
{
	const char *origin = desk->config.log_origin;
	struct restored anew;
	int found = restored_anew(desk->db, &anew, e);

	if (found <= 0 || (origin && strcmp(origin, anew.origin) == 0))
		return found < 0 ? -1 : 0;
	return err_set(
	        e, EX_CONFIG,
	        "%s: since it was restored the log is %s (entry %llu): write 'origin: %s' below 'log', with a key "
	        "of that name ('countersign keygen --log %s FILE')",
	        desk->config.path, anew.origin, (unsigned long long)anew.seq, anew.origin, anew.origin);
}

static int begin(struct serve *s, const struct serve_options *o, struct err *e)
{
	_free_ char *templates = NULL;

	if (desk_open(&s->desk, o->config, DB_WRITE, e) < 0 || check_origin(&s->desk, e) < 0)
		return -1;
	if (o->clock_rate != 1 && !config_loopback(&s->desk.config))
		return err_set(e, EX_USAGE, "--clock is for demonstrations: every server must be on loopback");
	s->clock = clock_start(o->clock_rate, log_time(s->desk.db));
	if (o->clock_rate != 1)
		log_warning("the clock runs %lld times as fast as time does", (long long)o->clock_rate);
	templates = templates_dir(&s->desk.config);
	s->templates = templates_open(templates, e);
	if (!s->templates || templates_check(s->templates, e) < 0 || watch(s, e) < 0 || record_start(s, o, e) < 0)
		return -1;
	if (erase_waits(s->desk.db) && erase_finish(s->desk.db, e) < 0) {
		if (e->code != EX_TEMPFAIL)
			return -1;
		log_warning("erasing is not finished: %s; it is tried again", e->text);
	}
	s->control = control_new(s, e);
	if (!s->control || start_adapters(s, e) < 0 || selfcheck_begin(s, e) < 0)
		return -1;
	work_wake(s);
	return 0;
}

static void end(struct serve *s)
{
	struct err e = { 0 };

	adapter_free(&s->imap);
	adapter_free(&s->smtp);
	adapter_free(&s->slack);
	adapter_free(&s->signer);
	anchoring_end(s);
	sd_event_source_disable_unref(s->signing.timer);
	sd_event_source_disable_unref(s->signing.limit);
	adapter_free(&s->mime);
	control_free(&s->control);
	if (s->desk.db && s->exit_code == 0 && s->stopping && db_begin(s->desk.db, "the end", &e) == 0 &&
	    (desk_record(&s->desk, "daemon.stopped", "system", "system", NULL, NULL, &e) < 0 ||
	     db_commit(s->desk.db, &e) < 0))
		log_error("%s", e.text);
	free(s->chat.user);
	free(s->chat.team);
	sd_event_source_disable_unref(s->reading.limit);
	selfcheck_end(s);
	sd_event_source_disable_unref(s->batch);
	sd_event_source_disable_unref(s->due);
	sd_event_source_disable_unref(s->soon);
	sd_event_unref(s->event);
	templates_close(&s->templates);
	desk_close(&s->desk);
}

int serve(const struct serve_options *options)
{
	struct serve s = { 0 };
	struct err e = { 0 };

	STAILQ_INIT(&s.waiting);
	if (begin(&s, options, &e) < 0) {
		log_error("%s", e.text);
		s.exit_code = e.code ? e.code : EX_SOFTWARE;
	} else {
		sd_notifyf(0, "READY=1\nSTATUS=%s serves cases %s-N", s.desk.config.name, s.desk.config.cases);
		sd_event_loop(s.event);
	}
	end(&s);
	return s.exit_code;
}
