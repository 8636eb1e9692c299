// SPDX-License-Identifier: Apache-2.0
#include "bot/obligation.h"

#include <string.h>

#include "base/json.h"
#include "bot/expression.h"
#include "bot/licence_parts.h"
#include "bot/obligation_parts.h"

// The licences chosen so far, a stack, and how each of them is to be looked at.
struct choice {
	const struct licences *l;
	uint32_t channels;
	const struct expression_term *terms[EXPRESSION_TERMS];
	uint64_t asks[EXPRESSION_TERMS]; // what each of them asks for
	size_t count;
};

static bool is_among(const json_t *patterns, const char *id)
{
	json_t *pattern;
	size_t i;

	json_array_foreach(patterns, i, pattern) {
		const char *text = json_string_value(pattern);
		size_t len = json_string_length(pattern);

		if (text[len - 1] == '*' ? strncmp(id, text, len - 1) == 0 : strcmp(id, text) == 0)
			return true;
	}
	return false;
}

// The obligations of one licence, as bits.
static uint64_t asked_by(const struct licences *l, const char *id, const char *family, uint32_t channels)
{
	const struct obligation_table *t = l->obligations;
	uint32_t bit = 1;
	uint64_t asks = 0;

	for (size_t i = 0; strcmp(licence_families[i], family) != 0; i++)
		bit <<= 1;
	for (size_t i = 0; i < t->count; i++) {
		const struct obligation *o = &t->list[i];

		if ((o->channels & channels) && ((o->families & bit) || is_among(json_arr(o->entry, "licences"), id)) &&
		    !is_among(json_arr(o->entry, "except"), id))
			asks |= UINT64_C(1) << i;
	}
	return asks;
}

static int64_t weight_of(const struct choice *c, uint64_t asks)
{
	int64_t weight = 0;

	for (size_t i = 0; i < c->l->obligations->count; i++)
		if (asks >> i & 1)
			weight += c->l->obligations->list[i].weight;
	return weight;
}

static uint64_t choose(struct choice *c, const struct expression *x);

static uint64_t choose_one(struct choice *c, const struct expression *x)
{
	size_t base = c->count, kept = 0;
	uint64_t best = 0;

	for (x = expression_child(x); x; x = expression_sibling(x)) {
		size_t begin = c->count, added;
		uint64_t asks = choose(c, x);

		added = c->count - begin;
		if (kept == 0 || weight_of(c, asks) < weight_of(c, best)) {
			memmove(c->terms + base, c->terms + begin, added * sizeof c->terms[0]);
			memmove(c->asks + base, c->asks + begin, added * sizeof c->asks[0]);
			kept = added;
			best = asks;
		}
		c->count = base + kept;
	}
	return best;
}

// Puts the licences of the way that asks for least onto the stack; what they ask for.
static uint64_t choose(struct choice *c, const struct expression *x)
{
	const struct expression_term *term = expression_term(x);
	uint64_t asks = 0;

	if (term) {
		const char *family = licence_family_of(c->l, term->licence, term->exception);

		c->terms[c->count] = term;
		c->asks[c->count++] = asked_by(c->l, term->licence, family, c->channels);
		return c->asks[c->count - 1];
	}
	if (expression_kind(x) == EXPRESSION_OR)
		return choose_one(c, x);
	for (x = expression_child(x); x; x = expression_sibling(x))
		asks |= choose(c, x);
	return asks;
}

// --- what comes back ---

static json_t *told(const json_t *entry, json_t *licenses)
{
	json_t *out = json_object();

	json_put_str(out, "id", json_str(entry, "id"));
	json_put_str(out, "title", json_str(entry, "title"));
	json_put_str(out, "says", json_str(entry, "says"));
	json_put(out, "licenses", licenses);
	return out;
}

static json_t *licenses_of(const struct choice *c, size_t nth)
{
	json_t *out = json_array();

	for (size_t i = 0; i < c->count; i++)
		if ((c->asks[i] >> nth & 1) && !json_has_str(out, c->terms[i]->text))
			json_add_str(out, c->terms[i]->text);
	return out;
}

json_t *obligations(const struct licences *l, const char *expression, const char *channel)
{
	const struct obligation_table *t = l->obligations;
	struct expression_term unread = { .text = expression, .licence = "" };
	_expression_ struct expression *x = expression_parse(l, expression, NULL);
	struct choice c = { .l = l, .count = 0 };
	json_t *out = json_array();
	uint32_t known = channel ? obligation_channel(t->file, channel) : 0;
	uint64_t asks;

	c.channels = known ? known : UINT32_MAX;
	if (x) {
		asks = choose(&c, x);
	} else {
		asks = asked_by(l, "", LICENCE_UNKNOWN, c.channels);
		c.terms[0] = &unread;
		c.asks[0] = asks;
		c.count = 1;
	}
	if (!known && asks)
		json_add(out, told(json_obj(t->file, "unknown_channel"), json_array()));
	for (size_t i = 0; i < t->count; i++)
		if (asks >> i & 1)
			json_add(out, told(t->list[i].entry, licenses_of(&c, i)));
	return out;
}
