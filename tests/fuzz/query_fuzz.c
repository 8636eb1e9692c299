// SPDX-License-Identifier: Apache-2.0
// The query of `find` under any bytes: bounded and storable, or refused with a sentence.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "bot/query.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *text = malloc(size + 1), *canonical = NULL;
	_json_ json_t *query = NULL;
	struct err e = { 0 };
	size_t len;

	memcpy(text, data, size);
	text[size] = '\0';
	query = query_parse(text, INT64_C(1795510800000), &e);
	if (!query && !*e.text)
		panic("refused without a word");
	canonical = query ? json_canonical(query, &len, NULL) : NULL;
	if (query && (!canonical || json_array_size(json_arr(query, "terms")) > 33))
		panic("a query that cannot be stored");
	return 0;
}
