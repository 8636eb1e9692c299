// SPDX-License-Identifier: Apache-2.0
// `policy check|test|try|publish`: looking at a catalogue before it is in force, and putting it in force.
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/cli.h"
#include "bot/desk.h"
#include "bot/policy_cases.h"
#include "bot/policy_check.h"
#include "bot/policy_try.h"
#include "bot/templates_dir.h"
#include "bot/yaml.h"

#define SHOWN_MAX 40 // cases in the table of `policy try`; --json has all

// What the verbs look at.  `db` is NULL when there is no desk.
struct bench {
	struct config config;
	struct people *people;
	struct licences *licences;
	struct catalogue *catalogue;
	struct yaml *file;
	struct db *db;
};

static void bench_free(struct bench *b)
{
	catalogue_free(&b->catalogue);
	licences_free(&b->licences);
	people_free(&b->people);
	yaml_free(&b->file);
	db_close(&b->db);
	config_free(&b->config);
}
#define _bench_ __attribute__((cleanup(bench_free)))

// With a people file of its own a policy needs no desk: so it can be checked where it is written.
static int load(struct bench *b, const struct cli *c, const char *people, const char *policy, struct err *e)
{
	_free_ char *templates = NULL;

	if (config_load(c->config, &b->config, e) < 0) {
		if (!people || !policy)
			return -1;
		config_free(&b->config);
		b->config = (struct config){ 0 };
	}
	templates = templates_dir(&b->config);
	b->people = people_load(people ? people : b->config.people, e);
	b->licences = b->people ? licences_load(templates, e) : NULL;
	if (!b->licences)
		return -1;
	b->catalogue = catalogue_load(policy ? policy : b->config.policy, b->people, b->licences, e);
	b->file = b->catalogue ? yaml_load(policy ? policy : b->config.policy, e) : NULL;
	return b->file ? 0 : -1;
}

// The cases of the desk, where there is one that the caller may read.
static int open_cases(struct bench *b, struct err *e)
{
	_free_ char *path = b->config.state ? path_join(b->config.state, "countersign.db") : NULL;

	if (!path || access(path, R_OK) < 0)
		return 0;
	b->db = db_open(b->config.state, DB_READ, e);
	return b->db ? 0 : -1;
}

static int check(const struct cli *c, const char *people, char **files, int count)
{
	_bench_ struct bench b = { 0 };
	struct err e = { 0 };
	_json_ json_t *examples = NULL, *found = NULL;
	int code;

	if (count > 2)
		return cli_usage("policy check [--people=FILE] [POLICY [CASES]]");
	if (load(&b, c, people, count ? files[0] : NULL, &e) < 0)
		return cli_fail(&e);
	examples = count == 2 ? policy_cases_load(files[1], b.catalogue, b.people, clock_real(), &e) : json_array();
	if (!examples || open_cases(&b, &e) < 0)
		return cli_fail(&e);
	found = policy_check(&(struct policy){ b.catalogue, b.file, b.people, b.licences, examples, b.db }, &e);
	if (!found)
		return cli_fail(&e);
	json_put_str(found, "file", yaml_file(b.file));
	json_put_str(found, "catalogue", catalogue_name(b.catalogue));
	json_put_int(found, "version", catalogue_version(b.catalogue));
	json_put_int(found, "count", (int64_t)json_array_size(json_arr(found, "warnings")));
	code = c->json ? cli_print_json(found) : cli_render(&b.config, "cli/policy_check", found);
	return code ? code : json_int(found, "count") ? EX_DATAERR : 0;
}

static json_t *run_cases(const struct catalogue *catalogue, const json_t *tests, struct err *e)
{
	_json_ json_t *failed = json_array();
	json_t *test, *out;
	size_t i;

	json_array_foreach(tests, i, test) {
		json_t *differs = policy_case_differs(catalogue, test, e), *item;

		if (!differs) {
			err_prefix(e, "%s: %s", json_str(test, "place"), json_str(test, "name"));
			return NULL;
		}
		if (json_array_size(differs) == 0) {
			json_decref(differs);
			continue;
		}
		item = json_object();
		json_put_str(item, "name", json_str(test, "name"));
		json_put_str(item, "place", json_str(test, "place"));
		json_put(item, "differs", differs);
		json_add(failed, item);
	}
	out = json_object();
	json_put_int(out, "count", (int64_t)json_array_size(tests));
	json_put_int(out, "failed", (int64_t)json_array_size(failed));
	json_put(out, "cases", json_incref(failed));
	return out;
}

