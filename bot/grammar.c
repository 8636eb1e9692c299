// SPDX-License-Identifier: Apache-2.0
#include "bot/grammar.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/text.h"
#include "bot/grammar_line.h"
#include "bot/grammar_near.h"
#include "bot/letters.h"

#define QUERY_MAX 2048 // bytes

enum shape {
	SHAPE_BARE,     // verb
	SHAPE_CASE,     // verb [case]
	SHAPE_DECISION, // verb [case] [code] [: reason]
	SHAPE_REASON,   // verb [case] [: reason]
	SHAPE_TEXT,     // verb [case] : text
	SHAPE_FIND,
	SHAPE_REPORT,
	SHAPE_DELEGATE,
};

static const struct {
	const char *name;
	enum shape shape;
} verbs[] = {
	[VERB_NONE] = { "", SHAPE_BARE },
	[VERB_HELP] = { "help", SHAPE_BARE },
	[VERB_SHOW] = { "show", SHAPE_CASE },
	[VERB_HISTORY] = { "history", SHAPE_CASE },
	[VERB_FIND] = { "find", SHAPE_FIND },
	[VERB_OPEN] = { "open", SHAPE_BARE },
	[VERB_APPROVE] = { "approve", SHAPE_DECISION },
	[VERB_REJECT] = { "reject", SHAPE_DECISION },
	[VERB_ABSTAIN] = { "abstain", SHAPE_DECISION },
	[VERB_RECUSE] = { "recuse", SHAPE_DECISION },
	[VERB_ASK] = { "ask", SHAPE_TEXT },
	[VERB_COMMENT] = { "comment", SHAPE_TEXT },
	[VERB_WITHDRAW] = { "withdraw", SHAPE_REASON },
	[VERB_REVOKE] = { "revoke", SHAPE_REASON },
	[VERB_RENEW] = { "renew", SHAPE_REASON },
	[VERB_DELEGATE] = { "delegate", SHAPE_DELEGATE },
	[VERB_REPORT] = { "report", SHAPE_REPORT },
	[VERB_VERIFY] = { "verify", SHAPE_BARE },
};

const char *verb_name(enum verb verb)
{
	return verbs[verb].name;
}

bool verb_decides(enum verb verb)
{
	return verbs[verb].shape == SHAPE_DECISION;
}

void command_free(struct command *command)
{
	free(command->text);
	free(command->person);
	free(command->from);
	free(command->to);
	*command = (struct command){ .verb = VERB_NONE };
}

int case_id_parse(const char *text, const char *prefix, char out[CASE_ID_SIZE])
{
	size_t len = strlen(prefix), digits;

	if (!text_starts_fold(text, prefix) || text[len] != '-')
		return -1;
	text += len + 1;
	digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 18 || text[digits] || *text == '0' || len + 1 + digits >= CASE_ID_SIZE)
		return -1;
	snprintf(out, CASE_ID_SIZE, "%s-%s", prefix, text);
	for (char *p = out; *p; p++)
		*p = *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p;
	return 0;
}

// What is being read, and where the outcome goes.
struct reading {
	struct grammar_line line;
	const char *prefix;
	bool case_implied;
	struct command *out;
	struct err *e;
};

// --- refusals ---

static enum grammar refuse(struct reading *r, const char *refusal, const char *sentence)
{
	r->out->refusal = refusal;
	err_set(r->e, EX_DATAERR, "%s", sentence);
	return GRAMMAR_UNCLEAR;
}

static bool printable(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || *text > '~')
			return false;
	return true;
}

static enum grammar not_a_command(struct reading *r)
{
	static const char how[] =
	        "To decide, write approve, reject, abstain or recuse alone on the first line; a reason "
	        "may follow after a colon.  Write help for the other commands.";

	r->out->refusal = "not-a-command";
	if (!printable(r->line.line))
		err_set(r->e, EX_DATAERR,
		        "The first line is not a command: it holds other characters than plain letters.  %s", how);
	else
		err_set(r->e, EX_DATAERR, "\"%.80s%s\" is not a command.  %s", r->line.line,
		        strlen(r->line.line) > 80 ? "..." : "", how);
	return GRAMMAR_UNCLEAR;
}

static enum grammar near_or_other(struct reading *r)
{
	if (grammar_near(r->line.line, r->line.lines_below, r->prefix, r->case_implied))
		return not_a_command(r);
	return GRAMMAR_OTHER;
}

// --- the verbs ---

