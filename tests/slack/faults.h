// SPDX-License-Identifier: Apache-2.0
// What goes wrong with the next calls of a method.
#ifndef SLACK_FAULTS_H
#define SLACK_FAULTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct answer;

enum fault_kind {
	FAULT_NONE,
	FAULT_ERROR,  // 200 with ok:false
	FAULT_STATUS, // an HTTP status: 429 with Retry-After, others with a page of HTML
	FAULT_HANGUP, // the connection is closed without an answer
};

struct fault {
	enum fault_kind kind;
	bool after; // the call is carried out before it goes wrong
	int status;
	int64_t retry_after; // seconds; -1: the header is missing
	int64_t delay_ms;
	char *error;
};

struct faults {
	json_t *by_method; // method or "*": array of {times, status, retry_after, error, delay_ms, hangup, after}
};

void faults_init(struct faults *f);
void faults_free(struct faults *f);

// Adds one for `method` ("*": for every one): {times (1; 0 = until they are cleared), status, retry_after, error,
// delay_ms, hangup, after}.  Several for one method come one after the other.
int faults_add(struct faults *f, const char *method, const json_t *given, struct err *e);

// Takes them all back, or those of one method.
void faults_clear(struct faults *f, const char *method);

// What the next call of a method meets; counts it.
struct fault faults_take(struct faults *f, const char *method);
void fault_free(struct fault *f);

// Makes the answer what the fault wants; `out`, what the method said, is replaced when it is to say an error.
void fault_apply(const struct fault *f, struct answer *a, json_t **out);

#endif
