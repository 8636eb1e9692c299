// SPDX-License-Identifier: Apache-2.0
// The doctor's look at Slack: do both tokens work, and may the app do what the desk needs?
#ifndef BOT_DOCTOR_SLACK_H
#define BOT_DOCTOR_SLACK_H

#include "bot/config.h"
#include "bot/doctor_report.h"

void doctor_slack(const struct config *config, struct report *r);

#endif
