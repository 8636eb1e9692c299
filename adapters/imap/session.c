// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/session.h"

#include <string.h>

#include "base/secret.h"
#include "base/text.h"

void session_begin(struct session *s, int64_t time, size_t budget)
{
	transport_limit(s->transport, clock_monotonic() + time, budget);
}

bool session_refused(int result)
{
	switch (result) {
	case MAILIMAP_ERROR_COPY:
	case MAILIMAP_ERROR_UID_COPY:
	case MAILIMAP_ERROR_MOVE:
	case MAILIMAP_ERROR_UID_MOVE:
	case MAILIMAP_ERROR_CREATE:
	case MAILIMAP_ERROR_STORE:
	case MAILIMAP_ERROR_UID_STORE:
	case MAILIMAP_ERROR_EXPUNGE:
	case MAILIMAP_ERROR_LOGIN:
	case MAILIMAP_ERROR_SELECT:
	case MAILIMAP_ERROR_STARTTLS:
		return true;
	default:
		return false;
	}
}

static const char *result_text(int result)
{
	switch (result) {
	case MAILIMAP_ERROR_STREAM:
		return "the connection broke";
	case MAILIMAP_ERROR_PARSE:
		return "the server's answer breaks the protocol";
	case MAILIMAP_ERROR_PROTOCOL:
		return "the server calls the command bad, or answers another one";
	case MAILIMAP_ERROR_MEMORY:
		return "the answer is too large for memory";
	case MAILIMAP_ERROR_FATAL:
	case MAILIMAP_ERROR_DONT_ACCEPT_CONNECTION:
		return "the server said BYE";
	default:
		return "the server refused";
	}
}

int session_check(struct session *s, int result, const char *what, struct err *e)
{
	const char *trouble = transport_trouble(s->transport);

	if (result == MAILIMAP_NO_ERROR || result == MAILIMAP_NO_ERROR_AUTHENTICATED ||
	    result == MAILIMAP_NO_ERROR_NON_AUTHENTICATED)
		return 0;
	if (session_refused(result) && s->imap->imap_response)
		return err_set(e, EX_UNAVAILABLE, "%s: the server refused: %.300s", what, s->imap->imap_response);
	if (*trouble)
		return err_set(e, EX_UNAVAILABLE, "%s: %s", what, trouble);
	return err_set(e, EX_PROTOCOL, "%s: %s", what, result_text(result));
}

int session_check_uids(const struct session *s, struct err *e)
{
	const struct mailimap_selection_info *info = s->imap->imap_selection_info;

	if (!info || info->sel_uidvalidity == s->uidvalidity)
		return 0;
	return err_set(e, EX_UNAVAILABLE, "the server numbered the folder anew");
}

// --- opening ---------------------------------------------------------------------------------------------------------

static int use_tls(struct session *s, const struct settings *settings, int64_t deadline, struct err *e)
{
	s->trouble = TROUBLE_TLS;
	if (transport_start_tls(s->transport, settings->host, settings->ca, deadline, e) < 0)
		return -1;
	s->trouble = TROUBLE_CONNECTION;
	return 0;
}

static int line_length(const mailstream *stream)
{
	const char *end = memchr(stream->read_buffer, '\r', stream->read_buffer_len);

	return end ? (int)(end - stream->read_buffer) : (int)stream->read_buffer_len;
}

static int attach(struct session *s, struct err *e)
{
	mailstream *stream = transport_stream(s->transport);
	int r;

	s->imap = mailimap_new(0, NULL);
	if (!stream || !s->imap)
		panic("out of memory for a session");
	s->imap->imap_stream = stream;
	// Told by ourselves: the library forgets to free what it read here, and does not say why the server is closed.
	if (mailstream_feed_read_buffer(stream) > 5 && strncmp(stream->read_buffer, "* BYE", 5) == 0)
		return err_set(e, EX_UNAVAILABLE, "greeting: the server said %.*s", line_length(stream),
		               stream->read_buffer);
	r = mailimap_connect(s->imap, stream);
	if (r == MAILIMAP_NO_ERROR_AUTHENTICATED) {
		// Whoever greets with PREAUTH before TLS makes STARTTLS impossible (RFC 9051 section 7.1.4), and nobody
		// else has a reason to.
		s->trouble = TROUBLE_TLS;
		return err_set(e, EX_NOPERM,
		               "the server says that we are logged in already (PREAUTH), which is refused");
	}
	return session_check(s, r, "greeting", e);
}

static int upgrade(struct session *s, const struct settings *settings, int64_t deadline, struct err *e)
{
	int r = mailimap_starttls(s->imap);

	s->trouble = TROUBLE_TLS;
	// What stands here was sent in clear, by whoever: it would be taken for something said under TLS
	// (CVE-2011-0411).
	if (s->imap->imap_stream->read_buffer_len > 0)
		return err_set(e, EX_PROTOCOL,
		               "STARTTLS: the server sent more than its answer before TLS, which is refused");
	if (session_check(s, r, "STARTTLS", e) < 0)
		return -1;
	return use_tls(s, settings, deadline, e);
}

