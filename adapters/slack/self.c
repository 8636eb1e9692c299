// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/self.h"

#include <string.h>

#include "adapters/slack/calls.h"
#include "adapters/slack/core.h"
#include "adapters/slack/intake.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"

json_t *self_describe(const struct answer *answer)
{
	static const char *const keys[] = { "user_id", "bot_id", "team_id", "team", "url" };
	json_t *out = json_object(), *scopes = json_array();
	_free_ char *list = text_copy(answer->scopes);
	char *rest = list, *scope;

	for (size_t i = 0; i < LENGTH(keys); i++)
		answer_put(out, keys[i], json_str(answer->json, keys[i]));
	while ((scope = strsep(&rest, ",")))
		if (*(scope = text_trim(scope)) && utf8_valid(scope, strlen(scope)))
			json_add_str(scopes, scope);
	json_put(out, "scopes", scopes);
	return out;
}

static void ask(uv_timer_t *timer);

static void on_answer(void *data, const struct answer *answer)
{
	struct self *s = data;
	int64_t now = clock_monotonic();
	uint32_t random;

	if (answer->ok) {
		intake_set_self(s->intake, json_str(answer->json, "user_id"));
		core_event(s->core, "self", "self/1", self_describe(answer), -1);
	} else if (answer->trouble != TROUBLE_TOKEN) {
		log_warning("%s", answer->why);
		random_bytes(&random, sizeof random);
		backoff_failed(&s->backoff, now, 0, random);
		uv_timer_start(&s->timer, ask, (uint64_t)(s->backoff.not_before - now), 0);
	}
}

static void ask(uv_timer_t *timer)
{
	struct self *s = timer->data;

	calls_add(s->calls, &(struct call){ .method = METHOD_AUTH_TEST,
	                                    .bearer = BEARER_BOT,
	                                    .content_type = CALL_FORM,
	                                    .body = text_copy(""),
	                                    .fd = -1,
	                                    .done = on_answer,
	                                    .data = s });
}

void self_start(struct self *s, uv_loop_t *loop, struct calls *calls, struct core *core, struct intake *intake)
{
	*s = (struct self){ .calls = calls, .core = core, .intake = intake };
	uv_timer_init(loop, &s->timer);
	s->timer.data = s;
	uv_timer_start(&s->timer, ask, 0, 0);
}

void self_close(struct self *s)
{
	uv_close((uv_handle_t *)&s->timer, NULL);
}
