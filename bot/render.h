// SPDX-License-Identifier: Apache-2.0
// What people read, made from the templates in templates/ and a JSON model: mails (text and HTML), texts for the
// terminal, and the mailto: links that an approver answers with.  Knows nothing about cases: the caller fills the
// model, the templates say what it becomes.  Which keys a template takes stands in templates/README.md.
#ifndef BOT_RENDER_H
#define BOT_RENDER_H

#include <jansson.h>

#include "base/err.h"

#define RENDER_SUBJECT_MAX 200    // bytes of a subject
#define RENDER_BODY_MAX (1 << 20) // bytes of one rendered body

// A folder of templates.  Each file is read and parsed when it is first needed, and kept.
struct templates;

// `dir` holds mail/, cli/, slack/ and what they include.  NULL when it is not a folder.
struct templates *templates_open(const char *dir, struct err *e);
void templates_close(struct templates **t);
static inline void auto_templates(struct templates **t)
{
	templates_close(t);
}
#define _templates_ __attribute__((cleanup(auto_templates)))

struct mail_text {
	char *subject; // one line, valid UTF-8, at most RENDER_SUBJECT_MAX bytes
	char *text;    // the text/plain part, LF line ends
	char *html;    // the text/html part, LF line ends
};

void mail_text_free(struct mail_text *m);
#define _mail_text_ __attribute__((cleanup(mail_text_free)))

// Renders mail/NAME.txt ("Subject: ...", an empty line, the body) and mail/NAME.html.  The model's values are
// escaped for where they stand, whatever they hold.  Returns -1 with the file and line when a template is wrong,
// or when a body would pass RENDER_BODY_MAX; then `out` is empty.
int render_mail(struct templates *t, const char *name, const json_t *model, struct mail_text *out, struct err *e);

// Renders PATH.txt ("cli/show") for a terminal: control bytes in values are shown as U+FFFD.  The caller frees.
char *render_text(struct templates *t, const char *path, const json_t *model, struct err *e);

// Reads and parses every *.txt, *.html and slack/*.json below the folder, so that a broken template stops the start of
// the program and not the first mail that needs it.
int templates_check(struct templates *t, struct err *e);

// "mailto:ADDRESS?subject=...&body=..." (RFC 6068), all of it percent-encoded, line ends as %0D%0A, so that no value
// can add a field.  A NULL subject or body is left out.  The caller frees; panics if memory ran out.
char *mailto(const char *address, const char *subject, const char *body);

#endif
