// SPDX-License-Identifier: Apache-2.0
// SPDX 3.0 as JSON-LD: a list of elements that name each other by their ids.  A package's licences are relationships to
// elements that hold an expression, or to a licence of the SPDX list.
#include <string.h>

#include "adapters/mime/sbom_spdx.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

#define LISTED "https://spdx.org/licenses/"

// What was found, by the ids of elements.
struct graph {
	struct sbom *sbom;
	json_t *expressions;          // licences: their text
	json_t *concluded, *declared; // packages: lists of texts
	json_t *roots;                // a set
};

static const char *id_of(const json_t *element)
{
	const char *id = json_str_or_null(element, "spdxId");

	return id ? id : json_str(element, "@id");
}

static const char *type_of(const json_t *element)
{
	const char *type = json_str_or_null(element, "type");

	return type ? type : json_str(element, "@type");
}

// Calls `each` with every text of a member that is a text or a list of them.
static void each_text(struct graph *g, const json_t *element, const char *key,
                      void (*each)(struct graph *g, const json_t *element, const char *text))
{
	const json_t *value = json_object_get(element, key);
	json_t *item;
	size_t i;

	if (json_is_string(value))
		each(g, element, json_string_value(value));
	json_array_foreach(value, i, item)
		if (json_is_string(item))
			each(g, element, json_string_value(item));
}

static void add_root(struct graph *g, const json_t *element, const char *id)
{
	(void)element;
	json_put(g->roots, id, json_true());
}

static void learn(struct graph *g, const json_t *element)
{
	const char *expression = json_str_or_null(element, "simplelicensing_licenseExpression");

	if (expression)
		json_put_str(g->expressions, id_of(element), expression);
	each_text(g, element, "rootElement", add_root);
}

static bool ends_in(const char *text, const char *end)
{
	size_t len = strlen(text), tail = strlen(end);

	return len >= tail && strcmp(text + len - tail, end) == 0;
}

// The individuals of the model that stand for NOASSERTION and NONE.
static bool says_nothing(const char *id)
{
	static const char *const ends[] = { "/NoAssertion", "/None", "NoAssertionLicense", "NoneLicense" };

	for (size_t i = 0; i < LENGTH(ends); i++)
		if (ends_in(id, ends[i]))
			return true;
	return false;
}

static void add_licence(struct graph *g, const json_t *relationship, const char *id)
{
	bool concluded = strcmp(json_str(relationship, "relationshipType"), "hasConcludedLicense") == 0;
	json_t *texts_of = concluded ? g->concluded : g->declared;
	const char *package = json_str(relationship, "from"), *text = json_str_or_null(g->expressions, id);
	json_t *texts = json_object_get(texts_of, package);

	if (says_nothing(id))
		return;
	if (!text && text_starts(id, LISTED))
		text = id + strlen(LISTED);
	if (!text) {
		sbom_problem(g->sbom, NULL,
		             "a licence is given in a way that this desk does not read "
		             "(it reads licence expressions)");
		return;
	}
	if (!texts) {
		texts = json_array();
		json_put(texts_of, package, texts);
	}
	sbom_add_licence(texts, span_of(text));
}

static void relate(struct graph *g, const json_t *element)
{
	const char *type = json_str(element, "relationshipType");

	if (strcmp(type, "hasConcludedLicense") == 0 || strcmp(type, "hasDeclaredLicense") == 0)
		each_text(g, element, "to", add_licence);
}

static void read_package(struct graph *g, const struct place *place, const json_t *element, const json_t *roots)
{
	struct sbom *s = g->sbom;
	_buf_ struct buf concluded = BUF(SBOM_LICENCE_MAX), declared = BUF(SBOM_LICENCE_MAX);
	const char *id = id_of(element);
	struct spdx_package p = {
		.id = span_of(id),
		.name = sbom_text(s, place, element, "name"),
		.version = sbom_text(s, place, element, "software_packageVersion"),
		.purpose = sbom_text(s, place, element, "software_primaryPurpose"),
	};

	sbom_join(s, place, json_object_get(g->concluded, id), &concluded);
	sbom_join(s, place, json_object_get(g->declared, id), &declared);
	p.concluded = (struct span){ buf_text(&concluded), concluded.len };
	p.declared = (struct span){ buf_text(&declared), declared.len };
	spdx_add(s, place, &p, roots);
}

static void read_packages(struct graph *g, const json_t *elements, const json_t *roots)
{
	const struct place list = { NULL, "@graph", 0 };
	json_t *element;
	size_t i;

	json_array_foreach(elements, i, element)
		if (strcmp(type_of(element), "software_Package") == 0)
			read_package(g, &(struct place){ &list, NULL, i }, element, roots);
}

void sbom_read_spdx3(struct sbom *s, const json_t *root)
{
	const json_t *elements = json_object_get(root, "@graph");
	_json_ json_t *expressions = json_object(), *concluded = json_object(), *declared = json_object();
	_json_ json_t *roots = json_object();
	struct graph g = { s, expressions, concluded, declared, roots };
	json_t *element;
	size_t i;

	if (!json_is_array(elements)) {
		sbom_problem(s, &(struct place){ NULL, "@graph", 0 }, "it is not a list");
		return;
	}
	json_array_foreach(elements, i, element)
		learn(&g, element);
	json_array_foreach(elements, i, element)
		relate(&g, element);
	read_packages(&g, elements, roots);
	if (s->count == 0 && s->problems == 0)
		read_packages(&g, elements, NULL);
}
