// SPDX-License-Identifier: Apache-2.0
#include "bot/dates.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/text.h"
#include "bot/letters.h"

#define WORDS 8
#define WORD 24
#define LONGEST 200 // bytes of the words

struct day {
	int year, month, day;
};

// The words without accents and case; "," and "." at their ends cut off ("31." is 31).
struct words {
	char word[WORDS][WORD];
	size_t count;
};

static bool is_letter(char c)
{
	return c >= 'a' && c <= 'z';
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : days[month - 1];
}

// A number of at most `max` digits that is the whole text; -1 otherwise.
static int number(const char *text, size_t max)
{
	size_t len = strspn(text, "0123456789");

	return len == 0 || len > max || text[len] ? -1 : (int)strtol(text, NULL, 10);
}

static int month_of(const char *word)
{
	// English, German, French, Spanish, Italian, Portuguese, Dutch, Swedish; a word that stands here may be cut to
	// three letters or more ("sept", "okt").
	static const char *const names[] = {
		"january|januar|janvier|enero|gennaio|janeiro|januari",
		"february|februar|fevrier|febrero|febbraio|fevereiro|februari|feburary",
		"march|marz|maerz|mars|marzo|marco|maart|mrz|mrt",
		"april|avril|abril|aprile",
		"may|mai|mayo|maggio|maio|mei|maj",
		"june|juni|juin|junio|giugno|junho",
		"july|juli|juillet|julio|luglio|julho",
		"august|aout|agosto|augustus|augusti",
		"september|septembre|septiembre|settembre|setembro",
		"october|oktober|octobre|octubre|ottobre|outubro",
		"november|novembre|noviembre|novembro",
		"december|dezember|decembre|diciembre|dicembre|dezembro|desember",
	};
	size_t len = strlen(word);
	int found = 0;

	if (len < 3)
		return 0;
	for (int month = 1; month <= 12; month++)
		for (const char *p = names[month - 1]; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL) {
			if (!text_starts(p, word))
				continue;
			if (p[len] == '|' || p[len] == '\0')
				return month;
			if (found && found != month) // "jui": June or July
				return 0;
			found = month;
		}
	return found;
}

static void split(char *text, struct words *out)
{
	for (char *p = text; *p;) {
		size_t len;

		while (text_is_space(*p) || *p == ',')
			p++;
		len = strcspn(p, " \t\r\n\v\f,");
		if (!len)
			break;
		if (out->count == WORDS || len >= WORD) {
			out->count = WORDS + 1;
			return;
		}
		memcpy(out->word[out->count], p, len);
		for (p += len; len > 1 && out->word[out->count][len - 1] == '.'; len--)
			;
		out->word[out->count++][len] = '\0';
	}
}

// Is the word one of those, which are separated by "|"?
static bool listed(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = words; p; p = strchr(p, '|') ? strchr(p, '|') + 1 : NULL)
		if (text_starts(p, word) && (p[len] == '|' || !p[len]))
			return true;
	return false;
}

static bool drop_first(struct words *w, const char *words)
{
	if (w->count <= 1 || !listed(words, w->word[0]))
		return false;
	memmove(w->word[0], w->word[1], sizeof w->word[0] * (w->count - 1));
	w->count--;
	return true;
}

// "31", "31st"
static int day_of(const char *word)
{
	char digits[3] = "";
	size_t len = strspn(word, "0123456789");

	if (len == 0 || len > 2)
		return -1;
	memcpy(digits, word, len);
	word += len;
	if (*word && strcmp(word, "st") != 0 && strcmp(word, "nd") != 0 && strcmp(word, "rd") != 0 &&
	    strcmp(word, "th") != 0 && strcmp(word, "er") != 0)
		return -1;
	return number(digits, 2);
}

static int read_iso(const char *word, struct day *out)
{
	int64_t ms;
	char text[CLOCK_TEXT];

	if (strlen(word) != 10 || clock_parse(word, &ms) < 0)
		return -1;
	clock_format_date(ms, text);
	text[4] = text[7] = '\0';
	*out = (struct day){ number(text, 4), number(text + 5, 2), number(text + 8, 2) };
	return 0;
}

