// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_duration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/fact_fold.h"

#define LONGEST 200 // bytes of the words
#define DAYS_MAX 36500

static const struct unit {
	char letter;
	int days;
	const char *words; // folded
} units[] = {
	{ 'd', 1, "|d|day|days|tag|tage|tagen|jour|jours|dia|dias|giorno|giorni|dag|dagen|calendar days|" },
	{ 'w', 7, "|w|week|weeks|woche|wochen|semaine|semaines|semana|semanas|settimana|settimane|weken|" },
	{ 'm', 30, "|m|month|months|mo|monat|monate|monaten|mois|mes|meses|mese|mesi|maand|maanden|" },
	{ 'y', 365, "|y|year|years|yr|yrs|jahr|jahre|jahren|an|ans|annee|annees|ano|anos|anno|anni|jaar|" },
};

static bool listed(const char *list, const char *word)
{
	_free_ char *between = text_format("|%s|", word);

	return *word && strstr(list, between);
}

static const struct unit *unit_of(const char *word)
{
	for (size_t i = 0; i < LENGTH(units); i++)
		if (listed(units[i].words, word))
			return &units[i];
	return NULL;
}

// "6", "six", "a": steps *p behind it and the blank; 0 when it is no number.
static long number_of(const char **p)
{
	static const char *const numbers[] = { "one",   "two",   "three", "four", "five",   "six",
		                               "seven", "eight", "nine",  "ten",  "eleven", "twelve" };
	size_t digits = strspn(*p, "0123456789"), len = digits ? digits : strcspn(*p, " ");
	_free_ char *word = text_copy_n(*p, len);
	long number = digits && digits < 5 ? strtol(word, NULL, 10) : listed("|a|an|", word) ? 1 : 0;

	for (size_t i = 0; i < LENGTH(numbers); i++)
		number = strcmp(word, numbers[i]) == 0 ? (long)i + 1 : number;
	*p += len + ((*p)[len] == ' ');
	return number;
}

static const char *skip_lead(const char *p)
{
	size_t len = strcspn(p, " ");
	_free_ char *first = text_copy_n(p, len);

	return p[len] && listed("|for|up|about|within|fur|pour|por|per|voor|durante|", first) ? p + len + 1 : p;
}

int duration_read(const char *words, char out[DURATION_TEXT], struct err *e)
{
	static const char how[] = "that is not a length of time; write it like 90 days, 6 months or 2 years";
	_free_ char *plain = NULL, *folded = NULL;
	const struct unit *unit;
	const char *p;
	long number;

	if (strlen(words) > LONGEST)
		return err_set(e, EX_DATAERR, "%s", how);
	plain = text_copy(words);
	plain[strcspn(plain, "([")] = '\0'; // a remark behind it
	folded = fold_words(plain);
	p = skip_lead(folded);
	if (p[0] == 'p' && text_is_digit(p[1])) // ISO 8601
		p++;
	number = number_of(&p);
	unit = unit_of(p);
	if (!unit || number < 1)
		return err_set(e, EX_DATAERR, "%s", how);
	if (number * unit->days > DAYS_MAX)
		return err_set(e, EX_DATAERR, "it is at most 100 years");
	snprintf(out, DURATION_TEXT, "%u%c", (unsigned)number % 10000, unit->letter);
	return 0;
}

int64_t duration_days(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	if (digits < 1 || digits > 5 || !text[digits] || text[digits + 1])
		return -1;
	for (size_t i = 0; i < LENGTH(units); i++)
		if (units[i].letter == text[digits])
			return strtoll(text, NULL, 10) * units[i].days;
	return -1;
}
