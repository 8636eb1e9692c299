// SPDX-License-Identifier: Apache-2.0
// Any bytes as YAML, as a configuration and as a people file: read, or refused with a sentence that can be shown.
#include <stdint.h>
#include <string.h>

#include "base/text.h"
#include "bot/config.h"
#include "bot/people.h"
#include "bot/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

// What goes wrong is told in text, with the file's name in front.
static void check_error(const struct err *e)
{
	if (!utf8_valid(e->text, strlen(e->text)) || !text_starts(e->text, "f:") || e->code != EX_CONFIG)
		panic("a complaint of code %d: %s", e->code, e->text);
}

// Every value has a place, and no value is of a kind that YAML text cannot give.
static void check_value(const struct yaml *y, const json_t *value)
{
	struct err e = { 0 };
	const char *key;
	json_t *member;
	size_t i;

	yaml_error(y, value, &e, "here");
	check_error(&e);
	if (!text_is_digit(e.text[2]))
		panic("a value without a place");
	json_object_foreach((json_t *)value, key, member) {
		if (!utf8_valid(key, strlen(key)))
			panic("a key that is not UTF-8");
		check_value(y, member);
	}
	json_array_foreach(value, i, member)
		check_value(y, member);
	if (!json_is_object(value) && !json_is_array(value) && !json_is_string(value))
		panic("a value that is not text");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct err e = { 0 };
	_config_ struct config config;
	_yaml_ struct yaml *y = yaml_read((const char *)data, size, "f", &e);

	if (y)
		check_value(y, yaml_json(y));
	else
		check_error(&e);
	if (config_read((const char *)data, size, "f", &config, &e) < 0)
		check_error(&e);
	else if (!config.name || !config.state || !config.token_key || (config.has_mail && !config.mail.imap.url))
		panic("a configuration with a hole");

	_people_ struct people *people = people_read((const char *)data, size, "f", &e);

	if (!people)
		check_error(&e);
	for (size_t i = 0; people && i < people_count(people); i++)
		if (people_find(people, people_at(people, i)->id) != people_at(people, i))
			panic("a person who cannot be found");
	return 0;
}
