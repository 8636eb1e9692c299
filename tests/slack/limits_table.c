// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/limits_table.h"

#include <string.h>

#include "base/auto.h"

#define IN(...) { __VA_ARGS__ }, sizeof((enum check_kind[]){ __VA_ARGS__ }) / sizeof(enum check_kind)
#define BLOCK IN(CHECK_BLOCK)
#define ANYWHERE IN(CHECK_ELEMENT, CHECK_ACCESSORY, CHECK_INPUT)
#define PRESSED IN(CHECK_ELEMENT, CHECK_ACCESSORY)
#define BLOCK_ID \
	{ \
		"block_id", RULE_STRING, 255, false, 0 \
	}
#define ACTION_ID \
	{ \
		"action_id", RULE_STRING, 255, false, 0 \
	}
#define CONFIRM \
	{ \
		"confirm", RULE_OBJECT, 0, false, CHECK_CONFIRM \
	}
#define PLACEHOLDER \
	{ \
		"placeholder", RULE_PLAIN, 150, false, 0 \
	}
#define FOCUS \
	{ \
		"focus_on_load", RULE_BOOL, 0, false, 0 \
	}
#define OPTIONS(most) \
	{ \
		"options", RULE_OBJECTS, most, true, CHECK_OPTION \
	}
#define CHOICES \
	{ "options", RULE_OBJECTS, 100, false, CHECK_OPTION }, \
	{ \
		"option_groups", RULE_OBJECTS, 100, false, CHECK_GROUP \
	}
#define INITIAL_OPTION \
	{ \
		"initial_option", RULE_OBJECT, 0, false, CHECK_OPTION \
	}
#define INITIAL_OPTIONS \
	{ \
		"initial_options", RULE_OBJECTS, 100, false, CHECK_OPTION \
	}
#define MOST \
	{ \
		"max_selected_items", RULE_INTEGER, 0, false, 0 \
	}
#define TYPED FOCUS, { "dispatch_action_config", RULE_OBJECT, 0, false, CHECK_DISPATCH }, PLACEHOLDER

