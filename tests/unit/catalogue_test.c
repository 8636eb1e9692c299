// SPDX-License-Identifier: Apache-2.0
// bot/catalogue: what a policy makes of facts, and what is said about a wrong policy.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/catalogue.h"
#include "bot/config.h"
#include "tests/unit/known_licences.h"

#define EXAMPLES SOURCE_DIR "/templates/examples/"

static const char people_text_[] = "people:\n"
                                   "- {id: ann, name: A, groups: [legal, licensing]}\n"
                                   "- {id: bo, name: B, groups: [compliance]}\n"
                                   "- {id: max, name: M, groups: [cto]}\n"
                                   "- {id: ira, name: I, groups: [admin, cto]}\n";

// The catalogue of the design, whose holidays lie with the examples.
static const char design[] =
        "catalogue: example.com/licensing\n"
        "version: 12\n"
        "facts:\n"
        "  product: {kind: choice, values: [Widget, Atlas, Orion Gateway, Lumen Mobile]}\n"
        "  channel: {kind: choice, values: [saas, binary, source, internal, embedded, app-store, container],\n"
        "            also: {saas: [hosted, hosted service], binary: [executable]}}\n"
        "  linking: {kind: choices, values: [static, dynamic, process, network]}\n"
        "families:\n"
        "  permissive: [MIT, BSD-2-Clause, BSD-3-Clause, ISC, Apache-2.0]\n"
        "  network-copyleft: [AGPL-3.0-only, AGPL-3.0-or-later, SSPL-1.0]\n"
        "types:\n"
        "  - {id: oss, title: Open-source licence outside the allow list, when: license IS NOT NULL,\n"
        "     needs: [license, component, product, channel, rationale, remediation, expires], longest: 180d}\n"
        "checks:\n"
        "  - {id: ALLOW-1, when: \"licensable(license, 'permissive')\", outcome: allow, says: On the allow list.}\n"
        "  - {id: OSS-7.2, when: \"family(license, 'network-copyleft') AND channel = 'saas'\", risk: 5,\n"
        "     policy: Open Source Policy 7.2, clause: AGPL-3.0 section 13, control: ISO5230-3.3.2.1,\n"
        "     says: Hosting it obliges you to offer your source.}\n"
        "routes:\n"
        "  - {when: risk >= 8 OR spend > 50000, stages: [{name: legal, need: 1, from: [legal]},\n"
        "                                   {name: board, need: 2, from: [compliance, cto], factor: totp}]}\n"
        "  - {stages: [{name: licensing, need: 1, from: [licensing]}]}\n"
        "hours: {days: Mon-Fri, from: \"09:00\", to: \"17:00\", zone: Europe/Berlin, holidays: [holidays.ics]}\n"
        "escalation: {remind: [1d, 2d], alternate: 3d, manager: 5d, lapse: 20d}\n"
        "retention: {archive: 2y, erase: 7y}\n";

static int setup(void **state)
{
	struct err e = { 0 };

	*state = people_read(people_text_, sizeof people_text_ - 1, "people.yaml", &e);
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	people_free((struct people **)state);
	return 0;
}

static struct catalogue *make(const struct people *people, const char *text)
{
	struct err e = { 0 };
	struct catalogue *c = catalogue_read(text, strlen(text), EXAMPLES "p.yaml", people, known_licences(), &e);

	assert_string_equal(e.text, "");
	return c;
}

