// SPDX-License-Identifier: Apache-2.0
// What facts are called: by us, by the catalogue, and by people; see facts.h.
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"

#define LABEL_MAX 80 // bytes; nobody writes longer ones

const struct fact *fact_find(const char *name)
{
	for (const struct fact *f = facts_builtin; f->name; f++)
		if (strcmp(f->name, name) == 0)
			return f;
	return NULL;
}

enum fact_kind fact_kind(const json_t *declared, const char *name)
{
	static const struct {
		const char *name;
		enum fact_kind kind;
	} kinds[] = { { "text", FACT_TEXT },       { "number", FACT_NUMBER },     { "money", FACT_MONEY },
		      { "date", FACT_DATE },       { "duration", FACT_DURATION }, { "choice", FACT_CHOICE },
		      { "choices", FACT_CHOICES }, { "person", FACT_PERSON } };
	const char *kind = json_str(json_obj(declared, name), "kind");
	const struct fact *fact = fact_find(name);

	for (size_t i = 0; i < LENGTH(kinds); i++)
		if (strcmp(kind, kinds[i].name) == 0)
			return kinds[i].kind;
	return fact ? fact->kind : FACT_TEXT;
}

const char *fact_title(const json_t *declared, const char *name)
{
	const char *title = json_str(json_obj(declared, name), "title");
	const struct fact *fact = fact_find(name);

	if (*title)
		return title;
	return fact ? fact->title : name;
}

const char *fact_question(const json_t *declared, const char *name)
{
	const char *question = json_str(json_obj(declared, name), "question");
	const struct fact *fact = fact_find(name);

	if (*question)
		return question;
	return fact ? fact->question : "";
}

static const char *kind_hint(enum fact_kind kind)
{
	switch (kind) {
	case FACT_NUMBER:
		return "a whole number";
	case FACT_DATE:
		return "a day, for example 2027-03-31";
	case FACT_MONEY:
		return "amount and currency, for example 12500 EUR";
	case FACT_DURATION:
		return "a length of time, for example 90 days";
	case FACT_PERSON:
		return "a name or a mail address";
	case FACT_TEXT:
	case FACT_LICENCE:
	case FACT_LIST:
	case FACT_CHOICE:
	case FACT_CHOICES:
		break;
	}
	return "";
}

static const char *choice_hint(const json_t *values, bool several, char out[FACT_HINT])
{
	size_t i, len;
	json_t *value;

	snprintf(out, FACT_HINT, "%s", several ? "any of " : "one of ");
	json_array_foreach(values, i, value) {
		const char *text = json_string_value(value);

		len = strlen(out);
		if (!text || len + strlen(text) + sizeof ", ..." > FACT_HINT) {
			snprintf(out + len, FACT_HINT - len, "%s", ", ...");
			break;
		}
		snprintf(out + len, FACT_HINT - len, "%s%s", i ? ", " : "", text);
	}
	return out;
}

const char *fact_hint(const json_t *declared, const char *name, char out[FACT_HINT])
{
	const json_t *own = json_obj(declared, name);
	const char *hint = json_str(own, "hint");
	const struct fact *fact = fact_find(name);
	enum fact_kind kind = fact_kind(declared, name);

	if (*hint)
		snprintf(out, FACT_HINT, "%.*s", (int)utf8_prefix(hint, FACT_HINT - 1), hint);
	else if (kind == FACT_CHOICE || kind == FACT_CHOICES)
		return choice_hint(json_arr(own, "values"), kind == FACT_CHOICES, out);
	else if (fact && fact->kind == kind)
		snprintf(out, FACT_HINT, "%s", fact->hint);
	else
		snprintf(out, FACT_HINT, "%s", kind_hint(kind));
	return out;
}

static bool listed(const char *labels, const char *label)
{
	size_t len = strlen(label);

	for (const char *p = labels; (p = strstr(p, label)); p += len)
		if ((p == labels || p[-1] == '|') && (p[len] == '|' || !p[len]))
			return true;
	return false;
}

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Is `folded` what this text folds to?  Most are told apart by their first letter.
static bool folds_to(const char *text, const char *folded)
{
	_free_ char *own = NULL;

	if (!*text || (is_letter(*text) && (*text | 0x20) != *folded))
		return false;
	own = fold_words(text);
	return strcmp(own, folded) == 0;
}

const char *fact_of_label(const json_t *declared, const char *label)
{
	_free_ char *folded = strlen(label) <= LABEL_MAX ? fold_words(label) : NULL;
	const char *name;
	json_t *own;

	if (!folded || !*folded || strchr(folded, '|')) // that sets the labels of the table apart
		return NULL;
	json_object_foreach((json_t *)declared, name, own)
		if (folds_to(name, folded) || folds_to(json_str(own, "title"), folded))
			return name;
	for (const struct fact *f = facts_builtin; f->name; f++)
		if (listed(f->labels, folded))
			return f->name;
	return NULL;
}