static bool all_digits(const char *text)
{
	return *text && text[strspn(text, "0123456789")] == '\0';
}

// Meant as a one-time code: digits, of whatever script.
static bool like_code(const char *word)
{
	_free_ char *plain = letters_skeleton(word);

	return all_digits(plain);
}

static enum grammar read_case_and_code(struct reading *r, bool with_code)
{
	static const char case_form[] = "That is not a case number: it is written like CS-12, without zeros in front.";
	size_t i = 1;

	if (i < r->line.count && case_id_parse(r->line.words[i], r->prefix, r->out->case_id) == 0)
		i++;
	if (i + 1 == r->line.count && with_code && like_code(r->line.words[i])) {
		if (strlen(r->line.words[i]) != 6 || !all_digits(r->line.words[i]))
			return refuse(r, "mfa-format", "The one-time code must be six digits, 0 to 9.");
		snprintf(r->out->code, sizeof r->out->code, "%.6s", r->line.words[i++]);
	}
	if (i == 1 && r->line.count == 2 && grammar_like_case(r->line.words[1], r->prefix))
		return refuse(r, "unknown-case", case_form);
	if (i < r->line.count) {
		enum grammar result = near_or_other(r);

		if (result == GRAMMAR_UNCLEAR && verbs[r->out->verb].shape == SHAPE_CASE)
			return refuse(r, "unknown-case", case_form);
		return result;
	}
	if (!r->out->case_id[0] && !r->case_implied)
		return refuse(r, "unknown-case", "Say which case is meant, for example: show CS-12.");
	return GRAMMAR_COMMAND;
}

// What stands after ":" and on the lines below.
static enum grammar read_text(struct reading *r, bool needed)
{
	struct buf text = BUF((r->line.after_colon ? strlen(r->line.after_colon) : 0) + strlen(r->line.below) + 2);
	_free_ char *whole = NULL;
	char *trimmed;

	if (r->line.after_colon)
		buf_puts(&text, r->line.after_colon);
	buf_putc(&text, '\n');
	buf_puts(&text, r->line.below);
	whole = buf_steal(&text);
	trimmed = text_trim(whole);
	if (!*trimmed && needed)
		return refuse(r, "no-text",
		              "There is no text: write it after the colon, for example ask: which version?");
	if (strlen(trimmed) > GRAMMAR_TEXT_MAX)
		return refuse(r, "too-long",
		              "The text is longer than 16 KiB; shorten it, and attach what is long as a file.");
	if (*trimmed)
		r->out->text = text_copy(trimmed);
	return GRAMMAR_COMMAND;
}

static enum grammar read_ordinary(struct reading *r, enum shape shape)
{
	bool takes_text = shape == SHAPE_DECISION || shape == SHAPE_REASON || shape == SHAPE_TEXT;
	enum grammar result;

	if (!takes_text && r->line.after_colon)
		return near_or_other(r);
	if (shape == SHAPE_BARE)
		return r->line.count == 1 ? GRAMMAR_COMMAND : near_or_other(r);
	result = read_case_and_code(r, shape == SHAPE_DECISION);
	return result == GRAMMAR_COMMAND && takes_text ? read_text(r, shape == SHAPE_TEXT) : result;
}

// Does a word of the query show that it is one?  Prose has no operators and quotes.
static bool like_query(const char *query)
{
	for (const char *p = query; *p; p++)
		if (*p == '"' || ((*p == ':' || *p == '=' || *p == '<' || *p == '>') && p > query &&
		                  !text_is_space(p[-1]) && p[1] && !text_is_space(p[1]) && !text_starts(p, "://")))
			return true;
	return false;
}

static enum grammar read_find(struct reading *r)
{
	const char *query = grammar_skip_blanks(r->line.line + strlen("find"));

	if (r->line.lines_below > 0 && *query && !like_query(query))
		return GRAMMAR_OTHER;
	if (strlen(query) > QUERY_MAX)
		return refuse(r, "too-long", "The query is longer than 2 KiB.");
	if (*query && strcmp(query, ".") != 0)
		r->out->text = text_copy(query);
	return GRAMMAR_COMMAND;
}

// Does the text have the shape, where 9 stands for a digit and Q for itself in either case?
static bool shaped(const char *text, const char *shape)
{
	for (; *shape; shape++, text++)
		if (*shape == '9' ? !text_is_digit(*text) : *text != *shape && !(*shape == 'Q' && *text == 'q'))
			return false;
	return !*text;
}