static void reads_the_design(void **state)
{
	_catalogue_ struct catalogue *c = make(*state, design);
	const struct escalation *plan = catalogue_escalation(c);
	const json_t *product = json_obj(catalogue_facts(c), "product"),
	             *channel = json_obj(catalogue_facts(c), "channel");
	const json_t *type = json_array_get(catalogue_types(c), 0);
	int64_t span;

	assert_string_equal(catalogue_name(c), "example.com/licensing");
	assert_int_equal(catalogue_version(c), 12);
	assert_string_equal(catalogue_text(c), design);
	assert_int_equal(json_object_size(catalogue_facts(c)), 3);
	assert_string_equal(json_str(product, "kind"), "choice");
	assert_true(json_has_str(json_arr(product, "values"), "Orion Gateway"));
	assert_true(json_has_str(json_arr(json_obj(channel, "also"), "saas"), "hosted service"));
	assert_int_equal(json_array_size(catalogue_types(c)), 1);
	assert_string_equal(json_str(type, "id"), "oss");
	assert_int_equal(json_int(type, "longest"), 180LL * CLOCK_DAY);
	assert_int_equal(plan->reminds, 2);
	span_parse("2d", &span);
	assert_int_equal(plan->remind[1], span);
	span_parse("20d", &span);
	assert_int_equal(plan->lapse, span);
	assert_int_equal(catalogue_retention(c)->archive, 730LL * CLOCK_DAY);
	assert_int_equal(catalogue_retention(c)->erase, 7 * 365LL * CLOCK_DAY);
	assert_string_equal(hours_zone(catalogue_hours(c)), "Europe/Berlin");
}

// JSON in C: ' stands for ", and ` for '.
static void requote(char *text)
{
	for (; *text; text++)
		*text = *text == '\'' ? '"' : *text == '`' ? '\'' : *text;
}

