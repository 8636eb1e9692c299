// SPDX-License-Identifier: Apache-2.0
// A template, an empty line of "--", and a JSON model: parsed, rendered with every escape (the template is also its own
// partial "p"), and laid out.  What comes out must be text, and free of what the escapes promise to remove.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/mustache.h"
#include "base/text.h"
#include "bot/layout.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct mustache *itself(void *context, const char *name, struct err *e)
{
	if (strcmp(name, "p") == 0)
		return context;
	err_set(e, EX_CONFIG, "no partial %s", name);
	return NULL;
}

static void check_bytes(const char *text)
{
	if (!utf8_valid(text, strlen(text)))
		panic("the output is not UTF-8");
	if (strstr(text, "\xe2\x80\xae") || strchr(text, '\x1b'))
		panic("a control character came through");
}

// The template's own text may hold anything: only values are looked at here, by themselves.
static void check_value(const json_t *value)
{
	static const char variable[] = "{{.}}";
	_mustache_ struct mustache *t = mustache_parse("v", 1, variable, strlen(variable), NULL);

	for (enum escape how = ESCAPE_PLAIN; how <= ESCAPE_MRKDWN; how++) {
		_buf_ struct buf out = BUF(1 << 20);

		if (mustache_render(t, NULL, value, how, &out, NULL) < 0)
			continue;
		check_bytes(buf_text(&out));
		if (how == ESCAPE_HEADER && strpbrk(buf_text(&out), "\r\n\t"))
			panic("a header of several lines");
		if (how == ESCAPE_URL && strpbrk(buf_text(&out), "&?# \"<>\r\n"))
			panic("an URL that holds more than one value");
		if (how == ESCAPE_HTML && strpbrk(buf_text(&out), "\"'\n"))
			panic("HTML that leaves its attribute");
	}
}

static void render(const struct mustache *t, const json_t *model)
{
	const struct mustache_partials partials = { itself, (void *)(uintptr_t)t };

	for (enum escape how = ESCAPE_PLAIN; how <= ESCAPE_MRKDWN; how++) {
		_buf_ struct buf out = BUF(1 << 16), page = BUF(1 << 20);
		struct err e = { 0 };

		if (mustache_render(t, &partials, model, how, &out, &e) < 0) {
			if (!*e.text)
				panic("an error without a word");
			continue;
		}
		if (!utf8_valid(buf_text(&out), out.len))
			panic("the output is not UTF-8");
		if (layout_plain(buf_text(&out), &page) == 0 && strchr(buf_text(&page), '\t'))
			panic("a tab was left in the layout");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *cut = memmem(text, size, "\n--\n", 4);
	size_t len = cut ? (size_t)(cut - text) : size;
	struct err e = { 0 };
	_mustache_ struct mustache *t = mustache_parse("t", 1, text, len, &e);
	_json_ json_t *model = cut ? json_read(cut + 4, size - len - 4, NULL) : NULL;

	if (!t && !*e.text)
		panic("an error without a word");
	if (!model)
		model = json_object();
	check_value(model);
	if (t)
		render(t, model);
	return 0;
}
