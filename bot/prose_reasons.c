// SPDX-License-Identifier: Apache-2.0
// The sentences that say why it is needed, and what happens without it: whole sentences, and only unmistakable ones.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/prose_parts.h"

#define SENTENCES_MAX 3

static const char because[] =
        "because|because of|weil|denn|parce que|parce qu'*|puisque|porque|ya "
        "que|perche|poiche|omdat|aangezien|eftersom|"
        "the reason is|reason is that|der grund ist|grund dafur|la raison est|el motivo es|il motivo e|de reden is|"
        "we need it for|we need this for|we need it to|we need this to|wir brauchen es fur|wir brauchen sie fur|"
        "nous en avons besoin pour|lo necesitamos para|ci serve per|we hebben het nodig voor";
static const char otherwise[] =
        "otherwise|without it we|without this we|without that we|if you say no|if not we|if it is refused|if it is "
        "rejected|"
        "if it is denied|if it is not granted|if this is not granted|if this is refused|if this is not possible|"
        "if that is not possible|if refused|if rejected|if not granted|if not approved|if it is not approved|"
        "failing that|the fallback|our fallback|plan b|the alternative would be|"
        "andernfalls|ansonsten|sonst|falls das nicht geht|falls nicht|wenn nicht|wenn das nicht geht|bei ablehnung|"
        "im fall einer ablehnung|die alternative ware|"
        "sinon|en cas de refus|a defaut|de lo contrario|si no se aprueba|si no es posible|en caso contrario|"
        "in caso contrario|altrimenti|in caso di rifiuto|anders moeten|anders zouden|zo niet|bij afwijzing|"
        "caso contrario|se nao|annars";

static bool is_asked_for(const struct prose *p, struct range s)
{
	return phrase_find(p, s.from, s.to, prose_asking) < s.to || phrase_find(p, s.from, s.to, prose_using) < s.to ||
	       phrase_find(p, s.from, s.to, "reason*|grund|raison|motivo|reden|chose|choose|picked|prefer*") < s.to;
}

static char *sentence_text(const struct prose *p, struct range s)
{
	size_t end = p->words[s.to - 1].end;

	if (p->text[end] == ')')
		end++;
	if (p->text[end] == '.' || p->text[end] == '!')
		end++;
	return text_copy_n(p->text + p->words[s.from].begin, end - p->words[s.from].begin);
}

// "We need it for 90 days" gives no reason: what follows is known as another fact.
static bool is_spoken_for(const struct prose *p, size_t at, const char *phrases)
{
	size_t last = at + phrase_at(p, at, phrases) - 1;

	return p->words[last].taken || (last + 1 < p->count && p->words[last + 1].taken);
}

static bool is_masked(const struct prose *p, struct range s)
{
	for (size_t i = s.from; i < s.to; i++)
		if (!*p->words[i].plain)
			return true;
	return false;
}

// The sentences with one of the phrases, together.
static void read_sentences(struct prose_reading *r, const char *fact, const char *phrases, bool asked)
{
	const struct prose *p = &r->prose;
	_buf_ struct buf all = BUF(FACT_VALUE_MAX);
	size_t from = 0, to = 0, count = 0;

	for (size_t i = 0; i < p->count;) {
		struct range s = prose_sentence(p, i);
		size_t at = phrase_find(p, s.from, s.to, phrases);
		_free_ char *text = NULL;

		i = s.to;
		if (at == s.to || s.to - at < 4 || is_masked(p, s) || is_spoken_for(p, at, phrases) ||
		    (asked && !is_asked_for(p, s)) || count == SENTENCES_MAX)
			continue;
		text = sentence_text(p, s);
		buf_printf(&all, "%s%s", count++ ? " " : "", text);
		from = count == 1 ? s.from : from;
		to = s.to;
	}
	if (count && !all.full)
		prose_offer_words(r, fact, buf_text(&all), from, to);
}

void prose_reasons(struct prose_reading *r)
{
	read_sentences(r, "rationale", because, true);
	read_sentences(r, "remediation", otherwise, false);
}
