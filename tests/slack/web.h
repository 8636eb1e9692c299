// SPDX-License-Identifier: Apache-2.0
// Which part of the emulator answers a request: the Web API, files, or a response_url.
#ifndef SLACK_WEB_H
#define SLACK_WEB_H

struct answer;
struct emulator;
struct request;

void web_answer(struct emulator *m, const struct request *r, struct answer *a);

#endif
