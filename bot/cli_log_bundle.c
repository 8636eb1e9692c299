// SPDX-License-Identifier: Apache-2.0
// `log verify-bundle`: on any machine, without configuration or database.
#include "base/auto.h"
#include "base/json.h"
#include "bot/bundle_check.h"
#include "bot/cli_log.h"

int cli_log_verify_bundle(const struct cli *c)
{
	_bundle_verdict_ struct bundle_verdict verdict = { .entries = 0 };
	struct cli_log_given given;
	int code = cli_log_given(c, "log verify-bundle DIR|FILE.tar [--key VKEY]", &given);
	_json_ json_t *view = NULL;
	_free_ char *words = NULL;
	struct err e = { 0 };

	if (code)
		return code;
	if (bundle_check(given.path, given.pinned, &verdict, &e) < 0) {
		err_prefix(&e, "%s does not hold", given.path);
		return cli_log_fail(c, &e);
	}
	if (c->json) {
		view = bundle_verdict_view(&verdict);
		return cli_print_json(view);
	}
	words = bundle_verdict_words(&verdict);
	return cli_print(words);
}
