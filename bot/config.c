// SPDX-License-Identifier: Apache-2.0
#include "bot/config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/note.h"
#include "base/text.h"
#include "bot/config_log.h"
#include "bot/config_mail.h"
#include "bot/config_slack.h"

// A socket's path has 108 bytes (unix(7)), and a name of ours comes behind the folder's.
#define RUN_MAX 80

static const struct yaml_key log_keys[] = {
	{ .name = "origin", .kind = YAML_TEXT, .required = true, .max = 200 },
	{ .name = "key", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "next", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "public", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "journal", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "witnesses", .kind = YAML_LIST, .max = CONFIG_WITNESSES_MAX, .sub = config_witness_keys },
	{ .name = "tsa", .kind = YAML_TEXT, .max = 512 },
	{ .name = "tsa_ca", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "ca", .kind = YAML_TEXT, .min = -1 },
	{ .name = NULL },
};
static const struct yaml_key tokens_keys[] = {
	{ .name = "key", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = NULL },
};
static const struct yaml_key keys[] = {
	{ .name = "name", .kind = YAML_TEXT, .required = true, .max = 80 },
	{ .name = "cases", .kind = YAML_TEXT },
	{ .name = "state", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "run", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "policy", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "people", .kind = YAML_TEXT, .required = true, .max = 1024 },
	{ .name = "templates", .kind = YAML_TEXT, .max = 1024 },
	{ .name = "log", .kind = YAML_MAP, .sub = log_keys },
	{ .name = "tokens", .kind = YAML_MAP, .required = true, .sub = tokens_keys },
	{ .name = "mail", .kind = YAML_MAP, .sub = config_mail_keys },
	{ .name = "slack", .kind = YAML_MAP, .sub = config_slack_keys },
	{ .name = NULL },
};

static int refuse_later(struct yaml *y, json_t *root, struct err *e)
{
	if (json_object_get(root, "web"))
		return yaml_error_key(y, root, "web", e, "web: this version has no web pages yet");
	return 0;
}

static int take_cases(struct yaml *y, json_t *root, struct config *out, struct err *e)
{
	const char *text = json_object_get(root, "cases") ? json_str(root, "cases") : "CS";
	size_t len = strlen(text);

	if (len > 8 || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != len)
		return yaml_error(y, json_object_get(root, "cases"), e,
		                  "'cases' must be 1 to 8 capital letters, like CS");
	out->cases = text_copy(text);
	return 0;
}

static int take_run(struct yaml *y, json_t *root, struct config *out, struct err *e)
{
	out->run = path_join(out->dir, json_str(root, "run"));
	if (strlen(out->run) > RUN_MAX)
		return yaml_error(y, json_object_get(root, "run"), e,
		                  "'run' is longer than %d bytes: a socket could not be named there", RUN_MAX);
	return 0;
}

// What it says of its own form is checked; that it is the right one, only a head can tell.
static int take_public(struct yaml *y, json_t *log, struct config *out, struct err *e)
{
	const char *text = json_str_or_null(log, "public");
	struct note_key key;
	struct err why = { 0 };

	if (!text)
		return 0;
	if (note_key_read(text, &key, &why) < 0)
		return yaml_error(y, json_object_get(log, "public"), e, "'public': %s", why.text);
	if (key.algorithm != NOTE_ED25519)
		return yaml_error(y, json_object_get(log, "public"), e,
		                  "'public' is the key of a witness, not of a log");
	if (strcmp(key.name, out->log_origin) != 0)
		return yaml_error(y, json_object_get(log, "public"), e,
		                  "'public' is the key of another log: its name is not the origin");
	out->log_public = text_copy(text);
	return 0;
}

