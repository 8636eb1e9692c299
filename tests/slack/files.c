// SPDX-License-Identifier: Apache-2.0
#include "tests/slack/files.h"

#include <openssl/evp.h>
#include <string.h>

#include "base/json.h"
#include "base/text.h"
#include "tests/slack/api.h"
#include "tests/slack/emulator.h"
#include "tests/slack/form.h"
#include "tests/slack/http.h"
#include "tests/slack/messages.h"

static char *base64(const char *bytes, size_t len)
{
	char *out = malloc(len / 3 * 4 + 5);

	if (!out)
		panic("no memory");
	EVP_EncodeBlock((unsigned char *)out, (const unsigned char *)bytes, (int)len);
	return out;
}

// Into a buffer that holds nothing yet; 0, or -1 when it is no base64.
static int from_base64(const char *text, struct buf *out)
{
	size_t len = strlen(text);
	char *room = buf_reserve(out, len / 4 * 3 + 4);
	int got = room ? EVP_DecodeBlock((unsigned char *)room, (const unsigned char *)text, (int)len) : -1;

	if (got < 0)
		return -1;
	out->len = (size_t)got;
	for (size_t i = len; out->len && i > 0 && text[i - 1] == '='; i--)
		out->len--;
	return 0;
}

static json_t *file_new(struct emulator *m, const char *name, const char *user, int64_t size, const char *mimetype)
{
	char id[ID_SIZE];
	json_t *file = json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "id", workspace_id(&m->workspace, 'F', id), "name",
	                         name, "title", name, "user", user, "mimetype", mimetype, "size", (json_int_t)size);
	_free_ char *url = text_format("%s://127.0.0.1:%d/files/%s/download/%s", m->options.cert ? "https" : "http",
	                               m->port, id, name);

	json_put_str(file, "mode", "hosted");
	json_put_str(file, "url_private", url);
	json_put_str(file, "url_private_download", url);
	json_put(m->workspace.files, id, json_pack("{s:o, s:s, s:b}", "file", file, "bytes", "", "shared", 0));
	return file;
}

json_t *files_add(struct emulator *m, const char *user, const json_t *given, struct err *e)
{
	const char *name = json_str(given, "name"), *coded = json_str_or_null(given, "base64");
	const char *text = json_str(given, "text"), *mimetype = json_str_or_null(given, "mimetype");
	struct buf bytes = BUF(HTTP_BODY_MAX);

	if (!*name) {
		err_set(e, EX_USAGE, "a file needs a \"name\"");
		return NULL;
	}
	if (coded && from_base64(coded, &bytes) < 0) {
		err_set(e, EX_USAGE, "\"base64\" of %s is none", name);
		return NULL;
	}
	size_t len = coded ? bytes.len : strlen(text);
	_free_ char *kept = coded ? text_copy(coded) : base64(text, len);
	json_t *file = file_new(m, name, user, (int64_t)len, mimetype ? mimetype : "text/plain");
	json_t *record = json_obj(m->workspace.files, json_str(file, "id"));

	if (json_object_get(given, "size"))
		json_put_int(file, "size", json_int(given, "size"));
	json_put_str(record, "bytes", kept);
	json_put_bool(record, "shared", true);
	buf_free(&bytes);
	return file;
}

void files_take(struct emulator *m, const struct request *r, const char *rest, struct answer *a)
{
	json_t *record = text_starts(rest, "v1/") ? json_obj(m->workspace.files, rest + 3) : NULL;
	size_t len;
	const char *bytes = form_file(r->type, buf_text(&r->body), r->body.len, &len);

	if (!record || !r->post) {
		a->status = 404;
		buf_puts(&a->body, "no such upload\n");
		return;
	}
	_free_ char *kept = base64(bytes, len);

	json_put_str(record, "bytes", kept);
	json_put_int(record, "got", (int64_t)len);
	buf_printf(&a->body, "OK - %zu", len);
}

