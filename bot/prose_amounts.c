// SPDX-License-Identifier: Apache-2.0
// What it costs ("about 12,500 EUR a year") and how many are asked for ("25 seats").
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/fact_money.h"
#include "bot/prose_parts.h"

static const char costs[] =
        "cost|costs|price*|pay|fee|fees|budget|spend|spending|offer*|quote*|quotation|charge*|buy|purchase|license fee|"
        "kosten|kostet|preis*|bezahlen|zahlen|angebot|gebuhr*|budget|kaufen|cout*|prix|payer|devis|coste|cuesta|"
        "costaria|"
        "precio|pagar|presupuesto|costa|costo|costerebbe|prezzo|pagare|preventivo|prijs|betalen|kost|offerte|custo|"
        "custa|"
        "preco|kostar|pris";
// An amount beside these is somebody else's, or past.
static const char other_money[] =
        "revenue*|turnover|pays us|pay us|paid|lose|losing|loss|earn*|income|profit*|cost us|last year|per customer|"
        "worth of|saves|saving*|fine|penalty|damage*|umsatz*|verlust*|verlier*|einnahmen|gewinn|gekostet|bezahlt|"
        "chiffre d'affaires|perte*|ingresos|perd*|fatturato|ricavi|omzet|verlies|receita|intakter";
static const char counted[] =
        "seats|seat|named users|licenses|licences|license|licence|copies|installations|subscriptions|"
        "workstations|platze|lizenzen|arbeitsplatze|postes|puestos|licencias|postazioni|licenze|"
        "licenties|stuks|licencas|licenser";
static const char counting[] =
        "need*|buy|order|short of|more|additional|another|extra|purchase|missing|brauche*|benotig*|"
        "kaufen|zusatzlich*|weitere|besoin|acheter|necesit*|comprar|serv*|acquist*|nodig|kopen|"
        "precis*|for";

static bool has_digit(const struct prose *p, size_t i)
{
	const char *plain = p->words[i].plain;

	return plain[strcspn(plain, "0123456789")] != '\0';
}

static bool is_currency(const struct prose *p, size_t i)
{
	char amount[AMOUNT_TEXT], currency[CURRENCY_TEXT];
	_free_ char *words = NULL;

	if (i >= p->count || has_digit(p, i))
		return false;
	words = text_format("1 %s", p->words[i].plain);
	return strlen(words) <= 12 && money_read(words, amount, currency, NULL) == 0;
}

// May it stand between a number and its currency?  "12 500 EUR", "1.2 million EUR"
static bool is_of_number(const struct prose *p, size_t i)
{
	return strspn(p->words[i].plain, "0123456789") == 3 ||
	       phrase_at(p, i, "k|m|mio|mn|million|millions|millionen|thousand|tausend|tsd|mille|mil|mila");
}

// Of the words around the number at i those that are an amount with its currency.
static struct range amount_at(const struct prose *p, size_t i)
{
	struct range s = prose_sentence(p, i);

	for (size_t to = i + 1; to < s.to && to < i + 4; to++) {
		if (is_currency(p, to))
			return (struct range){ i, to + 1 };
		if (!is_of_number(p, to))
			break;
	}
	return (struct range){ i > s.from && is_currency(p, i - 1) ? i - 1 : i, i + 1 };
}

static void read_amount(struct prose_reading *r, size_t i)
{
	const struct prose *p = &r->prose;
	struct range s = prose_sentence(p, i), found = amount_at(p, i);
	char amount[AMOUNT_TEXT], currency[CURRENCY_TEXT];
	_free_ char *words = NULL;

	if (phrase_find(p, s.from, s.to, costs) == s.to || phrase_find(p, s.from, s.to, other_money) < s.to)
		return;
	words = prose_words(p, found.from, found.to);
	if (money_read(words, amount, currency, NULL) == 0)
		prose_offer_words(r, "spend", words, found.from, found.to);
}

static void read_quantity(struct prose_reading *r, size_t i)
{
	const struct prose *p = &r->prose;
	struct range s = prose_sentence(p, i);
	size_t at = i + 1;

	if (at < s.to && phrase_at(p, at, "more|additional|extra|further|new|weitere|zusatzliche|named"))
		at++;
	if (at >= s.to || !phrase_at(p, at, counted) ||
	    strspn(p->words[i].plain, "0123456789.,") != strlen(p->words[i].plain))
		return;
	if (!phrase_at(p, at, "seat*|platze|postes|puestos|postazioni|named users") &&
	    phrase_find(p, s.from, s.to, counting) == s.to)
		return;
	prose_offer_words(r, "quantity", p->words[i].plain, i, at + 1);
}

void prose_amounts(struct prose_reading *r)
{
	for (size_t i = 0; i < r->prose.count; i++) {
		if (r->prose.words[i].quiet || r->prose.words[i].taken || !has_digit(&r->prose, i))
			continue;
		read_amount(r, i);
		if (!r->prose.words[i].taken)
			read_quantity(r, i);
	}
}
