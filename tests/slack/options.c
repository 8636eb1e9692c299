// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/options.h"

#include <getopt.h>
#include <stdlib.h>

static int number(const char *text, double max, double *out, struct err *e)
{
	char *end;

	*out = strtod(text, &end);
	if (end == text || *end || !(*out >= 0 && *out <= max))
		return err_set(e, EX_USAGE, "\"%s\" is not a number from 0 to %.0f", text, max);
	return 0;
}

static int check(const struct options *o, int left, struct err *e)
{
	if (left || !o->control)
		return err_set(e, EX_USAGE, OPTIONS_USAGE);
	if (!o->cert != !o->key)
		return err_set(e, EX_USAGE, "--cert and --key go together");
	return 0;
}

int options_read(struct options *o, int argc, char **argv, struct err *e)
{
	static const struct option names[] = {
		{ "port", required_argument, NULL, 'p' },
		{ "cert", required_argument, NULL, 'c' },
		{ "key", required_argument, NULL, 'k' },
		{ "control", required_argument, NULL, 's' },
		{ "retry-scale", required_argument, NULL, 'r' },
		{ "verbose", no_argument, NULL, 'v' },
		{ 0 },
	};
	double port = 0;
	int letter;

	*o = (struct options){ .retry_scale = 1 };
	while ((letter = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (letter == 'p' && number(optarg, 65535, &port, e) < 0)
			return -1;
		else if (letter == 'r' && number(optarg, 1000, &o->retry_scale, e) < 0)
			return -1;
		else if (letter == 'c')
			o->cert = optarg;
		else if (letter == 'k')
			o->key = optarg;
		else if (letter == 's')
			o->control = optarg;
		else if (letter == 'v')
			o->verbose = true;
		else if (letter == '?')
			return err_set(e, EX_USAGE, OPTIONS_USAGE);
	}
	o->port = (int)port;
	return check(o, argc - optind, e);
}
