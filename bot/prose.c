// SPDX-License-Identifier: Apache-2.0
#include "bot/prose.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/facts.h"
#include "bot/prose_parts.h"

#define CANDIDATES_MAX 8
#define WORDS_MAX 400 // bytes that are kept of the words a fact came from

const char prose_using[] =
        "use|uses|used|using|usage|ship|ships|shipping|include*|including|add|adding|integrat*|embed|bundle*|bundling|"
        "adopt*|deploy|distribut*|incorporat*|run|runs|take|switch|switched|link|import|deliver*|introduce|go with|"
        "einsetzen|nutzen|verwenden|verwendet|benutzen|ausliefern|mitliefern|einbinden|einbauen|aufnehmen|einfuhren|"
        "utiliser|utilisons|integrer|livrer|embarquer|ajouter|usar|utilizar|incluir|integrar|anadir|usare|utilizzare|"
        "integrare|includere|gebruiken|meeleveren|inzetten|opnemen|toevoegen|anvanda|utilizzo|uso|einsatz|"
        "verwendung|nutzung|utilisation|gebruik|uses of|replace*|ersetzen|remplacer|reemplazar|sostituire|vervangen";
const char prose_asking[] =
        "need|needs|needed|want|wants|would like|we'd like|i'd like|like to|may we|may i|can we|can i|could we|could i|"
        "could "
        "you|please|request*|approv*|exception*|permission|permit|allow*|ok|okay|ask*|require*|grant|clear|review|"
        "check|license*|licence*|mochten|mochte|wollen|wurden|brauche*|benotig*|freigabe*|genehmig*|ausnahme*|bitte|"
        "durfen|konnen wir|aimerions|voudrions|souhait*|faudrait|besoin|autoris*|peut-on|pouvons|pourrions|"
        "quisieramos|queremos|necesit*|podemos|podriamos|permiso|autoriz*|vorremmo|serve|possiamo|potremmo|chied*|"
        "willen|graag|mogen|nodig|kunnen we|goedkeur*|toestemming|precis*|gostariamos|behov*|vill";

// --- candidates ---

void prose_offer(struct prose_reading *r, const char *name, json_t *given, size_t from, size_t to)
{
	_json_ json_t *value = given;
	json_t *list = json_obj(r->candidates, name) ? NULL : json_arr(r->candidates, name), *other;
	_free_ char *words = prose_words(&r->prose, from, to);
	size_t i;

	if (!value)
		return;
	for (i = from; i < to; i++)
		r->prose.words[i].taken = true;
	if (!list) {
		list = json_array();
		json_put(r->candidates, name, list);
	}
	json_array_foreach(list, i, other)
		if (json_equal(json_object_get(other, "value"), value))
			return;
	words[utf8_prefix(words, WORDS_MAX)] = '\0';
	if (json_array_size(list) < CANDIDATES_MAX)
		json_add(list, json_pack("{s:O,s:s}", "value", value, "words", words));
}

void prose_offer_words(struct prose_reading *r, const char *name, const char *words, size_t from, size_t to)
{
	json_t *value = NULL;

	if (fact_value(r->declared, name, words, r->now, &value, NULL) == 0)
		prose_offer(r, name, value, from, to);
}

void prose_problem(struct prose_reading *r, const char *name, const char *why, size_t from, size_t to)
{
	_free_ char *words = prose_words(&r->prose, from, to);

	words[utf8_prefix(words, WORDS_MAX)] = '\0';
	json_add(r->problems, json_pack("{s:s,s:s,s:s}", "name", name, "words", words, "why", why));
}

bool prose_has(const struct prose_reading *r, const char *name)
{
	return json_object_get(r->candidates, name) != NULL;
}

// --- settling ---

// These are asked for when they can be read in several ways; of any other fact nothing is said then.
static bool is_asked(const char *name)
{
	static const char *const asked[] = { "license", "component", "version", "product", "expires", "spend" };

	for (size_t i = 0; i < LENGTH(asked); i++)
		if (strcmp(asked[i], name) == 0)
			return true;
	return false;
}

// "Your text names two: 2027-01-31, 2027-04-30. Which one is meant?"
static void ask_which(struct prose_reading *r, const char *name, const json_t *list)
{
	_buf_ struct buf values = BUF(FACT_VALUE_MAX), words = BUF(FACT_VALUE_MAX);
	_free_ char *why = NULL;
	json_t *candidate;
	size_t i;

	json_array_foreach(list, i, candidate) {
		_free_ char *text = fact_text(json_object_get(candidate, "value"));

		buf_printf(&values, "%s%.200s", i ? "; " : "", text);
		buf_printf(&words, "%s%.100s", i ? " / " : "", json_str(candidate, "words"));
	}
	why = text_format("your text can be read in %zu ways (%s); which one is it?", json_array_size(list),
	                  buf_text(&values));
	json_add(r->problems, json_pack("{s:s,s:s,s:s}", "name", name, "words", buf_text(&words), "why", why));
}

static json_t *settle(struct prose_reading *r)
{
	json_t *facts = json_object(), *origin = json_object(), *words = json_object(), *list, *out;
	const char *name;

	json_object_foreach(r->candidates, name, list) {
		const json_t *only = json_array_get(list, 0);

		if (json_array_size(list) == 1) {
			json_put(facts, name, json_deep_copy(json_object_get(only, "value")));
			json_put_str(origin, name, "inferred");
			json_put_str(words, name, json_str(only, "words"));
		} else if (is_asked(name)) {
			ask_which(r, name, list);
		}
	}
	out = json_pack("{s:o,s:o,s:o,s:O}", "facts", facts, "origin", origin, "words", words, "problems", r->problems);
	if (out && r->components)
		json_put(out, "components", json_incref(r->components));
	return out;
}

json_t *prose_read(const json_t *declared, const struct licences *licences, const char *subject, const char *text,
                   int64_t now)
{
	_free_ char *whole = text_format("%s\n\n%s", subject ? subject : "", text), *valid = valid_words(whole);
	struct prose_reading r = { .declared = declared,
		                   .licences = licences,
		                   .now = now,
		                   .subject = subject && *subject,
		                   .candidates = json_object(),
		                   .problems = json_array() };
	json_t *out;

	prose_split(valid, &r.prose);
	prose_licences(&r);
	prose_references(&r);
	prose_choices(&r);
	prose_dates(&r);
	prose_amounts(&r);
	prose_parties(&r);
	prose_components(&r);
	prose_reasons(&r);
	out = settle(&r);
	if (!out)
		panic("prose_read: out of memory");
	for (size_t i = 0; i < r.named_count; i++)
		free(r.named[i].expression);
	free(r.named);
	prose_free(&r.prose);
	json_decref(r.candidates);
	json_decref(r.components);
	json_decref(r.problems);
	return out;
}
