// SPDX-License-Identifier: Apache-2.0
// Catalogues that somebody wrote to do harm: each is refused in under a second, with a reason that says where; or it is
// harmless, and then judging the worst case by it takes less than a second too.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "bot/facts.h"
#include "bot/yaml.h"

// What is refused is refused within a second; the sanitizers are given ten.
#ifdef __SANITIZE_ADDRESS__
#define PATIENCE 10000
#else
#define PATIENCE 1000
#endif

#define TEXT_MAX (64 << 20)
#define HEAD "catalogue: x\nversion: 1\n"
#define ROUTES "routes: [{stages: [{name: l, need: 1, from: [legal]}]}]\n"

struct world {
	struct people *people;
	struct licences *licences;
};

static int setup(void **state)
{
	static const char people_yaml[] = "people:\n- {id: ann, name: A, groups: [legal]}\n";
	static struct world w;
	struct err e = { 0 };

	w.people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	w.licences = licences_load(SOURCE_DIR "/templates", &e);
	*state = &w;
	return w.people && w.licences ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	people_free(&w->people);
	licences_free(&w->licences);
	return 0;
}

static void repeat(struct buf *b, const char *text, int times)
{
	for (int i = 0; i < times; i++)
		buf_puts(b, text);
}

// `count` checks, each of whose conditions is `part` joined to itself by " OR " `times` times, within parentheses so
// that no chain is too deep.
static void checks(struct buf *b, int count, const char *part, int times)
{
	buf_puts(b, HEAD "checks:\n");
	for (int i = 0; i < count; i++) {
		buf_printf(b, "- {id: c%d, says: x, when: \"", i);
		for (int k = 0; k < times; k++)
			buf_printf(b, "%s%s", k == 0 ? "(" : k % 20 ? " OR " : ") OR (", part);
		buf_puts(b, ")\"}\n");
	}
	buf_puts(b, ROUTES);
}

// --- what is written -----------------------------------------------------------------------------------------------

static void laughs(struct buf *b)
{
	buf_puts(b, HEAD "a: &a [x,x,x,x,x,x,x,x,x]\n");
	for (char c = 'b'; c < 'k'; c++)
		buf_printf(b, "%c: &%c [*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c,*%c]\n", c, c, c - 1, c - 1, c - 1, c - 1,
		           c - 1, c - 1, c - 1, c - 1, c - 1);
}

static void own_tail(struct buf *b)
{
	buf_puts(b, HEAD "checks: &c [*c]\n" ROUTES);
}

static void merged(struct buf *b)
{
	buf_puts(b, HEAD "<<: {checks: []}\n" ROUTES);
}

static void tagged(struct buf *b)
{
	buf_puts(b, "catalogue: !include /etc/shadow\nversion: 1\n" ROUTES);
}

static void deep_lists(struct buf *b)
{
	buf_puts(b, HEAD "checks: ");
	repeat(b, "[", 5000);
}

static void deep_keys(struct buf *b)
{
	buf_puts(b, HEAD "facts: ");
	repeat(b, "{a: ", 100000);
}

static void huge(struct buf *b)
{
	buf_puts(b, HEAD);
	repeat(b,
	       "# 0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456\n",
	       200000);
}

static void many_keys(struct buf *b)
{
	buf_puts(b, HEAD "families:\n");
	for (int i = 0; i < 40000; i++)
		buf_printf(b, "  f%d: [MIT]\n", i);
	buf_puts(b, ROUTES);
}

static void same_keys(struct buf *b)
{
	buf_puts(b, HEAD "families:\n");
	repeat(b, "  f: [MIT]\n", 60000);
	buf_puts(b, ROUTES);
}

static void many_checks(struct buf *b)
{
	checks(b, 5000, "risk > 1", 1);
}

static void many_routes(struct buf *b)
{
	buf_puts(b, HEAD "routes:\n");
	repeat(b, "- {when: risk > 1, stages: [{name: l, need: 1, from: [legal]}]}\n", 10000);
}

static void many_groups(struct buf *b)
{
	buf_puts(b, HEAD "routes: [{stages: [{name: l, need: 1, from: [");
	repeat(b, "legal,", 80000);
	buf_puts(b, "legal]}]}]\n");
}

static void many_needs(struct buf *b)
{
	buf_puts(b, HEAD "types: [{id: a, title: A, needs: [");
	repeat(b, "license,", 80000);
	buf_puts(b, "license]}]\n" ROUTES);
}

