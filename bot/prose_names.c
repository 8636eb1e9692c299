// SPDX-License-Identifier: Apache-2.0
#include "bot/prose_names.h"

#include <string.h>

#include "base/text.h"
#include "bot/prose_parts.h"

#define NAME_WORDS 4

const char prose_library[] = "library|lib|component|package|module|dependency|crate|gem|plugin|driver|tool|"
                             "framework|fork|libraries|packages|"
                             "components|one|project|bibliothek|komponente|paket|modul|treiber|werkzeug|"
                             "bibliotheque|composant|paquet|module|"
                             "logiciel|biblioteca|componente|paquete|libreria|pacchetto|bibliotheek|pakket|"
                             "onderdeel|pacote|biblioteket|paketet";
const char prose_called[] = "called|named|namens|genannt|appele|appelee|nomme|nommee|llamada|llamado|chiamata|chiamato|"
                            "genaamd|chamada|chamado|som heter|is";
const char prose_articles[] =
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
const char prose_version[] =
        "version|versions|ver|v|release|in version|in der version|en version|dans la version|en la "
        "version|nella versione|versione|in versie|versie|versao|na versao|rel";

bool prose_is_version(const struct prose *p, size_t i)
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

	return prose_is_version(p, i) && (strchr(plain, '.') || *plain == 'v' || strspn(plain, "0123456789") >= 6) &&
	       strspn(plain, "0123456789") < 12;
}

bool prose_is_name(const struct prose *p, size_t i)
{
	const struct word *w = &p->words[i];
	bool letter = false;

	if (w->quiet || w->taken || strlen(w->plain) < 2 || strlen(w->plain) > 80 || prose_is_version(p, i) ||
	    phrase_at(p, i, prose_articles) || phrase_at(p, i, prose_library) || phrase_at(p, i, beside) ||
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
bool prose_is_clear_name(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;

	return prose_is_name(p, i) && (text_starts(plain, "lib") || strpbrk(plain, "_0123456789/@") ||
	                               strchr(plain, '.') || (strchr(plain, '-') && p->text[p->words[i].begin] >= 'a'));
}

static bool starts_upper(const struct prose *p, size_t i)
{
	return p->text[p->words[i].begin] >= 'A' && p->text[p->words[i].begin] <= 'Z';
}

// "Apache Kafka 3.6": a name of several words has capitals.
size_t prose_name_begin(const struct prose *p, size_t last, size_t from)
{
	size_t i = last;

	while (starts_upper(p, last) && i > from && last - i + 1 < NAME_WORDS && prose_is_name(p, i - 1) &&
	       starts_upper(p, i - 1) && !p->words[i - 1].after &&
	       !phrase_at(p, i - 1, "hi|hello|dear|hallo|we|for|but|so|and|then|also|yes"))
		i--;
	return i;
}

// The version behind a name, in whatever fashion; PROSE_NONE when there is none.
size_t prose_version_behind(const struct prose *p, size_t i, size_t to)
{
	size_t marker = i < to ? phrase_at(p, i, prose_version) : 0, at = i + marker;
	bool bracket = at < to && p->words[at].before == '(';

	if (at >= to || p->words[at].quiet || p->words[at].taken)
		return PROSE_NONE;
	if (marker || bracket ? !prose_is_version(p, at) : !is_clear_version(p, at))
		return PROSE_NONE;
	if (!marker && at + 1 < to && !p->words[at].after && p->words[at + 1].before != '(' &&
	    phrase_at(p, at + 1, units))
		return PROSE_NONE;
	return at;
}
