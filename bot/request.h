// SPDX-License-Identifier: Apache-2.0
// What a person asks for, taken from everything that they sent: labelled lines and tables, then what running text says,
// then the SBOMs beside it.
#ifndef BOT_REQUEST_H
#define BOT_REQUEST_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct desk;
struct licences;
struct people;

// What words are read by; everything borrowed.
struct request_rules {
	const json_t *declared; // the catalogue's facts, see facts.h; may be NULL
	const struct licences *licences;
	const struct people *people; // may be NULL: persons stay as they were written
	int64_t now;
};

// A reading as facts_read() gives it, from a document of the mime worker (or one in its shape: "subject", "own",
// "pairs", "sboms"; the fields of a form are in "form", see fact_form.h).  What was stated beats what was inferred
// (origin "inferred") or taken from an SBOM (origin "sbom"); licences are expressions where they can be read as such,
// "words" keeps what was written.  In a reply the subject is not the sender's, and what prose leaves open is no
// problem.
json_t *request_of(const struct request_rules *rules, const json_t *document, bool reply);
json_t *request_read(const struct desk *desk, const json_t *document, bool reply);

#endif
