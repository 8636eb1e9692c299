// SPDX-License-Identifier: Apache-2.0
#include "bot/cli.h"
int cli_doctor(const struct cli *c)
{
	(void)c;
	return cli_usage("doctor");
}
