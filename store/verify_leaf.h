// SPDX-License-Identifier: Apache-2.0
// Reading leaves in bulk: a million of them are most often plain, and then neither JSON values nor a second, canonical
// text are needed to see that they are canonical.
#ifndef STORE_VERIFY_LEAF_H
#define STORE_VERIFY_LEAF_H

#include "base/digest.h"
#include "store/log.h"

struct leaf {
	struct entry entry;             // its texts are in `texts`
	char body[2 * DIGEST_SIZE + 1]; // the commitment, in hex
	char texts[4][512 + 1];         // actor, case, type, via: as long as store/log.c lets them be
};

// Reads a leaf and checks that it is exactly what log_append() writes: our keys and no others, canonical JSON, the time
// as ours.  -1 says what is wrong with it.  The struct must stay where it is: it points into itself.
int leaf_read(struct piece bytes, struct leaf *out, struct err *e);

#endif
