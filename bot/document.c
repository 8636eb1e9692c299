// SPDX-License-Identifier: Apache-2.0
#include "bot/document.h"

#include <string.h>

#include "base/json.h"
#include "bot/facts.h"

#define TEXT_MAX (4U << 20)

static const struct json_key document_keys[] = {
	{ "from", 'o', 2 },           { "from_problem", 's', 64 },   { "to", 'a', 10000 },
	{ "cc", 'a', 10000 },         { "delivered_to", 'a', 1000 }, { "reply_to", 's', 1024 },
	{ "subject", 's', 65536 },    { "date", 's', 64 },           { "message_id", 's', 1024 },
	{ "in_reply_to", 'a', 1000 }, { "references", 'a', 1000 },   { "auto", 's', 64 },
	{ "report", 'o', 16 },        { "loop", 'a', 100 },          { "auth", 'a', 100 },
	{ "dkim", 'a', 100 },         { "own", 's', TEXT_MAX },      { "text", 's', TEXT_MAX },
	{ "html_only", 'b', 0 },      { "pairs", 'a', 10000 },       { "flags", 'a', 100 },
	{ "attachments", 'a', 1000 }, { "sboms", 'a', 16 },          { 0 },
};
static const struct json_key from_keys[] = { { "address", 'S', 1024 }, { "name", 's', 4096 }, { 0 } };
static const struct json_key attachment_keys[] = {
	{ "name", 'S', 4096 }, { "type", 'S', 512 }, { "offset", 'I', 0 }, { "size", 'I', 0 }, { 0 },
};

static const struct json_key sbom_keys[] = {
	{ "name", 'S', 255 },    { "format", 'S', 16 },
	{ "spec", 's', 16 },     { "components", 'A', FACT_COMPONENTS_MAX },
	{ "cut", 'B', 0 },       { "count", 'I', UINT32_MAX },
	{ "problem", 's', 512 }, { 0 },
};
static const struct json_key component_keys[] = {
	{ "component", 'S', 1024 },
	{ "version", 's', 256 },
	{ "license", 's', FACT_VALUE_MAX },
	{ 0 },
};

static int check_texts(const json_t *document, const char *key, struct err *e)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_arr(document, key), i, item) {
		if (!json_is_string(item))
			return err_set(e, EX_PROTOCOL, "the document: \"%s\" holds what is no string", key);
	}
	return 0;
}

static int check_pairs(const json_t *document, struct err *e)
{
	json_t *pair;
	size_t i;

	json_array_foreach(json_arr(document, "pairs"), i, pair) {
		if (json_array_size(pair) != 2 || !json_is_string(json_array_get(pair, 0)) ||
		    !json_is_string(json_array_get(pair, 1)))
			return err_set(e, EX_PROTOCOL, "the document: \"pairs\" holds what is no pair");
	}
	return 0;
}

static int check_sboms(const json_t *document, struct err *e)
{
	json_t *sbom, *component;
	size_t i, k;

	json_array_foreach(json_arr(document, "sboms"), i, sbom) {
		const char *format = json_str(sbom, "format");

		if (json_check(sbom, sbom_keys, "an SBOM", e) < 0)
			return -1;
		if (strcmp(format, "cyclonedx") != 0 && strcmp(format, "spdx") != 0)
			return err_set(e, EX_PROTOCOL, "an SBOM: \"format\" is neither cyclonedx nor spdx");
		json_array_foreach(json_arr(sbom, "components"), k, component) {
			if (json_check(component, component_keys, "a component of an SBOM", e) < 0)
				return -1;
		}
	}
	return 0;
}

int document_check(const json_t *document, struct err *e)
{
	static const char *const texts[] = { "to", "cc", "delivered_to", "in_reply_to", "references", "loop", "flags" };
	json_t *item;
	size_t i;

	if (json_check(document, document_keys, "the document", e) < 0)
		return -1;
	if (json_obj(document, "from") &&
	    json_check(json_obj(document, "from"), from_keys, "the document's from", e) < 0)
		return -1;
	for (i = 0; i < LENGTH(texts); i++)
		if (check_texts(document, texts[i], e) < 0)
			return -1;
	json_array_foreach(json_arr(document, "attachments"), i, item) {
		if (json_check(item, attachment_keys, "an attachment", e) < 0)
			return -1;
	}
	return check_pairs(document, e) < 0 ? -1 : check_sboms(document, e);
}