// Without the token Slack sends people to its login page, where a careless client takes the page for the file.
void files_give(struct emulator *m, const struct request *r, const char *rest, struct answer *a)
{
	_free_ char *id = text_copy_n(rest, strcspn(rest, "/"));
	const json_t *record = json_obj(m->workspace.files, id);

	if (strcmp(r->authorization, "Bearer " BOT_TOKEN) != 0 || !scopes_have(&m->scopes, "files:read")) {
		a->status = 302;
		a->type = "text/html";
		buf_puts(&a->head, "Location: https://" TEAM_DOMAIN ".slack.com/?redir=file\r\n");
		return;
	}
	a->type = "application/octet-stream";
	if (!record || from_base64(json_str(record, "bytes"), &a->body) < 0)
		a->status = 404;
}

json_t *files_get_upload_url(struct emulator *m, const struct call *c)
{
	const char *name = call_text(c, "filename"), *length = call_text(c, "length");
	char *end;
	long size = length ? strtol(length, &end, 10) : 0;
	json_t *out;

	if (!name || !length || *end || size <= 0)
		return api_refuse("invalid_arguments",
		                  json_pack("[s]", "filename and length are needed [json-pointer:/length]"));
	const json_t *file = file_new(m, name, BOT_USER, size, "text/plain");

	out = api_ok();
	_free_ char *url =
	        text_format("%s://%s/upload/v1/%s", m->options.cert ? "https" : "http", c->host, json_str(file, "id"));

	json_put_str(out, "upload_url", url);
	json_put_str(out, "file_id", json_str(file, "id"));
	return out;
}

// Marks each as shared; the list as a message shows it, or NULL and an error.
static json_t *complete(struct emulator *m, const json_t *files, const char **error)
{
	_json_ json_t *shown = json_array();
	json_t *given;
	size_t i;

	json_array_foreach(files, i, given) {
		json_t *record = json_obj(m->workspace.files, json_str(given, "id")), *file = json_obj(record, "file");

		if (!record || json_bool(record, "shared") || json_int(record, "got") != json_int(file, "size")) {
			*error = "file_not_found";
			return NULL;
		}
		json_put_str(file, "title", json_str_or_null(given, "title"));
		json_put_bool(record, "shared", true);
		json_add(shown, json_incref(file));
	}
	return steal_ptr(shown);
}

json_t *files_complete_upload(struct emulator *m, const struct call *c)
{
	const char *id = call_text(c, "channel_id"), *error = NULL;
	json_t *channel = workspace_find_channel(&m->workspace, id), *shown, *message, *out;
	_json_ json_t *files = NULL;

	if (call_json(c, "files", &files) < 0 || !json_array_size(files))
		return api_error("invalid_arguments");
	// A conversation's id, never a person's: unlike chat.postMessage (slackapi/bolt-js#2115).
	if (id && !strchr("CGDZ", *id))
		return api_refuse("invalid_arguments",
		                  json_pack("[s]", "input must match regex pattern: ^[CGDZ][A-Z0-9]{8,}$ "
		                                   "[json-pointer:/channel_id]"));
	if (id && !channel)
		return api_error("channel_not_found");
	if (id && !channel_has(channel, BOT_USER))
		return api_error("not_in_channel");
	shown = complete(m, files, &error);
	if (!shown)
		return api_error(error);
	if (channel) {
		message = message_of_bot(m, call_text(c, "initial_comment"), NULL, call_text(c, "thread_ts"));
		json_put(message, "files", json_incref(shown));
		json_put_str(message, "subtype", "file_share");
		message_post(m, channel, message);
	}
	out = api_ok();
	json_put(out, "files", shown);
	return out;
}

json_t *files_list(const struct emulator *m)
{
	json_t *out = json_array(), *record, *shown;
	const char *id;

	json_object_foreach(m->workspace.files, id, record) {
		struct buf text = BUF(HTTP_BODY_MAX);

		shown = json_copy(json_obj(record, "file"));
		json_put_bool(shown, "shared", json_bool(record, "shared"));
		if (from_base64(json_str(record, "bytes"), &text) == 0 && utf8_valid(buf_text(&text), text.len)) {
			buf_puts(&text, "");
			json_put_str(shown, "text", buf_text(&text));
		}
		json_add(out, shown);
		buf_free(&text);
	}
	return out;
}
