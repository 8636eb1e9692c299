// SPDX-License-Identifier: Apache-2.0
#include "adapters/slack/errand.h"

#include <stdlib.h>

#include "adapters/slack/answer.h"
#include "adapters/slack/core.h"
#include "base/auto.h"

static void errand_free(struct errand *errand)
{
	free(errand->id);
	free(errand->file);
	json_decref(errand->args);
	if (errand->fd >= 0)
		close(errand->fd);
	free(errand);
}

void errand_sent(struct errand *errand, json_t *more)
{
	core_sent(errand->core, errand->id, more, errand->fd);
	errand_free(errand);
}

void errand_failed(struct errand *errand, const struct answer *answer)
{
	core_failed(errand->core, errand->id, answer);
	errand_free(errand);
}

void errand_refused(struct errand *errand, const char *error, const char *why)
{
	struct answer answer = answer_own(error, true, 0, "%s", why);

	errand_failed(errand, &answer);
}
