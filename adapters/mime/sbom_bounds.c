// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/sbom_bounds.h"

// The quote that ends a string, or `end`.
static const char *string_end(const char *p, const char *end)
{
	for (; p < end && *p != '"'; p++)
		if (*p == '\\' && p + 1 < end)
			p++;
	return p;
}

enum bounds sbom_bounds(const char *text, size_t len, size_t *line)
{
	const char *end = text + len;
	size_t depth = 0, values = 1;

	*line = 1;
	for (const char *p = text; p < end; p++) {
		if (*p == '"') {
			// JSON strings hold no line ends; what goes on behind a broken one is never parsed.
			p = string_end(p + 1, end);
			if (p == end)
				break;
		} else if (*p == '{' || *p == '[') {
			values++;
			if (++depth > SBOM_DEPTH_MAX)
				return BOUNDS_DEEP;
		} else if (*p == '}' || *p == ']') {
			if (depth == 0)
				break;
			depth--;
		} else if (*p == ',') {
			values++;
		} else if (*p == '\n') {
			++*line;
		}
		if (values > SBOM_VALUES_MAX)
			return BOUNDS_WIDE;
	}
	return BOUNDS_KEPT;
}
