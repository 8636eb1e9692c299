// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/parse.h"

#include <gmime/gmime.h>
#include <libxml/parser.h>
#include <string.h>
#include <time.h>

#include "adapters/mime/automatic.h"
#include "adapters/mime/body.h"
#include "adapters/mime/charset.h"
#include "adapters/mime/fields.h"
#include "adapters/mime/headers.h"
#include "adapters/mime/parts.h"
#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

// GLib would ask whether standard error is a terminal, which the fence forbids, and what it says of a message helps
// nobody.
static void say_nothing(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer context)
{
	(void)domain, (void)level, (void)text, (void)context;
}

int mime_start(struct mime_config *config, struct err *e)
{
	// GLib and libc read the local zone's file at the first date they meet, and behind the fence that is death.
	GDateTime *date = g_mime_utils_header_decode_date("Tue, 24 Nov 2026 09:12:33 +0100");

	if (date)
		g_date_time_unref(date);
	tzset();
	g_mime_init();
	g_log_set_default_handler(say_nothing, NULL);
	xmlInitParser();
	config->limits = limits_default();
	config->charsets = charsets_open(e);
	return config->charsets ? 0 : -1;
}

void mime_end(struct mime_config *config)
{
	charsets_close(&config->charsets);
	xmlCleanupParser();
	g_mime_shutdown();
}

static void append(GByteArray *to, const char *text)
{
	g_byte_array_append(to, (const guint8 *)text, (guint)strlen(text));
}

// What GMime gets to see: the fields that say what the body is (the first of each), and the body.  It reads address
// fields as soon as it meets them, recursing as deep as their author likes, so it never meets those of the message.
static GMimeStream *entity_stream(const char *bytes, size_t len, const struct fields *fields)
{
	static const char *const names[] = { "Content-Type", "Content-Transfer-Encoding", "Content-Disposition" };
	GByteArray *entity = g_byte_array_sized_new((guint)(len - fields->bytes + 1024));

	for (size_t i = 0; i < LENGTH(names); i++) {
		const char *value = fields_get(fields, names[i]);

		if (!value)
			continue;
		append(entity, names[i]);
		append(entity, ": ");
		append(entity, value);
		append(entity, "\n");
	}
	append(entity, "\n");
	g_byte_array_append(entity, (const guint8 *)bytes + fields->bytes, (guint)(len - fields->bytes));
	return g_mime_stream_mem_new_with_byte_array(entity);
}

static GMimeObject *read_entity(const char *bytes, size_t len, const struct fields *fields)
{
	GMimeStream *stream = entity_stream(bytes, len, fields);
	GMimeParser *parser = g_mime_parser_new_with_stream(stream);
	GMimeObject *root;

	g_mime_parser_set_persist_stream(parser, TRUE);
	root = g_mime_parser_construct_part(parser, NULL);
	g_object_unref(parser);
	g_object_unref(stream);
	return root;
}

static int put_content(json_t *document, GMimeObject *root, const struct fields *fields,
                       const struct mime_config *config, int attachments, struct failure *f)
{
	_parts_ struct parts parts;

	if (parts_sort(root, config->limits.parts + 1, attachments, &parts, f) < 0)
		return -1;
	if (body_put(document, &parts, &config->limits, config->charsets, f) < 0)
		return -1;
	if (fields->malformed)
		parts_flag(&parts, "malformed-header");
	json_put_str(document, "auto", parts.report ? "report" : automatic_reason(fields));
	if (parts.report)
		json_put(document, "report", json_incref(parts.report));
	json_put(document, "attachments", json_incref(parts.attachments));
	if (json_array_size(parts.sboms))
		json_put(document, "sboms", json_incref(parts.sboms));
	json_put(document, "flags", json_incref(parts.flags));
	return 0;
}

static int put_all(json_t *document, const char *bytes, size_t len, const struct mime_config *config, int attachments,
                   struct failure *f)
{
	_fields_ struct fields fields;
	GMimeObject *root;
	size_t trusted;
	int result;

	fields_split(bytes, len, &fields);
	trusted = trust_line(&fields, &config->trust);
	headers_put(document, &fields, trusted, config->charsets);
	json_put(document, "auth", trust_results(&fields, trusted, &config->trust));
	json_put(document, "dkim", trust_signatures(&fields));
	root = read_entity(bytes, len, &fields);
	if (!root)
		return refuse(f, CODE_LIMIT, "the message cannot be read as MIME");
	result = put_content(document, root, &fields, config, attachments, f);
	g_object_unref(root);
	return result;
}

json_t *mime_parse(const char *bytes, size_t len, const struct mime_config *config, int attachments, struct failure *f)
{
	_json_ json_t *document = NULL;

	if (limits_check_header(bytes, len, &config->limits, f) < 0 ||
	    limits_check_structure(bytes, len, &config->limits, f) < 0)
		return NULL;
	document = json_object();
	if (put_all(document, bytes, len, config, attachments, f) < 0)
		return NULL;
	return steal_ptr(document);
}