static void long_scalar(struct buf *b)
{
	buf_puts(b, HEAD "checks: [{id: a, when: 1, says: ");
	repeat(b, "x", 900000);
	buf_puts(b, "}]\n" ROUTES);
}

static void long_condition(struct buf *b)
{
	checks(b, 1, "risk > 1", 2000);
}

static void deep_condition(struct buf *b)
{
	buf_puts(b, HEAD "checks: [{id: a, says: x, when: \"");
	repeat(b, "(", 4000);
	buf_puts(b, "1");
	repeat(b, ")", 4000);
	buf_puts(b, "\"}]\n" ROUTES);
}

static void deep_not(struct buf *b)
{
	buf_puts(b, HEAD "checks: [{id: a, says: x, when: \"");
	repeat(b, "NOT ", 2000);
	buf_puts(b, "1\"}]\n" ROUTES);
}

static void endless_query(struct buf *b)
{
	checks(b, 1, "(WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x+1 FROM c) SELECT max(x) FROM c)", 1);
}

static void cross_join(struct buf *b)
{
	checks(b, 1, "EXISTS (SELECT * FROM facts a, facts b, facts c, facts d)", 1);
}

static void zero_blob(struct buf *b)
{
	checks(b, 1, "length(zeroblob(1000000000)) > 1", 1);
}

static void likes(struct buf *b)
{
	checks(b, 100, "rationale LIKE '%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'",
	       80);
}

// The slow text is not the one that is tried: the work is charged for by length, whatever is compared.
static void other_likes(struct buf *b)
{
	checks(b, 100, "rationale LIKE '%bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbc'",
	       80);
}

static void globs(struct buf *b)
{
	checks(b, 400, "impact GLOB '*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b'", 30);
}

static void joined(struct buf *b)
{
	checks(b, 100, "lower(impact||impact||impact||impact||impact||impact||impact) = upper(rationale||rationale)",
	       80);
}

static void growing(struct buf *b)
{
	checks(b, 1, "length(impact||impact||impact||impact||impact||impact||impact||impact||impact||impact) > 5", 1);
}

static void families(struct buf *b)
{
	checks(b, 400, "family(impact, 'permissive')", 40);
}

static void ranges(struct buf *b)
{
	checks(b, 400, "version_in(impact, '>=1.2 <2 || 3.x')", 40);
}

static void folded(struct buf *b)
{
	checks(b, 100, "lower(upper(lower(upper(lower(upper(lower(upper(impact)))))))) = 'b'", 80);
}

static void many_values(struct buf *b)
{
	buf_puts(b, HEAD "facts:\n");
	for (int i = 0; i < 100; i++) {
		buf_printf(b, "  f%d: {kind: choices, values: [", i);
		for (int k = 0; k < 500; k++)
			buf_printf(b, "%sv%d", k ? "," : "", k);
		buf_puts(b, "]}\n");
	}
	buf_puts(b, ROUTES);
}

static void long_family(struct buf *b)
{
	buf_puts(b, HEAD "families: {f: [\"MIT");
	repeat(b, " AND MIT", 500);
	buf_puts(b, "\"]}\n" ROUTES);
}

static void nuls(struct buf *b)
{
	buf_puts(b, HEAD ROUTES);
	buf_add(b, "\0", 1);
}

static void marked(struct buf *b)
{
	buf_puts(b, "\xef\xbb\xbf" HEAD ROUTES);
}

static void not_utf8(struct buf *b)
{
	buf_puts(b, "catalogue: \xc0\xaf\nversion: 1\n" ROUTES);
}

static void honest(struct buf *b)
{
	checks(b, 500, "license LIKE '%GPL%' OR rationale LIKE '%because%' OR family(license, 'strong-copyleft')", 1);
}

#define HARMLESS "" // it is taken

