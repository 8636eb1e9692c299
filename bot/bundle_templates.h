// SPDX-License-Identifier: Apache-2.0
// The files of templates/bundle/, which the program carries in itself (Makefile).
#ifndef BOT_BUNDLE_TEMPLATES_H
#define BOT_BUNDLE_TEMPLATES_H

struct bundle_template {
	const char *name; // "summary.txt"; NULL ends the table
	const char *text;
};

extern const struct bundle_template bundle_templates[];

// "0.1.0-5b3c07ac9f1e": the version, and a hash of these files and of what fills them in.  Programs of which it is the
// same write the same summary.
extern const char bundle_writer[];

#endif
