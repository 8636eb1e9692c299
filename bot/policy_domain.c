// SPDX-License-Identifier: Apache-2.0
#include "bot/policy_domain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue_parts.h"
#include "bot/facts.h"
#include "bot/policy_words.h"

#define VALUES_MAX 96 // for one fact

// A licence of each built-in family.
static const char *const licences_tried[] = { "MIT",
	                                      "LGPL-2.1-or-later",
	                                      "GPL-3.0-only",
	                                      "AGPL-3.0-only",
	                                      "Elastic-2.0",
	                                      "CC-BY-NC-4.0",
	                                      "CC-BY-4.0",
	                                      "OFL-1.1",
	                                      "Unlicense",
	                                      "LicenseRef-Unheard-Of",
	                                      "GPL-2.0-only WITH Classpath-exception-2.0",
	                                      "MIT AND Apache-2.0",
	                                      "MIT AND GPL-3.0-only",
	                                      "MIT OR AGPL-3.0-only",
	                                      "(MIT" };

static void add(json_t *values, json_t *value)
{
	size_t i;
	json_t *old;

	json_array_foreach(values, i, old)
		if (json_equal(old, value)) {
			json_decref(value);
			return;
		}
	if (json_array_size(values) < VALUES_MAX)
		json_add(values, value);
	else
		json_decref(value);
}

// --- where conditions turn ------------------------------------------------------------------------------------------

// 17 -> 16, 17, 18 in the shape of the fact's kind.
static void add_numbers(enum fact_kind kind, const char *number, json_t *values)
{
	int64_t middle = strtoll(number, NULL, 10);

	for (int64_t n = middle > 0 ? middle - 1 : 0; n <= middle + 1; n++) {
		_free_ char *text = text_format("%lld", (long long)n), *days = text_format("%lldd", (long long)n);

		if (kind == FACT_MONEY)
			add(values, json_pack("{s:s,s:s}", "amount", text, "currency", "EUR"));
		else if (kind == FACT_DURATION)
			add(values, json_string(days));
		else
			add(values, json_integer(n));
	}
}

// The amounts so far in another currency: the one that is named, and one that is not.
static void add_currency(const char *code, json_t *values)
{
	const char *const codes[] = { code, strcmp(code, "USD") == 0 ? "JPY" : "USD" };
	size_t count = json_array_size(values);

	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < LENGTH(codes); k++) {
			json_t *value = json_array_get(values, i), *other;

			if (!json_is_object(value) || strlen(codes[k]) != 3)
				continue;
			other = json_copy(value);
			json_put_str(other, "currency", codes[k]);
			add(values, other);
		}
}

static void add_days(const char *day, json_t *values)
{
	int64_t at;

	if (clock_parse(day, &at) < 0)
		return;
	for (int i = -1; i <= 1; i++) {
		char text[CLOCK_TEXT];

		add(values, json_string(clock_format_date(at + i * (int64_t)CLOCK_DAY, text)));
	}
}

// The versions that a range names: those at which it may turn, and one beyond each.
static void add_versions(const char *range, json_t *values)
{
	for (const char *p = range; *p;) {
		size_t len = strspn(p, "0123456789.");
		_free_ char *version = text_copy_n(p, len);

		p += len ? len : 1;
		if (!text_is_digit(*version))
			continue;
		if (len && version[len - 1] == '.')
			version[len - 1] = '\0';
		_free_ char *within = text_format("%s.0.1", version);

		add(values, json_string(version));
		add(values, json_string(within));
	}
	add(values, json_string("0.0.1"));
	add(values, json_string("999"));
}

// What a text is compared with; a pattern's own letters.
static void add_text(enum fact_kind kind, const json_t *text, json_t *values)
{
	const char *word = json_str(text, "text"), *op = json_str(text, "op");
	bool like = strcmp(op, "like") == 0, glob = strcmp(op, "glob") == 0;
	_buf_ struct buf plain = BUF(8192);

	for (const char *p = word; *p; p++)
		if (!(like && *p == '%') && !(glob && strchr("*[]^", *p)))
			buf_putc(&plain, (like && *p == '_') || (glob && *p == '?') ? 'x' : *p);
	if (!plain.len)
		return;
	if (kind == FACT_LIST || kind == FACT_CHOICES)
		add(values, json_pack("[s]", buf_text(&plain)));
	else
		add(values, json_string(buf_text(&plain)));
}

