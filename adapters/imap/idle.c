// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/idle.h"

#include <string.h>

#include "base/text.h"

enum {
	ANSWER_TIME = 20 * CLOCK_SECOND,
	LINES_MAX = 1 << 20,            // bytes during one IDLE
	POLL_EVERY = 30 * CLOCK_SECOND, // without IDLE
};

// libetpan counts its tags in plain numbers, so that these never meet.
#define TAG "idle"

enum idle_line idle_read(const char *line, const char *tag)
{
	size_t len = strlen(tag);
	const char *word;

	if (line[0] == '+')
		return LINE_CONTINUE;
	if (strncmp(line, tag, len) == 0 && line[len] == ' ')
		return text_starts_fold(line + len + 1, "OK") ? LINE_OK : LINE_END;
	if (line[0] != '*' || line[1] != ' ')
		return LINE_BROKEN;
	word = line + 2;
	if (text_starts_fold(word, "BYE"))
		return LINE_BYE;
	return text_is_digit(*word) ? LINE_MAIL : LINE_NOTHING;
}

static int say(struct session *s, const char *line, struct err *e)
{
	mailstream *stream = s->imap->imap_stream;

	if (mailstream_write(stream, line, strlen(line)) < 0 || mailstream_flush(stream) < 0)
		return session_check(s, MAILIMAP_ERROR_STREAM, "IDLE", e);
	return 0;
}

static int read_line(struct session *s, enum idle_line *kind, struct err *e)
{
	const char *line = mailstream_read_line_remove_eol(s->imap->imap_stream, s->imap->imap_stream_buffer);

	if (!line)
		return session_check(s, MAILIMAP_ERROR_STREAM, "IDLE", e);
	*kind = idle_read(line, TAG);
	if (*kind == LINE_BYE)
		return err_set(e, EX_UNAVAILABLE, "the server ended the session: %.200s", line);
	if (*kind == LINE_BROKEN)
		return err_set(e, EX_PROTOCOL, "IDLE: the server's answer breaks the protocol");
	return 0;
}

// Reads lines until one of kind `until`; *mail is set when one that may mean mail came by.
static int read_until(struct session *s, enum idle_line until, bool *mail, struct err *e)
{
	enum idle_line kind;

	do {
		if (read_line(s, &kind, e) < 0)
			return -1;
		if (kind == LINE_MAIL)
			*mail = true;
		if ((kind == LINE_END || kind == LINE_OK) && kind != until)
			return err_set(e, EX_UNAVAILABLE, "IDLE: the server refused or ended it");
	} while (kind != until);
	return 0;
}

// Waits for something that concerns us.  The stream's own buffer comes first: what is in there no poll(2) shows.
static int wait_for_news(struct session *s, int64_t deadline, bool *mail, enum idle_news *news, struct err *e)
{
	enum idle_line kind;

	while (!*mail) {
		if (s->imap->imap_stream->read_buffer_len == 0) {
			enum transport_event event = transport_wait(s->transport, deadline);

			*news = event == TRANSPORT_CHANNEL ? IDLE_CHANNEL : IDLE_TIME;
			if (event != TRANSPORT_READABLE)
				return 0;
		}
		session_begin(s, ANSWER_TIME, LINES_MAX);
		if (read_line(s, &kind, e) < 0)
			return -1;
		if (kind == LINE_OK || kind == LINE_END)
			return err_set(e, EX_UNAVAILABLE, "IDLE: the server ended it");
		*mail = kind == LINE_MAIL;
	}
	return 0;
}

static int idle(struct session *s, int64_t time, enum idle_news *news, struct err *e)
{
	bool mail = false;

	session_begin(s, ANSWER_TIME, LINES_MAX);
	if (say(s, TAG " IDLE\r\n", e) < 0 || read_until(s, LINE_CONTINUE, &mail, e) < 0)
		return -1;
	if (wait_for_news(s, clock_monotonic() + time, &mail, news, e) < 0)
		return -1;
	session_begin(s, ANSWER_TIME, LINES_MAX);
	if (say(s, "DONE\r\n", e) < 0 || read_until(s, LINE_OK, &mail, e) < 0)
		return -1;
	if (mail)
		*news = IDLE_MAIL;
	return 0;
}

static int wait_and_ask(struct session *s, int64_t time, enum idle_news *news, struct err *e)
{
	int64_t deadline = clock_monotonic() + (time < POLL_EVERY ? time : POLL_EVERY);

	*news = IDLE_MAIL; // whatever NOOP brings: search
	if (transport_wait(s->transport, deadline) == TRANSPORT_CHANNEL) {
		*news = IDLE_CHANNEL;
		return 0;
	}
	session_begin(s, ANSWER_TIME, LINES_MAX);
	return session_check(s, mailimap_noop(s->imap), "NOOP", e);
}

int idle_wait(struct session *s, int64_t time, enum idle_news *news, struct err *e)
{
	return s->has_idle ? idle(s, time, news, e) : wait_and_ask(s, time, news, e);
}
