// SPDX-License-Identifier: Apache-2.0
// The one grammar for mail, Slack and the command line (DESIGN 7).  Pure: text in, command out.  It decides only what
// was written, never whether it is allowed.
#ifndef BOT_GRAMMAR_H
#define BOT_GRAMMAR_H

#include <stdbool.h>

#include "base/err.h"

// The command is the WHOLE first line that is not blank:
//
//   line    = verb [case] [code] ["."]  |  verb [case] [code] ":" text
//   verb    = one of the words of DESIGN 7, ASCII letters of either case
//   case    = PREFIX "-" number; case folded; no zero first, at most 18 digits
//   code    = six ASCII digits; with approve, reject, abstain and recuse only
//   blanks  = space, tab, no-break space; trimmed from the line's ends together with CR and a byte order mark
//
// Text may follow after ":" and on the lines below; both are joined by a line end and trimmed.  A ":" with nothing
// behind it is as none.  The rest, verb by verb:
//   approve reject abstain recuse withdraw revoke renew    text is a reason, optional
//   ask comment                                            text is needed
//   show history                                           no text; what stands below is not read
//   help open verify                                       no case, no text; what stands below is not read
//   find [QUERY]     the query is the rest of the line; when more text stands below and no word of the query has an
//                    operator or quotes, it is prose ("Find attached ...")
//   report [PERIOD]  2026 | 2026-11 | 2026-Q3 | (this|last) (week|month|quarter|year) | DATE to DATE, else it is prose
//   delegate to PERSON from DATE to DATE                   as written; read the dates with date_read()
// A verb that needs a case and has none, where none is implied, is unclear.
//
// Nothing is skipped or repaired: a greeting, quotation marks, "!", "?", a second ".", more words, look-alike letters
// of other scripts and invisible characters all make the line something else:
//   UNCLEAR  the line has a decision word (or an inflection of it, one slip of a letter, look-alike letters) and is
//            short: at most 12 words where the case is implied or a case id stands in it, else at most 4 with no more
//            than two further lines below; or begins with a decision word where the case is implied; or is then an
//            answer of at most 3 words such as "yes" or "LGTM"; or begins with another verb and something like a case
//            id; or begins with another verb and is, as above, at most 4 words with little below.  No text at all is
//            unclear where the case is implied.
//   OTHER    anything else
enum verb {
	VERB_NONE,
	VERB_HELP,
	VERB_SHOW,
	VERB_HISTORY,
	VERB_FIND,
	VERB_OPEN,
	VERB_APPROVE,
	VERB_REJECT,
	VERB_ABSTAIN,
	VERB_RECUSE,
	VERB_ASK,
	VERB_COMMENT,
	VERB_WITHDRAW,
	VERB_REVOKE,
	VERB_RENEW,
	VERB_DELEGATE,
	VERB_REPORT,
	VERB_VERIFY,
};

#define CASE_ID_SIZE 32
#define GRAMMAR_TEXT_MAX 16384 // bytes of a reason, question or comment

struct command {
	enum verb verb;
	char case_id[CASE_ID_SIZE]; // "CS-12", normalised to upper case; "" = implied, or not of this verb
	char code[8];               // six digits, or ""
	char *text;                 // reason, question, comment, query or period; NULL when there is none
	char *person;               // delegate: to whom, as written
	char *from;                 // delegate: first day, as written
	char *to;                   // delegate: last day, as written
	// With GRAMMAR_UNCLEAR why, as a code for the log: "not-a-command", "no-command", "unknown-case", "mfa-format",
	// "no-text", "too-long", "invalid-text".  A string that lives on; NULL otherwise.
	const char *refusal;
};

enum grammar {
	GRAMMAR_COMMAND, // `out` holds it
	GRAMMAR_OTHER,   // prose: not a command
	GRAMMAR_UNCLEAR, // looks like one was meant; out->refusal and err say what was not understood
};

// `own` is what the person wrote, without quotes and signature; `prefix` that of case ids ("CS").  `out` is always
// filled and is the caller's to give back with command_free().  The sentence in `e` never quotes anything but printable
// ASCII.
enum grammar grammar_parse(const char *own, const char *prefix, bool case_implied, struct command *out, struct err *e);

void command_free(struct command *command);
#define _command_ __attribute__((cleanup(command_free)))

// "approve"; "" for VERB_NONE.
const char *verb_name(enum verb verb);

// approve, reject, abstain, recuse.
bool verb_decides(enum verb verb);

// The exact grammar of a case id, case folded, nothing around it: 0 and the normal form, or -1 ("CS-0", "CS-01",
// "CS-").
int case_id_parse(const char *text, const char *prefix, char out[CASE_ID_SIZE]);

#endif