static int test(const struct cli *c, const char *people, char **files, int count)
{
	_bench_ struct bench b = { 0 };
	struct err e = { 0 };
	_json_ json_t *tests = NULL, *result = NULL;
	int code;

	if (count < 1 || count > 2)
		return cli_usage("policy test [--people=FILE] [POLICY] CASES");
	if (load(&b, c, people, count == 2 ? files[0] : NULL, &e) < 0)
		return cli_fail(&e);
	tests = policy_cases_load(files[count - 1], b.catalogue, b.people, clock_real(), &e);
	result = tests ? run_cases(b.catalogue, tests, &e) : NULL;
	if (!result)
		return cli_fail(&e);
	json_put_str(result, "file", yaml_file(b.file));
	code = c->json ? cli_print_json(result) : cli_render(&b.config, "cli/policy_test", result);
	return code ? code : json_int(result, "failed") ? EX_DATAERR : 0;
}

// The table shows the first cases; who wants all asks for JSON.
static void cut_table(json_t *result)
{
	json_t *cases = json_arr(result, "cases");
	size_t count = json_array_size(cases);

	if (count > SHOWN_MAX) {
		json_put(result, "more", json_integer((json_int_t)(count - SHOWN_MAX)));
		while (json_array_size(cases) > SHOWN_MAX)
			json_array_remove(cases, json_array_size(cases) - 1);
	}
}

static int try(const struct cli *c, const char *people, char **files, int count)
{
	_desk_ struct desk desk = { 0 };
	_catalogue_ struct catalogue *after = NULL;
	struct err e = { 0 };
	_json_ json_t *result = NULL;

	if (count != 1 || people)
		return cli_usage("policy try POLICY");
	if (desk_open(&desk, c->config, DB_READ, &e) < 0)
		return cli_fail(&e);
	after = catalogue_load(files[0], desk.people, desk.licences, &e);
	result = after ? policy_try(desk.catalogue, after, desk.db, &e) : NULL;
	if (!result)
		return cli_fail(&e);
	if (c->json)
		return cli_print_json(result);
	cut_table(result);
	json_put_str(result, "file", files[0]);
	return cli_render(&desk.config, "cli/policy_try", result);
}

static int tell_published(const struct cli *c, const json_t *answer)
{
	bool published = strcmp(json_str(answer, "did"), "published") == 0;
	const char *next = json_str(answer, "next");
	_free_ char *text = NULL;

	if (c->json) {
		int code = cli_print_json(answer);

		return code ? code : (int)json_int(answer, "exit");
	}
	if (!json_bool(answer, "ok")) {
		fprintf(stderr, "countersign: %s%s%s\n", json_str(answer, "text"), *next ? " " : "", next);
		return (int)json_int(answer, "exit");
	}
	text = published
	               ? text_format(
	                         "version %lld is in force, by entry %lld; open and granted cases are judged by it now",
	                         (long long)json_int(answer, "version"), (long long)json_int(answer, "entry"))
	               : text_format("version %lld is proposed, as entry %lld; it comes into force when another "
	                             "administrator (%s) publishes the same file",
	                             (long long)json_int(answer, "version"), (long long)json_int(answer, "entry"),
	                             json_str(answer, "others"));
	return cli_print(text);
}

// Read here first, so that what is wrong is said with the file's own name.
static int publish(const struct cli *c, const char *people, char **files, int count)
{
	_bench_ struct bench b = { 0 };
	struct err e = { 0 };
	_json_ json_t *answer = NULL;
	_close_ int fd = -1;
	const char *text;
	size_t len;
	json_t *request;

	if (count != 1 || people)
		return cli_usage("policy publish POLICY");
	if (load(&b, c, NULL, files[0], &e) < 0)
		return cli_fail(&e);
	text = yaml_text(b.file, &len);
	fd = memfd_of("catalogue", text, len, &e);
	if (fd < 0)
		return cli_fail(&e);
	request = json_object();
	json_put_str(request, "verb", "publish");
	answer = cli_request(b.config.run, request, fd, &e);
	return answer ? tell_published(c, answer) : cli_fail(&e);
}

int cli_policy(const struct cli *c)
{
	static const struct {
		const char *name;
		int (*run)(const struct cli *c, const char *people, char **files, int count);
	} verbs[] = { { "check", check }, { "test", test }, { "try", try }, { "publish", publish } };
	const char *people = NULL;
	char **files = c->arguments + 1;
	int count = c->count - 1;

	if (count > 0 && text_starts(*files, "--people=")) {
		people = *files++ + strlen("--people=");
		count--;
	}
	for (size_t i = 0; c->count && i < LENGTH(verbs); i++)
		if (strcmp(verbs[i].name, c->arguments[0]) == 0)
			return verbs[i].run(c, people, files, count);
	return cli_usage("policy check | test | try | publish  FILE");
}
