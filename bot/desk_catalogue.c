// SPDX-License-Identifier: Apache-2.0
// Which catalogue is in force: what two administrators published, from the log.  The policy file is the first one's
// source, and after that a draft.
#include <string.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/desk.h"
#include "bot/yaml.h"
#include "store/publications.h"

struct catalogue *catalogue_of_log(const struct desk *desk, const struct people *people, int64_t back, struct err *e)
{
	_json_ json_t *entry = publication_entry(desk->db, "catalogue", back, e);
	const json_t *body = json_obj(entry, "body");
	const char *text = json_str(body, "text");
	struct catalogue *catalogue;

	if (!entry)
		return NULL;
	catalogue = catalogue_read(text, strlen(text), desk->config.policy, people, desk->licences, e);
	if (!catalogue)
		err_prefix(e, "version %lld of the catalogue, from entry %lld of the log",
		           (long long)json_int(body, "version"), (long long)json_int(entry, "seq"));
	return catalogue;
}

struct catalogue *catalogue_in_force(const struct desk *desk, const struct people *people, struct err *e)
{
	struct err why = { 0 };
	struct catalogue *catalogue = catalogue_of_log(desk, people, 0, &why);

	if (catalogue)
		return catalogue;
	if (why.code != EX_NOINPUT) {
		*e = why;
		return NULL;
	}
	return catalogue_load(desk->config.policy, people, desk->licences, e);
}

char *catalogue_differs(const char *policy, const struct catalogue *in_force)
{
	_buf_ struct buf text = BUF(YAML_MAX);
	const char *published = catalogue_text(in_force);
	struct err e = { 0 };

	if (file_read(policy, &text, &e) == 0 && text.len == strlen(published) &&
	    memcmp(buf_text(&text), published, text.len) == 0)
		return NULL;
	return text_format("%s differs from version %lld in force%s%s; publish it with 'countersign policy publish %s'",
	                   policy, (long long)catalogue_version(in_force), *e.text ? ": " : "", e.text, policy);
}
