// SPDX-License-Identifier: Apache-2.0
// Facts whose values the catalogue declares: a value counts where its name, or what else it is called, stands as whole
// words.  A name with a capital is a proper name; a word that anybody uses for anything needs to stand where it says
// how something is delivered.
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_choice.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"
#include "bot/prose_parts.h"

static const char ordinary[] =
        "source|binary|internal|static|dynamic|process|network|cloud|container|image|executable|installer|library|"
        "service|"
        "app|application|device|web|desktop|server|client|mobile|online|offline|other|none|all|any|open|closed|public|"
        "private|free|online|local|remote|hardware|software|package|module|plugin|intern|extern|external|download|"
        "binaire|"
        "package|test|production|development|embedded";
static const char delivering[] =
        "ship*|deliver*|distribut*|releas*|goes out|go "
        "out|run|runs|running|hosted|deploy*|provided|offered|given|as|as a|"
        "as an|only|use|publish*|als|ausgeliefert|verteilt|lauft|vertrieben|nur|bereitgestellt|geliefert|comme|"
        "en tant que|sous forme*|livre*|distribue*|como|en forma*|distribuid*|entreg*|come|in "
        "forma*|fornit*|distribuit*|"
        "als een|geleverd|draait|som|levereras|product is|so";
// Names of companies and places that begin like a product: "Atlas Building", "Widget GmbH".
static const char other_names[] =
        "gmbh|ag|inc|ltd|llc|corp|kg|se|sa|srl|bv|ab|building|street|str|tower|team|group|foundation|"
        "project|university|copco|mountains";

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool all_capitals(const struct prose *p, size_t i)
{
	for (size_t k = p->words[i].begin; k < p->words[i].end; k++)
		if (p->text[k] >= 'a' && p->text[k] <= 'z')
			return false;
	return true;
}

// A proper name in lower case ("in widget pls") is believed behind a preposition, with nothing that it could describe.
static bool is_meant_in_lower_case(const struct prose *p, size_t from, size_t to)
{
	return from > 0 && phrase_at(p, from - 1, "in|into|for|fur|dans|en|per|voor|nel|para|pour") &&
	       (to == p->count || p->words[to].sentence != p->words[from].sentence || p->words[to - 1].after ||
	        phrase_at(p, to, "until|till|as|and|by|with|pls|please|thx|thanks|asap|bis|from|for"));
}

static bool is_proper_name(const struct prose *p, size_t from, size_t to)
{
	if (to < p->count && p->words[to].sentence == p->words[from].sentence && !p->words[to - 1].after &&
	    phrase_at(p, to, other_names))
		return false;
	if (all_capitals(p, from))
		return (from > 0 && all_capitals(p, from - 1)) || (to < p->count && all_capitals(p, to));
	return is_upper(p->text[p->words[from].begin]) || is_meant_in_lower_case(p, from, to);
}

// "open source", "source code" and "network interface" do not say how something is delivered.
static bool is_delivery(const struct prose *p, size_t from, size_t to)
{
	struct range s = prose_sentence(p, from);

	if (from > s.from && phrase_at(p, from - 1, "open|from|the|our|your|their|of|an open|multi"))
		return false;
	if (to < s.to && !p->words[to - 1].after &&
	    phrase_at(p, to,
	              "code|interface|socket|library|libraries|policy|format|file*|tree|control|data|diff|team|error*|"
	              "message*|protocol|server*|build*|tool*|system*|driver*|review|audit"))
		return false;
	return phrase_find(p, s.from, from, delivering) < from ||
	       (to < s.to && phrase_at(p, to, "use|only|release|distribution|form|delivery|genutzt|verwendet"));
}

// "linked statically", "static linking": the fact itself is spoken of.
static bool names_fact(const struct prose *p, size_t at, const char *name)
{
	struct range c = prose_clause(p, at);
	_free_ char *stem = fold_words(name);
	size_t len = strlen(stem);

	if (len > 6 && strcmp(stem + len - 3, "ing") == 0)
		stem[len - 3] = '\0';
	for (size_t i = c.from; i < c.to; i++)
		if (i != at && text_starts(p->words[i].plain, stem))
			return true;
	return false;
}

static bool is_stated(const struct prose_reading *r, const char *fact, const char *name, size_t from, size_t to)
{
	const struct prose *p = &r->prose;
	bool several = to - from > 1 || strpbrk(name, "- ");

	for (size_t i = from; i < to; i++)
		if (p->words[i].quiet || p->words[i].taken)
			return false;
	if (is_upper(*name) && strcmp(fact, "channel") != 0)
		return is_proper_name(p, from, to);
	if (strcmp(fact, "channel") != 0)
		return names_fact(p, from, fact);
	return several || !phrase_at(p, from, ordinary) || is_delivery(p, from, to);
}

// "statically" for "static"
static bool is_adverb(const char *plain, const char *name)
{
	size_t len = strlen(name);

	return strncmp(plain, name, len) == 0 && (strcmp(plain + len, "ally") == 0 || strcmp(plain + len, "ly") == 0);
}

// One name of one value, wherever it stands.
static void read_name(struct prose_reading *r, const char *fact, const char *value, const char *name)
{
	bool list = fact_kind(r->declared, fact) == FACT_CHOICES;

	for (size_t i = 0; i < r->prose.count; i++) {
		size_t n = is_adverb(r->prose.words[i].plain, name) ? 1 : prose_name_at(&r->prose, i, name);

		if (n && is_stated(r, fact, name, i, i + n))
			prose_offer(r, fact, list ? json_pack("[s]", value) : json_string(value), i, i + n);
	}
}

// "yes", "2": says nothing by itself
static bool is_telling(const char *name)
{
	return strlen(name) > 1 && !text_same(name, "yes") && !text_same(name, "no") &&
	       strspn(name, "0123456789.") < strlen(name);
}

// The longest names first, so that "Widget Pro" is not "Widget" where both are declared.
static void read_choice(struct prose_reading *r, const char *fact, const json_t *own)
{
	struct choice_name names[CHOICE_NAMES_MAX];
	size_t count = choice_names(own, names);

	for (size_t i = 0; i < count; i++)
		if (is_telling(names[i].name))
			read_name(r, fact, names[i].value, names[i].name);
}

void prose_choices(struct prose_reading *r)
{
	const char *fact;
	json_t *own;

	json_object_foreach((json_t *)r->declared, fact, own) {
		enum fact_kind kind = fact_kind(r->declared, fact);

		if (kind == FACT_CHOICE || kind == FACT_CHOICES)
			read_choice(r, fact, own);
	}
}