// What a policy makes of facts; the assessment is compared as a whole.
static void judges(void **state)
{
#define ALL \
	"'component':'x','product':'Widget','channel':'saas','rationale':'r','remediation':'m','expires':'2027-01-01'"
#define NEEDS "'needs':['license','component','product','channel','rationale','remediation','expires']"
#define OSS "'type':'oss','title':'Open-source licence outside the allow list'," NEEDS
#define ALLOW "{'check':'ALLOW-1','says':'On the allow list.','risk':0,'outcome':'allow'}"
#define SAAS \
	"{'check':'OSS-7.2','policy':'Open Source Policy 7.2','clause':'AGPL-3.0 section " \
	"13','control':'ISO5230-3.3.2.1'," \
	"'says':'Hosting it obliges you to offer your source.','risk':5,'outcome':'finding'}"
#define GARBLED(why) \
	"{'check':'license','outcome':'finding','risk':0,'says':'The licence is not a licence expression: " why ".'}"
#define LICENSING "'stages':[{'name':'licensing','need':1,'from':['licensing']}]"
#define BOARD \
	"'stages':[{'name':'legal','need':1,'from':['legal']}," \
	"{'name':'board','need':2,'from':['compliance','cto'],'factor':'totp'}]"
#define LONGEST "'longest':15552000000"
	static const struct {
		const char *facts, *assessment;
	} cases[] = {
		{ "{'license':'MIT'," ALL "}", "{" OSS ",'missing':[],'findings':[" ALLOW
		                               "],'risk':0,'outcome':'allow'," LICENSING "," LONGEST "}" },
		{ "{'license':'GPL-3.0-only OR MIT'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" ALLOW "],'risk':0,'outcome':'allow'," LICENSING "," LONGEST
		  "}" },
		{ "{'license':'GPL-3.0-only AND MIT'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[],'risk':0,'outcome':'review'," LICENSING "," LONGEST "}" },
		{ "{'license':'mit and apache-2.0 with LLVM-exception'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" ALLOW "],'risk':0,'outcome':'allow'," LICENSING "," LONGEST
		  "}" },
		{ "{'license':'AGPL-3.0-only'," ALL "}", "{" OSS ",'missing':[],'findings':[" SAAS
		                                         "],'risk':5,'outcome':'review'," LICENSING "," LONGEST "}" },
		// Allowed, but not while another check finds a risk.
		{ "{'license':'MIT OR AGPL-3.0-only'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" ALLOW "," SAAS "],'risk':5,'outcome':'review'," LICENSING
		  "," LONGEST "}" },
		// The requester's own figure is an input: it raises, and never lowers.
		{ "{'license':'AGPL-3.0-only','risk':2," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" SAAS "],'risk':5,'outcome':'review'," LICENSING "," LONGEST
		  "}" },
		{ "{'license':'AGPL-3.0-only','risk':9," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" SAAS "],'risk':9,'outcome':'review'," BOARD "," LONGEST "}" },
		{ "{'license':'MIT','risk':99}",
		  "{" OSS ",'missing':['component','product','channel','rationale','remediation',"
		  "'expires'],'findings':[" ALLOW "],'risk':10,'outcome':'allow'," BOARD "," LONGEST "}" },
		{ "{'license':'MIT','spend':{'amount':'50000.01','currency':'EUR'}," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" ALLOW "],'risk':0,'outcome':'allow'," BOARD "," LONGEST "}" },
		{ "{'license':'MIT','spend':{'amount':'50000.00','currency':'EUR'}," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" ALLOW "],'risk':0,'outcome':'allow'," LICENSING "," LONGEST
		  "}" },
		// Empty is missing.
		{ "{'license':'MIT','component':'','product':[],'channel':null,'rationale':'r','remediation':'m','"
		  "expires':'x'}",
		  "{" OSS ",'missing':['component','product','channel'],'findings':[" ALLOW
		  "],'risk':0,'outcome':'allow'," LICENSING "," LONGEST "}" },
		// No type: nothing is needed, somebody still decides.
		{ "{}",
		  "{'type':'','title':'','needs':[],'missing':[],'findings':[],'risk':0,'outcome':'review'," LICENSING
		  "}" },
		{ "{'component':'zlib','unheard-of':'x'}",
		  "{'type':'','title':'','needs':[],'missing':[],'findings':[],'risk':0,'outcome':'review'," LICENSING
		  "}" },
		// What nobody can read is never allowed, and what it mentions is noticed.
		{ "{'license':'(MIT OR'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" GARBLED(
		          "a licence is missing at the end") "],'risk':0,'outcome':'review'," LICENSING "," LONGEST
		                                             "}" },
		{ "{'license':'MIT, AGPL-3.0-only'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" GARBLED(
		          "`MIT,` is no licence identifier: `,` cannot stand in one "
		          "(character 1)") "," SAAS "],'risk':5,'outcome':'review'," LICENSING "," LONGEST "}" },
		{ "{'license':'AGPL-3.0-only+ WITH Font-exception-2.0'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" SAAS "],'risk':5,'outcome':'review'," LICENSING "," LONGEST
		  "}" },
		{ "{'license':'NOASSERTION'," ALL "}",
		  "{" OSS ",'missing':[],'findings':[" GARBLED(
		          "`NOASSERTION` is no licence, it says that none was found "
		          "(character 1)") "],'risk':0,'outcome':'review'," LICENSING "," LONGEST "}" },
	};
	_catalogue_ struct catalogue *c = make(*state, design);

	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *facts_text = text_copy(cases[i].facts), *wanted_text = text_copy(cases[i].assessment);
		struct err e = { 0 };

		requote(facts_text);
		requote(wanted_text);
		_json_ json_t *facts = json_read(facts_text, strlen(facts_text), &e);
		_json_ json_t *wanted = json_read(wanted_text, strlen(wanted_text), &e);

		if (!facts || !wanted)
			fail_msg("case %zu: %s", i, e.text);
		_json_ json_t *before = json_deep_copy(facts), *got = catalogue_assess(c, facts, &e);

		assert_string_equal(e.text, "");
		_free_ char *got_text = json_canonical(got, NULL, &e), *expected = json_canonical(wanted, NULL, &e);

		assert_string_equal(got_text, expected);
		assert_true(json_equal(facts, before));
	}
}

