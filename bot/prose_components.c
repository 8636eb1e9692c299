// SPDX-License-Identifier: Apache-2.0
// Components and their versions and licences: "ship libfoo 2.1", "the library readline (8.2)", "Bibliothek libfoo in
// Version 2.1", "protoc-mini 3.21 (BSD-3-Clause) and grpc-lean 1.60 (Apache-2.0)".
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/fact_join.h"
#include "bot/prose_parts.h"

#define FOUND_MAX 32
#define NAME_WORDS 4

// A component as it stands in the text.
struct found {
	size_t from, to;        // the words of its name
	size_t end;             // behind its version as well
	size_t version;         // the word, or NONE
	bool version_conflicts; // it is named elsewhere with another one
	const struct named_licence *licence;
	bool follows; // it goes on a list that the one before began
};

#define NONE ((size_t)-1)

struct finding {
	struct prose_reading *r;
	struct found list[FOUND_MAX];
	size_t count;
};

static const char library_words[] = "library|lib|component|package|module|dependency|crate|gem|plugin|driver|tool|"
                                    "framework|fork|libraries|packages|"
                                    "components|one|project|bibliothek|komponente|paket|modul|treiber|werkzeug|"
                                    "bibliotheque|composant|paquet|module|"
                                    "logiciel|biblioteca|componente|paquete|libreria|pacchetto|bibliotheek|pakket|"
                                    "onderdeel|pacote|biblioteket|paketet";
static const char called[] =
        "called|named|namens|genannt|appele|appelee|nomme|nommee|llamada|llamado|chiamata|chiamato|"
        "genaamd|chamada|chamado|som heter|is";
static const char articles[] =
        "the|a|an|new|this|our|latest|current|der|die|das|den|dem|neue|la|le|les|l'|el|il|lo|i|de|het|een|"
        "o|os|as|both|also|component|of";
// A version behind these is of what we have, not of what is asked for.
static const char beside[] =
        "with|on|from|since|than|via|against|like|mit|auf|von|seit|gegen|avec|sur|depuis|con|desde|su|met|op|van|sinds|"
        "because|weil|parce|porque|perche|omdat|between|below|above|over|about|around|under|before|after|until|till|at|"
        "version|versions|release|step|phase|chapter|page|table|figure|level|grade|risk|score|room|floor|building|"
        "sprint|"
        "policy|section|clause|article|appendix|annex|paragraph|ticket|issue|incident|march|april|may|june|july|august|"
        "september|october|november|december|january|february|q1|q2|q3|q4|usd|eur|gbp|chf|only|least|most|exactly|mid|"
        "has|have|had|costs|takes|took|until|bis|to|per|and|or|und|et|y|e|en|is|are|was|were|be|it|we|i|you|they|in|as|"
        "by|"
        "nr|no|number|iso|rfc|cve|python|java|c|php|ruby|windows|linux|android|ios|macos|debian|ubuntu|gcc|clang";
static const char units[] =
        "day*|week*|month*|year*|hour*|minute*|percent|eur|usd|euro*|dollar*|people|seats|users|developers|times|mb|gb|"
        "kb|"
        "tage|wochen|monat*|jahr*|stunden|jours|semaines|mois|ans|dias|semanas|meses|mesi|anni|weken|maanden|%|k|m|"
        "million*|licen*|of our|of their|of the|of its|countries|commits|lines";
static const char version_words[] =
        "version|versions|ver|v|release|in version|in der version|en version|dans la version|en la "
        "version|nella versione|versione|in versie|versie|versao|na versao|rel";

// --- words ---

static bool is_version(const struct prose *p, size_t i)
{
	const char *plain = i < p->count ? p->words[i].plain : "";
	size_t prefix = *plain == 'v' && text_is_digit(plain[1]);
	int dots = 0;

	if (!text_is_digit(plain[prefix]) || strlen(plain) > 40 ||
	    strspn(plain + prefix, "0123456789abcdefghijklmnopqrstuvwxyz.+-_~") != strlen(plain + prefix))
		return false;
	for (const char *c = plain; *c; c++)
		dots += *c == '.';
	return !(strlen(plain) == 10 &&
	         (plain[4] == '-' || (dots == 2 && plain[2] == '.' && plain[5] == '.'))); // a day
}

