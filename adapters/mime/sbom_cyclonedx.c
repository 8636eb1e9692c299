// SPDX-License-Identifier: Apache-2.0
// CycloneDX as JSON, 1.2 to 1.7 (ECMA-424): metadata.component is what the file is about, components what is in it.
#include <string.h>

#include "adapters/mime/sbom_list.h"
#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"

// --- licences --------------------------------------------------------------------------------------------------------

static const json_t *licence_of(const json_t *choice)
{
	const json_t *licence = json_obj(choice, "license");

	return licence ? licence : choice;
}

// Since 1.6 a licence may say whether it was declared by the authors or concluded by whoever looked.
static bool is_concluded(const json_t *choice)
{
	return strcmp(json_str(licence_of(choice), "acknowledgement"), "concluded") == 0;
}

static bool any_concluded(const json_t *licences)
{
	json_t *choice;
	size_t i;

	json_array_foreach(licences, i, choice)
		if (is_concluded(choice))
			return true;
	return false;
}

// {"license":{"id" or "name"}} or {"expression"}; whoever gives several of them gets all of them.
static void add_choice(struct sbom *s, const struct place *place, const json_t *choice, json_t *texts)
{
	const struct place inner = { place, "license", 0 };
	const json_t *licence = json_object_get(choice, "license");
	struct span id = { 0 }, expression = { 0 };

	if (!json_is_object(choice)) {
		sbom_problem(s, place, "it is not a licence");
		return;
	}
	expression = sbom_text(s, place, choice, "expression");
	if (json_is_object(licence)) {
		id = sbom_text(s, &inner, licence, "id");
		if (!id.at)
			id = sbom_text(s, &inner, licence, "name");
	}
	if (!id.at && !expression.at)
		sbom_problem(s, place, "it names no licence");
	sbom_add_licence(texts, expression);
	sbom_add_licence(texts, id);
}

static void read_licences(struct sbom *s, const struct place *place, const json_t *component, struct buf *out)
{
	const struct place list = { place, "licenses", 0 };
	const json_t *licences = json_object_get(component, "licenses");
	bool concluded = any_concluded(licences);
	_json_ json_t *texts = json_array();
	json_t *choice;
	size_t i;

	if (licences && !json_is_null(licences) && !json_is_array(licences))
		sbom_problem(s, &list, "it is not a list");
	json_array_foreach(licences, i, choice)
		if (!concluded || is_concluded(choice))
			add_choice(s, &(struct place){ &list, NULL, i }, choice, texts);
	sbom_join(s, &list, texts, out);
}

// --- names -----------------------------------------------------------------------------------------------------------

// Maven's coordinates are joined by a colon; everybody else's group is a folder.
static char joint_of(struct span purl)
{
	static const char *const colons[] = { "pkg:maven/", "pkg:gradle/", "pkg:sbt/" };

	for (size_t i = 0; i < LENGTH(colons); i++)
		if (purl.at && text_starts(purl.at, colons[i]))
			return ':';
	return '/';
}

// The version in "pkg:npm/%40babel/core@7.24.0?arch=x": none when it is written with escapes.
static struct span purl_version(struct span purl)
{
	size_t len = purl.at && text_starts(purl.at, "pkg:") ? strcspn(purl.at, "?#") : 0;
	const char *at = len ? memrchr(purl.at, '@', len) : NULL;
	struct span version = { at ? at + 1 : NULL, at ? (size_t)(purl.at + len - at - 1) : 0 };

	return at && !memchr(version.at, '%', version.len) && !memchr(version.at, '/', version.len)
	               ? version
	               : (struct span){ 0 };
}

static bool is_minor(const char *type)
{
	static const char *const types[] = { "file", "operating-system", "device", "cryptographic-asset" };

	for (size_t i = 0; i < LENGTH(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

static void read_component(struct sbom *s, const struct place *place, const json_t *component)
{
	_buf_ struct buf licence = BUF(SBOM_LICENCE_MAX);
	struct span purl = sbom_text(s, place, component, "purl");
	struct sbom_item item = {
		.group = sbom_text(s, place, component, "group"),
		.name = sbom_text(s, place, component, "name"),
		.version = sbom_text(s, place, component, "version"),
		.joint = joint_of(purl),
		.minor = is_minor(json_str(component, "type")),
	};

	if (!item.version.at)
		item.version = purl_version(purl);
	read_licences(s, place, component, &licence);
	item.licence = (struct span){ buf_text(&licence), licence.len };
	sbom_add(s, place, &item);
}

// A component may hold others: the depth of the text has been bounded (sbom_bounds.h).
static void read_components(struct sbom *s, const struct place *above, const json_t *object)
{
	const struct place list = { above, "components", 0 };
	const json_t *components = json_object_get(object, "components");
	json_t *component;
	size_t i;

	if (components && !json_is_null(components) && !json_is_array(components))
		sbom_problem(s, &list, "it is not a list");
	json_array_foreach(components, i, component) {
		const struct place place = { &list, NULL, i };

		if (!json_is_object(component)) {
			sbom_problem(s, &place, "it is not a component");
			continue;
		}
		read_component(s, &place, component);
		read_components(s, &place, component);
	}
}

void sbom_read_cyclonedx(struct sbom *s, const json_t *root)
{
	const char *spec = json_str(root, "specVersion");

	if (!text_starts(spec, "1.")) {
		sbom_problem(s, NULL, "it is not of a version of CycloneDX that this desk reads (1.2 to 1.7)");
		return;
	}
	read_components(s, NULL, root);
}
