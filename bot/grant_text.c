// SPDX-License-Identifier: Apache-2.0
// Grants in words.
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/facts.h"
#include "bot/grant.h"
#include "bot/letters.h"

#define TEXT_MAX 4096

char *grant_text(const json_t *grant)
{
	static const char *const narrower[] = { "channel", "region" };
	_buf_ struct buf b = BUF(TEXT_MAX);
	const json_t *product = json_object_get(grant, "product");
	_free_ char *product_text = product ? fact_text(product) : NULL;
	const char *before = " (";

	buf_puts(&b, *json_str(grant, "license") ? json_str(grant, "license") : "what was asked");
	if (*json_str(grant, "component"))
		buf_printf(&b, " for %s %s", json_str(grant, "component"),
		           *json_str(grant, "versions") ? json_str(grant, "versions") : "in any version");
	if (product)
		buf_printf(&b, " in %s", product_text);
	for (size_t i = 0; i < LENGTH(narrower); i++) {
		const json_t *value = json_object_get(grant, narrower[i]);
		_free_ char *text = value ? fact_text(value) : NULL;

		if (!value)
			continue;
		buf_printf(&b, "%s%s", before, text);
		before = ", ";
	}
	buf_puts(&b, *before == ',' ? ")" : "");
	return buf_steal(&b);
}

static void tell_difference(struct buf *b, const json_t *item, const json_t *declared)
{
	const char *name = json_str(item, "name"), *granted = json_str(item, "granted"),
	           *asked = json_str(item, "asked");

	if (strcmp(name, "expires") == 0)
		buf_printf(b, "it ends on %s%s%s", granted, *asked ? ", not " : "", asked);
	else if (strcmp(name, "risk") == 0)
		buf_printf(b, "it was judged with risk %s, this one with %s", granted, asked);
	else if (!*granted)
		buf_printf(b, "it says nothing of %s: %s", fact_title(declared, name), asked);
	else
		buf_printf(b, "%s: it is for %s, %s%s", fact_title(declared, name), granted,
		           *asked ? "not " : "and none is named here", asked);
}

char *grant_differences_text(const json_t *differences, const json_t *declared)
{
	_buf_ struct buf b = BUF(TEXT_MAX);
	json_t *item;
	size_t i;

	json_array_foreach(differences, i, item) {
		buf_puts(&b, i ? "; " : "");
		tell_difference(&b, item, declared);
	}
	return buf_steal(&b);
}

bool grant_condition(const char *reason)
{
	static const char *const leads[] = {
		"on condition",
		"on the condition",
		"under the condition",
		"under condition",
		"with the condition",
		"provided",
		"subject to",
		"only if",
		"if ",
		"only when",
		"as long as",
		"so long as",
		"condition:",
		"conditions:",
		"with conditions",
		"conditional on",
		"limited to",
		"only for",
	};
	_free_ char *plain = letters_plain(reason);
	const char *text = text_trim(plain);

	for (size_t i = 0; i < LENGTH(leads); i++)
		if (text_starts(text, leads[i]))
			return true;
	return false;
}
