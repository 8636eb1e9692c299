// SPDX-License-Identifier: Apache-2.0
#include "bot/import_map.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/text.h"
#include "bot/dates.h"
#include "bot/fact_fold.h"
#include "bot/yaml_check.h"

struct import_map {
	struct yaml *yaml;
	const json_t *root;
	struct import_format format;
};

static const struct yaml_key source_keys[] = {
	{ .name = "column", .kind = YAML_TEXT, .max = 200 },
	{ .name = "value", .kind = YAML_TEXT },
	{ .name = "also", .kind = YAML_TEXT_LISTS },
	{ .name = "dates", .kind = YAML_TEXTS, .min = 1, .max = 16 },
	{ .name = NULL },
};
static const struct yaml_key map_keys[] = {
	{ .name = "register", .kind = YAML_TEXT, .required = true, .max = 64 },
	{ .name = "format", .kind = YAML_TEXT, .required = true },
	{ .name = "encoding", .kind = YAML_TEXT },
	{ .name = "delimiter", .kind = YAML_TEXT },
	{ .name = "quote", .kind = YAML_TEXT },
	{ .name = "dates", .kind = YAML_TEXTS, .min = 1, .max = 16 },
	{ .name = "id", .kind = YAML_MAP, .required = true, .sub = source_keys },
	{ .name = "outcome", .kind = YAML_MAP, .required = true, .sub = source_keys },
	{ .name = "opened", .kind = YAML_MAP, .sub = source_keys },
	{ .name = "decided", .kind = YAML_MAP, .required = true, .sub = source_keys },
	{ .name = "until", .kind = YAML_MAP, .sub = source_keys },
	{ .name = "requester", .kind = YAML_MAP, .sub = source_keys },
	{ .name = "decider", .kind = YAML_MAP, .sub = source_keys },
	{ .name = "text", .kind = YAML_MAP, .sub = source_keys },
	{ .name = "facts", .kind = YAML_MAPS, .required = true, .min = 1, .max = 100, .sub = source_keys },
	{ .name = NULL },
};

static const char *const members[] = { "id",        "outcome", "opened", "decided", "until",
	                               "requester", "decider", "text",   NULL };
static const char *const days[] = { "opened", "decided", "until", NULL };
static const char *const outcomes[] = { "approved", "rejected", "expired", "skip", NULL };

static bool is_one_of(const char *word, const char *const *words)
{
	for (; *words; words++)
		if (strcmp(word, *words) == 0)
			return true;
	return false;
}

// --- reading the mapping ---

static int take_word(struct import_map *m, const char *key, const char *yes, const char *no, bool *out, struct err *e)
{
	const json_t *value = json_object_get(m->root, key);
	const char *word = value ? json_string_value(value) : no;

	*out = strcmp(word, yes) == 0;
	if (!*out && strcmp(word, no) != 0)
		return yaml_error(m->yaml, value, e, "'%s' must be %s or %s", key, no, yes);
	return 0;
}

static int take_character(struct import_map *m, const char *key, char fallback, char *out, struct err *e)
{
	const json_t *value = json_object_get(m->root, key);
	const char *text = json_string_value(value);

	*out = fallback;
	if (!value)
		return 0;
	if (m->format.json)
		return yaml_error_key(m->yaml, m->root, key, e, "'%s' is for CSV", key);
	*out = strcmp(text, "tab") == 0 ? '\t' : text[0];
	if (strcmp(text, "tab") != 0 && (text[1] || *out < ' ' || *out > '~' || *out == ' '))
		return yaml_error(m->yaml, value, e, "'%s' must be one printable character, or tab", key);
	return 0;
}

static int take_format(struct import_map *m, struct err *e)
{
	struct import_format *f = &m->format;

	if (take_word(m, "format", "json", "csv", &f->json, e) < 0 ||
	    take_word(m, "encoding", "latin-1", "utf-8", &f->latin1, e) < 0 ||
	    take_character(m, "delimiter", ',', &f->delimiter, e) < 0 ||
	    take_character(m, "quote", '"', &f->quote, e) < 0)
		return -1;
	if (f->delimiter == f->quote)
		return yaml_error(m->yaml, m->root, e, "'delimiter' and 'quote' must differ");
	if (f->json && f->latin1)
		return yaml_error_key(m->yaml, m->root, "encoding", e, "JSON is UTF-8 (RFC 8259)");
	return 0;
}

// Does a format of strptime(3) name day, month and year?
static bool names_a_day(const char *format)
{
	bool day = false, month = false, year = false;

	for (const char *p = strchr(format, '%'); p && p[1]; p = strchr(p + 2, '%')) {
		bool all = strchr("FD", p[1]);

		day = day || all || strchr("de", p[1]);
		month = month || all || strchr("mbBh", p[1]);
		year = year || all || strchr("Yy", p[1]);
	}
	return day && month && year;
}

