// SPDX-License-Identifier: Apache-2.0
#include "bot/blocks.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/blocks_limits.h"
#include "bot/render_parts.h"

#define INCLUDE_DEPTH 8
#define PIECE_MAX (16U << 20) // bytes of one rendered string
#define NOTIFICATION_MAX 1000
#define CASE_ID_MAX 64
#define CUT_ID "cut" // block_id of what says that something was cut
#define ELLIPSIS "\xe2\x80\xa6"

// Where a string stands.
enum place {
	PLACE_MARKUP, // text of a mrkdwn object
	PLACE_LABEL,  // text of a plain_text object, or of a notification: one line
	PLACE_EXACT,  // anything that is no text for people
};

struct page {
	struct templates *templates;
	const char *path; // of the file at hand
	size_t depth;     // includes within includes
	struct err *e;
};

// --- strings ---

static int render_string(const struct page *p, const char *piece, const json_t *model, enum place place,
                         struct buf *out)
{
	_buf_ struct buf line = BUF(PIECE_MAX);

	if (place == PLACE_MARKUP)
		return render_piece(p->templates, p->path, piece, model, ESCAPE_MRKDWN, out, p->e);
	if (render_piece(p->templates, p->path, piece, model, ESCAPE_HEADER, &line, p->e) < 0)
		return -1;
	if (place == PLACE_EXACT)
		return buf_add(out, buf_text(&line), line.len);
	return escape_text(out, ESCAPE_MRKDWN, buf_text(&line), line.len);
}

static json_t *expand_string(const struct page *p, const char *piece, const json_t *model, enum place place)
{
	_buf_ struct buf out = BUF(PIECE_MAX);

	if (render_string(p, piece, model, place, &out) < 0)
		return NULL;
	return json_stringn(buf_text(&out), out.len);
}

// A condition is what may stand in a Mustache section: "reminder", "^reminder", "verdict=approved", "^votes=".
static char *condition_piece(const char *condition)
{
	bool inverted = *condition == '^';
	const char *name = condition + inverted;

	return text_format("{{%c%s}}x{{/%s}}", inverted ? '^' : '#', name, name);
}

// 1, 0, -1
static int holds(const struct page *p, const char *condition, const json_t *model)
{
	_free_ char *piece = condition_piece(condition);
	_buf_ struct buf out = BUF(PIECE_MAX);

	if (render_piece(p->templates, p->path, piece, model, ESCAPE_HEADER, &out, p->e) < 0)
		return -1;
	return out.len > 0;
}

// --- directives ---

static int expand_list(struct page *p, const json_t *list, const json_t *model, enum place place, json_t *out);

static const json_t *look_up(const json_t *model, const char *path)
{
	const json_t *value = model;

	while (value && *path) {
		size_t len = strcspn(path, ".");

		value = json_object_getn(value, path, len);
		path += len + (path[len] == '.');
	}
	return value;
}

// What a member of a list is rendered with: its own keys before all others.
static json_t *scope_of(const json_t *model, const json_t *member)
{
	json_t *scope = json_copy((json_t *)model);

	if (!scope || (json_is_object(member) && json_object_update(scope, (json_t *)member) < 0))
		panic("out of memory");
	return scope;
}

static int expand_members(struct page *p, const json_t *directive, const json_t *list, const json_t *model,
                          enum place place, json_t *out)
{
	size_t size = json_array_size(list), most = (size_t)json_int(directive, "most");
	_json_ json_t *rest = json_object(), *scope = NULL;

	if (!most || most > size)
		most = size;
	for (size_t i = 0; i < most; i++) {
		_json_ json_t *inner = scope_of(model, json_array_get(list, i));

		if (expand_list(p, json_arr(directive, "do"), inner, place, out) < 0)
			return -1;
	}
	if (most == size)
		return 0;
	json_put_int(rest, "more", (int64_t)(size - most));
	scope = scope_of(model, rest);
	return expand_list(p, json_arr(directive, "more"), scope, place, out);
}

static int expand_each(struct page *p, const json_t *directive, const json_t *model, enum place place, json_t *out)
{
	const json_t *value = look_up(model, json_str(directive, "each"));
	_json_ json_t *inner = NULL;

	if (json_is_array(value))
		return expand_members(p, directive, value, model, place, out);
	if (!json_is_object(value))
		return 0;
	inner = scope_of(model, value);
	return expand_list(p, json_arr(directive, "do"), inner, place, out);
}

static int expand_if(struct page *p, const json_t *directive, const json_t *model, enum place place, json_t *out)
{
	int yes = holds(p, json_str(directive, "if"), model);

	return yes < 0 ? -1 : expand_list(p, json_arr(directive, yes ? "then" : "else"), model, place, out);
}

static char *path_of(const char *name)
{
	return text_format("slack/%s.json", name);
}

static int expand_include(struct page *p, const json_t *directive, const json_t *model, enum place place, json_t *out)
{
	_free_ char *path = path_of(json_str(directive, "include"));
	const json_t *list = template_json(p->templates, path, p->e);
	struct page inner = { p->templates, path, p->depth + 1, p->e };

	if (!list)
		return -1;
	if (inner.depth > INCLUDE_DEPTH)
		return err_set(p->e, EX_CONFIG, "%s: files include each other too deeply", path);
	return expand_list(&inner, list, model, place, out);
}