// What one text of a condition says about the licence: a member of the family, a licence with the exception, itself.
static void add_licence(const struct catalogue *c, const json_t *text, json_t *values)
{
	const char *call = json_str(text, "call"), *word = json_str(text, "text");
	const json_t *family = json_arr(json_obj(c->root, "families"), word);

	for (size_t i = 0; *call && i < 2 && i < json_array_size(family); i++)
		add(values, json_incref(json_array_get(family, i)));
	for (size_t i = 0; *call && !family && i < LENGTH(licences_tried); i++)
		if (strcmp(licence_family(c->licences, licences_tried[i]), word) == 0)
			add(values, json_string(licences_tried[i]));
	if (strcmp(call, "exception") == 0)
		add(values, json_sprintf("GPL-2.0-only WITH %s", word));
	else if (!*call)
		add_text(FACT_LICENCE, text, values);
}

// All that one condition says about it, alone and two of them joined.
static void add_licences(const struct catalogue *c, const json_t *words, const char *name, json_t *values)
{
	_json_ json_t *own = json_array();
	json_t *text, *one, *other;
	size_t i, k;

	json_array_foreach(json_arr(words, "texts"), i, text)
		if (strcmp(json_str(text, "column"), name) == 0)
			add_licence(c, text, own);
	json_array_foreach(own, i, one) {
		add(values, json_incref(one));
		json_array_foreach(own, k, other)
			if (i < k && !strchr(json_string_value(one), ' ') && !strchr(json_string_value(other), ' '))
				add(values,
				    json_sprintf("%s AND %s", json_string_value(one), json_string_value(other)));
	}
}

// --- domains
// ----------------------------------------------------------------------------------------------------------

// What the words of one condition say about one fact.
static void add_from(const struct catalogue *c, const json_t *words, const char *name, json_t *values)
{
	enum fact_kind kind = fact_kind(c->facts, name);
	_free_ char *currency = text_format("%s_currency", name);
	json_t *item;
	size_t i;

	if (kind == FACT_LICENCE)
		add_licences(c, words, name, values);
	json_array_foreach(json_arr(words, "numbers"), i, item)
		if (strcmp(json_str(item, "column"), name) == 0 || json_has_str(json_arr(words, "names"), name))
			if (kind == FACT_NUMBER || kind == FACT_MONEY || kind == FACT_DURATION)
				add_numbers(kind, json_str(item, "number"), values);
	json_array_foreach(json_arr(words, "texts"), i, item) {
		const char *column = json_str(item, "column");

		if (strcmp(column, currency) == 0)
			add_currency(json_str(item, "text"), values);
		if (strcmp(column, name) != 0)
			continue;
		if (strcmp(json_str(item, "call"), "version_in") == 0)
			add_versions(json_str(item, "text"), values);
		else if (kind == FACT_DATE)
			add_days(json_str(item, "text"), values);
		else if (kind == FACT_TEXT || kind == FACT_LIST || kind == FACT_PERSON)
			add_text(kind, item, values);
	}
}

// What the fact's kind alone says.
static void add_own(const struct catalogue *c, const char *name, json_t *values)
{
	enum fact_kind kind = fact_kind(c->facts, name);
	const json_t *choices = json_arr(json_obj(c->facts, name), "values");
	json_t *value;
	size_t i;

	add(values, json_null());
	json_array_foreach(choices, i, value)
		add(values, kind == FACT_CHOICES ? json_pack("[O]", value) : json_incref(value));
	if (kind == FACT_CHOICES)
		add(values, json_deep_copy(choices));
	for (i = 0; kind == FACT_LICENCE && i < LENGTH(licences_tried); i++)
		add(values, json_string(licences_tried[i]));
	if (kind == FACT_NUMBER || kind == FACT_MONEY || kind == FACT_DURATION)
		add_numbers(kind, "0", values);
	if (kind == FACT_TEXT)
		add(values, json_string("x"));
	if (kind == FACT_PERSON)
		add(values, json_string("mail:somebody@example.com"));
	if (kind == FACT_DATE)
		add_days("2030-06-15", values);
}

// The words of every condition, thresholds that are numbers included: [policy_words()].
static json_t *all_words(const struct catalogue *c)
{
	static const char *const sections[] = { "types", "checks", "routes" };
	json_t *out = json_array(), *item, *value;
	const char *name;
	size_t i, k;

	for (size_t s = 0; s < LENGTH(sections); s++)
		json_array_foreach(json_arr(c->root, sections[s]), i, item) {
			json_add(out, policy_words(json_str(item, "when")));
			json_array_foreach(json_arr(item, "needs"), k, value)
				json_add(out, policy_words(json_str(value, "when")));
		}
	json_object_foreach(json_obj(c->root, "thresholds"), name, value)
		json_add(out, policy_words(json_string_value(value)));
	return out;
}