static const struct {
	const char *name;
	void (*write)(struct buf *b);
	const char *says; // a part of the first line
} files[] = {
	{ "a billion laughs", laughs, "f:3:4: anchors" },
	{ "a list that holds itself", own_tail, "f:3:9: anchors" },
	{ "a merge key", merged, "f:3:1: merge keys" },
	{ "a tag that reads a file", tagged, "f:1:12: tags" },
	{ "5,000 nested lists", deep_lists, "f:3:" },
	{ "100,000 nested objects", deep_keys, "f:3:" },
	{ "20 MB", huge, "larger than" },
	{ "40,000 families", many_keys, "'families' has more than 100 members" },
	{ "one family 60,000 times", same_keys, "f:5:3:" },
	{ "5,000 checks", many_checks, "'checks' has more than 500 members" },
	{ "10,000 routes", many_routes, "'routes' has more than 100 members" },
	{ "80,000 groups", many_groups, "'from' has more than 16 members" },
	{ "80,000 needs", many_needs, "'needs' has more than 64 members" },
	{ "a sentence of 900,000 bytes", long_scalar, "'says' is longer than 500 bytes" },
	{ "a condition of 24,000 bytes", long_condition, "'when' is longer than 8192 bytes" },
	{ "4,000 parentheses", deep_condition, "f:3:33: not a condition" },
	{ "2,000 times not", deep_not, "f:3:33: not a condition" },
	{ "a query without end", endless_query, "f:4:27: a condition cannot hold a query of its own" },
	{ "a cross join", cross_join, "f:4:27: a condition cannot" },
	{ "a gigabyte of zeros", zero_blob, "f:4:27: conditions have no use for the function 'zeroblob'" },
	{ "8,000 slow LIKEs", likes, "takes too long" },
	{ "8,000 LIKEs that are slow on another text", other_likes, "takes too long" },
	{ "12,000 slow GLOBs", globs, "takes too long" },
	{ "8,000 joined texts", joined, "takes too long" },
	{ "a text that grows", growing, HARMLESS },
	{ "16,000 families asked", families, "takes too long" },
	{ "16,000 ranges asked", ranges, "takes too long" },
	{ "64,000 foldings", folded, HARMLESS },
	{ "50,000 values", many_values, HARMLESS },
	{ "an expression of 500 terms as a family's member", long_family, "f:3:" },
	{ "a NUL", nuls, "NUL" },
	{ "a byte-order mark", marked, "byte-order mark" },
	{ "what is no UTF-8", not_utf8, "UTF-8" },
	{ "500 honest checks", honest, HARMLESS },
};

// Facts as long as they may be.
static json_t *longest(void)
{
	json_t *facts = json_object();
	_buf_ struct buf text = BUF(FACT_VALUE_MAX);

	repeat(&text, "b", FACT_VALUE_MAX - 1);
	for (const struct fact *f = facts_builtin; f->name; f++)
		json_put_str(facts, f->name, buf_text(&text));
	return facts;
}

// Milliseconds of this process: however much else the machine does.
static int64_t spent(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void hostile(void **state)
{
	struct world *w = *state;
	_json_ json_t *facts = longest();

	for (size_t i = 0; i < LENGTH(files); i++) {
		struct buf text = BUF(TEXT_MAX);
		struct err e = { 0 }, why = { 0 };
		int64_t begin, taken, judged;

		files[i].write(&text);
		begin = spent();
		_catalogue_ struct catalogue *c =
		        catalogue_read(buf_text(&text), text.len, "f", w->people, w->licences, &e);
		taken = spent() - begin;
		_json_ json_t *judgement = c ? catalogue_assess(c, facts, &why) : NULL;

		(void)judgement;
		judged = spent() - begin - taken;
		e.text[strcspn(e.text, "\n")] = '\0';
		print_message("%5lld ms, judged in %lld ms: %s: %.120s\n", (long long)taken, (long long)judged,
		              files[i].name, e.text);
		if (!c != (*files[i].says != '\0') || !strstr(e.text, files[i].says))
			fail_msg("%s: %s", files[i].name, c ? "taken" : e.text);
		if (!c && e.code != EX_CONFIG)
			fail_msg("%s: code %d", files[i].name, e.code);
		if (taken >= PATIENCE || judged >= PATIENCE)
			fail_msg("%s: %lld ms, judged in %lld ms", files[i].name, (long long)taken, (long long)judged);
		buf_free(&text);
	}
}

// The same through the file system: what is too large is not read.
static void hostile_file(void **state)
{
	struct world *w = *state;
	_free_ char *path = text_format("%s/hostile.yaml", getenv("TMP") ? getenv("TMP") : "/tmp");
	struct err e = { 0 };
	int64_t begin = spent();

	file_replace(path, HEAD, strlen(HEAD), 0600, &e);
	assert_int_equal(truncate(path, INT64_C(50) << 30), 0);
	assert_null(catalogue_load(path, w->people, w->licences, &e));
	assert_non_null(strstr(e.text, "larger than"));
	assert_true(spent() - begin < 1000);
	unlink(path);
}

int main(void)
{
	static const struct CMUnitTest tests[] = { cmocka_unit_test(hostile), cmocka_unit_test(hostile_file) };

	return cmocka_run_group_tests_name("catalogue_hostile", tests, setup, teardown);
}