// Denying beats allowing, risks add up, and what nobody can read is not allowed by any rule.
static void denies(void **state)
{
	_catalogue_ struct catalogue *c =
	        make(*state, "catalogue: x\nversion: 1\nchecks:\n"
	                     "- {id: A, when: component = 'zlib', outcome: allow, says: a}\n"
	                     "- {id: D, when: region = 'XX', outcome: deny, says: d}\n"
	                     "- {id: R6, when: quantity > 6, risk: 6, says: r}\n"
	                     "- {id: R7, when: quantity > 7, risk: 7, says: r}\n"
	                     "routes:\n- {when: risk = 10, stages: [{name: c, need: 1, from: [cto]}]}\n"
	                     "- {stages: [{name: l, need: 1, from: [legal]}]}\n");
	_json_ json_t *both = json_pack("{s:s,s:s}", "component", "zlib", "region", "XX");
	_json_ json_t *many = json_pack("{s:i}", "quantity", 8);
	_json_ json_t *plain = json_pack("{s:s}", "component", "zlib");
	_json_ json_t *garbled = json_pack("{s:s,s:s}", "component", "zlib", "license", "(MIT");
	struct err e = { 0 };
	_json_ json_t *denied = catalogue_assess(c, both, &e), *risky = catalogue_assess(c, many, &e);
	_json_ json_t *allowed = catalogue_assess(c, plain, &e), *unread = catalogue_assess(c, garbled, &e);

	assert_string_equal(json_str(denied, "outcome"), "deny");
	assert_int_equal(json_array_size(json_arr(denied, "findings")), 2);
	assert_int_equal(json_int(risky, "risk"), 10);
	assert_string_equal(json_str(json_array_get(json_arr(risky, "stages"), 0), "name"), "c");
	assert_string_equal(json_str(allowed, "outcome"), "allow");
	assert_string_equal(json_str(unread, "outcome"), "review");
	assert_null(catalogue_hours(c));
	assert_int_equal(catalogue_escalation(c)->lapse, 0);
	assert_int_equal(catalogue_retention(c)->erase, 0);
}

// A type's id is a column for checks and routes; a failing condition names itself.
static void conditions_see(void **state)
{
	_catalogue_ struct catalogue *c =
	        make(*state, "catalogue: x\nversion: 1\nfacts: {size: {kind: number}}\nfamilies: {f: [MIT]}\ntypes:\n"
	                     "- {id: big, title: Big, when: size > 10}\n- {id: small, title: Small}\nchecks:\n"
	                     "- {id: B, when: type = 'big' AND spend_currency = 'EUR', risk: 3, says: b}\n"
	                     "- {id: F, when: \"family(license, coalesce(vendor, 'f'))\", risk: 1, says: f}\n"
	                     "routes:\n- {when: type = 'small', stages: [{name: s, need: 1, from: [cto]}]}\n"
	                     "- {stages: [{name: l, need: 1, from: [legal]}]}\n");
	_json_ json_t *big = json_pack("{s:i,s:{s:s,s:s}}", "size", 11, "spend", "amount", "1", "currency", "EUR");
	_json_ json_t *small = json_pack("{s:i}", "size", 10),
	              *odd = json_pack("{s:s,s:s}", "license", "MIT", "vendor", "g");
	struct err e = { 0 };
	_json_ json_t *one = catalogue_assess(c, big, &e), *two = catalogue_assess(c, small, &e);

	assert_string_equal(json_str(one, "type"), "big");
	assert_int_equal(json_int(one, "risk"), 3);
	assert_string_equal(json_str(json_array_get(json_arr(one, "stages"), 0), "name"), "l");
	assert_string_equal(json_str(two, "type"), "small");
	assert_string_equal(json_str(json_array_get(json_arr(two, "stages"), 0), "name"), "s");
	assert_null(catalogue_assess(c, odd, &e));
	assert_string_equal(e.text, "the condition 'family(license, coalesce(vendor, 'f'))' fails: no family 'g'");
}

#define HEAD "catalogue: x\nversion: 1\n"
#define ROUTES "routes: [{stages: [{name: l, need: 1, from: [legal]}]}]\n"

