// SPDX-License-Identifier: Apache-2.0
#include "bot/fact_money.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/fact_fold.h"

#define MILLION INT64_C(1000000)
#define WHOLE_DIGITS 12
#define NUMBER_MOST INT64_C(1000000000000)

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The mark that may stand between two digits here: ' for Swiss thousands, a blank only before exactly three digits.
static char mark_at(const char *p)
{
	if (*p == ' ')
		return text_is_digit(p[1]) && text_is_digit(p[2]) && text_is_digit(p[3]) && !text_is_digit(p[4]) ? ' '
		                                                                                                 : 0;
	return (*p == '.' || *p == ',' || *p == '\'') && text_is_digit(p[1]) ? *p : 0;
}

// How far the number goes, and what marks it has: the last one, how many of that, how many digits behind it.
struct marks {
	size_t len;
	char last;
	size_t same, others, behind;
};

static struct marks look(const char *p)
{
	struct marks m = { 0 };

	while (text_is_digit(p[m.len]) || (m.len && mark_at(p + m.len))) {
		char c = p[m.len++];

		if (text_is_digit(c)) {
			m.behind += m.last != 0;
			continue;
		}
		m.others += m.last && c != m.last ? m.same : 0;
		m.same = c == m.last ? m.same + 1 : 1;
		m.last = c;
		m.behind = 0;
	}
	return m;
}

// "k", "m", "thousand", "million" behind the number; steps over it.
static int64_t read_scale(const char **p)
{
	static const struct {
		const char *word;
		int64_t scale;
	} scales[] = {
		{ "million", MILLION },  { "mio", MILLION },  { "mn", MILLION }, { "m", MILLION },
		{ "thousand", 1000 },    { "tsd", 1000 },     { "mille", 1000 }, { "mila", 1000 },
		{ "mil", 1000 },         { "tausend", 1000 }, { "k", 1000 },     { "millionen", MILLION },
		{ "millions", MILLION },
	};
	const char *from = *p;

	while (*from == ' ')
		from++;
	for (size_t i = 0; i < LENGTH(scales); i++) {
		size_t len = strlen(scales[i].word);

		if (!text_starts_fold(from, scales[i].word) || is_letter(from[len]))
			continue;
		*p = from + len;
		return scales[i].scale;
	}
	return 1;
}

// "1.500" is one thousand five hundred, "1.50" is not, "1.500,25" says it, and in "1.125m" it must be a decimal mark.
static bool last_is_decimal(const struct marks *m, bool scaled)
{
	if (m->last != '.' && m->last != ',')
		return false;
	if (m->same > 1)
		return false;
	return m->others > 0 || m->behind != 3 || scaled;
}

int number_read(const char **p, int64_t *millionths)
{
	struct marks m = look(*p);
	const char *after = *p + m.len;
	int64_t scale = read_scale(&after), whole = 0, fraction = 0, unit = MILLION / 10;
	bool decimal = last_is_decimal(&m, scale != 1);
	size_t digits = 0;

	if (m.len == 0 || (decimal && m.behind > 6))
		return -1;
	for (size_t i = 0; i < m.len; i++) {
		char c = (*p)[i];

		if (!text_is_digit(c))
			continue;
		if (decimal && i >= m.len - m.behind) {
			fraction += (c - '0') * unit;
			unit /= 10;
		} else if (++digits <= WHOLE_DIGITS) {
			whole = whole * 10 + (c - '0');
		}
	}
	if (digits > WHOLE_DIGITS || whole * MILLION + fraction > NUMBER_MOST * MILLION / scale)
		return -1;
	*millionths = (whole * MILLION + fraction) * scale;
	*p = after;
	return 0;
}

static bool code_known(const char *code)
{
	static const char known[] =
	        "AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK "
	        "JPY KES KRW MAD MXN MYR NGN NOK NZD PEN PHP PLN QAR RON RSD SAR SEK SGD THB TRY TWD "
	        "UAH USD UYU VND ZAR";

	return strlen(code) == 3 && strstr(known, code) != NULL && !strchr(code, ' ');
}

// Signs and words of one meaning; "$" counts as the US one.
static const char *sign_at(const char *p, size_t *len)
{
	static const struct {
		const char *sign, *code;
	} signs[] = {
		{ "US$", "USD" },          { "CA$", "CAD" },      { "A$", "AUD" },       { "$", "USD" },
		{ "\xe2\x82\xac", "EUR" }, { "\xc2\xa3", "GBP" }, { "\xc2\xa5", "JPY" }, { "\xe2\x82\xb9", "INR" },
		{ "euros", "EUR" },        { "euro", "EUR" },     { "dollars", "USD" },  { "dollar", "USD" },
		{ "pounds", "GBP" },       { "franken", "CHF" },
	};

	for (size_t i = 0; i < LENGTH(signs); i++) {
		*len = strlen(signs[i].sign);
		if (text_starts_fold(p, signs[i].sign) && !(is_letter(signs[i].sign[*len - 1]) && is_letter(p[*len])))
			return signs[i].code;
	}
	*len = 0;
	return NULL;
}

// Finds the one currency in the words.  0; -1 none; -2 several.
static int find_currency(const char *words, char currency[CURRENCY_TEXT])
{
	currency[0] = '\0';
	for (const char *p = words; *p;) {
		char code[CURRENCY_TEXT] = "";
		size_t len;
		const char *sign = sign_at(p, &len);

		if (sign) {
			snprintf(code, sizeof code, "%s", sign);
		} else if (is_letter(*p)) {
			for (len = 0; is_letter(p[len]); len++)
				;
			for (size_t i = 0; len == 3 && i < 3; i++)
				code[i] = (char)(p[i] & ~0x20);
			if (!code_known(code))
				code[0] = '\0';
		}
		if (*code && *currency && strcmp(code, currency) != 0)
			return -2;
		if (*code)
			memcpy(currency, code, sizeof code);
		p += len ? len : 1;
	}
	return *currency ? 0 : -1;
}

static const char *find_digit(const char *p)
{
	while (*p && !text_is_digit(*p))
		p++;
	return p;
}

int money_read(const char *words, char amount[AMOUNT_TEXT], char currency[CURRENCY_TEXT], struct err *e)
{
	_free_ char *text = clean_words(words, false);
	const char *p = find_digit(text);
	int64_t value, cents;
	int found;

	if (p > text && p[-1] == '-' && (p - 1 == text || !is_letter(p[-2])))
		return err_set(e, EX_DATAERR, "an amount cannot be negative");
	if (number_read(&p, &value) < 0)
		return err_set(e, EX_DATAERR, "that is not an amount; write for example 12500 EUR");
	if (*find_digit(p))
		return err_set(e, EX_DATAERR, "there is more than one number; write one amount, for example 12500 EUR");
	found = find_currency(text, currency);
	if (found < 0)
		return err_set(e, EX_DATAERR,
		               found == -1 ? "say which currency, for example 12500 EUR"
		                           : "there is more than one currency; write one amount");
	cents = value / 10000;
	if (value % 10000)
		return err_set(e, EX_DATAERR, "the amount has more than two decimals");
	if (cents % 100)
		snprintf(amount, AMOUNT_TEXT, "%" PRId64 ".%02" PRId64, cents / 100, cents % 100);
	else
		snprintf(amount, AMOUNT_TEXT, "%" PRId64, cents / 100);
	return 0;
}
