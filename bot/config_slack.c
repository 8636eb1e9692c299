// SPDX-License-Identifier: Apache-2.0
#include "bot/config_slack.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/config_mail.h"

#define API "https://slack.com/api/"
#define ID_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

const struct yaml_key config_slack_keys[] = {
	{ .name = "app_token", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "bot_token", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "api", .kind = YAML_TEXT, .max = 512 },
	{ .name = "channel", .kind = YAML_TEXT, .max = 32 },
	{ .name = "ca", .kind = YAML_TEXT, .min = -1 },
	{ .name = NULL },
};

static int take_api(struct yaml *y, json_t *slack, struct config *out, struct err *e)
{
	json_t *value = json_object_get(slack, "api");
	const char *text = value ? json_string_value(value) : API;

	if (!text_starts(text, "https://") && !(text_starts(text, "http://") && config_loopback_url(text)))
		return yaml_error(y, value, e, "'api' must be an https:// address");
	if (text[strlen(text) - 1] != '/' || strpbrk(text, "?#@"))
		return yaml_error(y, value, e, "'api' must end with a slash, as " API " does");
	out->slack.api = text_copy(text);
	return 0;
}

static int take_channel(struct yaml *y, json_t *slack, struct config *out, struct err *e)
{
	json_t *value = json_object_get(slack, "channel");
	const char *text = json_string_value(value);

	if (!text)
		return 0;
	if ((text[0] != 'C' && text[0] != 'G') || text[strspn(text, ID_CHARACTERS)] || strlen(text) < 3)
		return yaml_error(y, value, e,
		                  "'channel' must be a channel's id, like C0123ABCD (in Slack: the channel's details, "
		                  "at the bottom)");
	out->slack.channel = text_copy(text);
	return 0;
}

int config_take_slack(struct yaml *y, json_t *slack, struct config *out, struct err *e)
{
	const char *ca = json_str(slack, "ca");

	out->has_slack = true;
	out->slack.ca = *ca ? path_join(out->dir, ca) : text_copy("");
	if (take_api(y, slack, out, e) < 0 || take_channel(y, slack, out, e) < 0 ||
	    config_take_secret(y, slack, "app_token", &out->slack.app_token, e) < 0)
		return -1;
	return config_take_secret(y, slack, "bot_token", &out->slack.bot_token, e);
}

void config_free_slack(struct config *c)
{
	free(c->slack.app_token);
	free(c->slack.bot_token);
	free(c->slack.api);
	free(c->slack.channel);
	free(c->slack.ca);
}
