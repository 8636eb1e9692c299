// SPDX-License-Identifier: Apache-2.0
// The caller's functions, made callable from conditions.  Private to store/condition.c.
#ifndef STORE_CONDITION_CALL_H
#define STORE_CONDITION_CALL_H

#include "base/err.h"
#include "store/condition.h"

struct guard;
struct memo;
struct sqlite3;

// What a call needs; everything must live as long as the connection.
struct caller {
	const struct condition_function *functions; // ends with a NULL name
	void *context;
	struct guard *guard; // is charged for each call
	struct memo *memo;   // keeps the answers
};

int condition_calls(struct sqlite3 *handle, const struct caller *caller, struct err *e);

#endif
