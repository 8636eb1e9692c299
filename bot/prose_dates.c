// SPDX-License-Identifier: Apache-2.0
// Until when it is needed: "until March", "for six months", "bis Ende März 2027", "jusqu'au 31 mars".
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"
#include "bot/dates.h"
#include "bot/prose_parts.h"

#define DATE_WORDS 6
#define FRAGMENT 6 // a sentence of so few words needs no verb: "For three months, please."

static const char until[] = "until|till|til|through|up to|up until|not later than|no later than|no longer than|bis|bis "
                            "zum|bis zu|langstens bis|"
                            "jusqu'au|jusqu'a|jusqu'en|jusqu'a la|hasta|hasta el|hasta la|fino al|fino a|fino "
                            "alla|fino all'|tot|tot en met|"
                            "tot het|ate|ate o|ate ao|till och med|fram till";
static const char lasting[] = "for|for a|for about|for another|for the next|for a further|for at least|fur|fur weitere|"
                              "fur die nachsten|pour|pendant|por|durante|per|per altri|voor|gedurende|voor nog";
// What is said to last until then, or be due by then, is something else.
static const char others[] =
        "offer*|quote*|quotation|decision|decide|answer*|reply|response|feedback|warranty|confidential|meeting|"
        "deadline|"
        "angebot*|antwort*|entscheid*|ruckmeldung|reponse|devis|oferta|respuesta|offerta|risposta|offerte|antwoord|"
        "been|have used|has used|had used|have run|have had|have shipped|has "
        "run|since|ago|already|took|lasted|was|were|seit|schon|depuis|desde|sinds|vacation|holiday|out of "
        "office|urlaub";

// "March" is its end: the month, or the day, as date_read() wants it, with the year that is meant when none is given.
static int read_open_date(const char *words, int64_t now, char out[DATE_TEXT])
{
	static const char *const shapes[] = { "%s", "end of %s", "%s %d", "end of %s %d" };
	char today[CLOCK_TEXT];
	int year;

	clock_format_date(now, today);
	year = (int)strtol(today, NULL, 10);
	for (size_t i = 0; i < LENGTH(shapes); i++)
		for (int later = 0; later < (i < 2 ? 1 : 2); later++) {
			_free_ char *text = i == 0   ? text_copy(words)
			                    : i == 1 ? text_format("end of %s", words)
			                    : i == 2 ? text_format("%s %d", words, year + later)
			                             : text_format("end of %s %d", words, year + later);

			if (date_read(text, now, out, NULL) == 0 && (i < 2 || strncmp(out, today, 10) > 0))
				return 0;
		}
	return -1;
}

// Reads the longest date that begins at word i; how many words it has, or 0.
static size_t date_at(const struct prose_reading *r, size_t i, char out[DATE_TEXT])
{
	const struct prose *p = &r->prose;

	for (size_t n = DATE_WORDS; n > 0; n--) {
		_free_ char *words = NULL;

		if (i + n > p->count || p->words[i + n - 1].sentence != p->words[i].sentence)
			continue;
		words = prose_words(p, i, i + n);
		if (strspn(words, "0123456789") != strlen(words) && // a bare number is no day
		    read_open_date(words, r->now, out) == 0)
			return n;
	}
	return 0;
}

static bool is_asked_for(const struct prose_reading *r, size_t i)
{
	const struct prose *p = &r->prose;
	struct range s = prose_sentence(p, i);

	return s.to - s.from <= FRAGMENT || phrase_find(p, s.from, s.to, prose_asking) < s.to ||
	       phrase_find(p, s.from, s.to, prose_using) < s.to;
}

static bool is_of_another(const struct prose_reading *r, size_t i)
{
	struct range c = prose_clause(&r->prose, i);

	return phrase_find(&r->prose, c.from, i, others) < i;
}

static bool is_span(const char *plain)
{
	static const char units[] =
	        "day|days|week|weeks|month|months|year|years|quarter|tag*|woche*|monat*|jahr*|jour*|semaine*|mois|an|"
	        "ans|annee*|"
	        "dia*|semana*|mes|meses|ano|anos|giorn*|settiman*|mese|mesi|anno|anni|dag*|weken|maand*|jaar";
	struct word word = { .plain = (char *)plain };
	struct prose one = { .words = &word, .count = 1 };

	return phrase_at(&one, 0, units) > 0;
}

void prose_dates(struct prose_reading *r)
{
	const struct prose *p = &r->prose;

	for (size_t i = 0; i < p->count; i++) {
		size_t ends = phrase_at(p, i, until), lasts = ends ? 0 : phrase_at(p, i, lasting);
		size_t at = i + ends + lasts, n;
		char day[DATE_TEXT];

		if (!(ends || lasts) || at >= p->count || p->words[i].quiet || is_of_another(r, i))
			continue;
		n = date_at(r, at, day);
		if (!n || (lasts && (!is_span(p->words[at + n - 1].plain) || !is_asked_for(r, i))))
			continue;
		prose_offer_words(r, "expires", day, i, at + n);
	}
}
