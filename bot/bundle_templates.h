// SPDX-License-Identifier: Apache-2.0
// The files of templates/bundle/, which the program carries in itself (Makefile).
#ifndef BOT_BUNDLE_TEMPLATES_H
#define BOT_BUNDLE_TEMPLATES_H

struct bundle_template {
	const char *name; // "summary.txt"; NULL ends the table
	const char *text;
};

extern const struct bundle_template bundle_templates[];

#endif
