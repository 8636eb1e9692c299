// SPDX-License-Identifier: Apache-2.0
// The grammar: what is a command, what is not, and what is asked back; good next to bad.
// clang-format off
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
// clang-format on
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/grammar.h"
#include "bot/letters.h"

enum { FRESH = 1, REPLY = 2, BOTH = 3 }; // without and with an implied case

struct command_case {
	const char *own;
	enum verb verb;
	const char *case_id, *code, *text; // NULL as ""; text NULL = none
	int where;
};

static const struct command_case commands[] = {
	{ "approve", VERB_APPROVE, .where = REPLY },
	{ "APPROVE", VERB_APPROVE, .where = REPLY },
	{ "Approve.", VERB_APPROVE, .where = REPLY },
	{ "\n  \r\n\tapprove \r\n", VERB_APPROVE, .where = REPLY },
	{ "\xef\xbb\xbf"
	  "approve",
	  VERB_APPROVE, .where = REPLY },
	{ "\xc2\xa0"
	  "approve\xc2\xa0",
	  VERB_APPROVE, .where = REPLY },
	{ "approve 123456", VERB_APPROVE, .code = "123456", .where = REPLY },
	{ "approve 000000.", VERB_APPROVE, .code = "000000", .where = REPLY },
	{ "APPROVE\xc2\xa0"
	  "123456",
	  VERB_APPROVE, .code = "123456", .where = REPLY },
	{ "approve CS-1", VERB_APPROVE, "CS-1", .where = BOTH },
	{ "approve cs-12.", VERB_APPROVE, "CS-12", .where = BOTH },
	{ "approve CS-1 123456", VERB_APPROVE, "CS-1", "123456", .where = BOTH },
	{ "Approve CS-1 123456: as agreed", VERB_APPROVE, "CS-1", "123456", "as agreed", BOTH },
	{ "approve:", VERB_APPROVE, .where = REPLY },
	{ "approve\n\nThe vendor confirmed it.\nBo", VERB_APPROVE, .text = "The vendor confirmed it.\nBo",
	  .where = REPLY },
	{ "reject: the vendor offers a commercial licence", VERB_REJECT,
	  .text = "the vendor offers a commercial licence", .where = REPLY },
	{ "Reject CS-7 : see 3:4\nand below", VERB_REJECT, "CS-7", .text = "see 3:4\nand below", .where = BOTH },
	{ "reject", VERB_REJECT, .where = REPLY },
	{ "abstain", VERB_ABSTAIN, .where = REPLY },
	{ "recuse: I wrote it", VERB_RECUSE, .text = "I wrote it", .where = REPLY },
	{ "ask: which version?", VERB_ASK, .text = "which version?", .where = REPLY },
	{ "ask CS-3\nWhich version?", VERB_ASK, "CS-3", .text = "Which version?", .where = BOTH },
	{ "comment CS-3: fine by me", VERB_COMMENT, "CS-3", .text = "fine by me", .where = BOTH },
	{ "withdraw CS-3", VERB_WITHDRAW, "CS-3", .where = BOTH },
	{ "withdraw: found another library", VERB_WITHDRAW, .text = "found another library", .where = REPLY },
	{ "revoke CS-3: breach", VERB_REVOKE, "CS-3", .text = "breach", .where = BOTH },
	{ "renew CS-3", VERB_RENEW, "CS-3", .where = BOTH },
	{ "show CS-3", VERB_SHOW, "CS-3", .where = BOTH },
	{ "show", VERB_SHOW, .where = REPLY },
	{ "History cs-3\n\nThanks,\nAnn", VERB_HISTORY, "CS-3", .where = BOTH },
	{ "help", VERB_HELP, .where = BOTH },
	{ "Help.\n\nThanks", VERB_HELP, .where = BOTH },
	{ "open", VERB_OPEN, .where = BOTH },
	{ "verify", VERB_VERIFY, .where = BOTH },
	{ "find", VERB_FIND, .where = BOTH },
	{ "find state:approved license:GPL-* \"two words\"", VERB_FIND,
	  .text = "state:approved license:GPL-* \"two words\"", .where = BOTH },
	{ "find widget", VERB_FIND, .text = "widget", .where = BOTH },
	{ "find risk>=7\n\nRegards", VERB_FIND, .text = "risk>=7", .where = BOTH },
	{ "report", VERB_REPORT, .where = BOTH },
	{ "report 2026-q3", VERB_REPORT, .text = "2026-q3", .where = BOTH },
	{ "report 2026-11", VERB_REPORT, .text = "2026-11", .where = BOTH },
	{ "report 2026.", VERB_REPORT, .text = "2026", .where = BOTH },
	{ "Report last month", VERB_REPORT, .text = "last month", .where = BOTH },
	{ "report 2026-01-01 to 2026-06-30", VERB_REPORT, .text = "2026-01-01 to 2026-06-30", .where = BOTH },
};