static void refuses(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ HEAD, "p:1:1: 'routes' is missing\n  catalogue: x\n  ^" },
		{ "catalogue: x\nversion: 1.10\n" ROUTES,
		  "p:2:10: 'version' must be a whole number\n  version: 1.10\n           ^" },
		{ HEAD "chekcs: []\n" ROUTES,
		  "p:3:1: unknown key 'chekcs' - did you mean 'checks'?\n  chekcs: []\n  ^" },
		// facts
		{ HEAD "facts: {Size: {kind: number}}\n" ROUTES,
		  "p:3:9: a name here has 1 to 32 of the characters a-z, 0-9 and '_', a letter first\n"
		  "  facts: {Size: {kind: number}}\n          ^" },
		{ HEAD "facts: {type: {kind: number}}\n" ROUTES,
		  "p:3:9: 'type' is a name of the catalogue's own\n  facts: {type: {kind: number}}\n          ^" },
		{ HEAD "facts: {size: {kind: nmber}}\n" ROUTES,
		  "p:3:22: no kind 'nmber' - did you mean 'number'?\n  facts: {size: {kind: nmber}}\n"
		  "                       ^" },
		{ HEAD "facts: {size: {kind: choice}}\n" ROUTES,
		  "p:3:15: 'values' is missing\n  facts: {size: {kind: choice}}\n                ^" },
		{ HEAD "facts: {size: {kind: text, values: [a]}}\n" ROUTES,
		  "p:3:36: 'values' are for a choice or choices\n  facts: {size: {kind: text, values: [a]}}\n"
		  "                                     ^" },
		{ HEAD "facts: {size: {kind: choice, values: [a, b, A]}}\n" ROUTES,
		  "p:3:45: this value stands here twice\n  facts: {size: {kind: choice, values: [a, b, A]}}\n"
		  "                                              ^" },
		{ HEAD "facts: {size: {kind: choice, values: [a], also: {b: [c]}}}\n" ROUTES,
		  "p:3:50: 'b' is not one of the values\n  facts: {size: {kind: choice, values: [a], also: {b: [c]}}}\n"
		  "                                                   ^" },
		// families
		{ HEAD "families: {f: [MIT AND ISC]}\n" ROUTES, "p:3:16: a family holds identifiers, not expressions\n "
		                                                " families: {f: [MIT AND ISC]}\n                 ^" },
		{ HEAD "families: {f: [MIT, mit]}\n" ROUTES,
		  "p:3:21: 'mit' stands in this family twice\n  families: {f: [MIT, mit]}\n                      ^" },
		{ HEAD "families: {f: [\"MIT)\"]}\n" ROUTES, "p:3:16: not a licence identifier: AND or OR is missing "
		                                             "before ')' (character 4)\n  families: {f: [\"MIT)\"]}\n"
		                                             "                 ^" },
		// types
		{ HEAD "types:\n- {id: a, title: A, needs: [licence]}\n" ROUTES,
		  "p:4:29: no fact 'licence' - did you mean 'license'?\n  - {id: a, title: A, needs: [licence]}\n"
		  "                              ^" },
		{ HEAD "types:\n- {id: a, title: A, longest: 180}\n" ROUTES,
		  "p:4:30: 'longest' must be a span of time, like 180d\n  - {id: a, title: A, longest: 180}\n"
		  "                               ^" },
		{ HEAD "types:\n- {id: a, title: A}\n- {id: b, title: B}\n" ROUTES,
		  "p:5:3: this type is never reached: the one before it has no condition\n  - {id: b, title: B}\n    "
		  "^" },
		{ HEAD "types:\n- {id: a, title: A, when: risk > 1}\n- {id: a, title: B}\n" ROUTES,
		  "p:5:8: the id 'a' stands here a second time\n  - {id: a, title: B}\n         ^" },
		{ HEAD "types:\n- {id: a b, title: A}\n" ROUTES,
		  "p:4:8: an id has 1 to 32 letters, digits, '.', '_' or '-'\n  - {id: a b, title: A}\n         ^" },
		// conditions
		{ HEAD "types:\n- {id: a, title: A, when: licence = 'MIT'}\n" ROUTES,
		  "p:4:27: no fact 'licence' - did you mean 'license'?\n  - {id: a, title: A, when: licence = 'MIT'}\n"
		  "                            ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: \"famly(license, 'f')\"}\n" ROUTES,
		  "p:4:26: no function 'famly' - did you mean 'family'?\n"
		  "  - {id: a, says: A, when: \"famly(license, 'f')\"}\n                           ^" },
		{ HEAD "families: {copyleft: [MIT]}\nchecks:\n- {id: a, says: A, when: \"1 OR NOT family (license, "
		       "'copyleff' )\"}\n" ROUTES,
		  "p:5:26: no family 'copyleff' - did you mean 'copyleft'?\n"
		  "  - {id: a, says: A, when: \"1 OR NOT family (license, 'copyleff' )\"}\n"
		  "                           ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: \"licensable(coalesce(license, ')'), 'zzz')\"}\n" ROUTES,
		  "p:4:26: no family 'zzz'\n  - {id: a, says: A, when: \"licensable(coalesce(license, ')'), 'zzz')\"}\n"
		  "                           ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: risk >}\n" ROUTES,
		  "p:4:26: not a condition: near \")\": syntax error\n  - {id: a, says: A, when: risk >}\n"
		  "                           ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: (SELECT 1)}\n" ROUTES,
		  "p:4:26: a condition cannot hold a query of its own\n  - {id: a, says: A, when: (SELECT 1)}\n"
		  "                           ^" },
		// checks
		{ HEAD "checks:\n- {id: a, says: A, when: 1, outcome: maybe}\n" ROUTES,
		  "p:4:38: no outcome 'maybe'; there are finding, allow, deny, needs\n  - {id: a, says: A, when: 1, "
		  "outcome: maybe}\n"
		  "                                       ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: 1, outcome: allow, risk: 1}\n" ROUTES,
		  "p:4:51: what is allowed carries no risk\n  - {id: a, says: A, when: 1, outcome: allow, risk: 1}\n"
		  "                                                    ^" },
		{ HEAD "checks:\n- {id: a, says: A, when: 1, risk: 11}\n" ROUTES,
		  "p:4:35: 'risk' must be from 0 to 10\n  - {id: a, says: A, when: 1, risk: 11}\n"
		  "                                    ^" },
		// routes (Y04, Y09)
		{ HEAD "routes: [{stages: [{name: l, need: 0, from: [legal]}]}]",
		  "p:3:36: 'need' must be from 1 to 20\n  routes: [{stages: [{name: l, need: 0, from: [legal]}]}]\n"
		  "                                     ^" },
		{ HEAD "routes: [{stages: [{name: l, need: \"2\", from: [legal]}]}]",
		  "p:3:36: 'need' must be a whole number without quotes\n"
		  "  routes: [{stages: [{name: l, need: \"2\", from: [legal]}]}]\n                                     "
		  "^" },
		{ HEAD "routes: [{stages: [{name: l, need: 1, from: []}]}]",
		  "p:3:45: 'from' needs at least 1 member\n  routes: [{stages: [{name: l, need: 1, from: []}]}]\n"
		  "                                              ^" },
		{ HEAD "routes: [{stages: [{name: l, need: 1, from: [legl]}]}]",
		  "p:3:46: nobody is in the group 'legl' - did you mean 'legal'?\n"
		  "  routes: [{stages: [{name: l, need: 1, from: [legl]}]}]\n"
		  "                                               ^" },
		{ HEAD "routes: [{stages: [{name: l, need: 2, from: [legal]}]}]",
		  "p:3:36: the stage 'l' needs 2, but only 1 person is in its groups\n"
		  "  routes: [{stages: [{name: l, need: 2, from: [legal]}]}]\n                                     ^" },
		// Ira is in cto, but administers.
		{ HEAD "routes: [{stages: [{name: l, need: 3, from: [legal, cto]}]}]",
		  "p:3:36: the stage 'l' needs 3, but only 2 persons are in its groups\n"
		  "  routes: [{stages: [{name: l, need: 3, from: [legal, cto]}]}]\n                                    "
		  " ^" },
		{ HEAD "routes: [{stages: [{name: l, need: 1, from: [admin]}]}]",
		  "p:3:46: administrators do not vote\n  routes: [{stages: [{name: l, need: 1, from: [admin]}]}]\n"
		  "                                               ^" },
		{ HEAD "routes: [{stages: []}]", "p:3:19: 'stages' needs at least 1 member\n  routes: [{stages: []}]\n"
		                                 "                    ^" },
		{ HEAD "routes: [{stages: [{name: l, need: 1, from: [legal], factor: sms}]}]",
		  "p:3:62: no factor 'sms'; there are totp\n  routes: [{stages: [{name: l, need: 1, from: [legal], "
		  "factor: "
		  "sms}]}]\n"
		  "                                                               ^" },
		{ HEAD
		  "routes:\n- stages:\n  - {name: l, need: 1, from: [legal]}\n  - {name: l, need: 1, from: [cto]}\n",
		  "p:6:12: the stage 'l' stands in this route twice\n    - {name: l, need: 1, from: [cto]}\n"
		  "             ^" },
		{ HEAD "routes:\n- stages: [{name: l, need: 1, from: [legal]}]\n- stages: [{name: l, need: 1, from: "
		       "[legal]}]\n",
		  "p:5:3: this route is never reached: the one before it has no condition\n"
		  "  - stages: [{name: l, need: 1, from: [legal]}]\n    ^" },
		{ HEAD "routes:\n- when: risk > 1\n  stages: [{name: l, need: 1, from: [legal]}]\n",
		  "p:4:3: the last route must have no condition, or nobody decides where none holds\n  - when: risk > "
		  "1\n    ^" },
		// time
		{ HEAD ROUTES "hours: {days: Mo-Fr, from: \"09:00\", to: \"17:00\", zone: UTC}",
		  "p:4:15: 'days' must be days of the week, like Mon-Fri or Mon, Wed-Fri\n"
		  "  hours: {days: Mo-Fr, from: \"09:00\", to: \"17:00\", zone: UTC}\n                ^" },
		{ HEAD ROUTES "hours: {days: Mon, from: 9am, to: \"17:00\", zone: UTC}",
		  "p:4:26: 'from' must be a time of day, like \"09:00\"\n"
		  "  hours: {days: Mon, from: 9am, to: \"17:00\", zone: UTC}\n                           ^" },
		{ HEAD ROUTES "hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: Berlin}",
		  "p:4:54: 'zone' must be a time zone that this machine knows, like Europe/Berlin\n"
		  "  hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: Berlin}\n"
		  "                                                       ^" },
		{ HEAD ROUTES
		  "hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: UTC, holidays: [/nonexistent.ics]}",
		  "p:4:70: /nonexistent.ics: cannot open /nonexistent.ics: No such file or directory\n"
		  "  hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: UTC, holidays: [/nonexistent.ics]}\n"
		  "                                                                       ^" },
		{ HEAD ROUTES "hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: UTC, holidays: [/etc/passwd]}",
		  "p:4:70: /etc/passwd: not a calendar (iCalendar, RFC 5545)\n"
		  "  hours: {days: Mon, from: \"09:00\", to: \"17:00\", zone: UTC, holidays: [/etc/passwd]}\n"
		  "                                                                       ^" },
		{ HEAD ROUTES "escalation: {remind: [2d, 1d]}",
		  "p:4:27: each reminder must be later than the one before it\n  escalation: {remind: [2d, 1d]}\n"
		  "                            ^" },
		{ HEAD ROUTES "escalation: {lapse: never}",
		  "p:4:21: 'lapse' must be a span of time, like 2d, 4h or 30m\n  escalation: {lapse: never}\n"
		  "                      ^" },
		{ HEAD ROUTES "retention: {archive: 2y, erase: 1y}",
		  "p:4:33: 'erase' must not come before 'archive'\n  retention: {archive: 2y, erase: 1y}\n"
		  "                                  ^" },
		{ HEAD ROUTES "retention: {archive: 02y}",
		  "p:4:22: 'archive' must be a span of time, like 2y or 90d\n  retention: {archive: 02y}\n"
		  "                       ^" },
	};

	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct err e = { 0 };

		if (catalogue_read(cases[i].text, strlen(cases[i].text), "p", *state, known_licences(), &e))
			fail_msg("taken:\n%s", cases[i].text);
		assert_string_equal(e.text, cases[i].error);
		assert_int_equal(e.code, EX_CONFIG);
	}
}

