// SPDX-License-Identifier: Apache-2.0
// Components and their versions and licences: "ship libfoo 2.1", "the library readline (8.2)", "Bibliothek libfoo in
// Version 2.1", "protoc-mini 3.21 (BSD-3-Clause) and grpc-lean 1.60 (Apache-2.0)".
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/fact_fold.h"
#include "bot/fact_join.h"
#include "bot/prose_names.h"
#include "bot/prose_parts.h"

#define FOUND_MAX 32

// A component as it stands in the text.
struct found {
	size_t from, to;        // the words of its name
	size_t end;             // behind its version as well
	size_t version;         // the word, or PROSE_NONE
	bool version_conflicts; // it is named elsewhere with another one
	const struct named_licence *licence;
	bool follows; // it goes on a list that the one before began
};

struct finding {
	struct prose_reading *r;
	struct found list[FOUND_MAX];
	size_t count;
};

// Nouns that can do without a version behind the name; "tool" or "project" can not.
static const char plain_nouns[] =
        "library|lib|component|package|module|dependency|crate|gem|bibliothek|komponente|paket|"
        "modul|bibliotheque|composant|paquet|biblioteca|componente|paquete|libreria|"
        "pacchetto|bibliotheek|pakket|onderdeel|pacote|biblioteket|paketet";

// --- finding them ---

static bool is_asked_for(const struct prose_reading *r, struct range s)
{
	const struct prose *p = &r->prose;

	if (phrase_find(p, s.from, s.to, prose_using) < s.to || phrase_find(p, s.from, s.to, prose_asking) < s.to ||
	    phrase_find(p, s.from, s.to, prose_library) < s.to)
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

// What stands before the name, prose_articles and a noun for libraries passed over.
static bool is_introduced(const struct prose *p, size_t name, size_t from, bool *by_noun)
{
	size_t i = name;

	*by_noun = false;
	while (i > from) {
		if (phrase_at(p, i - 1, plain_nouns) ||
		    (phrase_at(p, i - 1, prose_called) && !phrase_at(p, i - 1, "is")))
			*by_noun = true;
		else if (!phrase_at(p, i - 1, prose_articles) && !phrase_at(p, i - 1, prose_library))
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

// "the pdf.js library", but not "the open-source library"
static bool is_followed_by_noun(const struct prose *p, size_t name, size_t to)
{
	return name + 1 < to && !p->words[name].after && !strchr(p->words[name].plain, '-') &&
	       phrase_at(p, name + 1, plain_nouns);
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
			                                           "and|und|et|y|e|en|och|also|as well "
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
	size_t version = prose_version_behind(p, i + 1, s.to), from;
	bool by_noun;

	if (!prose_is_name(p, i) || is_in_reason(p, i, s))
		return i + 1;
	from = prose_name_begin(p, i, s.from);
	if (!is_introduced(p, from, s.from, &by_noun))
		return i + 1;
	by_noun |= is_followed_by_noun(p, i, s.to);
	if (version == PROSE_NONE && !(by_noun && prose_is_clear_name(p, i)))
		return i + 1;
	if (!by_noun && !is_asked_for(f->r, s))
		return i + 1;
	add_found(f, (struct found){ .from = from,
	                             .to = i + 1,
	                             .version = version,
	                             .end = version == PROSE_NONE ? i + 1 : version + 1 });
	return f->list[f->count - 1].end > i ? f->list[f->count - 1].end : i + 1;
}

// Of a name in the subject alone: "set-top" and "Q4-report" are none, "libfoo", "pdf.js" and "approval for log4j" are.
static bool is_subject_name(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;

	if (!prose_is_name(p, i))
		return false;
	if (text_starts(plain, "lib") ? strlen(plain) > 4 : text_starts(plain + strcspn(plain, "."), ".js"))
		return !phrase_at(p, i, "liberty|libre|libero|liberation|libraries|librarian|libert*|libre*|liberal*");
	return i > 0 && phrase_at(p, i - 1, "for|of|fur|pour|para|per|voor") && plain[strcspn(plain, "0123456789")] &&
	       !strchr(plain, '-');
}

static void take_subject(struct finding *f)
{
	const struct prose *p = &f->r->prose;
	struct range s;

	if (p->count == 0 || f->count || !f->r->subject)
		return;
	s = prose_sentence(p, 0);
	for (size_t i = s.from; i < s.to; i++)
		if (is_subject_name(p, i) && f->count < FOUND_MAX)
			f->list[f->count++] =
			        (struct found){ .from = i, .to = i + 1, .version = PROSE_NONE, .end = i + 1 };
}

static bool same_name(const struct prose *p, const struct found *a, const struct found *b)
{
	_free_ char *x = prose_words(p, a->from, a->to), *y = prose_words(p, b->from, b->to);

	return fold_same(x, y);
}

static char *version_text(const struct prose *p, const struct found *c)
{
	_free_ char *words = c->version == PROSE_NONE ? text_copy("") : prose_words(p, c->version, c->version + 1);
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

		if (same->version == PROSE_NONE)
			same->version = f->list[i].version;
		else if (f->list[i].version != PROSE_NONE && strcmp(a, b) != 0)
			same->version_conflicts = true;
	}
	f->count = count;
}

// --- versions and licences that stand apart ---

// "Version 0.17.3 would do", "and version 1.3 of it does": the version of the one component.
static void find_lone_version(struct finding *f)
{
	const struct prose *p = &f->r->prose;
	size_t found = PROSE_NONE;

	for (size_t i = 0; i < p->count; i++) {
		size_t marker = phrase_at(p, i, prose_version), at = i + marker;

		if (!marker || p->words[i].quiet || at >= p->count || !prose_is_version(p, at) || p->words[at].quiet ||
		    p->words[at].sentence != p->words[i].sentence ||
		    (i > 0 && p->words[i - 1].sentence == p->words[i].sentence &&
		     phrase_at(p, i - 1,
		               "since|before|until|after|from|than|seit|vor|bis|ab|depuis|desde|dalla|sinds|old|our|"
		               "their")))
			continue;
		if (at + 1 < p->count && !p->words[at].after && phrase_at(p, at + 1, "of") &&
		    !phrase_at(p, at + 1, "of it"))
			continue;
		if (found != PROSE_NONE && strcmp(p->words[found].plain, p->words[at].plain) != 0)
			return;
		found = at;
	}
	f->list[0].version = found;
}

// The one licence that is named in [from, to), or NULL.
static const struct named_licence *only_between(const struct prose_reading *r, size_t from, size_t to)
{
	const struct named_licence *only = NULL;

	for (size_t k = 0; k < r->named_count; k++) {
		const struct named_licence *named = &r->named[k];

		if (named->from < from || named->from >= to || !named->expression)
			continue;
		if (only && strcmp(only->expression, named->expression) != 0)
			return NULL;
		only = named;
	}
	return only;
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

		c->licence = only_between(f->r, c->end, to);
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

	if (c->version == PROSE_NONE)
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
