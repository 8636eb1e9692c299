// SPDX-License-Identifier: Apache-2.0
// One value from the words of one fact, and back; see facts.h.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/dates.h"
#include "bot/fact_choice.h"
#include "bot/fact_duration.h"
#include "bot/fact_fold.h"
#include "bot/fact_money.h"
#include "bot/facts.h"

#define LIST_MAX 64
#define MILLION 1000000
#define RISK_MAX 10
#define NUMBER_MAX INT64_C(1000000000000)

// A licence often comes with a full stop or in quotes; neither belongs to it.
static json_t *read_licence(const char *clean)
{
	size_t len = strlen(clean);

	while (len && strchr(".,;`\"'", clean[len - 1]))
		len--;
	while (len && strchr("`\"'", *clean)) {
		clean++;
		len--;
	}
	return len ? json_stringn(clean, len) : NULL;
}

static int read_number(const json_t *own, const char *clean, int64_t most, json_t **value, struct err *e)
{
	int64_t least = json_int(own, "min");
	const char *p = clean;
	int64_t number;

	while (*p && !text_is_digit(*p))
		p++;
	if ((p > clean && p[-1] == '-') || number_read(&p, &number) < 0 || number % MILLION)
		return err_set(e, EX_DATAERR, "that is not a whole number");
	if (most == RISK_MAX && text_starts(p, "/10") && !text_is_digit(p[3]))
		p += 3;
	for (; *p; p++)
		if (text_is_digit(*p))
			return err_set(e, EX_DATAERR, "there is more than one number");
	if (number / MILLION > most)
		return err_set(e, EX_DATAERR, "it is at most %lld", (long long)most);
	if (number / MILLION < least)
		return err_set(e, EX_DATAERR, "it is at least %lld", (long long)least);
	*value = json_integer(number / MILLION);
	return 0;
}

static int read_date(const char *name, const char *clean, int64_t now, json_t **value, struct err *e)
{
	char day[DATE_TEXT], today[CLOCK_TEXT];

	if (date_read(clean, now, day, e) < 0)
		return -1;
	if (strcmp(name, "expires") == 0 && strncmp(day, clock_format_date(now, today), 10) <= 0)
		return err_set(e, EX_DATAERR, "%s is past; it must lie in the future", day);
	*value = json_string(day);
	return 0;
}

static int read_money(const char *clean, json_t **value, struct err *e)
{
	char amount[AMOUNT_TEXT], currency[CURRENCY_TEXT];

	if (money_read(clean, amount, currency, e) < 0)
		return -1;
	*value = json_object();
	json_put_str(*value, "amount", amount);
	json_put_str(*value, "currency", currency);
	return 0;
}

static int read_duration(const char *clean, json_t **value, struct err *e)
{
	char text[DURATION_TEXT];

	if (duration_read(clean, text, e) < 0)
		return -1;
	*value = json_string(text);
	return 0;
}

static int64_t most_of(const json_t *own, const char *name)
{
	int64_t most = strcmp(name, "risk") == 0 ? RISK_MAX : NUMBER_MAX;

	return json_object_get(own, "max") && json_int(own, "max") < most ? json_int(own, "max") : most;
}

// --- lists ---

// A word that joins two values of a list, with blanks around it.
static size_t joint(const char *p)
{
	static const char *const joints[] = { " and ", " und ", " et ", " y ", " e ", " en ", " & ", " + " };

	if (*p == ';' || *p == '\n' || *p == ',' || *p == '|')
		return 1;
	for (size_t i = 0; i < LENGTH(joints); i++)
		if (text_starts_fold(p, joints[i]))
			return strlen(joints[i]);
	return 0;
}

// Where the next part of a list ends; `joined` with words as well, and at "/" too.  *skip is what to step over.
static const char *part_end(const char *p, bool joined, size_t *skip)
{
	for (; *p; p++) {
		*skip = joined && *p == '/' ? 1 : joined ? joint(p) : *p == ';' || *p == '\n' || *p == ',';
		if (*skip)
			return p;
	}
	*skip = 0;
	return p;
}

