// SPDX-License-Identifier: Apache-2.0
// Is a mail really from the domain its From names?  Judged by the Authentication-Results that our own server wrote
// (DESIGN 8, "a token alone decides nothing").  It says nothing about who the person is or what they may do.
#ifndef BOT_AUTHENTIC_H
#define BOT_AUTHENTIC_H

#include <jansson.h>
#include <stdint.h>

#define AUTHENTIC_WHY 256

// `document`: what the mime adapter made of the mail; its "auth" holds only results of our server above the trust line.
// 0: DMARC passed and its header.from is the domain of the one From address.
// -1: *code (a string that lives on) and a sentence for the person in `why`:
//   from-missing ...   the document's from_problem, when there is no From to judge
//   auth-missing       no result at all (none, or none but "none")
//   auth-fail          DMARC failed, could not be checked, or was for another domain (of several verdicts the worst
//                      counts); or there is no DMARC verdict and DKIM or SPF failed
//   auth-weak          only SPF or DKIM passed, or DMARC does not say for which domain
//   dkim-partial       an aligned signature covers only a part of the body (l=)
//   dkim-weak          an aligned signature does not cover From or Subject
//   stale              an aligned signature, or a Date that it covers, is older than 7 days: a replay
// The signature checks are made unless DMARC visibly passed by aligned SPF alone.
int authentic(const json_t *document, int64_t now, const char **code, char why[AUTHENTIC_WHY]);

#endif