static int check_formats(struct import_map *m, const json_t *formats, struct err *e)
{
	json_t *format;
	size_t i;

	json_array_foreach(formats, i, format)
		if (!names_a_day(json_string_value(format)))
			return yaml_error(m->yaml, format, e,
			                  "this names no day; a format is like %%d.%%m.%%Y, see strptime(3)");
	return 0;
}

static int check_source(struct import_map *m, const json_t *source, struct err *e)
{
	if (!json_object_get(source, "column") == !json_object_get(source, "value"))
		return yaml_error(m->yaml, source, e,
		                  "it needs either a 'column' or a 'value' that is the same for all");
	return check_formats(m, json_arr(source, "dates"), e);
}

static int check_outcomes(struct import_map *m, struct err *e)
{
	const json_t *source = json_obj(m->root, "outcome"), *also = json_obj(source, "also");
	const json_t *value = json_object_get(source, "value");
	const char *name;
	json_t *words;

	if (value && !is_one_of(json_string_value(value), outcomes))
		return yaml_error(m->yaml, value, e, "an outcome is approved, rejected, expired or skip");
	json_object_foreach((json_t *)also, name, words)
		if (!is_one_of(name, outcomes))
			return yaml_error_key(m->yaml, also, name, e,
			                      "an outcome is approved, rejected, expired or skip");
	return 0;
}

static int check_sources(struct import_map *m, struct err *e)
{
	const json_t *facts = json_obj(m->root, "facts");
	const char *name;
	json_t *source;

	for (size_t i = 0; members[i]; i++)
		if (json_obj(m->root, members[i]) && check_source(m, json_obj(m->root, members[i]), e) < 0)
			return -1;
	json_object_foreach((json_t *)facts, name, source)
		if (check_source(m, source, e) < 0)
			return -1;
	if (json_object_get(facts, "expires"))
		return yaml_error_key(m->yaml, facts, "expires", e,
		                      "until when something was granted is 'until', beside 'decided'");
	if (json_object_get(json_obj(m->root, "id"), "value"))
		return yaml_error(m->yaml, json_obj(m->root, "id"), e,
		                  "an id must differ from row to row: name its 'column'");
	return check_outcomes(m, e);
}

struct import_map *import_map_load(const char *path, struct err *e)
{
	_import_map_ struct import_map *m = calloc(1, sizeof *m);

	if (!m)
		panic("out of memory");
	m->yaml = yaml_load(path, e);
	if (!m->yaml || yaml_check(m->yaml, yaml_json(m->yaml), map_keys, e) < 0)
		return NULL;
	m->root = yaml_json(m->yaml);
	if (take_format(m, e) < 0 || check_formats(m, json_arr(m->root, "dates"), e) < 0 || check_sources(m, e) < 0)
		return NULL;
	return steal_ptr(m);
}

void import_map_free(struct import_map **mp)
{
	if (!*mp)
		return;
	yaml_free(&(*mp)->yaml);
	free(*mp);
	*mp = NULL;
}

const struct import_format *import_map_format(const struct import_map *map)
{
	return &map->format;
}

const char *import_map_register(const struct import_map *map)
{
	return json_str(map->root, "register");
}

// --- columns ---

static const json_t *source_of(const struct import_map *map, const char *name)
{
	return text_starts(name, "facts.") ? json_obj(json_obj(map->root, "facts"), name + strlen("facts."))
	                                   : json_obj(map->root, name);
}

const char *import_map_column(const struct import_map *map, const char *name)
{
	return json_str_or_null(source_of(map, name), "column");
}

static int find_column(const struct import_map *map, const json_t *source, const json_t *columns, struct err *e)
{
	const json_t *column = json_object_get(source, "column");
	_free_ const char **names = NULL;
	const char *near;
	json_t *name;
	size_t i;

	if (!column || json_has_str(columns, json_string_value(column)))
		return 0;
	names = calloc(json_array_size(columns) + 1, sizeof *names);
	if (!names)
		panic("out of memory");
	json_array_foreach(columns, i, name)
		names[i] = json_string_value(name);
	near = text_nearest(json_string_value(column), names);
	return yaml_error(map->yaml, column, e, "the register has no column '%.80s'%s%.80s%s",
	                  json_string_value(column), near ? " - did you mean '" : "", near ? near : "",
	                  near ? "'?" : "");
}

