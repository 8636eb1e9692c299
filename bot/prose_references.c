// SPDX-License-Identifier: Apache-2.0
// What prose refers to: tickets ("JIRA-123", "ticket #4711"), policies ("Open Source Policy 7.2"), clauses ("section 13
// of the AGPL").
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/prose_parts.h"

#define CLAUSE_WORDS 8
#define POLICY_WORDS 5

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static char first_of(const struct prose *p, size_t i)
{
	return p->text[p->words[i].begin];
}

// Does it begin with a capital, also one with an accent?
static bool is_capital(const struct prose *p, size_t i)
{
	char c = first_of(p, i);

	return is_upper(c) || (c == '\xc3' && (unsigned char)p->text[p->words[i].begin + 1] < 0xa0);
}

// --- tickets ---

// What looks like a ticket's key and is none.
static bool is_foreign(const char *key, size_t len)
{
	static const char *const keys[] = { "CVE",   "CWE",    "GHSA", "RFC",  "ISO",  "IEC",  "DIN",  "EN",    "UTF",
		                            "ASCII", "SHA",    "AES",  "RSA",  "TLS",  "SSL",  "HTTP", "COVID", "SPDX",
		                            "GPL",   "LGPL",   "AGPL", "MPL",  "EPL",  "MIT",  "BSD",  "CC",    "CPL",
		                            "EUPL",  "APACHE", "PEP",  "IEEE", "NIST", "FIPS", "PCI",  "OSI",   "USB",
		                            "CAT",   "PR",     "MR",   "Q",    "FY",   "KW",   "COM",  "H",     "A",
		                            "B",     "X",      "OFL",  "CDDL", "SSPL", "JDK",  "JSR",  "IP",    "ARM",
		                            "AMD",   "GDPR",   "CMMC", "SOC",  "WIN",  "GCC" };

	for (size_t i = 0; i < LENGTH(keys); i++)
		if (strlen(keys[i]) == len && strncmp(keys[i], key, len) == 0)
			return true;
	return len < 2;
}

// "JIRA-123", whole
static bool is_key(const char *word)
{
	size_t len = 0, digits;

	while (is_upper(word[len]) || (len && (text_is_digit(word[len]) || word[len] == '_')))
		len++;
	if (word[len] != '-' || len > 15 || is_foreign(word, len))
		return false;
	digits = strspn(word + len + 1, "0123456789");
	return digits && digits <= 7 && !word[len + 1 + digits];
}

// "INC0012345", whole: a service desk's number
static bool is_record(const char *word)
{
	static const char *const prefixes[] = { "INC", "CHG", "REQ", "RITM", "PRB", "TASK", "SCTASK", "CTASK" };

	for (size_t i = 0; i < LENGTH(prefixes); i++) {
		size_t len = strlen(prefixes[i]),
		       digits = text_starts(word, prefixes[i]) ? strspn(word + len, "0123456789") : 0;

		if (digits >= 5 && digits <= 10 && !word[len + digits])
			return true;
	}
	return false;
}

static bool is_number(const char *word, bool marked)
{
	size_t digits = strspn(word + marked, "0123456789");

	return word[0] == '#' ? digits && !word[1 + digits] : !marked && digits >= 3 && !word[digits];
}

// "ticket #4711", "incident no. 4711"; a bare "#4711" may be a commit or a pull request.
static bool is_called_ticket(const struct prose *p, size_t i, const char *word)
{
	size_t at = i;

	if (at > 0 && phrase_at(p, at - 1, "no|nr|number|nummer|id|numero|n"))
		at--;
	return at > 0 && p->words[at - 1].sentence == p->words[i].sentence &&
	       phrase_at(p, at - 1, "ticket|issue|incident|vorgang|vorfall|incidencia|billet|melding|arende") &&
	       is_number(word, *word == '#');
}

static void read_tickets(struct prose_reading *r)
{
	const struct prose *p = &r->prose;
	_json_ json_t *all = json_array();
	_free_ char *joined = NULL;
	size_t first = 0, last = 0;
	json_t *ticket;

	for (size_t i = 0; i < p->count; i++) {
		_free_ char *word = prose_words(p, i, i + 1);

		if (p->words[i].quiet || !*p->words[i].plain || p->words[i].taken ||
		    !(is_key(word) || is_record(word) || is_called_ticket(p, i, word)))
			continue;
		p->words[i].taken = true;
		if (json_array_size(all) == 0)
			first = i;
		last = i + 1;
		if (!json_has_str(all, word))
			json_add_str(all, word);
	}
	json_array_foreach(all, last, ticket) {
		char *longer =
		        text_format("%s%s%s", joined ? joined : "", joined ? ", " : "", json_string_value(ticket));

		free(joined);
		joined = longer;
	}
	if (joined)
		prose_offer_words(r, "ticket", joined, first, first + 1);
}

