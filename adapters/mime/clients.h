// SPDX-License-Identifier: Apache-2.0
// How mail programs of many languages introduce what they quote and sign what they send.  Each asks about one line
// without its line end.
#ifndef MIME_CLIENTS_H
#define MIME_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>

// Does the line hold a verb of "wrote:", in any of our languages?
bool client_says_wrote(const char *line, size_t len);

// Does it begin as "On ... wrote:" does ("On ", "Am ", "Le ")?
bool client_begins_wrote(const char *line, size_t len);

enum client_label { LABEL_NONE, LABEL_FROM, LABEL_DATE, LABEL_TO, LABEL_SUBJECT, LABEL_OTHER };
// "From: ...", "*Gesendet:* ...", "件名：...".
enum client_label client_label(const char *line, size_t len);

enum client_rule { RULE_NONE, RULE_REPLY, RULE_FORWARD };
// "-----Original Message-----", "Begin forwarded message:".
enum client_rule client_rule(const char *line, size_t len);

// "Sent from my iPhone".
bool client_boasts(const char *line, size_t len);

#endif
