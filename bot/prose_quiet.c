// SPDX-License-Identifier: Apache-2.0
#include "bot/prose_quiet.h"

#include <stdbool.h>
#include <string.h>

#include "bot/prose_text.h"

// In English, German, French, Spanish, Italian, Dutch, Portuguese and Swedish, as in all tables of prose.
static const char denials[] =
        "not|no|never|none|neither|nor|without|cannot|can't|don't|doesn't|didn't|isn't|aren't|wasn't|weren't|won't|"
        "wouldn't|shouldn't|haven't|hasn't|nothing|nobody|nowhere|"
        "nicht|kein*|nie|niemals|ohne|weder|nichts|"
        "ne|n'est|n'a|n'ont|n'utilis*|pas|jamais|aucun*|sans|ni|"
        "nunca|sin|ningun*|tampoco|non|mai|senza|nessun*|neanche|"
        "rejected|refused|denied|is forbidden|are forbidden|is "
        "prohibited|verboten|interdit*|prohibid*|vietat*|verboden|abgelehnt|rechazad*|rifiutat*|afgewezen|"
        "niet|geen|nooit|zonder|noch|nao|sem|nenhum*|inte|ingen|inget|utan|aldrig";
// These look like one and are none.
static const char no_denials[] =
        "not only|no longer than|no later than|not later than|no problem|no. *|without an exception|without exception|"
        "without approval|without an approval|without a licence|nicht nur|pas seulement|no solo|non solo|niet alleen|"
        "ohne freigabe|ohne ausnahme|sans exception|sin excepcion";
static const char comparisons[] =
        "unlike|instead of|rather than|other than|except|apart from|compared to|compared with|similar to|as opposed to|"
        "anders als|statt|anstatt|anstelle|ausser|im gegensatz zu|verglichen mit|ahnlich wie|"
        "contrairement|au lieu|plutot que|sauf|a diferencia|en lugar|en vez|salvo|excepto|"
        "a differenza|invece|tranne|in plaats|behalve|ao contrario|em vez|till skillnad|i stallet|"
        "replace|replaces|replacing|replaced|replacement for|ersetzen|ersetzt|ablosen|remplac*|reemplaz*|sostitu*|"
        "vervang*|migrate from|migrating from|move away from|get rid of|drop|used to|formerly|previously|"
        "fruher|bisher|until now|so far|bislang|we looked at|we also looked at|we considered|we thought|"
        "first thought|originally|ursprunglich|"
        "have been using|currently use|currently using|already use|already using|verwenden derzeit|nutzen derzeit|"
        "nutzen bereits|verwenden bereits|nutzen schon|utilisons deja|ya usamos|usamos ya|usiamo gia|gebruiken al|"
        "gebruiken nu";
static const char suppositions[] =
        "if|unless|should we|should they|should it|should you|were it|had we|suppose|supposing|imagine|in case|"
        "hypothetically|could also|might|maybe|perhaps|theoretically|"
        "wenn|falls|sollte|sollten|angenommen|vielleicht|eventuell|"
        "s'il|s'ils|au cas|peut-etre|quizas|tal vez|qualora|forse|indien|mocht|misschien|talvez|kanske|"
        "otherwise|sonst|andernfalls|sinon|de lo contrario|altrimenti|in caso contrario|anders moeten";
// These are suppositions only where a clause begins.
static const char supposing_starts[] = "si|se|als|om|anders";
// "Let me know if we may use it" asks.
static const char asking[] =
        "know if|wonder if|wondering if|ask if|asking if|check if|confirm if|see if|tell me if|tell us if|glad if|"
        "grateful if|great if|nice if|good if|helpful if|happy if|appreciate it if|thankful if|"
        "toll wenn|schon wenn|super wenn|froh wenn|dankbar wenn|freuen wenn|nett wenn|prima wenn|"
        "savoir si|demande si|demander si|saber si|sapere se|chiedo se|chiedere se|saber se";
// A clause with one of these stands for itself; one without goes on with the list before it ("no MIT, BSD or GPL").
static const char own_verbs[] =
        "i|we|it|its|it's|they|he|she|that|this|is|are|was|were|will|would|has|have|had|can|could|comes|goes|runs|"
        "needs|"
        "wants|use|uses|need|see|ship|please|"
        "ich|wir|es|sie|das|ist|sind|war|wird|werden|hat|haben|steht|soll|sollen|kann|brauchen|lauft|"
        "je|nous|il|elle|c'est|est|sont|sera|on|es|son|sera|esta|e|sono|sara|ci|wij|we|het|dat|zijn|wordt|moet|"
        "som|ar|vi";
// Behind these what was denied or replaced gives way to what is meant.
static const char turns[] =
        "but|however|instead|so|sondern|aber|mais|pero|sino|ma|bensi|maar|mas|utan att|by|with|durch|par|por|con|door|"
        "by the|av|med|and want|and we|and would|and now|und wollen|und mochten|und wurden|et voudrions|et nous";

static bool is_denied(const struct prose *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		size_t exempt = phrase_at(p, i, no_denials);

		if (exempt)
			i += exempt - 1;
		else if (phrase_at(p, i, denials))
			return true;
	}
	return false;
}

// From the first word of a comparison or supposition on; up to what takes its place.
static void hush_from(struct prose *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if (i > from && phrase_at(p, i, turns))
			return;
		p->words[i].quiet = true;
	}
}

static void hush_all(struct prose *p, size_t from, size_t to)
{
	size_t turn = to;

	for (size_t i = from + 1; i < to && turn == to; i++)
		if (phrase_at(p, i, "but|sondern|mais|pero|sino|ma|maar|mas"))
			turn = i;
	for (size_t i = from; i < turn; i++)
		p->words[i].quiet = true;
	if (turn < to && is_denied(p, turn, to))
		hush_all(p, turn, to);
}

// Where the clause begins to suppose, or `to`.
static size_t find_supposition(const struct prose *p, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		bool asks = (i >= 1 && phrase_at(p, i - 1, asking)) || (i >= 2 && phrase_at(p, i - 2, asking));

		if (!asks && (phrase_at(p, i, suppositions) || (i == from && phrase_at(p, i, supposing_starts))))
			return i;
	}
	return to;
}

static void hush_clause(struct prose *p, size_t from, size_t to, bool *carries)
{
	size_t other = phrase_find(p, from, to, comparisons), if_at = find_supposition(p, from, to);
	bool goes_on = from > 0 && p->words[from].sentence == p->words[from - 1].sentence;

	if (*carries && goes_on && phrase_find(p, from, to, own_verbs) == to) {
		hush_from(p, from, to);
		return;
	}
	*carries = true;
	if (is_denied(p, from, to))
		hush_all(p, from, to);
	else if (other < to || if_at < to)
		hush_from(p, other < if_at ? other : if_at, to);
	else
		*carries = false;
}

void prose_hush(struct prose *p)
{
	bool carries = false;

	for (size_t i = 0; i < p->count;) {
		struct range clause = prose_clause(p, i);

		hush_clause(p, clause.from, clause.to, &carries);
		i = clause.to;
	}
}
