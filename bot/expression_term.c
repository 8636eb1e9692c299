// SPDX-License-Identifier: Apache-2.0
// One licence of an expression: which identifiers there are, and how they are spelt.
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "bot/expression_parts.h"
#include "bot/licence_names.h"

#define ALPHANUMERIC "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static bool is_idstring(const char *text, size_t len)
{
	return len > 0 && strspn(text, ALPHANUMERIC "-.") >= len;
}

// "DocumentRef-x:LicenseRef-y", "LicenseRef-y" (or AdditionRef-): `kind` is "LicenseRef-" or "AdditionRef-".  The
// reference with its prefixes spelt right, NULL when it is none.  The caller frees.
static char *reference(const char *id, const char *kind)
{
	static const char document[] = "DocumentRef-";
	const char *colon = strchr(id, ':'), *rest = colon ? colon + 1 : id;
	size_t name = colon ? (size_t)(colon - id) : 0, prefix = strlen(document);

	if (!text_starts_fold(rest, kind) || !is_idstring(rest + strlen(kind), strlen(rest + strlen(kind))))
		return NULL;
	rest += strlen(kind);
	if (!colon)
		return text_format("%s%s", kind, rest);
	if (!text_starts_fold(id, document) || name == prefix || !is_idstring(id + prefix, name - prefix))
		return NULL;
	return text_format("%s%.*s:%s%s", document, (int)(name - prefix), id + prefix, kind, rest);
}

static bool is_reference(const char *id)
{
	return text_starts_fold(id, "DocumentRef-") || text_starts_fold(id, "LicenseRef-") ||
	       text_starts_fold(id, "AdditionRef-");
}

// Says why an identifier is none that could stand on the list.
static int check_spelling(const char *id, struct err *e)
{
	size_t good = strspn(id, ALPHANUMERIC "-.");

	if (is_reference(id))
		return err_set(e, EX_DATAERR, "'%s' is not written as a reference is, like LicenseRef-NAME", id);
	if (!*id)
		return err_set(e, EX_DATAERR, "'+' stands alone");
	if (!id[good])
		return 0;
	return err_set(e, EX_DATAERR, "'%s' is no licence identifier: '%.*s' cannot stand in one", id,
	               (int)utf8_sequence(id + good, strlen(id + good)), id + good);
}

// --- the licence ---

static int refuse_licence(const struct licences *l, const char *id, struct err *e)
{
	_free_ char *choices = NULL;
	const char *near;

	if (!e)
		return -1; // finding the nearest takes time
	if (text_same(id, "NOASSERTION") || text_same(id, "NONE"))
		return err_set(e, EX_DATAERR, "'%s' is no licence, it says that none was found", id);
	if (licence_find_exception(l, id))
		return err_set(e, EX_DATAERR, "'%s' is an exception: it follows a licence and WITH", id);
	choices = licence_choices(l, id);
	if (choices)
		return err_set(e, EX_DATAERR, "'%s' can mean %s; say which", id, choices);
	near = licence_nearest(l, id);
	if (near)
		return err_set(e, EX_DATAERR, "'%s' is not on the SPDX list, did you mean '%s'?", id, near);
	return err_set(e, EX_DATAERR, "'%s' is not on the SPDX list (for others, write LicenseRef-NAME)", id);
}

// "GPL-2.0" and '+' is "GPL-2.0-or-later": the list has its own identifiers for that.  "GPL-2.0-only" and '+' says two
// things at once and stays as it is.
static void take_later(const struct licences *l, bool deprecated, struct expression_term *term)
{
	size_t len = strlen(term->licence);
	_free_ char *later = NULL;
	const struct licence *listed;

	if (len > 9 && text_same(term->licence + len - 9, "-or-later"))
		return;
	if (deprecated && len > 5 && text_same(term->licence + len - 5, "-only"))
		later = text_format("%.*s-or-later", (int)(len - 5), term->licence);
	listed = later ? licence_find(l, later) : NULL;
	if (!listed) {
		term->later = true;
		return;
	}
	free((char *)term->licence);
	term->licence = text_copy(listed->id);
}

