// SPDX-License-Identifier: Apache-2.0
#include "bot/grammar_near.h"

#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/grammar.h"
#include "bot/letters.h"

#define WORDS_MAX 13 // more are counted but not looked at one by one
#define WORD_SIZE 64
#define LOOK_MAX 4096 // bytes of the line

// A line in words, folded to what it looks like.
struct line {
	char words[WORDS_MAX][WORD_SIZE];
	size_t count;  // of all
	bool decision; // one of all of them is a decision word
	bool first;    // the first one is
	bool names_case;
	bool spaced_out; // "a p p r o v e"
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || text_is_digit(c) || (c & 0x80);
}

static bool is_word_byte(char c)
{
	return is_letter(c) || c == '-' || c == '+' || c == '\'';
}

static bool decision_word(const char *word)
{
	static const char *const stems[] = { "approv", "reject", "abstain", "recus" };
	static const char *const verbs[] = { "approve", "approved", "reject", "rejected", "abstain", "recuse" };

	for (size_t i = 0; i < LENGTH(stems); i++)
		if (strstr(word, stems[i]))
			return true;
	for (size_t i = 0; i < LENGTH(verbs); i++)
		if (letters_one_slip(word, verbs[i]))
			return true;
	return false;
}

bool grammar_like_case(const char *word, const char *prefix)
{
	if (*word == '#' && text_is_digit(word[1]))
		return true;
	if (!text_starts_fold(word, prefix))
		return false;
	word += strlen(prefix);
	return *word == '-' || *word == '_' || *word == '#' || text_is_digit(*word);
}

// Words that people answer with where the bot needs its own; folded.
static bool answer_word(const char *word)
{
	static const char *const answers[] = {
		"yes",
		"no",
		"ok",
		"okay",
		"fine",
		"agree",
		"agreed",
		"accept",
		"accepted",
		"deny",
		"denied",
		"decline",
		"declined",
		"grant",
		"granted",
		"refuse",
		"refused",
		"lgtm",
		"+1",
		"-1",
		"go",
		"sure",
		"yep",
		"nope",
		"nein",
		"ja",
		"oui",
		"non",
		"si",
		"genehmigt",
		"genehmige",
		"abgelehnt",
		"ablehnen",
		"einverstanden",
		"accepte",
		"aprobado",
		"rechazado",
		"rechazo",
		"aprovado",
		"rejeitado",
		"akkoord",
		"afgewezen",
		"goedgekeurd",
		"rifiutato",
		"\xf0\x9f\x91\x8d",
		"\xf0\x9f\x91\x8e",
		"\xe2\x9c\x85",
		"\xe2\x9d\x8c",
	};

	for (size_t i = 0; i < LENGTH(answers); i++)
		if (strcmp(word, answers[i]) == 0)
			return true;
	return false;
}

static void add_word(struct line *line, const char *text, size_t len, const char *prefix)
{
	char *word = line->words[line->count < WORDS_MAX ? line->count : WORDS_MAX - 1];

	if (len >= WORD_SIZE)
		len = WORD_SIZE - 1;
	memcpy(word, text, len);
	word[len] = '\0';
	if (decision_word(word)) {
		line->decision = true;
		line->first |= line->count == 0;
	}
	line->names_case |= grammar_like_case(word, prefix);
	line->count++;
}

// Are its letters set apart by blanks?
static bool spaced_out(const char *text)
{
	char joined[WORD_SIZE];
	size_t len = 0;

	for (const char *p = text; *p; p++) {
		if (text_is_space(*p))
			continue;
		if (len == sizeof joined - 1 || (p[1] && !text_is_space(p[1]) && !text_is_space(p[0])))
			return false;
		joined[len++] = *p;
	}
	joined[len] = '\0';
	return decision_word(joined);
}

static void read_line(const char *text, const char *prefix, struct line *line)
{
	_free_ char *start = text_copy_n(text, utf8_prefix(text, LOOK_MAX)), *folded = letters_skeleton(start);

	*line = (struct line){ .count = 0 };
	line->spaced_out = spaced_out(folded);
	for (const char *p = folded; *p;) {
		size_t len = 0;
		bool letters = false;

		while (*p && !is_word_byte(*p))
			p++;
		for (; is_word_byte(p[len]); len++)
			letters |= is_letter(p[len]);
		if (letters)
			add_word(line, p, len, prefix);
		p += len;
	}
}

static bool starts_with_verb(const struct line *line)
{
	for (enum verb v = VERB_HELP; v <= VERB_VERIFY; v++)
		if (!verb_decides(v) && strcmp(line->words[0], verb_name(v)) == 0)
			return true;
	return false;
}

bool grammar_near(const char *text, size_t lines_below, const char *prefix, bool case_implied)
{
	struct line line;
	bool brief;

	read_line(text, prefix, &line);
	if (line.count == 0 || line.spaced_out)
		return line.spaced_out;
	brief = line.count <= 4 && lines_below <= 2;
	if (line.decision)
		return brief || (line.count <= 12 && (case_implied || line.names_case)) || (line.first && case_implied);
	if (case_implied && line.count <= 3)
		for (size_t i = 0; i < line.count; i++)
			if (answer_word(line.words[i]))
				return true;
	return starts_with_verb(&line) && (brief || (line.count > 1 && grammar_like_case(line.words[1], prefix)));
}