static bool is_span(const char *which, const char *unit)
{
	return (text_same(which, "this") || text_same(which, "last")) &&
	       (text_same(unit, "week") || text_same(unit, "month") || text_same(unit, "quarter") ||
	        text_same(unit, "year"));
}

static enum grammar read_report(struct reading *r)
{
	const char *one = r->line.words[1], *two = r->line.words[2], *three = r->line.words[3];
	bool fits = r->line.count == 1;

	if (r->line.count == 2)
		fits = shaped(one, "9999") || shaped(one, "9999-99") || shaped(one, "9999-Q9");
	else if (r->line.count == 3)
		fits = is_span(one, two);
	else if (r->line.count == 4)
		fits = shaped(one, "9999-99-99") && text_same(two, "to") && shaped(three, "9999-99-99");
	if (!fits || r->line.after_colon)
		return near_or_other(r);
	if (r->line.count == 2)
		r->out->text = text_copy(one);
	else if (r->line.count > 2)
		r->out->text = text_format("%s %s%s%s", one, two, r->line.count == 4 ? " " : "",
		                           r->line.count == 4 ? three : "");
	return GRAMMAR_COMMAND;
}

// The first (or last) place where `word` stands between blanks.
static char *find_word(char *text, const char *word, bool last)
{
	size_t len = strlen(word);
	char *found = NULL;

	for (char *p = text; *p; p++)
		if (*p == ' ' && text_starts_fold(p + 1, word) && p[1 + len] == ' ') {
			found = p;
			if (!last)
				break;
		}
	return found;
}

static enum grammar read_delegate(struct reading *r)
{
	static const char how[] = "Write: delegate to PERSON from DATE to DATE.";
	_free_ char *copy = text_copy(r->line.line + strlen("delegate"));
	size_t len = strlen(copy);
	char *person = NULL, *from, *to;

	for (char *p = copy; *p; p++)
		*p = *p == '\t' ? ' ' : *p;
	if (len && copy[len - 1] == '.')
		copy[len - 1] = '\0';
	from = find_word(copy, "from", false);
	to = from ? find_word(from + 1, "to", true) : NULL;
	if (to) {
		*from = *to = '\0';
		person = text_trim(copy);
		from = text_trim(from + strlen(" from "));
		to = text_trim(to + strlen(" to "));
	}
	if (!to || !text_starts_fold(person, "to ") || !*from || !*to || r->line.after_colon ||
	    strlen(r->line.line) > 512)
		return r->line.count > 1 && text_same(r->line.words[1], "to") ? refuse(r, "not-a-command", how)
		                                                              : near_or_other(r);
	r->out->person = text_copy(text_trim(person + 3));
	r->out->from = text_copy(from);
	r->out->to = text_copy(to);
	return GRAMMAR_COMMAND;
}

static enum grammar read_command(struct reading *r)
{
	enum shape shape;

	if (r->line.count == 0)
		return near_or_other(r);
	for (enum verb v = VERB_HELP; v <= VERB_VERIFY && !r->out->verb; v++)
		if (text_same(r->line.words[0], verbs[v].name))
			r->out->verb = v;
	if (!r->out->verb)
		return near_or_other(r);
	shape = verbs[r->out->verb].shape;
	switch (shape) {
	case SHAPE_FIND:
		return read_find(r);
	case SHAPE_REPORT:
		return read_report(r);
	case SHAPE_DELEGATE:
		return read_delegate(r);
	case SHAPE_BARE:
	case SHAPE_CASE:
	case SHAPE_DECISION:
	case SHAPE_REASON:
	case SHAPE_TEXT:
		break;
	}
	return read_ordinary(r, shape);
}

enum grammar grammar_parse(const char *own, const char *prefix, bool case_implied, struct command *out, struct err *e)
{
	struct reading r = { .prefix = prefix, .case_implied = case_implied, .out = out, .e = e };
	enum grammar result = GRAMMAR_OTHER;

	*out = (struct command){ .verb = VERB_NONE };
	if (!utf8_valid(own, strlen(own)))
		return refuse(&r, "invalid-text", "The text is not valid UTF-8.");
	if (grammar_line_read(own, &r.line))
		result = read_command(&r);
	else if (case_implied)
		result = refuse(&r, "no-command",
		                "There is no text of your own in the message; write for example approve "
		                "on the first line, above everything that is quoted.");
	if (result != GRAMMAR_COMMAND) {
		const char *refusal = out->refusal;

		command_free(out);
		out->refusal = refusal;
	}
	free(r.line.line);
	return result;
}
