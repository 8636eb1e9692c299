// SPDX-License-Identifier: Apache-2.0
// normal TEMPLATES - reads expressions, one a line, and says of each "=" and its normal form, or "!" and why it is
// none. For tests/system/spdx.py, which compares with another implementation.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "bot/expression.h"

int main(int argc, char **argv)
{
	struct err e = { 0 };
	_licences_ struct licences *l = argc == 2 ? licences_load(argv[1], &e) : NULL;
	_free_ char *line = NULL;
	size_t room = 0;

	if (!l) {
		fprintf(stderr, "%s\n", argc == 2 ? e.text : "normal TEMPLATES");
		return 1;
	}
	while (getline(&line, &room, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		_free_ char *normal = expression_normal(l, line, &e);

		printf("%s%s\n", normal ? "=" : "!", normal ? normal : e.text);
	}
	return 0;
}
