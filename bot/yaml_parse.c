// SPDX-License-Identifier: Apache-2.0
// From libfyaml's events to jansson.  Events rather than libfyaml's document: what is refused (an anchor, the 33rd
// level) is refused when it is met, before anything is built from it.
#include <libfyaml.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/yaml.h"
#include "bot/yaml_place.h"

#define VALUES_MAX 100000

// An object or array that is still open; `key` waits for its value.
struct level {
	json_t *container;
	char *key;
	struct mark key_at;
};

struct reader {
	struct yaml *y;
	struct level levels[YAML_DEPTH];
	size_t depth;
	size_t documents;
};

static int refuse_line(const struct yaml *y, uint32_t line, size_t column, struct err *e, const char *sentence)
{
	return yaml_error_at(y, (struct mark){ line, (uint32_t)column + 1 }, e, sentence);
}

static int check_line(const struct yaml *y, const char *line, size_t len, uint32_t number, struct err *e)
{
	size_t indent = strspn(line, " ");

	if (memchr(line, '\0', len))
		return refuse_line(y, number, 0, e, "a NUL byte is not allowed");
	if (!utf8_valid(line, len))
		return refuse_line(y, number, 0, e, "this line is not UTF-8");
	if (line[indent] == '\t')
		return refuse_line(y, number, indent, e, "a tab cannot indent; use spaces");
	if (len && line[len - 1] == '\r' && line[len] == '\n')
		len--;
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\r')
			return refuse_line(y, number, 0, e, "a carriage return alone does not end a line");
		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return refuse_line(y, number, 0, e, "a control character is not allowed");
	}
	return 0;
}

// What YAML would let pass or libfyaml would explain badly.
static int check_text(const struct yaml *y, struct err *e)
{
	const char *at = y->text, *end = y->text + y->len;
	uint32_t number = 1;

	if (y->len >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
		return refuse_line(y, 1, 0, e, "a byte-order mark is not allowed");
	for (; at < end; number++) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		if (check_line(y, at, (size_t)((stop ? stop : end) - at), number, e) < 0)
			return -1;
		at = stop ? stop + 1 : end;
	}
	return 0;
}

static struct mark mark_of(const struct fy_mark *m)
{
	if (!m)
		return (struct mark){ 0 };
	return (struct mark){ (uint32_t)m->line + 1, (uint32_t)m->column + 1 };
}

// libfyaml marks quoted text, anchors and aliases behind their first character.
static struct mark mark_before(const struct yaml *y, const struct fy_mark *m, const char *indicators)
{
	struct mark at = mark_of(m);

	if (m && m->column > 0 && m->input_pos > 0 && m->input_pos <= y->len &&
	    strchr(indicators, y->text[m->input_pos - 1]))
		at.column--;
	return at;
}

static struct level *top(struct reader *r)
{
	return r->depth ? &r->levels[r->depth - 1] : NULL;
}

// Puts a value (its reference is taken) where it belongs; it stays borrowed by the caller.
static int place_value(struct reader *r, json_t *value, struct mark at, bool plain, struct err *e)
{
	struct level *l = top(r);
	struct place place = { .value = value, .at = at, .plain = plain };

	if (!value)
		panic("out of memory");
	if (!l) {
		json_decref(r->y->root);
		r->y->root = value;
	} else if (json_is_array(l->container)) {
		json_add(l->container, value);
	} else if (!l->key) {
		json_decref(value);
		return yaml_error_at(r->y, at, e, "a key must be one word or text");
	} else {
		place.key = l->key_at;
		json_put(l->container, l->key, value);
		free(l->key);
		l->key = NULL;
	}
	places_add(&r->y->places, &place);
	if (r->y->places.count > VALUES_MAX)
		return yaml_error_at(r->y, at, e, "more than 100000 values");
	return 0;
}

static int take_key(struct reader *r, const char *text, size_t len, struct mark at, bool plain, struct err *e)
{
	struct level *l = top(r);
	_free_ char *key = text_copy_n(text, len);

	if (plain && strcmp(key, "<<") == 0)
		return yaml_error_at(r->y, at, e, "merge keys are not allowed");
	if (!*key)
		return yaml_error_at(r->y, at, e, "a key must not be empty");
	if (json_object_get(l->container, key)) {
		_free_ char *sentence = text_format("key '%.64s' stands here a second time", key);

		return yaml_error_at(r->y, at, e, sentence);
	}
	l->key = steal_ptr(key);
	l->key_at = at;
	return 0;
}

static bool has_control(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((unsigned char)text[i] < 0x20 && text[i] != '\n' && text[i] != '\t') || text[i] == 0x7f)
			return true;
	return false;
}

static int on_scalar(struct reader *r, struct fy_event *event, struct err *e)
{
	size_t len = 0;
	const char *text = event->scalar.value ? fy_token_get_text(event->scalar.value, &len) : "";
	bool plain = event->scalar.value && fy_token_scalar_style(event->scalar.value) == FYSS_PLAIN;
	struct mark at = mark_before(r->y, fy_event_start_mark(event), plain ? "" : "\"'");
	struct level *l = top(r);

	if (!at.line && l && l->key)
		at = l->key_at; // an empty value stands nowhere
	if (!text || !utf8_valid(text, len) || has_control(text, len))
		return yaml_error_at(r->y, at, e, "this text holds a character that is not allowed");
	if (l && json_is_object(l->container) && !l->key)
		return take_key(r, text, len, at, plain, e);
	return place_value(r, json_stringn(text, len), at, plain, e);
}