// 31.03.2027 and 31/03/2027: the latter only when it can be read in one way.
static int read_dotted(const char *word, struct day *out, struct err *e)
{
	char parts[3][5];
	const char mark = strchr(word, '.') ? '.' : '/';
	int first, second;

	for (int i = 0; i < 3; i++) {
		size_t len = strspn(word, "0123456789");

		if (len == 0 || len > (i == 2 ? 4 : 2) || word[len] != (i == 2 ? '\0' : mark))
			return -1;
		memcpy(parts[i], word, len);
		parts[i][len] = '\0';
		word += len + 1;
	}
	first = number(parts[0], 2);
	second = number(parts[1], 2);
	if (strlen(parts[2]) != 4)
		return err_set(e, EX_DATAERR, "the year needs four digits, for example 2027-03-31");
	if (mark == '/' && first <= 12 && second <= 12 && first != second)
		return err_set(
		        e, EX_DATAERR,
		        "day and month could be swapped; write the day as year-month-day, for example 2027-03-31");
	*out = mark == '/' && second > 12 ? (struct day){ number(parts[2], 4), first, second }
	                                  : (struct day){ number(parts[2], 4), second, first };
	return 0;
}

// "31 march 2027", "march 31 2027", "31 de marzo de 2027"
static int read_named(const struct words *w, struct day *out)
{
	struct words plain = { .count = 0 };

	for (size_t i = 0; i < w->count; i++)
		if (strcmp(w->word[i], "of") != 0 && strcmp(w->word[i], "de") != 0 && strcmp(w->word[i], "the") != 0) {
			memcpy(plain.word[plain.count++], w->word[i], WORD);
		}
	if (plain.count != 3 || strlen(plain.word[2]) != 4)
		return -1;
	*out = (struct day){ .year = number(plain.word[2], 4) };
	out->month = month_of(plain.word[1]);
	out->day = day_of(plain.word[0]);
	if (!out->month) {
		out->month = month_of(plain.word[0]);
		out->day = day_of(plain.word[1]);
	}
	return out->month && out->day >= 0 && out->year >= 0 ? 0 : -1;
}

// "march 2027", "q1 2027", "2027" behind "end of"
static int read_end_of(const struct words *w, struct day *out)
{
	const char *year = w->word[w->count - 1];

	if (w->count == 0 || w->count > 2 || strlen(year) != 4)
		return -1;
	*out = (struct day){ .year = number(year, 4), .month = 12 };
	if (w->count == 2 && w->word[0][0] == 'q' && w->word[0][1] >= '1' && w->word[0][1] <= '4' && !w->word[0][2])
		out->month = 3 * (w->word[0][1] - '0');
	else if (w->count == 2)
		out->month = month_of(w->word[0]);
	if (out->year < 0 || !out->month)
		return -1;
	out->day = days_in(out->year, out->month);
	return 0;
}

static void add_months(struct day *d, int months)
{
	int month = d->month - 1 + months;

	d->year += month / 12;
	d->month = month % 12 + 1;
	if (d->day > days_in(d->year, d->month))
		d->day = days_in(d->year, d->month);
}

// "6", "six", "sechs"; -1 for what is no number.
static int count_of(const char *word)
{
	static const char *const numbers[] = {
		"one|a|an|ein|eine|einen|un|une|uno|una|een|um|uma|en|ett",
		"two|zwei|deux|dos|due|twee|dois|duas|tva",
		"three|drei|trois|tres|tre|drie",
		"four|vier|quatre|cuatro|quattro|quatro|fyra",
		"five|funf|cinq|cinco|cinque|vijf|fem",
		"six|sechs|seis|sei|zes|sex",
		"seven|sieben|sept|siete|sette|zeven|sete|sju",
		"eight|acht|huit|ocho|otto|oito|atta",
		"nine|neun|neuf|nueve|nove|negen|nio",
		"ten|zehn|dix|diez|dieci|tien|dez|tio",
		"eleven|elf|onze|once|undici",
		"twelve|zwolf|douze|doce|dodici|twaalf|doze|tolv",
	};

	for (int i = 0; i < (int)LENGTH(numbers); i++)
		if (listed(numbers[i], word))
			return i + 1;
	return number(word, 4);
}

