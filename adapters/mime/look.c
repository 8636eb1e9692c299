// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/look.h"

#include <stddef.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"

#define STYLE_MAX 4096 // bytes of a style that are looked at
#define MARKS_MAX 512  // and of a class or an id

const char *look_attribute(const char *const *attributes, const char *name)
{
	for (; attributes && attributes[0]; attributes += 2)
		if (text_same(attributes[0], name))
			return attributes[1];
	return NULL;
}

static bool one_of(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

// --- what can be seen ------------------------------------------------------------------------------------------------

static bool is_white(const char *color)
{
	static const char *const whites[] = {
		"white", "#fff", "#ffffff", "#fefefe", "snow", "transparent", "rgb(255,255,255)", "rgba(255,255,255,1)",
	};

	return one_of(whites, LENGTH(whites), color) || (text_starts(color, "rgba(") && strstr(color, ",0)"));
}

// 0, 0px, 0.0em and 1px: nobody reads that.
static bool is_tiny(const char *size)
{
	const char *p = size;

	if (text_starts(size, "1px") || text_starts(size, "1pt"))
		return true;
	p += strspn(p, "0.");
	return p > size && !text_is_digit(*p);
}

static void see_declaration(const char *name, const char *value, struct sight *s)
{
	if (strcmp(name, "display") == 0)
		s->hidden |= text_starts(value, "none");
	else if (strcmp(name, "visibility") == 0)
		s->hidden |= text_starts(value, "hidden") || text_starts(value, "collapse");
	else if (strcmp(name, "mso-hide") == 0)
		s->hidden |= text_starts(value, "all");
	else if (strcmp(name, "opacity") == 0 || strcmp(name, "max-height") == 0)
		s->hidden |= is_tiny(value);
	else if (strcmp(name, "font-size") == 0)
		s->tiny = is_tiny(value);
	else if (strcmp(name, "color") == 0)
		s->white = is_white(value);
	else if (strcmp(name, "background") == 0 || strcmp(name, "background-color") == 0)
		s->ground = !is_white(value) && !text_starts(value, "none");
}

// One "name: value" without its semicolon; blanks left out, lower case.
static void see_piece(const char *piece, size_t len, struct sight *s)
{
	char text[128];
	size_t n = 0;
	char *colon;

	for (size_t i = 0; i < len && n < sizeof text - 1; i++)
		if (!text_is_space(piece[i]))
			text[n++] = piece[i];
	text[n] = '\0';
	text_lower(text);
	colon = strchr(text, ':');
	if (!colon)
		return;
	*colon = '\0';
	see_declaration(text, colon + 1, s);
}

static void see_style(const char *style, struct sight *s)
{
	const char *end = style + strnlen(style, STYLE_MAX);

	while (style < end) {
		size_t len = strcspn(style, ";");

		see_piece(style, len, s);
		style += len + (style[len] == ';');
	}
}

static void see(const char *name, const char *const *attributes, struct sight *s)
{
	char color[32];
	const char *value;

	if (look_attribute(attributes, "bgcolor"))
		s->ground = true;
	value = strcmp(name, "font") == 0 ? look_attribute(attributes, "color") : NULL;
	if (value && strlen(value) < sizeof color)
		s->white = is_white(text_lower(memcpy(color, value, strlen(value) + 1)));
	value = look_attribute(attributes, "style");
	if (value)
		see_style(value, s);
	for (; attributes && attributes[0]; attributes += 2)
		s->hidden |= text_same(attributes[0], "hidden");
}

// --- what mail programs put there ------------------------------------------------------------------------------------

static bool is_mark(const char *word, size_t len, const char *const *marks, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (marks[i][0] == word[0] && strlen(marks[i]) == len && memcmp(marks[i], word, len) == 0)
			return true;
	return false;
}

// Is one of the blank-separated words of these attributes a mark?
static bool has_mark(const char *const *attributes, const char *const *marks, size_t count)
{
	static const char *const where[] = { "class", "id", "name", "data-marker" };

	for (size_t k = 0; k < LENGTH(where); k++) {
		const char *value = look_attribute(attributes, where[k]);
		const char *end = value ? value + strnlen(value, MARKS_MAX) : NULL;

		while (value && value < end) {
			size_t n = strcspn(value, " \t\r\n");

			if (is_mark(value, n, marks, count))
				return true;
			value += n;
			value += strspn(value, " \t\r\n");
		}
	}
	return false;
}

// Gmail's own <div class="gmail_quote"> is not among them: who answers line by line writes inside it, between its
// <blockquote>s.
static const char *const quote_marks[] = {
	"gmail_attr",
	"moz-cite-prefix",
	"moz-forward-container",
	"yahoo_quoted",
	"protonmail_quote",
	"tutanota_quote",
	"zmail_extra",
	"quoted-plain-text",
	"replyHeader",
	"quote",
	"qt",
	"__QUOTED_TEXT__",
	"OLK_SRC_BODY_SECTION",
	"ms-outlook-mobile-reference-message",
	"mail-editor-reference-message-container",
	"isReplyContent",
	"reply-intro",
};

// Outlook has no element around what it quotes: its header comes, then the quote to the end.
static const char *const rest_marks[] = { "divRplyFwdMsg", "appendonsend", "OutlookMessageHeader", "zwchr",
	                                  "stopSpelling" };

static const char *const signature_marks[] = {
	"gmail_signature",    "moz-signature", "protonmail_signature_block", "Signature", "ms-outlook-mobile-signature",
	"tutanota_signature", "x_Signature",
};

// The rule above Outlook's header: border-top:solid #E1E1E1 1.0pt (2013 and later), #B5C4DF (before).
static bool is_outlook_rule(const char *style)
{
	return style && strnlen(style, STYLE_MAX) < STYLE_MAX && strcasestr(style, "border-top:solid") &&
	       (strcasestr(style, "#E1E1E1") || strcasestr(style, "#B5C4DF"));
}

static unsigned breaks_of(const char *name)
{
	static const char *const paragraphs[] = { "p",  "blockquote", "ul", "ol", "table", "h1", "h2",
		                                  "h3", "h4",         "h5", "h6", "pre",   "hr", "dl" };
	static const char *const blocks[] = { "div",     "tr",     "li",     "dt",   "dd",      "section", "article",
		                              "header",  "footer", "form",   "main", "address", "center",  "fieldset",
		                              "caption", "nav",    "figure", "body", "details", "summary", "option" };

	if (one_of(paragraphs, LENGTH(paragraphs), name))
		return 2;
	return one_of(blocks, LENGTH(blocks), name) ? 1 : 0;
}

struct look look_at(const char *name, const char *const *attributes, struct sight *sight)
{
	static const char *const skipped[] = { "script", "style",  "head",   "title",    "template", "object",
		                               "svg",    "iframe", "applet", "noframes", "textarea", "select" };

	see(name, attributes, sight);
	return (struct look){
		.skip = one_of(skipped, LENGTH(skipped), name),
		.quote = strcmp(name, "blockquote") == 0 || has_mark(attributes, quote_marks, LENGTH(quote_marks)),
		.quote_rest = has_mark(attributes, rest_marks, LENGTH(rest_marks)) ||
		              is_outlook_rule(look_attribute(attributes, "style")),
		.signature = has_mark(attributes, signature_marks, LENGTH(signature_marks)),
		.preformatted = strcmp(name, "pre") == 0,
		.breaks = breaks_of(name),
	};
}
