// SPDX-License-Identifier: Apache-2.0
// Any bytes as a message: parsed or refused, and what is said of them is a document that can be written as JSON.
// Seeds: the messages of tests/mail.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/mime/parse.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mime_config *start(void)
{
	static struct mime_config config;
	struct err e;

	if (mime_start(&config, &e) < 0)
		abort();
	config.trust.authserv = json_pack("[s]", "mx.example.com");
	config.trust.hosts = json_pack("[s]", "store.example.com");
	return &config;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mime_config *config;
	struct failure failure = { 0 };

	config = config ? config : start();
	_json_ json_t *document = mime_parse((const char *)data, size, config, -1, &failure);

	if (document) {
		_free_ char *text = json_text(document);

		if (!utf8_valid(text, strlen(text)) || !json_arr(document, "flags") ||
		    !json_str_or_null(document, "own"))
			abort();
	} else if (!failure.code || !failure.why[0]) {
		abort();
	}
	return 0;
}