// A deprecated identifier may stand for a licence with an exception; not when the text names another one itself.
static void take_listed(const struct licence *listed, bool has_exception, struct expression_term *term)
{
	const char *id = listed->replaced_by, *with = id ? strstr(id, " WITH ") : NULL;

	if (!id || (with && has_exception)) {
		term->licence = text_copy(listed->id);
		return;
	}
	term->licence = text_copy_n(id, with ? (size_t)(with - id) : strlen(id));
	if (with)
		term->exception = text_copy(with + strlen(" WITH "));
}

// A reference that others.json knows is spelt as there.
static bool take_reference(const struct licences *l, const char *id, struct expression_term *term)
{
	_free_ char *written = reference(id, "LicenseRef-");
	const struct licence *listed = l && written ? licence_find(l, written) : NULL;

	term->licence = listed ? text_copy(listed->id) : steal_ptr(written);
	return term->licence != NULL;
}

static int take_licence(const struct licences *l, char *id, bool has_exception, struct expression_term *term,
                        struct err *e)
{
	size_t len = strlen(id);
	const struct licence *listed;
	bool later = len > 0 && id[len - 1] == '+';

	if (take_reference(l, id, term))
		return 0;
	if (later)
		id[--len] = '\0';
	if (check_spelling(id, e) < 0)
		return -1;
	if (!l) {
		term->licence = text_copy(id);
		term->later = later;
		return 0;
	}
	listed = licence_find(l, id);
	if (!listed)
		return refuse_licence(l, id, e);
	take_listed(listed, has_exception, term);
	if (later)
		take_later(l, listed->deprecated, term);
	return 0;
}

// --- the exception ---

static int take_exception(const struct licences *l, const char *id, struct expression_term *term, struct err *e)
{
	const struct licence *listed;
	const char *near;

	term->exception = reference(id, "AdditionRef-");
	if (term->exception)
		return 0;
	if (check_spelling(id, e) < 0)
		return -1;
	listed = l ? licence_find_exception(l, id) : NULL;
	if (listed || !l) {
		term->exception = text_copy(!listed ? id : listed->replaced_by ? listed->replaced_by : listed->id);
		return 0;
	}
	if (!e)
		return -1;
	if (licence_find(l, id))
		return err_set(e, EX_DATAERR, "'%s' is a licence, but an exception follows WITH", id);
	near = licence_nearest_exception(l, id);
	if (near)
		return err_set(e, EX_DATAERR, "'%s' is no exception of the SPDX list, did you mean '%s'?", id, near);
	return err_set(e, EX_DATAERR, "'%s' is no exception of the SPDX list (for others, write AdditionRef-NAME)", id);
}

// --- both ---

static int copy_word(struct expression_word word, char out[EXPRESSION_ID + 1], struct err *e)
{
	if (word.len > EXPRESSION_ID)
		return err_set(e, EX_DATAERR, "'%.*s...' is too long for a licence", (int)utf8_prefix(word.at, 32),
		               word.at);
	memcpy(out, word.at, word.len);
	out[word.len] = '\0';
	return 0;
}

struct expression *expression_term_new(const struct licences *l, struct expression_word licence,
                                       struct expression_word exception, struct expression_word *wrong, struct err *e)
{
	_expression_ struct expression *x = calloc(1, sizeof *x);
	char id[EXPRESSION_ID + 1];

	if (!x)
		panic("out of memory");
	*wrong = licence;
	if (copy_word(licence, id, e) < 0 || take_licence(l, id, exception.at != NULL, &x->term, e) < 0)
		return NULL;
	*wrong = exception;
	if (exception.at && (copy_word(exception, id, e) < 0 || take_exception(l, id, &x->term, e) < 0))
		return NULL;
	x->term.text = text_format("%s%s%s%s", x->term.licence, x->term.later ? "+" : "",
	                           x->term.exception ? " WITH " : "", x->term.exception ? x->term.exception : "");
	return steal_ptr(x);
}
