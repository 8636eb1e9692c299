// SPDX-License-Identifier: Apache-2.0
// The part of the doctor that talks to mail servers: logs in, sends one mail to itself, looks at what comes back.
#ifndef BOT_DOCTOR_MAIL_H
#define BOT_DOCTOR_MAIL_H

#include "bot/config.h"
#include "bot/doctor_report.h"

void doctor_mail(const struct config *config, struct report *report);

#endif
