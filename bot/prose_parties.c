// SPDX-License-Identifier: Apache-2.0
// Where it will be used or sold, and who grants the licence: only where that is said in so many words.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/prose_parts.h"

#define NAME_WORDS 5

struct place {
	const char *name, *called;
};

static const struct place places[] = {
	{ "EU",
	  "eu|the eu|european union|the european union|der eu|l'ue|l'union europeenne|la ue|l'unione europea|de eu" },
	{ "EEA", "eea|the eea|ewr|european economic area|the european economic area" },
	{ "US", "us|usa|the us|the usa|united states|the united states|den usa|etats-unis|estados unidos|stati uniti" },
	{ "UK", "uk|the uk|united kingdom|the united kingdom|great britain|grossbritannien|royaume-uni|reino unido" },
	{ "Germany", "germany|deutschland|allemagne|alemania|germania|duitsland" },
	{ "Austria", "austria|osterreich|autriche|oostenrijk" },
	{ "Switzerland", "switzerland|schweiz|der schweiz|suisse|suiza|svizzera|zwitserland" },
	{ "France", "france|frankreich|francia|frankrijk" },
	{ "Spain", "spain|spanien|espagne|espana|spagna|spanje" },
	{ "Italy", "italy|italien|italie|italia" },
	{ "Netherlands", "netherlands|the netherlands|den niederlanden|pays-bas|paises bajos|paesi bassi|nederland" },
	{ "Belgium", "belgium|belgien|belgique|belgica|belgio|belgie" },
	{ "Poland", "poland|polen|pologne|polonia" },
	{ "Portugal", "portugal" },
	{ "Sweden", "sweden|schweden|suede|suecia|svezia|zweden|sverige" },
	{ "Japan", "japan|japon|giappone" },
	{ "China", "china|chine|cina" },
	{ "India", "india|indien|inde" },
	{ "Canada", "canada|kanada" },
	{ "Brazil", "brazil|brasilien|bresil|brasil|brasile" },
	{ "Australia", "australia|australien|australie" },
	{ "Europe", "europe|europa" },
	{ "APAC", "apac" },
	{ "EMEA", "emea" },
};

static size_t place_at(const struct prose *p, size_t i, const char **name)
{
	for (size_t k = 0; k < LENGTH(places); k++) {
		size_t n = phrase_at(p, i, places[k].called);

		if (n && !(n == 1 && strcmp(p->words[i].plain, "us") == 0 && p->text[p->words[i].begin] == 'u')) {
			*name = places[k].name;
			return n;
		}
	}
	return 0;
}

// "only in the EU and the UK": one list of places behind what is said of customers or sales.
static void read_region(struct prose_reading *r, size_t i)
{
	static const char reach[] = "customers|customer|clients|users|market*|sell|sold|sells|ship*|deliver*|distribut*"
	                            "|available|offer*|only|"
	                            "kunden|markt|verkauf*|vertrieb*|ausgeliefert|angeboten|nur|clients|vendu|marche|"
	                            "livre*|clientes|vend*|mercado|"
	                            "clienti|mercato|klanten|verkocht|kunder";
	const struct prose *p = &r->prose;
	size_t preposition =
	               phrase_at(p, i,
	                         "in|to|within|into|for|an|nach|fur|innerhalb|en|au|aux|dans|per|negli|nel|naar|binnen|"
	                         "na|i|to customers in|across"),
	       at = i + preposition, n;
	struct range c = prose_clause(p, i);
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	const char *name;

	if (!preposition || at >= p->count || p->words[i].quiet || phrase_find(p, c.from, i, reach) >= i)
		return;
	while (at < p->count && p->words[at].sentence == p->words[i].sentence && (n = place_at(p, at, &name))) {
		buf_printf(&all, "%s%s", all.len ? ", " : "", name);
		at += n;
		if (at < p->count)
			at += phrase_at(p, at, "and|und|et|y|e|en|or|och") > 0;
	}
	if (all.len)
		prose_offer_words(r, "region", buf_text(&all), i + preposition, at);
}

static bool is_capital(const struct prose *p, size_t i)
{
	unsigned char c = (unsigned char)p->text[p->words[i].begin];

	return (c >= 'A' && c <= 'Z') || c == 0xc3;
}

// "the vendor is Oracle", "our supplier, Northwind Graphics,"
static void read_vendor(struct prose_reading *r, size_t i)
{
	const struct prose *p = &r->prose;
	size_t said = phrase_at(p, i,
	                        "vendor is|supplier is|licensor is|vendor would be|anbieter ist|lieferant ist|"
	                        "hersteller ist|lizenzgeber ist|fournisseur est|editeur est|proveedor es|fornitore e|"
	                        "leverancier is|leverantor ar");
	size_t from = i + said, to = from;
	_free_ char *words = NULL;

	if (!said || p->words[i].quiet)
		return;
	while (to < p->count && to - from < NAME_WORDS && p->words[to].clause == p->words[i].clause &&
	       is_capital(p, to))
		to++;
	words = prose_words(p, from, to);
	if (to > from)
		prose_offer_words(r, "vendor", words, from, to);
}

void prose_parties(struct prose_reading *r)
{
	enum fact_kind region = fact_kind(r->declared, "region"), vendor = fact_kind(r->declared, "vendor");

	for (size_t i = 0; i < r->prose.count; i++) {
		if (region == FACT_TEXT)
			read_region(r, i);
		if (vendor == FACT_TEXT)
			read_vendor(r, i);
	}
}