// What must not be a command, and what is said.  refusal NULL: prose.
static const struct {
	const char *own, *fresh, *reply; // the refusal without and with an implied case
} others[] = {
	// B01, B02
	{ "no, don't approve", "not-a-command", "not-a-command" },
	{ "disapprove", "not-a-command", "not-a-command" },
	{ "not approved", "not-a-command", "not-a-command" },
	{ "approved?", "not-a-command", "not-a-command" },
	{ "approved", "not-a-command", "not-a-command" },
	{ "I would approve if", "not-a-command", "not-a-command" },
	{ "I would approve if they offered us an indemnity", NULL, "not-a-command" },
	{ "I'd approve if CS-1 had an end date", "not-a-command", "not-a-command" },
	{ "approve!!", "not-a-command", "not-a-command" },
	{ "approve..", "not-a-command", "not-a-command" },
	{ "approve,", "not-a-command", "not-a-command" },
	{ "APPROVE please", "not-a-command", "not-a-command" },
	{ "\"approve\"", "not-a-command", "not-a-command" },
	{ "> approve", "not-a-command", "not-a-command" },
	{ "**approve**", "not-a-command", "not-a-command" },
	{ "approve reject", "not-a-command", "not-a-command" },
	{ "aprove", "not-a-command", "not-a-command" },
	{ "apporve", "not-a-command", "not-a-command" },
	{ "rejct: too risky", "not-a-command", "not-a-command" },
	{ "a p p r o v e", "not-a-command", "not-a-command" },
	{ "approve - fine by me", "not-a-command", "not-a-command" },
	{ "Approve, but only if the vendor signs the amended agreement before the end of March of next year", NULL,
	  "not-a-command" },
	// a greeting is not skipped; B07: neither is a line of the question
	{ "Hi,\napprove", NULL, NULL },
	{ "Hello Bo,\n\nI have looked at it.\n\napprove", NULL, NULL },
	// answers of other systems
	{ "yes", NULL, "not-a-command" },
	{ "LGTM", NULL, "not-a-command" },
	{ "+1", NULL, "not-a-command" },
	{ "ok for me", NULL, "not-a-command" },
	{ "Genehmigt.", NULL, "not-a-command" },
	{ "yes, I shall look at it on Monday", NULL, NULL },
	// B11: look-alikes and what cannot be seen
	{ "\xd0\x90"
	  "PPROVE",
	  "not-a-command", "not-a-command" },
	{ "appr\xd0\xbeve", "not-a-command", "not-a-command" },
	{ "\xce\x91pprove", "not-a-command", "not-a-command" },
	{ "\xef\xbc\xa1\xef\xbc\xb0\xef\xbc\xb0\xef\xbc\xb2\xef\xbc\xaf\xef\xbc\xb6\xef\xbc\xa5", "not-a-command",
	  "not-a-command" },
	{ "\xe2\x80\xae"
	  "approve",
	  "not-a-command", "not-a-command" },
	{ "app\xe2\x80\x8drove", "not-a-command", "not-a-command" },
	{ "approve\xe2\x80\x8b", "not-a-command", "not-a-command" },
	{ "app\xc2\xadrove", "not-a-command", "not-a-command" },
	{ "\xe2\x80\xae"
	  "evorppa",
	  NULL, NULL },
	{ "approve\xe3\x80\x82", "not-a-command", "not-a-command" },
	// codes (B27)
	{ "approve 12345678", "mfa-format", "mfa-format" },
	{ "approve 12345", "mfa-format", "mfa-format" },
	{ "approve \xef\xbc\x91\xef\xbc\x92\xef\xbc\x93\xef\xbc\x94\xef\xbc\x95\xef\xbc\x96", "mfa-format",
	  "mfa-format" },
	{ "approve CS-1 1234567", "mfa-format", "mfa-format" },
	{ "approve 123 456", "not-a-command", "not-a-command" },
	{ "approve 123456 CS-1", "not-a-command", "not-a-command" },
	{ "withdraw CS-1 123456", "not-a-command", "not-a-command" },
	// cases (C14)
	{ "approve", "unknown-case", "" },
	{ "show", "unknown-case", "" },
	{ "approve CS-", "unknown-case", "unknown-case" },
	{ "approve CS-0", "unknown-case", "unknown-case" },
	{ "approve CS-01", "unknown-case", "unknown-case" },
	{ "approve CS1", "unknown-case", "unknown-case" },
	{ "show #12", "unknown-case", "unknown-case" },
	{ "show CS-9999999999999999999", "unknown-case", "unknown-case" },
	{ "show DROP TABLE", "unknown-case", "unknown-case" },
	{ "approve DROP TABLE", "not-a-command", "not-a-command" },
	{ "approve CS-1 CS-2", "not-a-command", "not-a-command" },
	{ "show CS-1 please, thank you very much", "unknown-case", "unknown-case" },
	// text
	{ "ask", "unknown-case", "no-text" },
	{ "ask CS-1", "no-text", "no-text" },
	{ "ask CS-1:  \n \n", "no-text", "no-text" },
	{ "comment:", "unknown-case", "no-text" },
	// other verbs
	{ "help me", "not-a-command", "not-a-command" },
	{ "withdraw my request", "not-a-command", "not-a-command" },
	{ "delegate to bob", "not-a-command", "not-a-command" },
	{ "delegate to bob from Monday", "not-a-command", "not-a-command" },
	{ "delegate to  from 2026-12-01 to 2026-12-02", "not-a-command", "not-a-command" },
	// prose stays prose
	{ "Please approve the use of GPL-3.0 in Widget", NULL, "not-a-command" },
	{ "Approval needed\n\nLicense: MIT\nComponent: zlib\nProduct: Widget", NULL, "not-a-command" },
	{ "We would like to ship libfoo, which is under the GPL.", NULL, NULL },
	{ "Find attached our request\n\nThanks", NULL, NULL },
	{ "Open source licence exception for libfoo in the Widget", NULL, NULL },
	{ "Report on the use of libfoo in our gateway", NULL, NULL },
	{ "License: MIT\nComponent: zlib", NULL, NULL },
	{ "The reason is that the project needs an object store", NULL, NULL },
	// nothing
	{ "", NULL, "no-command" },
	{ "\n \xc2\xa0\n\r\n", NULL, "no-command" },
	{ "approve \xff", "invalid-text", "invalid-text" },
	{ "approve: \xed\xa0\x80", "invalid-text", "invalid-text" },
};