static int connect_to(struct session *s, const struct settings *settings, const struct watch *watch, int64_t deadline,
                      struct err *e)
{
	s->transport = transport_open(settings->host, settings->port, watch, deadline, e);
	if (!s->transport)
		return -1;
	transport_limit(s->transport, deadline, SESSION_ANSWER_MAX);
	switch (settings->tls) {
	case TLS_FIRST:
		if (use_tls(s, settings, deadline, e) < 0)
			return -1;
		transport_limit(s->transport, deadline, SESSION_ANSWER_MAX);
		return attach(s, e);
	case TLS_STARTTLS:
		if (attach(s, e) < 0 || upgrade(s, settings, deadline, e) < 0)
			return -1;
		transport_limit(s->transport, deadline, SESSION_ANSWER_MAX);
		return 0;
	case TLS_NONE:
		if (transport_is_loopback(s->transport))
			return attach(s, e);
		s->trouble = TROUBLE_TLS;
		return err_set(e, EX_NOPERM, "%s is not on this machine: without TLS no login", settings->host);
	}
	panic("no such TLS mode: %d", (int)settings->tls);
}

// --- login -----------------------------------------------------------------------------------------------------------

static int login_by_token(struct session *s, struct settings *settings, struct err *e)
{
	_secret_ char *token = NULL;
	int r;

	if (oauth_access_token(&settings->login.oauth, clock_real(), &token, e) < 0)
		return -1;
	r = mailimap_oauth2_authenticate(s->imap, settings->user, token);
	if (r == MAILIMAP_ERROR_LOGIN)
		oauth_forget(&settings->login.oauth);
	return session_check(s, r, "login with an access token", e);
}

static int log_in(struct session *s, struct settings *settings, struct err *e)
{
	s->trouble = TROUBLE_LOGIN;
	if (settings->login.password) {
		int r = mailimap_login(s->imap, settings->user, settings->login.password);

		if (session_check(s, r, "login", e) < 0) {
			s->trouble = session_refused(r) ? TROUBLE_LOGIN : TROUBLE_CONNECTION;
			return -1;
		}
	} else if (login_by_token(s, settings, e) < 0) {
		return -1;
	}
	s->trouble = TROUBLE_CONNECTION;
	return 0;
}

static int learn_capabilities(struct session *s, struct err *e)
{
	struct mailimap_capability_data *list = NULL;

	// Asked for after login: servers offer more then, and what was said before TLS counts for nothing.
	if (session_check(s, mailimap_capability(s->imap, &list), "CAPABILITY", e) < 0)
		return -1;
	mailimap_capability_data_free(list);
	s->has_idle = mailimap_has_idle(s->imap);
	s->has_move = mailimap_has_extension(s->imap, "MOVE");
	s->has_uidplus = mailimap_has_uidplus(s->imap);
	return 0;
}

static int select_folder(struct session *s, const char *folder, struct err *e)
{
	if (session_check(s, mailimap_select(s->imap, folder), "SELECT", e) < 0) {
		s->trouble = TROUBLE_FOLDER;
		return err_prefix(e, "folder %s", folder);
	}
	s->uidvalidity = s->imap->imap_selection_info ? s->imap->imap_selection_info->sel_uidvalidity : 0;
	if (s->uidvalidity == 0)
		return err_set(e, EX_PROTOCOL, "folder %s: the server names no UIDVALIDITY", folder);
	return 0;
}

int session_open(struct session *s, struct settings *settings, const struct watch *watch, struct err *e)
{
	int64_t deadline = clock_monotonic() + SESSION_OPEN_TIME;

	*s = (struct session){ .trouble = TROUBLE_CONNECTION };
	if (connect_to(s, settings, watch, deadline, e) == 0 && log_in(s, settings, e) == 0 &&
	    learn_capabilities(s, e) == 0 && select_folder(s, settings->folder, e) == 0)
		return 0;
	session_close(s, false);
	return -1;
}

void session_close(struct session *s, bool polite)
{
	// mailimap_free() logs out by itself, and waits for the answer: a LOGOUT of our own without waiting, then no
	// more.
	if (s->imap && s->imap->imap_stream && polite) {
		static const char logout[] = "bye LOGOUT\r\n";

		session_begin(s, CLOCK_SECOND / 2, SESSION_ANSWER_MAX);
		if (mailstream_write(s->imap->imap_stream, logout, sizeof logout - 1) > 0)
			mailstream_flush(s->imap->imap_stream);
	}
	if (s->transport)
		transport_abandon(s->transport);
	if (s->imap)
		mailimap_free(s->imap);
	else if (s->transport)
		transport_free(s->transport);
	s->imap = NULL;
	s->transport = NULL;
}