static int add_part(json_t *list, const json_t *own, bool choices, const char *name, const char *part, struct err *e)
{
	_free_ char *clean = clean_words(part + strspn(part, " \t-*"), false);
	const char *value = choices ? choice_of(own, clean) : clean;

	if (!*clean)
		return 0;
	if (!value)
		return choice_unknown(own, name, clean, e);
	if (json_array_size(list) == LIST_MAX)
		return err_set(e, EX_DATAERR, "the list has more than %d entries", LIST_MAX);
	if (!json_has_str(list, value))
		json_add_str(list, value);
	return 0;
}

static int read_list(const json_t *own, bool choices, const char *name, const char *words, json_t **value,
                     struct err *e)
{
	_json_ json_t *list = json_array();
	const char *whole = choices ? choice_exact(own, words) : NULL;
	size_t skip;

	if (whole)
		json_add_str(list, whole);
	for (const char *p = words, *end; !whole && *p; p = end + skip) {
		_free_ char *part = NULL;

		end = part_end(p, choices, &skip);
		part = text_copy_n(p, (size_t)(end - p));
		if (add_part(list, own, choices, name, part, e) < 0)
			return -1;
	}
	if (json_array_size(list) == 0)
		return err_set(e, EX_DATAERR, "nothing was given");
	*value = steal_ptr(list);
	return 0;
}

// --- any ---

static bool is_several(const char *name)
{
	const struct fact *fact = fact_find(name);

	return fact && fact->several;
}

int fact_value(const json_t *declared, const char *name, const char *words, int64_t now, json_t **value, struct err *e)
{
	const json_t *own = json_obj(declared, name);
	enum fact_kind kind = fact_kind(declared, name);
	_free_ char *clean = NULL;

	*value = NULL;
	if (strlen(words) > FACT_VALUE_MAX)
		return err_set(e, EX_DATAERR,
		               "it is longer than %d bytes; shorten it, and attach what is long as a file",
		               FACT_VALUE_MAX);
	clean = clean_words(words, is_several(name) || kind == FACT_LIST || kind == FACT_CHOICES);
	if (words_empty(clean))
		return err_set(e, EX_DATAERR, "nothing was given");
	switch (kind) {
	case FACT_TEXT:
	case FACT_PERSON:
		*value = json_string(clean);
		break;
	case FACT_LICENCE:
		*value = read_licence(clean);
		break;
	case FACT_NUMBER:
		return read_number(own, clean, most_of(own, name), value, e);
	case FACT_DATE:
		return read_date(name, clean, now, value, e);
	case FACT_MONEY:
		return read_money(clean, value, e);
	case FACT_DURATION:
		return read_duration(clean, value, e);
	case FACT_LIST:
		return read_list(own, false, name, clean, value, e);
	case FACT_CHOICES:
		return read_list(own, true, name, clean, value, e);
	case FACT_CHOICE:
		if (!choice_of(own, clean))
			return choice_unknown(own, name, clean, e);
		*value = json_string(choice_of(own, clean));
		break;
	}
	return *value ? 0 : err_set(e, EX_DATAERR, "that cannot be read");
}

static void add_value(struct buf *out, const json_t *value)
{
	json_t *item;
	size_t i;

	if (json_is_string(value))
		buf_puts(out, json_string_value(value));
	else if (json_is_integer(value))
		buf_printf(out, "%lld", (long long)json_integer_value(value));
	else if (json_is_object(value))
		buf_printf(out, "%s %s", json_str(value, "amount"), json_str(value, "currency"));
	json_array_foreach(value, i, item) {
		if (i)
			buf_puts(out, ", ");
		if (!json_is_array(item))
			add_value(out, item);
	}
}

char *fact_text(const json_t *value)
{
	struct buf out = BUF(1 << 20);

	add_value(&out, value);
	return buf_steal(&out);
}
