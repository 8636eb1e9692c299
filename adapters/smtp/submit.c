// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/submit.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <curl/curl.h>

#include "adapters/smtp/redact.h"
#include "adapters/smtp/transfer.h"
#include "base/auto.h"
#include "base/clock.h"
#include "base/secret.h"

enum {
	CONNECTIONS_MAX = 2,
	LOGIN_PAUSE = 60 * CLOCK_SECOND, // a server may lock an account that tries a wrong password again and again
};

struct slot {
	struct transfer transfer;
	bool ended; // `outcome` is to be taken out
	struct outcome outcome;
};

struct submit {
	CURLM *multi;
	struct settings *settings;
	const struct watch *watch;
	struct slot slots[SUBMIT_IN_FLIGHT];
	bool fresh;           // something went wrong: the next mail takes a new connection
	int64_t paused_until; // no login before (monotonic)
	char paused_why[512];
};

struct submit *submit_new(struct settings *settings, const struct watch *watch, struct err *e)
{
	struct submit *s = calloc(1, sizeof *s);

	if (!s || !(s->multi = curl_multi_init())) {
		err_set(e, EX_OSERR, "cannot start libcurl: out of memory");
		free(s);
		return NULL;
	}
	s->settings = settings;
	s->watch = watch;
	curl_multi_setopt(s->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long)CONNECTIONS_MAX);
	curl_multi_setopt(s->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_MAX);
	return s;
}

static void detach(struct submit *s, struct transfer *t)
{
	if (t->curl)
		curl_multi_remove_handle(s->multi, t->curl);
}

// Ends whatever is in its midst.  Taken away as it is, libcurl 7.88 would say the final "." for a mail of which it has
// sent a part or nothing, and the server would deliver that; a transfer that it ends as an error has its connection
// closed.
static void cut_off(struct submit *s)
{
	int running;

	for (size_t i = 0; i < LENGTH(s->slots); i++)
		s->slots[i].transfer.cut = !s->slots[i].ended;
	curl_multi_perform(s->multi, &running);
}

void submit_free(struct submit **p)
{
	struct submit *s = *p;

	*p = NULL;
	if (!s)
		return;
	cut_off(s);
	for (size_t i = 0; i < LENGTH(s->slots); i++) {
		detach(s, &s->slots[i].transfer);
		transfer_close(&s->slots[i].transfer);
	}
	curl_multi_cleanup(s->multi);
	free(s);
}

size_t submit_in_flight(const struct submit *s)
{
	size_t count = 0;

	for (size_t i = 0; i < LENGTH(s->slots); i++)
		count += *s->slots[i].transfer.id != '\0';
	return count;
}

static void end(struct slot *slot, struct outcome outcome)
{
	slot->outcome = outcome;
	slot->ended = true;
}

static void end_untried(struct slot *slot, unsigned retry_after, const char *why)
{
	struct outcome outcome = { .fate = FATE_RETRY, .retry_after = retry_after };

	snprintf(outcome.why, sizeof outcome.why, "%s", why);
	end(slot, outcome);
}

// One try.  What cannot even begin ends the transfer.
static void begin(struct submit *s, struct slot *slot)
{
	struct login *login = &s->settings->login;
	int64_t left = s->paused_until - clock_monotonic();
	_secret_ char *token = NULL;
	struct err e = { 0 };

	if (left > 0) {
		end_untried(slot, (unsigned)(left / CLOCK_SECOND) + 1, s->paused_why);
	} else if (*s->settings->user && !login->password &&
	           oauth_access_token(&login->oauth, clock_real(), &token, &e) < 0) {
		end_untried(slot, e.code == EX_NOPERM ? 300 : 60, e.text);
	} else if (transfer_prepare(&slot->transfer, token, s->fresh || slot->transfer.second, &e) < 0 ||
	           curl_multi_add_handle(s->multi, slot->transfer.curl) != CURLM_OK) {
		end_untried(slot, 60, *e.text ? e.text : "cannot begin to send");
	} else {
		s->fresh = false;
	}
}

void submit_start(struct submit *s, const char *id, struct message *mail)
{
	for (size_t i = 0; i < LENGTH(s->slots); i++) {
		struct slot *slot = &s->slots[i];

		if (*slot->transfer.id)
			continue;
		slot->ended = false;
		transfer_open(&slot->transfer, s->settings, s->watch, id, mail);
		begin(s, slot);
		return;
	}
	panic("more than %d mails in flight", SUBMIT_IN_FLIGHT);
}