// --- values ---

static json_t *expand(struct page *p, const json_t *value, const json_t *model, enum place place);

static enum place place_of(const json_t *object, const char *key)
{
	const char *type = json_str(object, "type");

	if (strcmp(key, "text") != 0)
		return PLACE_EXACT;
	if (strcmp(type, "mrkdwn") == 0)
		return PLACE_MARKUP;
	return strcmp(type, "plain_text") == 0 || !*type ? PLACE_LABEL : PLACE_EXACT;
}

static json_t *expand_object(struct page *p, const json_t *object, const json_t *model)
{
	_json_ json_t *out = json_object();
	const char *key;
	json_t *member;

	json_object_foreach((json_t *)object, key, member) {
		json_t *value = expand(p, member, model, place_of(object, key));

		if (!value)
			return NULL;
		json_put(out, key, value);
	}
	return steal_ptr(out);
}

static json_t *expand(struct page *p, const json_t *value, const json_t *model, enum place place)
{
	json_t *list;

	if (json_is_string(value))
		return expand_string(p, json_string_value(value), model, place);
	if (json_is_object(value))
		return expand_object(p, value, model);
	if (!json_is_array(value))
		return json_incref((json_t *)value);
	list = json_array();
	if (expand_list(p, value, model, place, list) == 0)
		return list;
	json_decref(list);
	return NULL;
}

static int expand_list(struct page *p, const json_t *list, const json_t *model, enum place place, json_t *out)
{
	const json_t *member;
	json_t *value;
	int result = 0;
	size_t i;

	json_array_foreach((json_t *)list, i, member) {
		if (json_object_get(member, "if"))
			result = expand_if(p, member, model, place, out);
		else if (json_object_get(member, "each"))
			result = expand_each(p, member, model, place, out);
		else if (json_object_get(member, "include"))
			result = expand_include(p, member, model, place, out);
		else if ((value = expand(p, member, model, place)))
			json_add(out, value);
		else
			result = -1;
		if (result < 0)
			return -1;
	}
	return 0;
}

// --- pages ---

// The longest value of a model that is shown: less and less, until everything fits.
static const size_t values[] = { 1200, 400, 160, 64 };

static void put_notification(json_t *page)
{
	bool cut = false;
	_free_ char *text = slack_cut(json_str(page, "text"), NOTIFICATION_MAX, &cut);

	for (char *at = text; (at = strstr(at, BLOCKS_BOUND)); at++)
		memcpy(at, ELLIPSIS, strlen(ELLIPSIS));
	json_put_str(page, "text", text);
}

static void put_note(json_t *page, const json_t *model)
{
	const char *id = json_str(json_obj(model, "case"), "case");
	_buf_ struct buf text = BUF(NOTIFICATION_MAX);

	if (*id && strlen(id) <= CASE_ID_MAX) {
		buf_puts(&text, "Cut: `/countersign show ");
		escape_text(&text, ESCAPE_MRKDWN, id, strlen(id));
		buf_puts(&text, "` has all of it.");
	} else {
		buf_puts(&text, "Cut: not all of it fits here.");
	}
	json_add(json_arr(page, "blocks"),
	         json_pack("{s:s,s:s,s:[{s:s,s:b,s:s}]}", "type", "context", "block_id", CUT_ID, "elements", "type",
	                   "mrkdwn", "verbatim", 1, "text", buf_text(&text)));
}

static json_t *build(struct page *p, const json_t *template, const json_t *model, size_t value_max, bool *cut)
{
	_json_ json_t *bound = blocks_bound(model, value_max, cut);
	json_t *page = expand(p, template, bound, PLACE_EXACT);

	if (page && json_object_get(page, "text"))
		put_notification(page);
	if (page && !blocks_tidy(page, cut)) {
		json_decref(page);
		err_set(p->e, EX_DATAERR, "%s: with this model nothing is left that can be sent", p->path);
		return NULL;
	}
	return page;
}

static int render(struct templates *t, const char *name, const json_t *model, const struct blocks_room *room,
                  json_t **out, struct err *e)
{
	_free_ char *path = path_of(name);
	struct page p = { t, path, 0, e };
	const json_t *template = template_json(t, path, e);
	_json_ json_t *page = NULL;
	bool cut = false;

	*out = NULL;
	if (!template)
		return -1;
	for (size_t i = 0; i < LENGTH(values) && (!page || !blocks_fit(page, room)); i++) {
		json_decref(page);
		cut = false;
		page = build(&p, template, model, values[i], &cut);
		if (!page)
			return -1;
	}
	if (!blocks_fit(page, room)) {
		blocks_drop(page, room);
		cut = true;
	}
	if (cut)
		put_note(page, model);
	*out = steal_ptr(page);
	return 0;
}

int blocks_render(struct templates *t, const char *name, const json_t *model, json_t **out, struct err *e)
{
	return render(t, name, model, &blocks_message_room, out, e);
}

int blocks_view(struct templates *t, const char *name, const json_t *model, json_t **view, struct err *e)
{
	return render(t, name, model, &blocks_view_room, view, e);
}

bool blocks_cut(const json_t *rendered)
{
	const json_t *blocks = json_arr(rendered, "blocks");

	return strcmp(json_str(json_array_get(blocks, json_array_size(blocks) - 1), "block_id"), CUT_ID) == 0;
}
