// SPDX-License-Identifier: Apache-2.0
// The doctor's look at those outside who vouch for the log's heads.
#ifndef BOT_DOCTOR_ANCHOR_H
#define BOT_DOCTOR_ANCHOR_H

#include "bot/config.h"
#include "bot/doctor_report.h"

// Asks each witness to cosign the newest signed head, as the desk does, and the authority to stamp it; nothing is kept
// here.  Without a head it is only seen whether a witness answers.
void doctor_anchor(const struct config *config, struct report *r);

#endif