// A version that shows itself: "2.1", "v3", "20240410"; not "3" and not "90d".
static bool is_clear_version(const struct prose *p, size_t i)
{
	const char *plain = i < p->count ? p->words[i].plain : "";

	return is_version(p, i) && (strchr(plain, '.') || *plain == 'v' || strspn(plain, "0123456789") >= 6) &&
	       strspn(plain, "0123456789") < 12;
}

static bool is_name(const struct prose *p, size_t i)
{
	const struct word *w = &p->words[i];
	bool letter = false;

	if (w->quiet || w->taken || strlen(w->plain) < 2 || strlen(w->plain) > 80 || is_version(p, i) ||
	    phrase_at(p, i, articles) || phrase_at(p, i, library_words) || phrase_at(p, i, beside) ||
	    phrase_at(p, i, prose_asking) || phrase_at(p, i, prose_using))
		return false;
	for (const char *c = w->plain; *c; c++) {
		letter |= *c >= 'a' && *c <= 'z';
		if (!((*c >= 'a' && *c <= 'z') || text_is_digit(*c) || strchr("-_.+/@#", *c)))
			return false;
	}
	return letter;
}

// Does the name show that it is one, whatever stands around it?  "libfoo", "pdf.js", "zstd-tools"
static bool is_clear_name(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;

	return is_name(p, i) && (text_starts(plain, "lib") || strpbrk(plain, "_0123456789/@") || strchr(plain, '.') ||
	                         (strchr(plain, '-') && p->text[p->words[i].begin] >= 'a'));
}

static bool starts_upper(const struct prose *p, size_t i)
{
	return p->text[p->words[i].begin] >= 'A' && p->text[p->words[i].begin] <= 'Z';
}

// "Apache Kafka 3.6": a name of several words has capitals.
static size_t name_begin(const struct prose *p, size_t last, size_t from)
{
	size_t i = last;

	while (starts_upper(p, last) && i > from && last - i + 1 < NAME_WORDS && is_name(p, i - 1) &&
	       starts_upper(p, i - 1) && !p->words[i - 1].after &&
	       !phrase_at(p, i - 1, "hi|hello|dear|hallo|we|for|but|so|and|then|also|yes"))
		i--;
	return i;
}

// The version behind a name, in whatever fashion; NONE when there is none.
static size_t version_behind(const struct prose *p, size_t i, size_t to)
{
	size_t marker = i < to ? phrase_at(p, i, version_words) : 0, at = i + marker;
	bool bracket = at < to && p->words[at].before == '(';

	if (at >= to || p->words[at].quiet || p->words[at].taken)
		return NONE;
	if (marker || bracket ? !is_version(p, at) : !is_clear_version(p, at))
		return NONE;
	if (!marker && at + 1 < to && !p->words[at].after && phrase_at(p, at + 1, units))
		return NONE;
	return at;
}

// --- finding them ---

static bool is_asked_for(const struct prose_reading *r, struct range s)
{
	const struct prose *p = &r->prose;

	if (phrase_find(p, s.from, s.to, prose_using) < s.to || phrase_find(p, s.from, s.to, prose_asking) < s.to ||
	    phrase_find(p, s.from, s.to, library_words) < s.to)
		return true;
	for (size_t i = 0; i < r->named_count; i++)
		if (r->named[i].from >= s.from && r->named[i].from < s.to)
			return true;
	return prose_has(r, "product") && s.to - s.from <= 12;
}

// Reasons and relative clauses speak of what there is already.
static bool is_in_reason(const struct prose *p, size_t i, struct range s)
{
	size_t because = phrase_find(p, s.from, i,
	                             "because|since|as long as|weil|da|denn|parce que|car|puisque|porque|ya que|"
	                             "perche|poiche|omdat|aangezien|due to");

	return because < i;
}

// What stands before the name, articles and a noun for libraries passed over.
static bool is_introduced(const struct prose *p, size_t name, size_t from, bool *by_noun)
{
	size_t i = name;

	*by_noun = false;
	while (i > from) {
		if (phrase_at(p, i - 1, library_words) || (phrase_at(p, i - 1, called) && !phrase_at(p, i - 1, "is")))
			*by_noun = true;
		else if (!phrase_at(p, i - 1, articles))
			break;
		i--;
	}
	if (*by_noun)
		return true;
	if (i == from || p->words[i - 1].after)
		return true;
	return !phrase_at(
	        p, i - 1,
	        "with|on|from|since|than|via|against|like|mit|auf|von|seit|gegen|avec|sur|depuis|con|desde|su|"
	        "met|op|van|sinds|and not|after|before");
}

