// SPDX-License-Identifier: Apache-2.0
// The family of a licence with its exception.
#include <string.h>

#include "bot/expression.h"
#include "bot/licence_parts.h"

const char *licence_family_of(const struct licences *l, const char *id, const char *exception)
{
	const struct licence *licence = licence_find(l, id), *added = NULL;

	if (exception) {
		added = licence_find_exception(l, exception);
		if (!added)
			return LICENCE_UNKNOWN;
	}
	if (!licence)
		return LICENCE_UNKNOWN;
	// An exception for linking takes nothing from a duty that comes with use over a network.
	if (added && strcmp(licence->family, "strong-copyleft") == 0 && strcmp(added->family, LICENCE_UNKNOWN) != 0)
		return added->family;
	return licence->family;
}

const char *licence_family(const struct licences *l, const char *text)
{
	_expression_ struct expression *x = expression_parse(l, text, NULL);
	const struct expression_term *term = x ? expression_term(x) : NULL;

	return term ? licence_family_of(l, term->licence, term->exception) : LICENCE_UNKNOWN;
}
