// SPDX-License-Identifier: Apache-2.0
// Secrets are named in the configuration, never written there: `credential:NAME` (a file below systemd's
// $CREDENTIALS_DIRECTORY) or `file:PATH` (refused when others can read it).
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include <stddef.h>

#include "base/err.h"

#define SECRET_MAX 4096

// The file that `reference` names; NULL when it names none.  The caller frees.
char *secret_path(const char *reference, const char *base, struct err *e);

// Reads the secret that `reference` names; a relative PATH is taken from folder `base`.  One line end at the end is
// dropped.  The caller gives it back with secret_free().  NULL on error; the text never holds the secret.
char *secret_load(const char *reference, const char *base, size_t *len, struct err *e);

// Overwrites and frees; NULL is fine.
void secret_free(char *secret);
static inline void auto_secret(char **secret)
{
	secret_free(*secret);
}
#define _secret_ __attribute__((cleanup(auto_secret)))

#endif