static void add_found(struct finding *f, struct found found)
{
	const struct prose *p = &f->r->prose;
	struct found *last = f->count ? &f->list[f->count - 1] : NULL;

	if (f->count == FOUND_MAX)
		return;
	if (last && p->words[last->from].sentence == p->words[found.from].sentence) {
		size_t between = last->end;

		for (; between < found.from; between++) // licences and what joins a list
			if (!p->words[between].taken && !phrase_at(p, between,
			                                           "and|und|et|y|e|en|och|or|also|as well "
			                                           "as|plus|licen*|under|the|both|its|version|a|unter"))
				break;
		found.follows = between == found.from;
	}
	f->list[f->count++] = found;
}

// A component whose name ends with word i; how far it goes, or i + 1.
static size_t take_at(struct finding *f, size_t i, struct range s)
{
	const struct prose *p = &f->r->prose;
	size_t version = version_behind(p, i + 1, s.to), from;
	bool by_noun;

	if (!is_name(p, i) || is_in_reason(p, i, s))
		return i + 1;
	from = name_begin(p, i, s.from);
	if (!is_introduced(p, from, s.from, &by_noun) || (version == NONE && !(by_noun && is_clear_name(p, i))))
		return i + 1;
	if (!by_noun && !is_asked_for(f->r, s))
		return i + 1;
	add_found(f, (struct found){ .from = from,
	                             .to = i + 1,
	                             .version = version,
	                             .end = version == NONE ? i + 1 : version + 1 });
	return f->list[f->count - 1].end > i ? f->list[f->count - 1].end : i + 1;
}

// A name that stands in the subject ("Exception request: libfoo", "zstd-tools in Widget").
static void take_subject(struct finding *f)
{
	const struct prose *p = &f->r->prose;
	struct range s;

	if (p->count == 0 || f->count)
		return;
	s = prose_sentence(p, 0);
	for (size_t i = s.from; i < s.to; i++)
		if (is_clear_name(p, i) && f->count < FOUND_MAX)
			f->list[f->count++] = (struct found){ .from = i, .to = i + 1, .version = NONE, .end = i + 1 };
}

static bool same_name(const struct prose *p, const struct found *a, const struct found *b)
{
	_free_ char *x = prose_words(p, a->from, a->to), *y = prose_words(p, b->from, b->to);

	return fold_same(x, y);
}

static char *version_text(const struct prose *p, const struct found *c)
{
	_free_ char *words = c->version == NONE ? text_copy("") : prose_words(p, c->version, c->version + 1);
	bool v = (*words == 'v' || *words == 'V') && text_is_digit(words[1]);

	return text_copy(words + v);
}

// One entry for each name; whatever a later mention adds is put to the first.
static void merge_found(struct finding *f)
{
	const struct prose *p = &f->r->prose;
	size_t count = 0;

	for (size_t i = 0; i < f->count; i++) {
		struct found *same = NULL;

		for (size_t k = 0; k < count && !same; k++)
			same = same_name(p, &f->list[k], &f->list[i]) ? &f->list[k] : NULL;
		if (!same) {
			f->list[count++] = f->list[i];
			continue;
		}
		_free_ char *a = version_text(p, same), *b = version_text(p, &f->list[i]);

		if (same->version == NONE)
			same->version = f->list[i].version;
		else if (f->list[i].version != NONE && strcmp(a, b) != 0)
			same->version_conflicts = true;
	}
	f->count = count;
}

// --- versions and licences that stand apart ---

// "Version 0.17.3 would do", "and version 1.3 of it does": the version of the one component.
static void find_lone_version(struct finding *f)
{
	const struct prose *p = &f->r->prose;
	size_t found = NONE;

	for (size_t i = 0; i < p->count; i++) {
		size_t marker = phrase_at(p, i, version_words), at = i + marker;

		if (!marker || p->words[i].quiet || at >= p->count || !is_version(p, at) || p->words[at].quiet ||
		    p->words[at].sentence != p->words[i].sentence ||
		    (i > 0 && p->words[i - 1].sentence == p->words[i].sentence &&
		     phrase_at(p, i - 1,
		               "since|before|until|after|from|than|seit|vor|bis|ab|depuis|desde|dalla|sinds|old|our|"
		               "their")))
			continue;
		if (at + 1 < p->count && !p->words[at].after && phrase_at(p, at + 1, "of") &&
		    !phrase_at(p, at + 1, "of it"))
			continue;
		if (found != NONE && strcmp(p->words[found].plain, p->words[at].plain) != 0)
			return;
		found = at;
	}
	f->list[0].version = found;
}