// The origin is the first line of every checkpoint (C2SP tlog-checkpoint) and stands in the key's name (signed-note).
static int take_log(struct yaml *y, json_t *log, struct config *out, struct err *e)
{
	const char *origin = json_str_or_null(log, "origin");

	if (!origin)
		return 0;
	if (origin[strcspn(origin, " \t\n+")])
		return yaml_error(y, json_object_get(log, "origin"), e, "'origin' must have no space and no '+'");
	out->log_origin = text_copy(origin);
	if (*json_str(log, "journal"))
		out->log_journal = path_join(out->dir, json_str(log, "journal"));
	if (take_public(y, log, out, e) < 0 || config_take_secret(y, log, "key", &out->log_key, e) < 0 ||
	    config_take_secret(y, log, "next", &out->log_next, e) < 0)
		return -1;
	if (out->log_next && !out->log_key)
		return yaml_error(y, json_object_get(log, "next"), e, "'next' is to follow 'key', and there is none");
	if (config_take_witnesses(y, log, out, e) < 0)
		return -1;
	return config_take_tsa(y, log, out, e);
}

static int take(struct yaml *y, json_t *root, struct config *out, struct err *e)
{
	json_t *mail = json_obj(root, "mail"), *slack = json_obj(root, "slack");

	out->name = text_copy(json_str(root, "name"));
	out->state = path_join(out->dir, json_str(root, "state"));
	out->policy = path_join(out->dir, json_str(root, "policy"));
	out->people = path_join(out->dir, json_str(root, "people"));
	if (json_object_get(root, "templates"))
		out->templates = path_join(out->dir, json_str(root, "templates"));
	if (take_cases(y, root, out, e) < 0 || take_run(y, root, out, e) < 0 ||
	    take_log(y, json_obj(root, "log"), out, e) < 0 ||
	    config_take_secret(y, json_obj(root, "tokens"), "key", &out->token_key, e) < 0)
		return -1;
	if (mail && config_take_mail(y, mail, out, e) < 0)
		return -1;
	return slack ? config_take_slack(y, slack, out, e) : 0;
}

// Somebody may have written a secret where its name belongs, or misspelt the key: such a line is not shown.
static int conceal(struct err *e)
{
	static const char *const words[] = { "pas", "secret", "token", "key" };
	char *excerpt = e ? strchr(e->text, '\n') : NULL;

	for (size_t i = 0; excerpt && i < LENGTH(words); i++) {
		if (strcasestr(excerpt, words[i])) {
			*excerpt = '\0';
			return -1;
		}
	}
	return -1;
}

static void set_path(const char *path, struct config *out)
{
	_free_ char *here = path[0] == '/' ? NULL : getcwd(NULL, 0);

	*out = (struct config){ 0 };
	out->path = path_join(here ? here : "", path);
	out->dir = path_dir(out->path);
}

static int config_take(struct yaml *y, struct config *out, struct err *e)
{
	json_t *root = y ? yaml_json(y) : NULL;

	if (!y || refuse_later(y, root, e) < 0 || yaml_check(y, root, keys, e) < 0 || take(y, root, out, e) < 0)
		return conceal(e);
	return 0;
}

int config_load(const char *path, struct config *out, struct err *e)
{
	_yaml_ struct yaml *y = yaml_load(path, e);

	set_path(path, out);
	return config_take(y, out, e);
}

int config_read(const char *text, size_t len, const char *path, struct config *out, struct err *e)
{
	_yaml_ struct yaml *y = yaml_read(text, len, path, e);

	set_path(path, out);
	return config_take(y, out, e);
}

void config_free(struct config *c)
{
	free(c->path);
	free(c->dir);
	free(c->name);
	free(c->cases);
	free(c->state);
	free(c->run);
	free(c->policy);
	free(c->people);
	free(c->templates);
	free(c->log_origin);
	free(c->log_key);
	free(c->log_next);
	free(c->log_public);
	config_free_witnesses(c);
	free(c->log_journal);
	free(c->token_key);
	config_free_mail(c);
	config_free_slack(c);
	*c = (struct config){ 0 };
}

static bool loopback_mailbox(const struct mailbox *m)
{
	return config_loopback_url(m->url) && (!m->oauth_token_url || config_loopback_url(m->oauth_token_url));
}

bool config_loopback(const struct config *c)
{
	if (c->has_slack && !config_loopback_url(c->slack.api))
		return false;
	for (size_t i = 0; i < c->witness_count; i++)
		if (!config_loopback_url(c->witnesses[i].url))
			return false;
	if (c->log_tsa && !config_loopback_url(c->log_tsa))
		return false;
	return !c->has_mail || (loopback_mailbox(&c->mail.imap) && loopback_mailbox(&c->mail.smtp));
}