static int on_open(struct reader *r, json_t *container, struct mark at, struct err *e)
{
	if (r->depth == YAML_DEPTH) {
		json_decref(container);
		return yaml_error_at(r->y, at, e, "nested more than 32 levels deep");
	}
	if (place_value(r, container, at, false, e) < 0)
		return -1;
	r->levels[r->depth++] = (struct level){ .container = container };
	return 0;
}

static int on_document(struct reader *r, struct fy_event *event, struct mark at, struct err *e)
{
	struct fy_document_state *state = event->document_start.document_state;

	if (r->documents++)
		return yaml_error_at(r->y, at, e, "a second document in one file is not allowed");
	if (fy_document_state_version_explicit(state) || fy_document_state_tags_explicit(state))
		return yaml_error_at(r->y, at, e, "directives (%) are not allowed");
	return 0;
}

static int check_properties(struct reader *r, struct fy_token *anchor, struct fy_token *tag, struct err *e)
{
	if (anchor)
		return yaml_error_at(r->y, mark_before(r->y, fy_token_start_mark(anchor), "&"), e,
		                     "anchors and aliases are not allowed");
	if (tag)
		return yaml_error_at(r->y, mark_of(fy_token_start_mark(tag)), e, "tags are not allowed");
	return 0;
}

static int on_event(struct reader *r, struct fy_event *event, struct err *e)
{
	struct mark at = mark_of(fy_event_start_mark(event));

	switch (event->type) {
	case FYET_ALIAS:
		return yaml_error_at(r->y, mark_before(r->y, fy_event_start_mark(event), "*"), e,
		                     "anchors and aliases are not allowed");
	case FYET_DOCUMENT_START:
		return on_document(r, event, at, e);
	case FYET_SCALAR:
		if (check_properties(r, event->scalar.anchor, event->scalar.tag, e) < 0)
			return -1;
		return on_scalar(r, event, e);
	case FYET_SEQUENCE_START:
		if (check_properties(r, event->sequence_start.anchor, event->sequence_start.tag, e) < 0)
			return -1;
		return on_open(r, json_array(), at, e);
	case FYET_MAPPING_START:
		if (check_properties(r, event->mapping_start.anchor, event->mapping_start.tag, e) < 0)
			return -1;
		return on_open(r, json_object(), at, e);
	case FYET_SEQUENCE_END:
	case FYET_MAPPING_END:
		r->depth--;
		return 0;
	case FYET_NONE:
	case FYET_STREAM_START:
	case FYET_STREAM_END:
	case FYET_DOCUMENT_END:
		return 0;
	}
	return 0;
}

static int syntax_error(struct reader *r, struct fy_diag *diag, struct err *e)
{
	void *iterator = NULL;
	const struct fy_diag_error *error = fy_diag_errors_iterate(diag, &iterator);
	struct mark at = { 0 };

	if (!error || !error->msg)
		return yaml_error_at(r->y, at, e, "not YAML");
	if (error->line > 0 && error->column > 0)
		at = (struct mark){ (uint32_t)error->line, (uint32_t)error->column };
	_free_ char *sentence = text_format("not YAML: %.200s", error->msg);

	return yaml_error_at(r->y, at, e, sentence);
}

static int read_events(struct reader *r, struct fy_parser *parser, struct fy_diag *diag, struct err *e)
{
	for (;;) {
		struct fy_event *event = fy_parser_parse(parser);
		int result;

		if (!event)
			return fy_parser_get_stream_error(parser) ? syntax_error(r, diag, e) : 0;
		result = on_event(r, event, e);
		fy_parser_event_free(parser, event);
		if (result < 0)
			return -1;
	}
}

int yaml_parse(struct yaml *y, struct err *e)
{
	struct fy_diag_cfg diag_cfg;
	struct reader r = { .y = y };
	int result = -1;

	if (check_text(y, e) < 0)
		return -1;
	fy_diag_cfg_default(&diag_cfg);
	diag_cfg.fp = NULL;
	struct fy_diag *diag = fy_diag_create(&diag_cfg);

	if (!diag)
		panic("out of memory");
	fy_diag_set_collect_errors(diag, true);
	struct fy_parse_cfg cfg = { .flags = FYPCF_JSON_NONE | FYPCF_DEFAULT_VERSION_1_2, .diag = diag };
	struct fy_parser *parser = fy_parser_create(&cfg);

	if (!parser)
		panic("out of memory");
	if (fy_parser_set_string(parser, y->text, y->len) == 0)
		result = read_events(&r, parser, diag, e);
	else
		err_set(e, EX_OSERR, "%.255s: the YAML reader does not start", y->file);
	for (size_t i = 0; i < YAML_DEPTH; i++)
		free(r.levels[i].key);
	fy_parser_destroy(parser);
	fy_diag_destroy(diag);
	if (result == 0 && !y->root)
		return yaml_error_at(y, (struct mark){ 1, 1 }, e, "the file is empty");
	return result;
}
