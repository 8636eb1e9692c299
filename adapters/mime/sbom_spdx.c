// SPDX-License-Identifier: Apache-2.0
// SPDX 2.2 and 2.3 as JSON.
#include "adapters/mime/sbom_spdx.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

static bool is_minor(struct span purpose)
{
	static const char *const purposes[] = { "FILE", "OPERATING-SYSTEM", "DEVICE",
		                                "file", "operatingSystem",  "device" };

	for (size_t i = 0; i < LENGTH(purposes); i++)
		if (purpose.len == strlen(purposes[i]) && memcmp(purpose.at, purposes[i], purpose.len) == 0)
			return true;
	return false;
}

void spdx_add(struct sbom *s, const struct place *place, const struct spdx_package *package, const json_t *roots)
{
	const struct span *concluded = &package->concluded;
	const struct sbom_item item = {
		.name = package->name,
		.version = package->version,
		.licence = sbom_is_no_licence(*concluded) ? package->declared : *concluded,
		.minor = is_minor(package->purpose),
	};

	if (package->id.at && json_object_getn(roots, package->id.at, package->id.len))
		return;
	sbom_add(s, place, &item);
}

static void add_root(json_t *roots, const char *id)
{
	if (id)
		json_put(roots, id, json_true());
}

// What the document describes, by either of the two ways to say so.
static json_t *find_roots(const json_t *root)
{
	const char *self = json_str(root, "SPDXID");
	json_t *roots = json_object(), *item;
	size_t i;

	json_array_foreach(json_arr(root, "documentDescribes"), i, item)
		add_root(roots, json_string_value(item));
	json_array_foreach(json_arr(root, "relationships"), i, item) {
		const char *type = json_str(item, "relationshipType");
		const char *from = json_str(item, "spdxElementId"), *to = json_str(item, "relatedSpdxElement");

		if (strcmp(type, "DESCRIBES") == 0 && strcmp(from, self) == 0)
			add_root(roots, to);
		else if (strcmp(type, "DESCRIBED_BY") == 0 && strcmp(to, self) == 0)
			add_root(roots, from);
	}
	return roots;
}

static void read_package(struct sbom *s, const struct place *place, const json_t *package, const json_t *roots)
{
	const struct spdx_package p = {
		.id = sbom_text(s, place, package, "SPDXID"),
		.name = sbom_text(s, place, package, "name"),
		.version = sbom_text(s, place, package, "versionInfo"),
		.concluded = sbom_text(s, place, package, "licenseConcluded"),
		.declared = sbom_text(s, place, package, "licenseDeclared"),
		.purpose = sbom_text(s, place, package, "primaryPackagePurpose"),
	};

	if (json_is_object(package))
		spdx_add(s, place, &p, roots);
	else
		sbom_problem(s, place, "it is not a package");
}

static void read_packages(struct sbom *s, const json_t *packages, const json_t *roots)
{
	const struct place list = { NULL, "packages", 0 };
	json_t *package;
	size_t i;

	if (packages && !json_is_null(packages) && !json_is_array(packages))
		sbom_problem(s, &list, "it is not a list");
	json_array_foreach(packages, i, package)
		read_package(s, &(struct place){ &list, NULL, i }, package, roots);
}

void sbom_read_spdx(struct sbom *s, const json_t *root)
{
	_json_ json_t *roots = find_roots(root);

	if (!text_starts(json_str(root, "spdxVersion"), "SPDX-2.")) {
		sbom_problem(s, NULL, "it is not of a version of SPDX that this desk reads (2.2, 2.3, 3.0)");
		return;
	}
	read_packages(s, json_object_get(root, "packages"), roots);
	// Of a document about single packages these are what it lists.
	if (s->count == 0 && s->problems == 0)
		read_packages(s, json_object_get(root, "packages"), NULL);
}