static void check_command(const struct command_case *c, bool implied)
{
	_command_ struct command out = { .verb = VERB_NONE };
	struct err e = { 0 };

	if (grammar_parse(c->own, "CS", implied, &out, &e) != GRAMMAR_COMMAND)
		fail_msg("not a command: %s (%s)", c->own, e.text);
	assert_int_equal(out.verb, c->verb);
	assert_string_equal(out.case_id, c->case_id ? c->case_id : "");
	assert_string_equal(out.code, c->code ? c->code : "");
	if (c->text)
		assert_string_equal(out.text, c->text);
	else
		assert_null(out.text);
	assert_null(out.refusal);
}

static void commands_are_commands(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(commands); i++) {
		if (commands[i].where & FRESH)
			check_command(&commands[i], false);
		if (commands[i].where & REPLY)
			check_command(&commands[i], true);
	}
}

// refusal "" = this row is a command in this place, which another table shows.
static void check_other(const char *own, bool implied, const char *refusal)
{
	_command_ struct command out = { .verb = VERB_APPROVE };
	struct err e = { 0 };
	enum grammar result;

	if (refusal && !*refusal)
		return;
	result = grammar_parse(own, "CS", implied, &out, &e);
	if (result != (refusal ? GRAMMAR_UNCLEAR : GRAMMAR_OTHER))
		fail_msg("%s, %s: result %d, %s", own, implied ? "implied" : "fresh", (int)result, e.text);
	assert_int_equal(out.verb, VERB_NONE);
	assert_string_equal(out.case_id, "");
	assert_null(out.text);
	if (!refusal)
		return;
	if (!out.refusal || strcmp(out.refusal, refusal) != 0)
		fail_msg("%s: %s", own, out.refusal);
	assert_true(strlen(e.text) > 20);
	for (const char *p = e.text; *p; p++)
		assert_true(*p >= ' ' && *p <= '~');
}