// The limits of numbers and lengths are those of Slack's reference; 0 is no limit of its own.
static const struct shape shapes[] = {
	{ BLOCK,
	  "section",
	  { BLOCK_ID,
	    { "text", RULE_EITHER, 3000, false, 0 },
	    { "fields", RULE_TEXTS, 10, false, 0 },
	    { "accessory", RULE_OBJECT, 0, false, CHECK_ACCESSORY },
	    { "expand", RULE_BOOL, 0, false, 0 } } },
	{ BLOCK, "header", { BLOCK_ID, { "text", RULE_PLAIN, 150, true, 0 } } },
	{ BLOCK, "divider", { BLOCK_ID } },
	{ BLOCK, "context", { BLOCK_ID, { "elements", RULE_OBJECTS, 10, true, CHECK_CONTEXT } } },
	{ BLOCK, "actions", { BLOCK_ID, { "elements", RULE_OBJECTS, 25, true, CHECK_ELEMENT } } },
	{ BLOCK, "markdown", { BLOCK_ID, { "text", RULE_STRING, 12000, true, 0 } } },
	{ BLOCK, "rich_text", { BLOCK_ID, { "elements", RULE_ANY, 0, true, 0 } } },
	{ BLOCK,
	  "image",
	  { BLOCK_ID,
	    { "image_url", RULE_STRING, 3000, false, 0 },
	    { "slack_file", RULE_ANY, 0, false, 0 },
	    { "alt_text", RULE_STRING, 2000, true, 0 },
	    { "title", RULE_PLAIN, 2000, false, 0 } } },
	{ BLOCK,
	  "input",
	  { BLOCK_ID,
	    { "label", RULE_PLAIN, 2000, true, 0 },
	    { "element", RULE_OBJECT, 0, true, CHECK_INPUT },
	    { "hint", RULE_PLAIN, 2000, false, 0 },
	    { "optional", RULE_BOOL, 0, false, 0 },
	    { "dispatch_action", RULE_BOOL, 0, false, 0 } } },
	{ PRESSED,
	  "button",
	  { ACTION_ID,
	    CONFIRM,
	    { "text", RULE_PLAIN, 75, true, 0 },
	    { "value", RULE_STRING, 2000, false, 0 },
	    { "url", RULE_STRING, 3000, false, 0 },
	    { "style", RULE_STYLE, 0, false, 0 },
	    { "accessibility_label", RULE_STRING, 75, false, 0 } } },
	{ ANYWHERE, "static_select", { ACTION_ID, CONFIRM, FOCUS, PLACEHOLDER, CHOICES, INITIAL_OPTION } },
	{ ANYWHERE, "multi_static_select", { ACTION_ID, CONFIRM, FOCUS, PLACEHOLDER, CHOICES, INITIAL_OPTIONS, MOST } },
	{ ANYWHERE,
	  "users_select",
	  { ACTION_ID, CONFIRM, FOCUS, PLACEHOLDER, { "initial_user", RULE_STRING, 255, false, 0 } } },
	{ ANYWHERE,
	  "multi_users_select",
	  { ACTION_ID, CONFIRM, FOCUS, PLACEHOLDER, MOST, { "initial_users", RULE_STRINGS, 100, false, 0 } } },
	{ PRESSED, "overflow", { ACTION_ID, CONFIRM, OPTIONS(5) } },
	{ ANYWHERE, "checkboxes", { ACTION_ID, CONFIRM, FOCUS, OPTIONS(10), INITIAL_OPTIONS } },
	{ ANYWHERE, "radio_buttons", { ACTION_ID, CONFIRM, FOCUS, OPTIONS(10), INITIAL_OPTION } },
	{ ANYWHERE,
	  "datepicker",
	  { ACTION_ID, CONFIRM, FOCUS, PLACEHOLDER, { "initial_date", RULE_STRING, 10, false, 0 } } },
	{ ANYWHERE,
	  "timepicker",
	  { ACTION_ID,
	    CONFIRM,
	    FOCUS,
	    PLACEHOLDER,
	    { "initial_time", RULE_STRING, 5, false, 0 },
	    { "timezone", RULE_STRING, 255, false, 0 } } },
	{ IN(CHECK_INPUT),
	  "plain_text_input",
	  { ACTION_ID,
	    TYPED,
	    { "initial_value", RULE_TEXT, 3000, false, 0 },
	    { "multiline", RULE_BOOL, 0, false, 0 },
	    { "min_length", RULE_INTEGER, 3000, false, 0 },
	    { "max_length", RULE_INTEGER, 3000, false, 0 } } },
	{ IN(CHECK_INPUT),
	  "number_input",
	  { ACTION_ID,
	    TYPED,
	    { "initial_value", RULE_TEXT, 0, false, 0 },
	    { "is_decimal_allowed", RULE_BOOL, 0, true, 0 },
	    { "min_value", RULE_STRING, 0, false, 0 },
	    { "max_value", RULE_STRING, 0, false, 0 } } },
	{ IN(CHECK_INPUT), "email_text_input", { ACTION_ID, TYPED, { "initial_value", RULE_TEXT, 0, false, 0 } } },
	{ IN(CHECK_INPUT), "url_text_input", { ACTION_ID, TYPED, { "initial_value", RULE_TEXT, 0, false, 0 } } },
	{ IN(CHECK_CONTEXT, CHECK_ACCESSORY),
	  "image",
	  { { "image_url", RULE_STRING, 3000, false, 0 },
	    { "slack_file", RULE_ANY, 0, false, 0 },
	    { "alt_text", RULE_STRING, 2000, true, 0 } } },
	{ IN(CHECK_CONTEXT),
	  "plain_text",
	  { { "text", RULE_STRING, 3000, true, 0 }, { "emoji", RULE_BOOL, 0, false, 0 } } },
	{ IN(CHECK_CONTEXT),
	  "mrkdwn",
	  { { "text", RULE_STRING, 3000, true, 0 }, { "verbatim", RULE_BOOL, 0, false, 0 } } },
	{ IN(CHECK_OPTION),
	  NULL,
	  { { "text", RULE_EITHER, 75, true, 0 },
	    { "value", RULE_STRING, 75, true, 0 },
	    { "description", RULE_EITHER, 75, false, 0 },
	    { "url", RULE_STRING, 3000, false, 0 } } },
	{ IN(CHECK_GROUP), NULL, { { "label", RULE_PLAIN, 75, true, 0 }, OPTIONS(100) } },
	{ IN(CHECK_CONFIRM),
	  NULL,
	  { { "title", RULE_PLAIN, 100, true, 0 },
	    { "text", RULE_EITHER, 300, true, 0 },
	    { "confirm", RULE_PLAIN, 30, true, 0 },
	    { "deny", RULE_PLAIN, 30, true, 0 },
	    { "style", RULE_STYLE, 0, false, 0 } } },
	{ IN(CHECK_DISPATCH), NULL, { { "trigger_actions_on", RULE_STRINGS, 2, false, 0 } } },
	{ IN(CHECK_MODAL),
	  "modal",
	  { { "title", RULE_PLAIN, 24, true, 0 },
	    { "submit", RULE_PLAIN, 24, false, 0 },
	    { "close", RULE_PLAIN, 24, false, 0 },
	    { "blocks", RULE_ANY, 0, true, 0 },
	    { "private_metadata", RULE_TEXT, 3000, false, 0 },
	    { "callback_id", RULE_TEXT, 255, false, 0 },
	    { "external_id", RULE_TEXT, 255, false, 0 },
	    { "clear_on_close", RULE_BOOL, 0, false, 0 },
	    { "notify_on_close", RULE_BOOL, 0, false, 0 },
	    { "submit_disabled", RULE_BOOL, 0, false, 0 } } },
	{ IN(CHECK_HOME),
	  "home",
	  { { "blocks", RULE_ANY, 0, true, 0 },
	    { "private_metadata", RULE_TEXT, 3000, false, 0 },
	    { "callback_id", RULE_TEXT, 255, false, 0 },
	    { "external_id", RULE_TEXT, 255, false, 0 } } },
};

static bool stands_in(const struct shape *s, enum check_kind kind)
{
	for (size_t i = 0; i < s->kind_count; i++)
		if (s->kinds[i] == kind)
			return true;
	return false;
}

const struct shape *shape_find(enum check_kind kind, const char *type)
{
	for (size_t i = 0; i < LENGTH(shapes); i++)
		if (stands_in(&shapes[i], kind) && (!shapes[i].type || !strcmp(shapes[i].type, type)))
			return &shapes[i];
	return NULL;
}
