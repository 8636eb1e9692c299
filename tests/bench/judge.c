// SPDX-License-Identifier: Apache-2.0
// judge [RULES [CASES]] - milliseconds that judging a case by a catalogue of so many checks (200) takes, over so many
// cases (2000): median, 99th percentile, worst.  The checks are of the kinds that catalogues have, mixed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "bot/catalogue.h"

static const char *const conditions[] = {
	"family(license, 'network-copyleft') AND channel = 'saas'",
	"family(license, 'strong-copyleft') AND channel IN ('binary', 'embedded') AND modified = 'yes'",
	"licensable(license, 'permissive') AND region <> 'XX'",
	"spend > 50000 AND spend_currency = 'EUR'",
	"linking LIKE '%static%' AND family(license, 'weak-copyleft')",
	"version_in(version, '<2') AND component LIKE 'lib%'",
	"type = 'oss' AND quantity BETWEEN 100 AND 1000",
	"coalesce(region, '') = '' AND channel = 'binary'",
	"rationale LIKE '%customer%' OR impact LIKE '%revenue%'",
	"expires > '2027-06-30' AND term > 365",
};
static const char *const licenses[] = { "MIT",
	                                "GPL-2.0-only WITH Classpath-exception-2.0",
	                                "AGPL-3.0-only",
	                                "(MIT OR Apache-2.0) AND BSD-3-Clause",
	                                "LGPL-2.1-or-later",
	                                "LicenseRef-Acme",
	                                "GPL-3.0-only OR MPL-2.0",
	                                "Elastic-2.0" };
static const char *const channels[] = { "saas", "binary", "source", "internal" };

static int64_t nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static _Noreturn void fail(const struct err *e)
{
	fprintf(stderr, "judge: %s\n", e->text);
	exit(1);
}

static void write_catalogue(struct buf *b, int rules)
{
	buf_puts(b, "catalogue: bench\nversion: 1\nfacts:\n"
	            "  channel: {kind: choice, values: [saas, binary, source, internal, embedded]}\n"
	            "  linking: {kind: choices, values: [static, dynamic, process]}\n"
	            "  modified: {kind: choice, values: [\"yes\", \"no\"]}\n  term: {kind: duration}\n"
	            "types:\n- {id: oss, title: T, when: license IS NOT NULL, needs: [license, component, product, "
	            "{fact: region, when: channel = 'binary'}]}\nchecks:\n");
	for (int i = 0; i < rules; i++)
		buf_printf(b,
		           "- {id: C-%d, risk: %d, policy: Policy %d.%d, says: Something to look at., when: \"(%s) AND "
		           "%d > 0\"}\n",
		           i, i % 7 == 0, i / 10, i % 10, conditions[(size_t)i % LENGTH(conditions)], i + 1);
	buf_puts(b, "thresholds: {board: risk >= 8 OR spend > 100000}\n"
	            "routes:\n- {when: board, stages: [{name: b, need: 1, from: [legal]}]}\n"
	            "- {stages: [{name: l, need: 1, from: [legal]}]}\n");
}

static json_t *facts_of(int i)
{
	json_t *facts = json_pack(
	        "{s:s,s:s,s:s,s:s,s:s,s:[s],s:s,s:{s:s,s:s},s:i,s:s,s:s,s:s}", "license",
	        licenses[(size_t)i % LENGTH(licenses)], "channel", channels[(size_t)i / 3 % LENGTH(channels)],
	        "component", "libfoo", "version", "1.9.2", "product", "Widget", "linking", "static", "modified", "yes",
	        "spend", "amount", "60000", "currency", "EUR", "quantity", 250, "term", "18m", "expires", "2027-09-30",
	        "rationale", "Our customer needs it, and nothing on the allow list does what it does.");

	json_put_int(facts, "quantity", i);
	return facts;
}

static int by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int rules = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 200,
	    cases = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 2000;
	static const char people_text_[] = "people:\n- {id: ann, name: Ann, groups: [legal]}\n";
	struct err e = { 0 };
	_people_ struct people *people = people_read(people_text_, sizeof people_text_ - 1, "people", &e);
	_licences_ struct licences *licences = licences_load("templates", &e);
	_buf_ struct buf text = BUF(1 << 20);
	_free_ int64_t *taken = calloc((size_t)cases + 1, sizeof *taken);
	int64_t findings = 0;

	write_catalogue(&text, rules);
	_catalogue_ struct catalogue *c =
	        people && licences ? catalogue_read(buf_text(&text), text.len, "bench", people, licences, &e) : NULL;
	if (!c || !taken || cases < 1)
		fail(&e);
	for (int i = 0; i < cases; i++) {
		_json_ json_t *facts = facts_of(i), *judged = NULL;
		int64_t begin = nanoseconds();

		judged = catalogue_assess(c, facts, &e);
		taken[i] = nanoseconds() - begin;
		if (!judged)
			fail(&e);
		findings += (int64_t)json_array_size(json_arr(judged, "findings"));
	}
	qsort(taken, (size_t)cases, sizeof *taken, by_size);
	printf("%d rules, %d cases, %.1f findings each: median %.3f ms, p99 %.3f ms, worst %.3f ms\n", rules, cases,
	       (double)findings / cases, (double)taken[cases / 2] / 1e6, (double)taken[cases * 99 / 100] / 1e6,
	       (double)taken[cases - 1] / 1e6);
	return 0;
}
