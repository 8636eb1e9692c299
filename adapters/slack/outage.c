// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/outage.h"

#include "base/clock.h"

enum { LONG = CLOCK_MINUTE };

enum outage_news outage_look(struct outage *o, bool connected, int64_t now, int64_t *seconds)
{
	bool told = o->told;

	*seconds = o->since ? (now - o->since) / CLOCK_SECOND : 0;
	if (connected) {
		*o = (struct outage){ 0 };
		return told ? OUTAGE_OVER : OUTAGE_NO_NEWS;
	}
	if (o->since == 0)
		o->since = now;
	if (told || now < o->since + LONG)
		return OUTAGE_NO_NEWS;
	o->told = true;
	return OUTAGE_LONG;
}

int64_t outage_due(const struct outage *o)
{
	return o->since && !o->told ? o->since + LONG : -1;
}
