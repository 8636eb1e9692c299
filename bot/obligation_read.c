// SPDX-License-Identifier: Apache-2.0
// Reading obligations.json.
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "bot/licence_parts.h"
#include "bot/obligation_parts.h"

#define WEIGHT_MAX 1000

static const struct json_key entry_keys[] = {
	{ "id", 'S', 40 },       { "title", 'S', 80 },   { "says", 'S', 500 }, { "weight", 'I', WEIGHT_MAX },
	{ "families", 'a', 16 }, { "licences", 'a', 0 }, { "except", 'a', 0 }, { "channels", 'A', CHANNELS_MAX },
	{ NULL, 0, 0 },
};
static const struct json_key unknown_keys[] = {
	{ "id", 'S', 40 },
	{ "title", 'S', 80 },
	{ "says", 'S', 500 },
	{ NULL, 0, 0 },
};
static const struct json_key file_keys[] = {
	{ "channels", 'A', CHANNELS_MAX },
	{ "unknown_channel", 'O', 0 },
	{ "obligations", 'A', OBLIGATIONS_MAX },
	{ NULL, 0, 0 },
};

uint32_t obligation_channel(const json_t *file, const char *name)
{
	json_t *channel;
	size_t i;

	json_array_foreach(json_arr(file, "channels"), i, channel)
		if (json_is_string(channel) && strcmp(json_string_value(channel), name) == 0)
			return 1u << i;
	return 0;
}

static uint32_t family_bit(const json_t *unused, const char *name)
{
	(void)unused;
	for (size_t i = 0; licence_families[i]; i++)
		if (strcmp(licence_families[i], name) == 0)
			return 1u << i;
	return 0;
}

static int take_bits(const json_t *names, uint32_t (*bit_of)(const json_t *, const char *), const json_t *file,
                     uint32_t *out, struct err *e)
{
	json_t *name;
	size_t i;

	json_array_foreach(names, i, name) {
		uint32_t bit = json_is_string(name) ? bit_of(file, json_string_value(name)) : 0;

		if (!bit)
			return err_set(e, EX_CONFIG, "there is no '%.40s'",
			               json_is_string(name) ? json_string_value(name) : "");
		*out |= bit;
	}
	return 0;
}

static int check_texts(const json_t *texts, struct err *e)
{
	json_t *text;
	size_t i;

	json_array_foreach(texts, i, text)
		if (!json_is_string(text) || json_string_length(text) == 0)
			return err_set(e, EX_CONFIG, "a licence or channel is a text");
	return 0;
}

static int take_entry(struct obligation_table *t, json_t *entry, struct err *e)
{
	struct obligation *o = &t->list[t->count];

	if (json_check(entry, entry_keys, json_str(entry, "id"), e) < 0)
		return -1;
	*o = (struct obligation){ .entry = entry, .weight = json_int(entry, "weight") };
	if (take_bits(json_arr(entry, "families"), family_bit, NULL, &o->families, e) < 0 ||
	    take_bits(json_arr(entry, "channels"), obligation_channel, t->file, &o->channels, e) < 0 ||
	    check_texts(json_arr(entry, "licences"), e) < 0 || check_texts(json_arr(entry, "except"), e) < 0)
		return err_prefix(e, "%s", json_str(entry, "id"));
	t->count++;
	return 0;
}

static int take_file(struct obligation_table *t, struct err *e)
{
	json_t *entry;
	size_t i;

	if (json_check(t->file, file_keys, "the file", e) < 0 ||
	    json_check(json_obj(t->file, "unknown_channel"), unknown_keys, "unknown_channel", e) < 0 ||
	    check_texts(json_arr(t->file, "channels"), e) < 0)
		return -1;
	json_array_foreach(json_arr(t->file, "obligations"), i, entry)
		if (take_entry(t, entry, e) < 0)
			return -1;
	return 0;
}

struct obligation_table *obligations_load(const char *templates, struct err *e)
{
	struct obligation_table *t = calloc(1, sizeof *t);

	if (!t)
		panic("out of memory");
	t->file = licences_file(templates, "obligations.json", e);
	if (t->file && take_file(t, e) == 0)
		return t;
	if (t->file)
		err_prefix(e, "%s/licences/obligations.json", templates);
	obligations_free(&t);
	return NULL;
}

void obligations_free(struct obligation_table **table)
{
	if (*table)
		json_decref((*table)->file);
	free(*table);
	*table = NULL;
}
