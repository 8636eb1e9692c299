// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/ack.h"

#include "base/auto.h"
#include "base/json.h"

char *ack_text(const char *envelope_id, json_t *payload)
{
	_json_ json_t *ack = json_object();

	json_put_str(ack, "envelope_id", envelope_id);
	if (payload)
		json_put(ack, "payload", json_incref(payload));
	return json_text(ack);
}