static int unit_of(const char *word)
{
	static const char *const units[] = {
		"day|days|tag|tage|tagen|jour|jours|dia|dias|giorno|giorni|dag|dagen|dagar|d",
		"week|weeks|woche|wochen|semaine|semaines|semana|semanas|settimana|settimane|weken|veckor|w",
		"month|months|monat|monate|monaten|mois|mes|meses|mese|mesi|maand|maanden|manad|manader",
		"year|years|jahr|jahre|jahren|an|ans|annee|annees|ano|anos|anno|anni|jaar|ar|y",
	};

	for (int i = 0; i < (int)LENGTH(units); i++)
		if (listed(units[i], word))
			return i;
	return -1;
}

// "90 days", "90d", "six months from now"
static int read_span(struct words *w, int64_t now, struct day *out)
{
	char text[CLOCK_TEXT];
	int count, unit;
	size_t digits = strspn(w->word[0], "0123456789");

	if (w->count == 1 && digits && w->word[0][digits]) {
		snprintf(w->word[1], WORD, "%s", w->word[0] + digits);
		w->word[0][digits] = '\0';
		w->count = 2;
	}
	if (w->count == 4 && strcmp(w->word[2], "from") == 0 &&
	    (strcmp(w->word[3], "now") == 0 || strcmp(w->word[3], "today") == 0))
		w->count = 2;
	if (w->count != 2)
		return -1;
	count = count_of(w->word[0]);
	unit = unit_of(w->word[1]);
	if (count < 0 || unit < 0)
		return -1;
	clock_format_date(now + (unit < 2 ? (unit ? 7 : 1) * (int64_t)count * CLOCK_DAY : 0), text);
	text[10] = '\0';
	if (read_iso(text, out) < 0)
		return -1;
	if (unit >= 2)
		add_months(out, (unit == 3 ? 12 : 1) * count);
	return 0;
}

static int read_words(struct words *w, int64_t now, struct day *out, struct err *e)
{
	bool end = false;

	while (drop_first(w, "until|till|by|to|on|before|bis|zum|jusqu'au|hasta|fino|tot|the|el|le|al|den"))
		;
	if (listed("end|ende|fin|fine|eind|final|finales|fines|fim|slutet", w->word[0])) {
		end = drop_first(w, w->word[0]);
		while (end && drop_first(w, "of|de|the|di|von|av"))
			;
	}
	if (end)
		return read_end_of(w, out);
	drop_first(w, "in|within|for|fur|dans|en|tra|fra|over|another");
	if (w->count == 1 && (strcmp(w->word[0], "today") == 0 || strcmp(w->word[0], "heute") == 0))
		snprintf(w->word[0], WORD, "0d");
	else if (w->count == 1 && (strcmp(w->word[0], "tomorrow") == 0 || strcmp(w->word[0], "morgen") == 0))
		snprintf(w->word[0], WORD, "1d");
	if (w->count == 1 && (read_iso(w->word[0], out) == 0 || read_dotted(w->word[0], out, e) == 0))
		return 0;
	return read_named(w, out) == 0 || read_span(w, now, out) == 0 ? 0 : -1;
}

int date_read(const char *words, int64_t now, char out[DATE_TEXT], struct err *e)
{
	static const char how[] = "that is not a day; write it as year-month-day, for example 2027-03-31";
	_free_ char *text = NULL;
	struct words w = { .count = 0 };
	struct day day = { 0 };
	char *bracket;

	if (strlen(words) > LONGEST)
		return err_set(e, EX_DATAERR, "%s", how);
	text = letters_plain(words);
	bracket = strpbrk(text, "([");
	if (bracket)
		*bracket = '\0';
	for (char *p = text; *p; p++) // 31-mar-2027
		if (*p == '-' && p > text && (is_letter(p[-1]) || is_letter(p[1])))
			*p = ' ';
	split(text, &w);
	err_set(e, EX_DATAERR, "%s", how);
	if (w.count == 0 || w.count > WORDS || read_words(&w, now, &day, e) < 0)
		return -1;
	if (day.year < 1970 || day.year > 2199)
		return err_set(e, EX_DATAERR, "the year %d is out of reach", day.year);
	if (day.month < 1 || day.month > 12 || day.day < 1 || day.day > days_in(day.year, day.month))
		return err_set(e, EX_DATAERR, "there is no such day in the calendar");
	snprintf(out, DATE_TEXT, "%04u-%02u-%02u", (unsigned)day.year % 10000, (unsigned)day.month % 100,
	         (unsigned)day.day % 100);
	return 0;
}