// --- policies ---

// "7.2", "OSS-7.2", "4": ends in a number
static bool is_reference(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;
	size_t len = strlen(plain);

	return len && len <= 12 && text_is_digit(plain[len - 1]) && (is_upper(first_of(p, i)) || text_is_digit(*plain));
}

static void read_policies(struct prose_reading *r)
{
	static const char policy[] = "policy|policies|guideline|richtlinie|politique|politica|norma|beleid|directive";
	const struct prose *p = &r->prose;
	_json_ json_t *all = json_array();
	size_t first = 0, last = 0;

	for (size_t i = 0; i + 1 < p->count; i++) {
		size_t from = i, to = i + 2;
		_free_ char *words = NULL;
		bool compound = strlen(p->words[i].plain) > 11 && strstr(p->words[i].plain, "richtlinie");

		if (p->words[i].quiet || !(phrase_at(p, i, policy) || compound) ||
		    p->words[i + 1].sentence != p->words[i].sentence)
			continue;
		if (to < p->count && phrase_at(p, i + 1, "section|clause|rule|abschnitt|no|nr"))
			to++;
		if (to > p->count || !is_reference(p, to - 1))
			continue;
		while (from > 0 && i - from < POLICY_WORDS && p->words[from - 1].clause == p->words[i].clause &&
		       is_capital(p, from - 1) &&
		       !phrase_at(p, from - 1, "the|our|die|der|la|le|see|per|under|see also"))
			from--;
		words = prose_words(p, from, to);
		if (json_array_size(all) == 0)
			first = from;
		last = to;
		if (!json_has_str(all, words))
			json_add_str(all, words);
		for (size_t k = from; k < to; k++)
			p->words[k].taken = true;
	}
	if (json_array_size(all))
		prose_offer(r, "policy", json_incref(all), first, last > first + 12 ? first + 1 : last);
}

// --- clauses ---

static const char numbered[] =
        "section|sections|clause|article|appendix|annex|schedule|exhibit|paragraph|abschnitt|ziffer|"
        "klausel|anhang|anlage|artikel|paragraf|clausula|seccion|articulo|anexo|apendice|clausola|"
        "sezione|articolo|allegato|annexe|clausule|bijlage|secao|avsnitt|bilaga";

// "13", "4.2", "7(b)", "B", "IV"
static bool is_place(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;
	size_t len = strlen(plain);

	if (text_is_digit(*plain))
		return strspn(plain, "0123456789.abcdefgh") == len && len <= 8;
	return len > 0 && len <= 3 && is_upper(first_of(p, i)) && strspn(plain, "abcdefghivx") == len;
}

// Of "of the Oracle Master Agreement worries us" what names the agreement: capitals, and the noun that ends it.
static size_t agreement_end(const struct prose *p, size_t at)
{
	size_t of =
	        phrase_at(p, at,
	                  "of the|of our|of|in the|to the|der|des|vom|im|von|de la|de l'|du|de|del|della|dell'|van de|"
	                  "van het|van|uit de|da|do|i|av");
	size_t to = at + of;

	if (!of)
		return at;
	while (to < p->count && to - at < CLAUSE_WORDS && p->words[to].clause == p->words[at].clause &&
	       (is_capital(p, to) || text_is_digit(*p->words[to].plain)))
		to++;
	if (to == at + of)
		return at;
	if (to < p->count && p->words[to].clause == p->words[at].clause)
		to += phrase_at(
		              p, to,
		              "agreement|contract|licence|license|terms|order|addendum|vertrag|lizenz|contrat|contrato|"
		              "contratto|overeenkomst|master agreement|licence agreement|license agreement") > 0;
	return to;
}

static void read_clauses(struct prose_reading *r)
{
	const struct prose *p = &r->prose;

	for (size_t i = 0; i + 1 < p->count; i++) {
		bool sign = strcmp(p->words[i].plain, "\xc2\xa7") == 0,
		     paired = p->words[i].sentence == p->words[i + 1].sentence;
		size_t to;
		_free_ char *words = NULL;

		if (p->words[i].quiet || p->words[i].taken || !paired || !(sign || phrase_at(p, i, numbered)) ||
		    !is_place(p, i + 1))
			continue;
		to = agreement_end(p, i + 2);
		if (to == i + 2 && !sign && !phrase_at(p, i, "clause|klausel|clausula|clausola|clausule|ziffer"))
			continue; // a section of what?
		words = prose_words(p, i, to);
		prose_offer_words(r, "clause", words, i, to);
	}
}

void prose_references(struct prose_reading *r)
{
	read_policies(r);
	read_clauses(r);
	read_tickets(r);
}