// A threshold that is a number stands for it in every condition that names it.
static void put_constants(const struct catalogue *c, json_t *words)
{
	const char *name;
	json_t *value;

	json_object_foreach(c->constants, name, value) {
		_free_ char *number = text_format("%.0f", json_number_value(value));

		if (json_has_str(json_arr(words, "names"), name))
			json_add(json_arr(words, "numbers"), json_pack("{s:s}", "number", number));
	}
}

json_t *policy_domains(const struct catalogue *c)
{
	_json_ json_t *words = all_words(c);
	json_t *domains = json_object(), *item;
	size_t i, k;

	json_array_foreach(words, i, item)
		put_constants(c, item);
	json_array_foreach(words, i, item)
		for (k = 0; k < json_array_size(json_arr(item, "names")); k++) {
			const char *name = json_string_value(json_array_get(json_arr(item, "names"), k));

			if (json_object_get(domains, name) || (!fact_find(name) && !json_object_get(c->facts, name)))
				continue;
			json_t *values = json_array(), *other;
			size_t w;

			add_own(c, name, values);
			json_array_foreach(words, w, other)
				add_from(c, other, name, values);
			json_put(domains, name, values);
		}
	return domains;
}

// --- what a condition depends on -------------------------------------------------------------------------------------

static void depend(const struct catalogue *c, const char *condition, json_t *seen, json_t *out)
{
	_json_ json_t *words = policy_words(condition);
	json_t *name;
	size_t i;

	json_array_foreach(json_arr(words, "names"), i, name) {
		const char *word = json_string_value(name);
		const char *threshold = json_str_or_null(json_obj(c->root, "thresholds"), word);
		size_t len = strlen(word);

		if (json_object_get(seen, word))
			continue;
		json_put_bool(seen, word, true);
		if (threshold)
			depend(c, threshold, seen, out);
		else if (json_has_str(c->currencies, word)) {
			_free_ char *money = text_copy_n(word, len - strlen("_currency"));

			if (!json_has_str(out, money))
				json_add_str(out, money);
		} else if ((fact_find(word) || json_object_get(c->facts, word)) && !json_has_str(out, word))
			json_add_str(out, word);
	}
}

json_t *policy_depends(const struct catalogue *c, const char *condition)
{
	_json_ json_t *seen = json_object();
	json_t *out = json_array();

	depend(c, condition, seen, out);
	return out;
}

// --- combinations
// -----------------------------------------------------------------------------------------------------

struct combinations combinations_of(const json_t *domains, const json_t *base, json_t *names, size_t limit)
{
	struct combinations k = { domains, base, names, limit, 1, 0, true, 88172645463325252ULL };
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		size_t size = json_array_size(json_arr(domains, json_string_value(name)));

		if (size && k.count <= limit)
			k.count *= size;
	}
	k.all = k.count <= limit;
	k.count = k.all ? k.count : limit;
	return k;
}

// Marsaglia's xorshift: the same combinations each time.
static uint64_t draw(struct combinations *k)
{
	k->seed ^= k->seed << 13;
	k->seed ^= k->seed >> 7;
	k->seed ^= k->seed << 17;
	return k->seed;
}

// One of the fact's values; at random, nothing as often as something, so that a few facts are seen alone.
static const json_t *pick(struct combinations *k, const json_t *values, size_t *left)
{
	size_t size = json_array_size(values), at;

	if (!size)
		return NULL;
	if (!k->all)
		return draw(k) % 2 ? json_array_get(values, draw(k) % size) : NULL;
	at = *left % size;
	*left /= size;
	return json_array_get(values, at);
}

json_t *combinations_next(struct combinations *k)
{
	json_t *facts, *name;
	size_t left = k->next, i;

	if (k->next++ == k->count)
		return NULL;
	facts = k->base ? json_copy((json_t *)k->base) : json_object();
	json_array_foreach(k->names, i, name) {
		const char *word = json_string_value(name);
		const json_t *value = pick(k, json_arr(k->domains, word), &left);

		json_object_del(facts, word);
		if (value && !json_is_null(value))
			json_put(facts, word, json_incref((json_t *)value));
	}
	return facts;
}

void combinations_free(struct combinations *k)
{
	json_decref(k->names);
	k->names = NULL;
}