static void others_are_not(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(others); i++) {
		check_other(others[i].own, false, others[i].fresh);
		check_other(others[i].own, true, others[i].reply);
	}
}

static void delegation_names_all_three(void **state)
{
	static const struct {
		const char *own, *person, *from, *to;
	} cases[] = {
		{ "delegate to bob from 2026-12-01 to 2026-12-15", "bob", "2026-12-01", "2026-12-15" },
		{ "Delegate  To Bo Lee  From 1 December 2026 To 15 December 2026.", "Bo Lee", "1 December 2026",
		  "15 December 2026" },
		{ "delegate to bo@example.com from today to 2026-12-15", "bo@example.com", "today", "2026-12-15" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_command_ struct command out = { .verb = VERB_NONE };

		assert_int_equal(grammar_parse(cases[i].own, "CS", false, &out, NULL), GRAMMAR_COMMAND);
		assert_int_equal(out.verb, VERB_DELEGATE);
		assert_string_equal(out.person, cases[i].person);
		assert_string_equal(out.from, cases[i].from);
		assert_string_equal(out.to, cases[i].to);
	}
}

// C15, on both sides of the limit.
static void reasons_have_a_limit(void **state)
{
	static const struct {
		size_t bytes;
		enum grammar result;
	} cases[] = {
		{ GRAMMAR_TEXT_MAX, GRAMMAR_COMMAND },
		{ GRAMMAR_TEXT_MAX + 1, GRAMMAR_UNCLEAR },
		{ 2 << 20, GRAMMAR_UNCLEAR },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++)
		for (int below = 0; below < 2; below++) {
			_free_ char *reason = malloc(cases[i].bytes + 1), *own = NULL;
			_command_ struct command out = { .verb = VERB_NONE };

			memset(reason, 'x', cases[i].bytes);
			reason[cases[i].bytes] = '\0';
			own = text_format("approve%s%s", below ? "\n\n" : ": ", reason);
			assert_int_equal(grammar_parse(own, "CS", true, &out, NULL), cases[i].result);
			if (cases[i].result == GRAMMAR_COMMAND)
				assert_int_equal(strlen(out.text), cases[i].bytes);
			else
				assert_string_equal(out.refusal, "too-long");
		}
}

static void case_ids_have_one_form(void **state)
{
	static const struct {
		const char *text, *normal;
	} cases[] = {
		{ "CS-1", "CS-1" },
		{ "cs-142", "CS-142" },
		{ "Cs-999999999999999999", "CS-999999999999999999" },
		{ "CS-1000000000000000000", NULL },
		{ "CS-", NULL },
		{ "CS-0", NULL },
		{ "CS-01", NULL },
		{ "CS-1 ", NULL },
		{ " CS-1", NULL },
		{ "CS-1a", NULL },
		{ "CS--1", NULL },
		{ "CS-+1", NULL },
		{ "CS1", NULL },
		{ "C-1", NULL },
		{ "XCS-1", NULL },
		{ "CS-\xef\xbc\x91", NULL },
		{ "CS-1'; DROP TABLE cases", NULL },
		{ "", NULL },
	};
	char out[CASE_ID_SIZE];

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		int status = case_id_parse(cases[i].text, "CS", out);

		assert_int_equal(status, cases[i].normal ? 0 : -1);
		if (cases[i].normal)
			assert_string_equal(out, cases[i].normal);
	}
	assert_int_equal(case_id_parse("lic-7", "lic", out), 0);
	assert_string_equal(out, "LIC-7");
	assert_int_equal(case_id_parse("CS-7", "LIC", out), -1);
	assert_int_equal(case_id_parse("ABCDEFGHIJKLMN-999999999999999999", "ABCDEFGHIJKLMN", out), -1); // no room
}

