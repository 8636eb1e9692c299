// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/errors.h"

#include <string.h>

#include "base/auto.h"

static const struct error_word words[] = {
	{ "invalid_auth", ERROR_DEAD, "Slack does not know the token" },
	{ "not_authed", ERROR_DEAD, "Slack saw no token" },
	{ "account_inactive", ERROR_DEAD, "the bot's account was deactivated, or the app removed from the workspace" },
	{ "user_removed_from_team", ERROR_DEAD, "the bot was removed from the workspace" },
	{ "team_disabled", ERROR_DEAD, "the workspace was closed" },
	{ "token_revoked", ERROR_DEAD, "the token was revoked" },
	{ "token_expired", ERROR_DEAD, "the token has expired" },
	{ "not_allowed_token_type", ERROR_DEAD,
	  "it is the wrong kind of token: app_token and bot_token may be swapped" },
	{ "org_login_required", ERROR_DEAD, "the workspace was moved into an organisation that wants a new login" },
	{ "forbidden_team", ERROR_DEAD, "the app may not be used in this workspace" },

	{ "missing_scope", ERROR_RIGHT, "the app lacks a scope" },
	{ "access_denied", ERROR_RIGHT, "the workspace does not let the app do this" },
	{ "no_permission", ERROR_RIGHT, "the workspace does not let the app do this" },
	{ "not_enabled", ERROR_RIGHT, "the Home tab is off in the app's settings" },
	{ "messages_tab_disabled", ERROR_RIGHT, "the Messages tab is off in the app's settings" },

	{ "ratelimited", ERROR_LIMITED, "Slack asks for patience" },
	{ "rate_limited", ERROR_LIMITED, "Slack asks for patience" },
	{ "internal_error", ERROR_BROKEN, "something broke at Slack's" },
	{ "fatal_error", ERROR_BROKEN, "something broke at Slack's" },
	{ "service_unavailable", ERROR_BROKEN, "Slack is out of service" },
	{ "request_timeout", ERROR_BROKEN, "Slack did not get the whole request in time" },
	{ "team_added_to_org", ERROR_BROKEN, "the workspace is being moved into an organisation" },
	{ "update_failed", ERROR_BROKEN, "Slack could not change the message" },

	{ "invalid_blocks", ERROR_OURS, "the message breaks the rules of Block Kit" },
	{ "invalid_blocks_format", ERROR_OURS, "the message breaks the rules of Block Kit" },
	{ "msg_blocks_too_long", ERROR_OURS, "the message is too long" },
	{ "msg_too_long", ERROR_OURS, "the message is too long" },
	{ "no_text", ERROR_OURS, "the message has no text" },
	{ "invalid_arguments", ERROR_OURS, "an argument is wrong" },
	{ "invalid_arg_name", ERROR_OURS, "an argument has a wrong name" },
	{ "missing_args", ERROR_OURS, "an argument is missing" },
	{ "invalid_json", ERROR_OURS, "the request is no JSON" },
	{ "json_not_object", ERROR_OURS, "the request is no object" },
	{ "invalid_form_data", ERROR_OURS, "the form cannot be read" },
	{ "invalid_post_type", ERROR_OURS, "the form has a wrong type" },
	{ "missing_post_type", ERROR_OURS, "the form has no type" },
	{ "invalid_charset", ERROR_OURS, "the form has a wrong charset" },
	{ "view_too_large", ERROR_OURS, "the view is larger than 250 KB" },
	{ "duplicate_external_id", ERROR_OURS, "the view's external id is taken" },

	{ "channel_not_found", ERROR_PLACE, "there is no such channel, or the bot was not invited to it" },
	{ "not_in_channel", ERROR_PLACE, "the bot was not invited to the channel" },
	{ "is_archived", ERROR_PLACE, "the channel is archived" },
	{ "restricted_action", ERROR_PLACE, "a setting of the workspace forbids posting there" },
	{ "user_not_in_channel", ERROR_PLACE, "the person is not in the channel" },
	{ "user_not_found", ERROR_PLACE, "there is no such person in the workspace" },
	{ "users_not_found", ERROR_PLACE, "nobody in the workspace has this address, or the person was deactivated" },
	{ "user_not_visible", ERROR_PLACE, "the person cannot be seen by the bot" },
	{ "user_disabled", ERROR_PLACE, "the person was deactivated" },
	{ "cannot_dm_bot", ERROR_PLACE, "a bot cannot be written to" },
	{ "message_not_found", ERROR_PLACE, "the message is gone" },
	{ "thread_not_found", ERROR_PLACE, "the thread is gone" },
	{ "cant_update_message", ERROR_PLACE, "the message is not the bot's own" },
	{ "cant_delete_message", ERROR_PLACE, "the message is not the bot's own" },
	{ "edit_window_closed", ERROR_PLACE, "the workspace does not let old messages be changed" },
	{ "file_not_found", ERROR_PLACE, "the file is gone" },
	{ "file_deleted", ERROR_PLACE, "the file was deleted" },
	{ "file_uploads_disabled", ERROR_PLACE, "a setting of the workspace forbids files" },
	{ "file_uploads_except_images_disabled", ERROR_PLACE, "a setting of the workspace forbids files but images" },
	{ "file_type_not_allowed", ERROR_PLACE, "a setting of the workspace forbids files of this type" },
	{ "file_upload_size_restricted", ERROR_PLACE, "a setting of the workspace forbids files of this size" },

	{ "expired_trigger_id", ERROR_LATE, "the click is more than three seconds old" },
	{ "trigger_expired", ERROR_LATE, "the click is more than three seconds old" },
	{ "exchanged_trigger_id", ERROR_LATE, "the click has opened a window already" },
	{ "trigger_exchanged", ERROR_LATE, "the click has opened a window already" },
	{ "invalid_trigger_id", ERROR_LATE, "the click is not known" },
	{ "view_not_found", ERROR_LATE, "the window was closed" },
	{ "hash_conflict", ERROR_LATE, "the window has changed meanwhile" },
	{ "push_limit_reached", ERROR_LATE, "three windows are open already" },
	{ "used_url", ERROR_LATE, "the answer's address was used up" },
	{ "expired_url", ERROR_LATE, "the answer's address has expired" },
};

const struct error_word *error_find(const char *word)
{
	static const struct error_word restricted = { "", ERROR_PLACE,
		                                      "a setting of the workspace forbids posting there" };
	static const struct error_word other = { "", ERROR_OTHER, "Slack refused it" };

	for (size_t i = 0; i < LENGTH(words); i++)
		if (strcmp(words[i].word, word) == 0)
			return &words[i];
	return strncmp(word, "restricted_action", strlen("restricted_action")) == 0 ? &restricted : &other;
}