// The examples that are installed work together, and do what their comments say.
static void examples(void **state)
{
	struct err e = { 0 };
	_config_ struct config config = { 0 };
	_people_ struct people *people = people_load(EXAMPLES "people.yaml", &e);
	_catalogue_ struct catalogue *c =
	        people ? catalogue_load(EXAMPLES "policy.yaml", people, known_licences(), &e) : NULL;
	static const struct {
		const char *license, *channel, *vendor, *type, *outcome, *stage;
		int risk;
	} cases[] = {
		{ "Apache-2.0", "saas", NULL, "oss", "allow", "licensing", 0 },
		{ "GPL-3.0-only", "binary", NULL, "oss", "review", "licensing", 4 },
		{ "GPL-3.0-only AND AGPL-3.0-only", "saas", NULL, "oss", "review", "licensing", 5 },
		{ "CC-BY-NC-4.0", "saas", NULL, "oss", "deny", "licensing", 0 },
		{ "CC-BY-NC-4.0", "internal", NULL, "oss", "review", "licensing", 0 },
		{ NULL, NULL, "Acme", "commercial", "review", "legal", 4 },
		{ NULL, NULL, NULL, "other", "review", "legal", 0 },
	};
	int64_t when, span = 0;
	char text[CLOCK_TEXT];

	(void)state;
	assert_string_equal(e.text, "");
	assert_int_equal(config_load(EXAMPLES "countersign.yaml", &config, &e), 0);
	assert_string_equal(config.mail.address, "licensing@example.com");
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *facts = json_pack("{s:s*,s:s*,s:s*,s:{s:s,s:s}}", "license", cases[i].license, "channel",
		                                 cases[i].channel, "vendor", cases[i].vendor, "spend", "amount",
		                                 cases[i].license ? "10" : "60000", "currency", "EUR");
		_json_ json_t *out = catalogue_assess(c, facts, &e);

		assert_string_equal(e.text, "");
		assert_string_equal(json_str(out, "type"), cases[i].type);
		assert_string_equal(json_str(out, "outcome"), cases[i].outcome);
		assert_int_equal(json_int(out, "risk"), cases[i].risk);
		assert_string_equal(json_str(json_array_get(json_arr(out, "stages"), 0), "name"), cases[i].stage);
	}
	// Over Christmas 2026: the two days off are a Friday and a Saturday.
	clock_parse("2026-12-24T10:00:00Z", &when);
	span_parse("1d", &span);
	clock_format(hours_add(catalogue_hours(c), when, span), text);
	assert_string_equal(text, "2026-12-28T10:00:00.000Z");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_the_design), cmocka_unit_test(judges),  cmocka_unit_test(denies),
		cmocka_unit_test(conditions_see),   cmocka_unit_test(refuses), cmocka_unit_test(examples),
	};

	return cmocka_run_group_tests_name("catalogue", tests, setup, teardown);
}
