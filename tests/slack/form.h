// SPDX-License-Identifier: Apache-2.0
// Arguments of a call of the Web API, as a form or as JSON.
#ifndef SLACK_FORM_H
#define SLACK_FORM_H

#include <jansson.h>
#include <stddef.h>

// application/x-www-form-urlencoded as an object of strings; of a name that comes twice the last one counts.
json_t *form_read(const char *text, size_t len);

// The file of a multipart/form-data body (its first part), or the whole body when it is none: where it begins and how
// long it is.
const char *form_file(const char *type, const char *body, size_t len, size_t *file_len);

#endif