// The licence between a component and the next one, in its sentence.
static void bind_licences(struct finding *f)
{
	const struct prose *p = &f->r->prose;

	for (size_t i = 0; i < f->count; i++) {
		struct found *c = &f->list[i];
		struct range s = prose_sentence(p, c->from);
		size_t to = i + 1 < f->count && f->list[i + 1].from < s.to && f->list[i + 1].from > c->from
		                    ? f->list[i + 1].from
		                    : s.to;

		for (size_t k = 0; k < f->r->named_count && !c->licence; k++)
			if (f->r->named[k].from >= c->end && f->r->named[k].from < to && f->r->named[k].expression)
				c->licence = &f->r->named[k];
	}
}

static void offer_licence(struct prose_reading *r, const struct named_licence *named)
{
	prose_offer(r, "license", json_string(named->expression), named->from, named->to);
}

// All licences that were named, unless one stands beside the component; then it is that one.
static void offer_licences(struct prose_reading *r, const struct found *only)
{
	const struct named_licence *vague = NULL;

	if (only && only->licence) {
		offer_licence(r, only->licence);
		return;
	}
	for (size_t i = 0; i < r->named_count; i++) {
		if (r->named[i].expression)
			offer_licence(r, &r->named[i]);
		else
			vague = &r->named[i];
	}
	if (vague && !prose_has(r, "license"))
		prose_problem(r, "license",
		              "it does not say which version; write for example GPL-2.0-only or GPL-3.0-or-later",
		              vague->from, vague->to);
}

// --- what is offered ---

static void offer_one(struct finding *f)
{
	struct prose_reading *r = f->r;
	struct found *c = &f->list[0];
	_free_ char *name = prose_words(&r->prose, c->from, c->to), *version = NULL;

	if (c->version == NONE)
		find_lone_version(f);
	version = version_text(&r->prose, c);
	prose_offer_words(r, "component", name, c->from, c->to);
	if (c->version_conflicts)
		prose_problem(r, "version", "your text names several; which one is it?", c->from, c->end);
	else if (*version)
		prose_offer_words(r, "version", version, c->version, c->version + 1);
	offer_licences(r, c);
}

static bool is_list(const struct finding *f)
{
	for (size_t i = 1; i < f->count; i++)
		if (!f->list[i].follows)
			return false;
	return true;
}

static void offer_list(struct finding *f)
{
	struct prose_reading *r = f->r;
	const struct found *first = &f->list[0], *last = &f->list[f->count - 1];
	_free_ char *names = NULL, *licence = NULL;

	r->components = json_array();
	for (size_t i = 0; i < f->count; i++) {
		const struct found *c = &f->list[i];
		const struct named_licence *named = c->licence ? c->licence : r->named_count == 1 ? &r->named[0] : NULL;
		_free_ char *name = prose_words(&r->prose, c->from, c->to), *version = version_text(&r->prose, c);
		json_t *component = json_object();

		json_put_str(component, "component", name);
		if (*version)
			json_put_str(component, "version", version);
		json_put_str(component, "license", named ? named->expression : NULL);
		json_add(r->components, component);
	}
	names = components_names(r->components);
	licence = components_licence(r->components, NULL);
	prose_offer_words(r, "component", names, first->from, last->end);
	if (licence)
		prose_offer_words(r, "license", licence, first->from, last->end);
}

void prose_components(struct prose_reading *r)
{
	struct finding f = { .r = r };
	const struct prose *p = &r->prose;

	for (size_t i = 0; i < p->count;)
		i = take_at(&f, i, prose_sentence(p, i));
	take_subject(&f);
	merge_found(&f);
	bind_licences(&f);
	if (f.count == 0) {
		offer_licences(r, NULL);
	} else if (f.count == 1) {
		offer_one(&f);
	} else if (is_list(&f)) {
		offer_list(&f);
	} else {
		for (size_t i = 0; i < f.count; i++) {
			_free_ char *name = prose_words(p, f.list[i].from, f.list[i].to);

			prose_offer_words(r, "component", name, f.list[i].from, f.list[i].to);
		}
		offer_licences(r, NULL);
	}
}
