// SPDX-License-Identifier: Apache-2.0
// The components of one SBOM in the making, and what is wrong with it: what the readers of the formats share.
#ifndef MIME_SBOM_LIST_H
#define MIME_SBOM_LIST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SBOM_LICENCE_MAX 1024 // bytes

struct buf;

struct sbom {
	const char *file; // its name, for sentences; borrowed
	const char *format;
	char spec[16];
	json_t *components; // at most SBOM_COMPONENTS_MAX
	json_t *known;      // a set: each different component is counted once
	size_t count;
	char problem[512]; // a sentence about the first
	size_t problems;
};

// Where in the file: a path into JSON ("components[3].licenses"), or a line.
struct place {
	const struct place *above; // NULL at the top
	const char *key;           // NULL for a member of a list
	size_t index;              // of a member, or the line when there is neither key nor anything above
};

// Text that need not end in a NUL; `at` NULL is none.
struct span {
	const char *at;
	size_t len;
};

struct span span_of(const char *text); // NULL gives none

// One component as its file has it.
struct sbom_item {
	struct span group, name, version;
	struct span licence;
	char joint; // what stands between group and name
	bool minor; // no software of its own (a file, an operating system): passed over when it has no licence
};

void sbom_open(struct sbom *s, const char *file);
void sbom_close(struct sbom *s);
#define _sbom_ __attribute__((cleanup(sbom_close)))

// Notes the format, and the version in "SPDX-2.3" or "1.6".
void sbom_is_of(struct sbom *s, const char *format, struct span version);

// Takes a component.  What is missing or too long is a problem.
void sbom_add(struct sbom *s, const struct place *place, const struct sbom_item *item);

// Notes what is wrong; a sentence begins with the file and, unless NULL, the place.
void sbom_problem(struct sbom *s, const struct place *place, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

// Adds to the sentence how many more problems there were.
void sbom_more(struct sbom *s);

// The text member of an object; none when it is absent, null or empty, and with a problem when it is no text.
struct span sbom_text(struct sbom *s, const struct place *place, const json_t *object, const char *key);

// A licence that says nothing: NOASSERTION, NONE, or empty.
bool sbom_is_no_licence(struct span licence);

// Adds a licence to a list of texts, once, unless it says nothing; at most 100, and the sign that there are more.
void sbom_add_licence(json_t *texts, struct span licence);

// All of them as one: "MIT AND (GPL-2.0-only OR MIT)".  Several licences of one component all count, for neither format
// says that one may choose.  Nothing, and a problem, when they are too many or cannot stand beside each other.
void sbom_join(struct sbom *s, const struct place *place, const json_t *texts, struct buf *out);

// --- the readers -----------------------------------------------------------------------------------------------------

void sbom_read_cyclonedx(struct sbom *s, const json_t *root);
void sbom_read_spdx(struct sbom *s, const json_t *root);
void sbom_read_spdx3(struct sbom *s, const json_t *root);
void sbom_read_tags(struct sbom *s, const char *text, size_t len);

#endif