static void verbs_have_names(void **state)
{
	(void)state;
	assert_string_equal(verb_name(VERB_NONE), "");
	assert_string_equal(verb_name(VERB_APPROVE), "approve");
	assert_string_equal(verb_name(VERB_VERIFY), "verify");
	for (enum verb v = VERB_NONE; v <= VERB_VERIFY; v++)
		assert_int_equal(verb_decides(v),
		                 v == VERB_APPROVE || v == VERB_REJECT || v == VERB_ABSTAIN || v == VERB_RECUSE);
}

static void letters_are_seen_through(void **state)
{
	static const struct {
		const char *text, *skeleton, *plain;
	} cases[] = {
		{ "Appr\xc3\xb6ve", "approve", "approve" },
		{ "Begr\xc3\xbcndung Stra\xc3\x9f"
		  "e",
		  "begrundung strasse", "begrundung strasse" },
		{ "\xd0\x90p", "ap", "\xd0\x90p" },
		{ "\xf0\x9d\x90\x80\xf0\x9d\x9f\x8f", "a1", "\xf0\x9d\x90\x80\xf0\x9d\x9f\x8f" },
		{ "e\xcc\x81"
		  "a",
		  "ea", "ea" },
		{ "\xe3\x83\xa9", "\xe3\x83\xa9", "\xe3\x83\xa9" },
		{ "\xff"
		  "A",
		  "\xff"
		  "a",
		  "\xff"
		  "a" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *skeleton = letters_skeleton(cases[i].text), *plain = letters_plain(cases[i].text);

		assert_string_equal(skeleton, cases[i].skeleton);
		assert_string_equal(plain, cases[i].plain);
	}
	assert_true(letters_one_slip("aprove", "approve"));
	assert_true(letters_one_slip("apporve", "approve"));
	assert_true(letters_one_slip("approve", "approve"));
	assert_false(letters_one_slip("improve", "approve"));
	assert_false(letters_one_slip("project", "reject"));
	assert_false(letters_one_slip("prove", "approve"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_commands),      cmocka_unit_test(others_are_not),
		cmocka_unit_test(delegation_names_all_three), cmocka_unit_test(reasons_have_a_limit),
		cmocka_unit_test(case_ids_have_one_form),     cmocka_unit_test(verbs_have_names),
		cmocka_unit_test(letters_are_seen_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
