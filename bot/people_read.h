// SPDX-License-Identifier: Apache-2.0
// What a people file becomes.  Private to bot/people*.c.
#ifndef BOT_PEOPLE_READ_H
#define BOT_PEOPLE_READ_H

#include "bot/people.h"

struct people {
	json_t *root; // the file's values, which the persons point into
	json_t *none; // an empty array, for what a person does not have
	json_t *requesters;
	json_t *by_id, *by_mail, *by_unix, *by_slack; // key -> position in the list
	struct person *list;
	size_t count;
	char *text;
};

#endif
