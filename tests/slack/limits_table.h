// SPDX-License-Identifier: Apache-2.0
// What each object of Block Kit may hold.  Source: Slack's reference of blocks, elements and views.
#ifndef SLACK_LIMITS_TABLE_H
#define SLACK_LIMITS_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "tests/slack/limits_check.h"

// What a member must be.
enum rule_kind {
	RULE_STRING,  // of at most `max` characters, not empty
	RULE_TEXT,    // a string that may be empty
	RULE_BOOL,    //
	RULE_INTEGER, //
	RULE_STYLE,   // primary or danger
	RULE_PLAIN,   // a text object, plain_text
	RULE_EITHER,  // a text object of either type
	RULE_TEXTS,   // at most `max` text objects of either type, each of at most 2000 characters
	RULE_OBJECT,  // an object of kind `of`
	RULE_OBJECTS, // at most `max` of them
	RULE_STRINGS, // at most `max` strings
	RULE_ANY,     // is not looked into
};

struct rule {
	const char *name;
	enum rule_kind kind;
	size_t max;
	bool required;
	enum check_kind of;
};

#define RULES_MAX 16

struct shape {
	enum check_kind kinds[5]; // in which it may stand
	size_t kind_count;
	const char *type; // NULL: has none
	struct rule rules[RULES_MAX];
};

// The shape of a type in a place; NULL when there is none.
const struct shape *shape_find(enum check_kind kind, const char *type);

#endif
