// SPDX-License-Identifier: Apache-2.0
// A witness' configuration: a file of its own (countersign-witness(1)), read, checked whole, its key loaded.
#ifndef BOT_WITNESS_SETTINGS_H
#define BOT_WITNESS_SETTINGS_H

#include <stdint.h>

#include "bot/witness_decide.h"

struct witness_settings {
	char *host;  // an address of this machine
	int port;    // 1 to 65535
	char *state; // folder
	struct witness witness;
};

// 0, or -1 with "file:line:column: sentence".  `out` is valid for witness_settings_free() either way.
int witness_settings_load(const char *path, struct witness_settings *out, struct err *e);
// The same from text, as tests do; relative paths start at the folder of `path`.
int witness_settings_read(const char *text, size_t len, const char *path, struct witness_settings *out, struct err *e);
void witness_settings_free(struct witness_settings *s);
#define _witness_settings_ __attribute__((cleanup(witness_settings_free)))

#endif
