// SPDX-License-Identifier: Apache-2.0
// `erase`, `hold` and `release`: what is kept about a case or a person, and for how long.
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/config.h"

#define LINE_MAX_BYTES 32768

// "CS-12: why" or "kim@example.com: why": the first word, and what stands behind the colon.
static bool split(const struct cli *c, char **subject, char **why)
{
	struct buf line = BUF(LINE_MAX_BYTES);
	_free_ char *text = NULL;
	char *rest;
	size_t len;

	for (int i = 0; i < c->count; i++)
		buf_printf(&line, "%s%s", i ? " " : "", c->arguments[i]);
	text = buf_steal(&line);
	rest = text_trim(text);
	len = strcspn(rest, " \t");
	*subject = text_copy_n(rest, len);
	rest = text_trim(rest + len);
	len = strlen(*subject);
	if (len && (*subject)[len - 1] == ':')
		(*subject)[len - 1] = '\0';
	else if (*rest == ':')
		rest = text_trim(rest + 1);
	else if (*rest)
		return false;
	*why = text_copy(rest);
	return **subject != '\0';
}

static json_t *ask_core(const struct cli *c, const char *verb, const char *subject, const char *why, struct err *e)
{
	_config_ struct config config = { 0 };
	json_t *request;

	if (config_load(c->config, &config, e) < 0)
		return NULL;
	request = json_object();
	json_put_str(request, "verb", verb);
	json_put_str(request, "subject", subject);
	json_put_str(request, "text", why);
	return cli_request(config.run, request, -1, e);
}

static void count(struct buf *out, const json_t *taken, const char *key, const char *one, const char *many)
{
	long long n = (long long)json_int(taken, key);

	buf_printf(out, "%s%lld %s", out->len ? ", " : "", n, n == 1 ? one : many);
}

// What is left, and where what is gone may still be.
static void tell_rest(struct buf *out, const json_t *taken)
{
	json_t *backup;
	size_t i;

	if (json_int(taken, "kept"))
		buf_printf(out, "\nkept: %lld entries that show who decided; every leaf, and so every proof",
		           (long long)json_int(taken, "kept"));
	else
		buf_puts(out, "\nkept: every leaf, and so every proof");
	if (json_int(taken, "shared"))
		buf_printf(out, "\nkept: evidence on which other cases rest, %lld in number",
		           (long long)json_int(taken, "shared"));
	if (json_int(taken, "leaves"))
		buf_printf(out,
		           "\nkept: %lld leaves that name the address; an older version wrote them, and they cannot "
		           "change",
		           (long long)json_int(taken, "leaves"));
	buf_puts(out, "\nSlack, and the mailboxes of whoever got letters, keep their own copies.");
	if (json_array_size(json_arr(taken, "backups")) == 0)
		return;
	buf_puts(out, "\nThese backups were made before and still hold it; remove them when you may:");
	json_array_foreach(json_arr(taken, "backups"), i, backup)
		buf_printf(out, "\n  %s  %s", json_str(backup, "at"), json_str(backup, "backup"));
}

static int tell_erased(const json_t *answer)
{
	const json_t *taken = json_obj(answer, "taken");
	_buf_ struct buf gone = BUF(4096), text = BUF(1 << 20);
	json_t *id;
	size_t i;

	count(&gone, taken, "entries", "body", "bodies");
	count(&gone, taken, "messages", "message", "messages");
	count(&gone, taken, "letters", "letter", "letters");
	count(&gone, taken, "evidence", "piece of evidence", "pieces of evidence");
	buf_printf(&text, "erased, by entry %lld: %s", (long long)json_int(answer, "entry"), buf_text(&gone));
	json_array_foreach(json_arr(taken, "cases"), i, id)
		buf_printf(&text, "%s%s", i ? ", " : "\nof the cases ", json_string_value(id));
	tell_rest(&text, taken);
	return cli_print(buf_text(&text));
}

static int tell(const struct cli *c, const json_t *answer)
{
	const char *next = json_str(answer, "next"), *did = json_str(answer, "did");
	_free_ char *text = NULL;

	if (c->json) {
		int code = cli_print_json(answer);

		return code ? code : (int)json_int(answer, "exit");
	}
	if (!json_bool(answer, "ok")) {
		fprintf(stderr, "countersign: %s%s%s\n", json_str(answer, "text"), *next ? " " : "", next);
		return (int)json_int(answer, "exit");
	}
	if (strcmp(did, "erased") == 0)
		return tell_erased(answer);
	if (strcmp(did, "asked") == 0)
		text = text_format(
		        "asked for, as entry %lld; nothing is erased until another administrator (%s) gives the same "
		        "command within 30 days",
		        (long long)json_int(answer, "entry"), json_str(answer, "others"));
	else
		text = text_format("%s, by entry %lld",
		                   strcmp(did, "held") == 0 ? "held: nothing of it is archived or erased" : "released",
		                   (long long)json_int(answer, "entry"));
	return cli_print(text);
}

static int run(const struct cli *c, const char *verb, const char *usage)
{
	_free_ char *subject = NULL, *why = NULL;
	_json_ json_t *answer = NULL;
	struct err e = { 0 };

	if (!split(c, &subject, &why))
		return cli_usage(usage);
	answer = ask_core(c, verb, subject, why, &e);
	return answer ? tell(c, answer) : cli_fail(&e);
}

int cli_erase(const struct cli *c)
{
	return run(c, "erase", "erase PERSON|CASE [: WHY]");
}

int cli_hold(const struct cli *c)
{
	return run(c, "hold", "hold PERSON|CASE: WHY");
}

int cli_release(const struct cli *c)
{
	return run(c, "release", "release PERSON|CASE [: WHY]");
}
