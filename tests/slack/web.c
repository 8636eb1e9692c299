// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/web.h"

#include <string.h>

#include "base/auto.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/files.h"
#include "tests/slack/hooks.h"
#include "tests/slack/http.h"

void web_answer(struct emulator *m, const struct request *r, struct answer *a)
{
	static const struct {
		const char *path;
		void (*answer)(struct emulator *m, const struct request *r, const char *rest, struct answer *a);
	} table[] = {
		{ "/api/", api_answer },
		{ "/hooks/", hooks_answer },
		{ "/upload/", files_take },
		{ "/files/", files_give },
	};

	for (size_t i = 0; i < LENGTH(table); i++)
		if (text_starts(r->path, table[i].path)) {
			table[i].answer(m, r, r->path + strlen(table[i].path), a);
			return;
		}
	a->status = 404;
	buf_puts(&a->body, "nothing here\n");
}