int import_map_columns(const struct import_map *map, const json_t *columns, struct err *e)
{
	const char *name;
	json_t *source;

	for (size_t i = 0; members[i]; i++)
		if (find_column(map, json_obj(map->root, members[i]), columns, e) < 0)
			return -1;
	json_object_foreach(json_obj(map->root, "facts"), name, source)
		if (find_column(map, source, columns, e) < 0)
			return -1;
	return 0;
}

// --- rows ---

static void add_problem(json_t *problems, const char *name, const char *value, const char *why)
{
	json_t *problem = json_object();

	json_put_str(problem, "name", name);
	json_put_str(problem, "value", value);
	json_put_str(problem, "why", why);
	json_add(problems, problem);
}

// The words that stand for a value, as in a catalogue: {value: [other words]}.
static const char *translate(const json_t *source, const char *text)
{
	const char *value;
	json_t *words, *word;
	size_t i;

	json_object_foreach(json_obj(source, "also"), value, words) {
		json_array_foreach(words, i, word)
			if (fold_same(json_string_value(word), text))
				return value;
	}
	return text;
}

static bool day_by_format(const char *text, const char *format, char out[DATE_TEXT])
{
	struct tm day = { 0 };
	const char *end = strptime(text, format, &day);
	int64_t ms;

	// strptime() takes the 30th of February, and the year 24.
	return end && *end == '\0' && day.tm_year + 1900 >= 1970 && day.tm_year + 1900 < 2200 &&
	       strftime(out, DATE_TEXT, "%Y-%m-%d", &day) == DATE_TEXT - 1 && clock_parse(out, &ms) == 0;
}

static int read_day(const struct import_map *map, const json_t *source, const char *text, char out[DATE_TEXT],
                    struct err *e)
{
	const json_t *formats = json_arr(json_arr(source, "dates") ? source : map->root, "dates");
	char buffer[CLOCK_TEXT], other[DATE_TEXT];
	json_t *format;
	int64_t ms;
	size_t i;

	json_array_foreach(formats, i, format)
		if (day_by_format(text, json_string_value(format), out))
			return 0;
	if (formats)
		return err_set(e, EX_DATAERR, "it is no day in the form %s",
		               json_string_value(json_array_get(formats, 0)));
	if (clock_parse(text, &ms) == 0) { // with a time of day too
		memcpy(out, clock_format_date(ms, buffer), DATE_TEXT);
		return 0;
	}
	if (date_read(text, 0, out, e) < 0 || date_read(text, (int64_t)CLOCK_DAY * 400, other, e) < 0)
		return -1;
	return strcmp(out, other) == 0 ? 0 : err_set(e, EX_DATAERR, "that is another day each time it is read");
}

// What the record says for a source, translated; NULL when it says nothing.  The caller frees.
static char *words_of(const json_t *source, const json_t *record)
{
	const char *column = json_str_or_null(source, "column");
	_free_ char *copy = text_copy(column ? json_str(record, column) : json_str(source, "value"));
	const char *trimmed = text_trim(copy);

	return *trimmed ? text_copy(translate(source, trimmed)) : NULL;
}

static void take(const struct import_map *map, const json_t *record, const char *name, const char *key, bool is_day,
                 json_t *into, json_t *problems)
{
	const json_t *source = source_of(map, name);
	_free_ char *words = source ? words_of(source, record) : NULL;
	char day[DATE_TEXT];
	struct err why = { 0 };

	if (!words)
		return;
	if (is_day && read_day(map, source, words, day, &why) < 0)
		add_problem(problems, name, words, why.text);
	else
		json_put_str(into, key, is_day ? day : words);
}

static void check_row(const json_t *row, json_t *problems)
{
	const char *outcome = json_str_or_null(row, "outcome");

	if (!json_str_or_null(row, "id"))
		add_problem(problems, "id", "", "every row needs its id");
	if (!outcome)
		add_problem(problems, "outcome", "", "it does not say what was decided");
	else if (!is_one_of(outcome, outcomes))
		add_problem(
		        problems, "outcome", outcome,
		        "it is none of approved, rejected, expired and skip; the mapping may translate it ('also')");
}

json_t *import_map_row(const struct import_map *map, const json_t *record, json_t *problems)
{
	json_t *row = json_object(), *facts = json_object(), *source;
	const char *name;

	json_put(row, "facts", facts);
	for (size_t i = 0; members[i]; i++)
		take(map, record, members[i], members[i], is_one_of(members[i], days), row, problems);
	json_object_foreach(json_obj(map->root, "facts"), name, source) {
		_free_ char *full = text_format("facts.%s", name);

		take(map, record, full, name, json_arr(source, "dates") != NULL, facts, problems);
	}
	check_row(row, problems);
	return row;
}