// A kept connection that the server had closed meanwhile, or an access token that it no longer takes: neither is worth
// the core's attention, nor a minute's wait, before a second try over a new connection.
static bool worth_second_try(struct submit *s, const struct transfer *t, CURLcode code)
{
	long response = transfer_response(t), connects = 0;

	if (t->second || transfer_body(t) != BODY_UNREAD)
		return false;
	if (code == CURLE_LOGIN_DENIED)
		return s->settings->login.password == NULL;
	curl_easy_getinfo(t->curl, CURLINFO_NUM_CONNECTS, &connects);
	return connects == 0 && (code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR) &&
	       (response < 400 || response == 421);
}

static void login_denied(struct submit *s, const struct outcome *outcome, bool last)
{
	if (!s->settings->login.password)
		oauth_forget(&s->settings->login.oauth);
	if (!last)
		return;
	s->paused_until = clock_monotonic() + LOGIN_PAUSE;
	snprintf(s->paused_why, sizeof s->paused_why, "%s", outcome->why);
}

static void finish(struct submit *s, struct slot *slot, CURLcode code)
{
	struct transfer *t = &slot->transfer;
	struct outcome outcome = transfer_outcome(t, code);
	bool again = code != CURLE_OK && worth_second_try(s, t, code);

	if (code != CURLE_OK) {
		transfer_spoil(t);
		s->fresh = true;
	}
	if (code == CURLE_LOGIN_DENIED)
		login_denied(s, &outcome, !again);
	detach(s, t);
	if (!again) {
		end(slot, outcome);
		return;
	}
	transfer_reset(t);
	t->second = true;
	begin(s, slot);
}

static struct slot *slot_of(struct submit *s, const CURL *curl)
{
	for (size_t i = 0; i < LENGTH(s->slots); i++)
		if (s->slots[i].transfer.curl == curl)
			return &s->slots[i];
	panic("libcurl names a handle that is not ours");
}

// What libcurl has finished; how many transfers are still its own.
static int perform(struct submit *s, struct err *e)
{
	CURLMsg *message;
	int running = 0, left;

	if (curl_multi_perform(s->multi, &running) != CURLM_OK)
		return err_set(e, EX_SOFTWARE, "libcurl cannot go on");
	while ((message = curl_multi_info_read(s->multi, &left)))
		if (message->msg == CURLMSG_DONE)
			finish(s, slot_of(s, message->easy_handle), message->data.result);
	return running;
}

static bool any_ended(const struct submit *s)
{
	for (size_t i = 0; i < LENGTH(s->slots); i++)
		if (s->slots[i].ended)
			return true;
	return false;
}

int submit_wait(struct submit *s, int fd, bool read, int timeout_ms, struct err *e)
{
	struct curl_waitfd extra = { .fd = fd, .events = read ? CURL_WAIT_POLLIN : 0 };

	if (perform(s, e) < 0)
		return -1;
	if (any_ended(s))
		return 0;
	if (curl_multi_poll(s->multi, &extra, 1, timeout_ms, NULL) != CURLM_OK)
		return err_set(e, EX_SOFTWARE, "libcurl cannot wait");
	return perform(s, e) < 0 ? -1 : 0;
}

bool submit_next(struct submit *s, struct delivery *out)
{
	for (size_t i = 0; i < LENGTH(s->slots); i++) {
		struct slot *slot = &s->slots[i];

		if (!slot->ended)
			continue;
		*out = (struct delivery){ .outcome = slot->outcome };
		snprintf(out->id, sizeof out->id, "%s", slot->transfer.id);
		snprintf(out->recipient, sizeof out->recipient, "%s", slot->transfer.mail.recipient);
		snprintf(out->response, sizeof out->response, "%s", slot->transfer.reply.text);
		redact(out->recipient);
		redact(out->response);
		redact(out->outcome.why);
		transfer_close(&slot->transfer);
		slot->ended = false;
		return true;
	}
	return false;
}

void submit_abandon(struct submit *s)
{
	cut_off(s);
	for (size_t i = 0; i < LENGTH(s->slots); i++) {
		struct slot *slot = &s->slots[i];

		if (!*slot->transfer.id || slot->ended)
			continue;
		end(slot, transfer_outcome(&slot->transfer, CURLE_ABORTED_BY_CALLBACK));
		detach(s, &slot->transfer);
	}
}
