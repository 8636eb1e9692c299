// SPDX-License-Identifier: Apache-2.0
// Reply tokens are secrets, and a server likes to repeat addresses and Message-IDs in its answers: whatever leaves this
// program as text for people goes through here.
#ifndef ADAPTERS_SMTP_REDACT_H
#define ADAPTERS_SMTP_REDACT_H

// In place: of "name+TOKEN@host" and of our own "cs1.…" Message-IDs only the first 4 characters of the secret part
// stay, control bytes become spaces, bytes beyond ASCII '?'.  Returns text.
char *redact(char *text);

#endif
