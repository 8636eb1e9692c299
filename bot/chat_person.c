// SPDX-License-Identifier: Apache-2.0
// Who did something in Slack.  Slack proves the user id; the person behind it is the one whom people.yaml lists under
// it, or, for somebody who may only ask, the address that Slack has for them.
#include <string.h>

#include "base/text.h"
#include "bot/address.h"
#include "bot/chat_parts.h"

static enum step turn_away(struct chat *c, const char *code, const char *reason, struct err *e)
{
	return say_no(&c->in,
	              &(struct no){ .type = "access.refused",
	                            .code = code,
	                            .reason = reason,
	                            .next = "Ask the administrators of this desk to list you." },
	              e);
}

static const char *team_of(const struct chat *c)
{
	const json_t *user = json_obj(c->payload, "user");
	const char *team = json_str(user, "team_id");

	if (c->event && *json_str(c->event, "user_team"))
		return json_str(c->event, "user_team");
	return *team ? team : json_str(c->payload, "team_id");
}

// Somebody who is not listed by their Slack id: what the adapter looked up says who they are.
static enum step identify_asker(struct chat *c, struct err *e)
{
	const json_t *known = c->account;
	const char *email = json_str(known, "email");
	_free_ char *address = *email ? address_normal(email) : NULL;
	struct incoming *in = &c->in;

	if (json_bool(known, "deleted") || json_bool(known, "bot") || json_bool(known, "guest"))
		return turn_away(c, "foreign-user", "Guests, bots and deactivated accounts may not use this desk.", e);
	if (!address)
		return turn_away(c, "unknown-sender",
		                 "Slack did not say which address is yours, so this desk cannot tell who you are.", e);
	// An address in a profile must not make anybody an auditor, or let them revoke: who is listed needs the id as
	// well.
	if (people_by_mail(in->desk->people, address))
		return turn_away(c, "unknown-sender", "You are listed here, but not with this Slack account.", e);
	if (!people_may_ask(in->desk->people, address))
		return turn_away(c, "unknown-sender", "You are not listed here and not of a domain that may ask.", e);
	in->principal = text_format("mail:%s", address);
	in->name = *json_str(known, "name") ? json_str(known, "name") : email;
	in->authenticated = true;
	return STEP_ON;
}

enum step chat_identify(struct chat *c, struct err *e)
{
	struct incoming *in = &c->in;
	const char *team = team_of(c);

	c->from = text_format(SLACK_ADDRESS "%s", c->user);
	in->from = c->from;
	if (c->s->chat.team && *c->s->chat.team && *team && strcmp(team, c->s->chat.team) != 0)
		return turn_away(c, "foreign-user", "People of other Slack workspaces may not use this desk.", e);
	in->person = people_by_slack(in->desk->people, c->user);
	if (!in->person)
		return identify_asker(c, e);
	in->principal = text_format("person:%s", in->person->id);
	in->name = in->person->name;
	in->authenticated = true;
	return STEP_ON;
}
