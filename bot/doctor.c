// SPDX-License-Identifier: Apache-2.0
// `countersign doctor`: does what the desk needs work, and if not, whose move is it?
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/doctor_anchor.h"
#include "bot/doctor_mail.h"
#include "bot/doctor_report.h"
#include "bot/doctor_slack.h"
#include "bot/token.h"

// Some of it a server said: one line, whatever is in it.
__attribute__((format(printf, 1, 0))) static char *sentence(const char *format, va_list values)
{
	char *out;

	if (vasprintf(&out, format, values) < 0)
		panic("out of memory");
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return out;
}

static void report(struct report *r, const char *check, bool ok, const char *text)
{
	json_t *line = json_object();

	json_put_str(line, "check", check);
	json_put_bool(line, "ok", ok);
	json_put_str(line, "text", text);
	json_add(r->list, line);
	if (!r->json) {
		_free_ char *shown = text_format("%-7s %s: %s", ok ? "ok" : "FAILED", check, text);
		int printed = cli_print(shown);

		r->code = r->code ? r->code : printed;
	}
}

void report_ok(struct report *r, const char *check, const char *format, ...)
{
	_free_ char *text = NULL;
	va_list values;

	va_start(values, format);
	text = sentence(format, values);
	va_end(values);
	report(r, check, true, text);
}

void report_failed(struct report *r, int code, const char *check, const char *format, ...)
{
	_free_ char *text = NULL;
	va_list values;

	va_start(values, format);
	text = sentence(format, values);
	va_end(values);
	report(r, check, false, text);
	if (!r->code)
		r->code = code == EX_CONFIG ? EX_CONFIG : EX_UNAVAILABLE;
}

static int check_keys(const struct config *config, struct err *e)
{
	_secret_ char *text = secret_load(config->token_key, config->dir, NULL, e);
	struct token_keys keys = { 0 };
	int r = text ? token_keys_read(text, &keys, e) : -1;

	explicit_bzero(&keys, sizeof keys);
	return r < 0 ? err_prefix(e, "tokens.key") : 0;
}

static void examine(const struct cli *c, struct report *r)
{
	_config_ struct config config = { 0 };
	struct err e = { 0 };
	_free_ char *text = cli_check(c->config, &config, &e);

	if (!text || check_keys(&config, &e) < 0) {
		e.text[strcspn(e.text, "\n")] = '\0'; // an excerpt of the file may follow: check-config shows it
		report_failed(r, EX_CONFIG, "configuration", "%s", e.text);
		return;
	}
	report_ok(r, "configuration", "%s, people, catalogue, templates and keys are fine.", config.path);
	if (config.has_mail)
		doctor_mail(&config, r);
	else
		report_ok(r, "mail", "There is no mail section: nothing to log in to.");
	if (config.has_slack)
		doctor_slack(&config, r);
	if (config.witness_count || config.log_tsa)
		doctor_anchor(&config, r);
}

int cli_doctor(const struct cli *c)
{
	_json_ json_t *list = json_array();
	struct report r = { .json = c->json, .list = list };
	int printed;

	if (c->count)
		return cli_usage("doctor");
	examine(c, &r);
	printed = c->json ? cli_print_json(list) : 0;
	return printed ? printed : r.code;
}
