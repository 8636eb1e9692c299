// SPDX-License-Identifier: Apache-2.0
// Any bytes as an attachment: no SBOM, or one that keeps the bounds which the core checks, with a sentence where
// nothing was read.  The first byte says what the file is called.  Seeds: small ones of each format.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/mime/sbom.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = { "", "bom.json", "x.spdx", "notes.txt" };
	const char *name = size ? names[data[0] % LENGTH(names)] : "";
	_json_ json_t *sbom = size ? sbom_read(name, (const char *)data + 1, size - 1, false) : NULL;
	_free_ char *text = sbom ? json_text(sbom) : NULL;
	size_t listed = json_array_size(json_arr(sbom, "components"));

	if (!sbom)
		return 0;
	if (!utf8_valid(text, strlen(text)) || !json_str_or_null(sbom, "format") || listed > SBOM_COMPONENTS_MAX ||
	    json_int(sbom, "count") < (int64_t)listed || strlen(json_str(sbom, "problem")) > 512)
		abort();
	if (listed == 0 && !*json_str(sbom, "problem"))
		abort();
	return 0;
}
