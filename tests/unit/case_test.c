// SPDX-License-Identifier: Apache-2.0
// bot/case: what each order comes to in each state, as a function of the case, the rules and the time alone.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/case.h"
#include "tests/unit/known_licences.h"

#define OPENED INT64_C(1767225600000) // 2026-01-01
#define NOW (OPENED + CLOCK_DAY)
#define HASH "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define OTHER_HASH "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

static const char people_yaml[] =
        "people:\n"
        "- {id: ann, name: Ann, mail: [ann@example.com, a.okafor@example.com], groups: [legal], alternates: [alf],\n"
        "   manager: max}\n"
        "- {id: bo, name: Bo, mail: [bo@example.com], groups: [legal], alternates: [bea, ben], manager: max}\n"
        "- {id: cy, name: Cy, mail: [cy@example.com], groups: [legal, cto]}\n"
        "- {id: nel, name: Nel, mail: [nel@example.com], groups: [legal], alternates: [dan]}\n"
        "- {id: ira, name: Ira, mail: [ira@example.com], groups: [admin, legal]}\n"
        "- {id: alf, name: Alf, mail: [alf@example.com]}\n"
        "- {id: bea, name: Bea, mail: [bea@example.com]}\n"
        "- {id: ben, name: Ben, mail: [ben@example.com]}\n"
        "- {id: dan, name: Dan, mail: [dan@example.com]}\n"
        "- {id: max, name: Max, mail: [max@example.com]}\n";

static const char catalogue_yaml[] =
        "catalogue: example.com/licensing\n"
        "version: 1\n"
        "types:\n"
        "- {id: oss, title: Licence, when: license IS NOT NULL, needs: [license, product], longest: 180d}\n"
        "checks:\n"
        "- {id: ALLOW, when: license = 'MIT', outcome: allow, says: Allowed.}\n"
        "- {id: DENY, when: license = 'SSPL-1.0', outcome: deny, says: Denied.}\n"
        "- {id: RISK, when: license = 'AGPL-3.0-only', risk: 5, says: Risky.}\n"
        "routes:\n"
        "- {when: risk >= 5, stages: [{name: legal, need: 2, from: [legal]}, {name: board, need: 1, from: [cto]}]}\n"
        "- {stages: [{name: legal, need: 1, from: [legal]}]}\n"
        "escalation: {remind: [1d, 2d], alternate: 3d, manager: 5d, lapse: 20d}\n";

// JSON in C: ' stands for ".
static json_t *json_of(const char *text)
{
	_free_ char *copy = text_copy(text);
	struct err e = { 0 };
	json_t *value;

	for (char *c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	value = json_read(copy, strlen(copy), &e);
	if (!value)
		fail_msg("%s: %s", text, e.text);
	return value;
}

#define ASK(person) "{'person':'person:" person "','seat':'person:" person "','at':1767225600000}"
#define STAND_IN(person, seat_) "{'person':'person:" person "','seat':'person:" seat_ "','at':1767225600000}"
#define CAST(seq_, person, seat_, verdict_) \
	"{'seq':" seq_ ",'person':'person:" person "','seat':'person:" seat_ "','verdict':'" verdict_ \
	"','version':1,'at':1767225600000,'via':'mail','why':''}"
#define STAGE(need_, asked_, votes_) \
	"{'name':'legal','need':" need_ ",'from':['legal'],'state':'open','asked':[" asked_ "],'votes':[" votes_ "]}"
#define STAGES(need_, asked_, votes_) "'stages':[" STAGE(need_, asked_, votes_) "]"
#define THREE ASK("ann") "," ASK("bo") "," ASK("cy")

// A case of Kim's, who is not listed, that ann, bo and cy were asked about; `changes` are members put over it.
static json_t *state_of(const char *changes)
{
	json_t *state = json_of(
	        "{'case':'CS-1','number':1,'state':'pending','type':'oss','title':'t','requester':'mail:kim@example."
	        "com',"
	        "'requester_name':'Kim','requester_address':'kim@example.com','verified':true,"
	        "'filed_by':'mail:kim@example.com','opened':1767225600000,'updated':1767225600000,'version':1,"
	        "'hash':'" HASH "','catalogue':1,'risk':0,'stage':0,'thread':'<t@example.com>',"
	        "'editors':['mail:kim@example.com'],'text':'','facts':{'license':'GPL-2.0-only','product':'Widget'},"
	        "'origin':{},'words':{},'components':[],'missing':[],'findings':[],'evidence':[]," STAGES(
	                "1", THREE, "") ",'comments':[]}");
	_json_ json_t *over = json_of(changes ? changes : "{}");

	json_object_update(state, over);
	if (strcmp(json_str(state, "state"), "pending") != 0 && !json_object_get(over, "stage"))
		json_object_del(state, "stage");
	return state;
}

// One question to case_decide(), short: what is not said is Kim's, proven, with no text.
struct ask {
	const char *state; // changes to state_of()
	enum order_kind kind;
	const char *actor, *verdict, *text, *code, *content, *timer, *reading, *evidence, *grants, *resting, *judged;
	bool unproven;
};

#define JUDGED \
	"{'type':'oss','risk':5,'outcome':'review','findings':[],'stages':[{'name':'legal','need':1,'from':['legal']}" \
	"]}"

struct world {
	struct people *people;
	struct catalogue *catalogue;
	json_t *memberships;
};

static int setup(void **state)
{
	static struct world w;
	struct err e = { 0 };

	w.people = people_read(people_yaml, strlen(people_yaml), "people.yaml", &e);
	w.catalogue = w.people ? catalogue_read(catalogue_yaml, strlen(catalogue_yaml), "policy.yaml", w.people,
	                                        known_licences(), &e)
	                       : NULL;
	if (!w.catalogue)
		print_error("%s\n", e.text);
	w.memberships = json_of("{'ann':{'legal':0},'bo':{'legal':0},'cy':{'legal':0,'cto':1767225600000},"
	                        "'nel':{'legal':1767225600001},'ira':{'legal':0,'admin':0}}");
	*state = &w;
	return w.catalogue ? 0 : -1;
}

static int teardown(void **state)
{
	struct world *w = *state;

	catalogue_free(&w->catalogue);
	people_free(&w->people);
	json_decref(w->memberships);
	return 0;
}

static enum decided decide(const struct world *w, const struct ask *a, json_t *events, struct refusal *refusal)
{
	struct rules rules = {
		.prefix = "CS", .people = w->people, .catalogue = w->catalogue, .memberships = w->memberships
	};
	_json_ json_t *state = a->kind == ORDER_OPEN ? NULL : state_of(a->state);
	_json_ json_t *reading =
	        json_of(a->reading ? a->reading : "{'facts':{},'problems':[],'components':[],'rest':''}");
	_json_ json_t *evidence = json_of(a->evidence ? a->evidence : "[]");
	_json_ json_t *grants = json_of(a->grants ? a->grants : "[]");
	_json_ json_t *resting = json_of(a->resting ? a->resting : "[]");
	_json_ json_t *judged = json_of(a->judged ? a->judged : JUDGED);
	const char *actor = a->actor ? a->actor : a->kind == ORDER_TIMER ? "system" : "mail:kim@example.com";
	struct order order = {
		.kind = a->kind,
		.actor = actor,
		.name = "Name",
		.address = "kim@example.com",
		.person = text_starts(actor, "person:") ? people_find(w->people, actor + 7) : NULL,
		.via = "mail",
		.authenticated = !a->unproven,
		.message = 7,
		.text = a->text,
		.subject = "Request",
		.thread = "<t@example.com>",
		.reading = reading,
		.evidence = evidence,
		.grants = grants,
		.resting = resting,
		.judged = judged,
		.number = 1,
		.verdict = a->verdict ? a->verdict : "approve",
		.code = a->code ? a->code : "",
		.content = a->content,
		.timer = a->timer,
		.timer_number = 1,
	};
	struct err e = { 0 };
	enum decided decided = case_decide(&rules, state, &order, NOW, events, refusal, &e);

	if (decided == DECIDED_ERROR)
		fail_msg("%s", e.text);
	return decided;
}

// "refused CODE", or the types of the events in order.
static char *outcome(const struct world *w, const struct ask *a)
{
	_json_ json_t *events = json_array();
	struct refusal refusal = { 0 };
	struct buf out = BUF(4096);
	json_t *event;
	size_t i;

	if (decide(w, a, events, &refusal) == DECIDED_NOT) {
		assert_int_equal(json_array_size(events), 0);
		assert_true(*refusal.reason && refusal.next && *refusal.next);
		return text_format("refused %s", refusal.code);
	}
	json_array_foreach(events, i, event)
		buf_printf(&out, "%s%s", i ? " " : "", json_str(event, "type"));
	return buf_steal(&out);
}

struct row {
	const char *what;
	struct ask ask;
	const char *expected;
};

static void run(const struct world *w, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		_free_ char *got = outcome(w, &rows[i].ask);

		if (strcmp(got, rows[i].expected) != 0)
			fail_msg("%s: '%s', expected '%s'", rows[i].what, got, rows[i].expected);
	}
}
#define RUN(state, rows) run(*(state), rows, LENGTH(rows))

// The body of the first event of a type, as text; fails when there is none.
static json_t *body_of(const struct world *w, const struct ask *a, const char *type)
{
	_json_ json_t *events = json_array();
	struct refusal refusal = { 0 };
	json_t *event;
	size_t i;

	if (decide(w, a, events, &refusal) != DECIDED)
		fail_msg("refused %s: %s", refusal.code, refusal.reason);
	json_array_foreach(events, i, event) {
		if (strcmp(json_str(event, "type"), type) == 0)
			return json_incref(json_obj(event, "body"));
	}
	fail_msg("no %s", type);
	return NULL;
}

static void assert_body(const struct world *w, const struct ask *a, const char *type, const char *key,
                        const char *expected)
{
	_json_ json_t *body = body_of(w, a, type);
	_free_ char *list = text_format("[%s]", expected);
	_json_ json_t *want = json_of(list);
	_free_ char *got = json_object_get(body, key) ? json_dumps(json_object_get(body, key), JSON_ENCODE_ANY)
	                                              : text_copy("absent");

	if (!json_equal(json_object_get(body, key), json_array_get(want, 0)))
		fail_msg("%s.%s is %s, expected %s", type, key, got, expected);
}

static void assert_absent(const struct world *w, const struct ask *a, const char *type, const char *key)
{
	_json_ json_t *body = body_of(w, a, type);

	assert_null(json_object_get(body, key));
}

// --- the table of life -------------------------------------------------------------------------------------------

static void lives(void **state)
{
	static const char *const states[] = { "incomplete", "pending", "approved", "rejected",
		                              "withdrawn",  "lapsed",  "expired",  "revoked" };
	static const struct {
		enum order_kind kind;
		struct ask ask;
		const char *may[8];
	} orders[] = {
#define CHANGE "{'facts':{'product':'Atlas'},'origin':{},'words':{},'components':[],'problems':[],'rest':''}"
#define AMENDED "case.amended case.assessed review.requested"
		{ ORDER_AMEND, { .reading = CHANGE }, { AMENDED, AMENDED } },
		{ ORDER_VOTE, { .actor = "person:ann" }, { NULL, "vote.cast stage.passed case.approved" } },
		{ ORDER_COMMENT,
		  { .text = "words" },
		  { "case.commented", "case.commented", "case.commented", "case.commented", "case.commented",
		    "case.commented", "case.commented", "case.commented" } },
		{ ORDER_QUESTION,
		  { .text = "words" },
		  { "case.commented", "case.commented", "case.commented", "case.commented", "case.commented",
		    "case.commented", "case.commented", "case.commented" } },
		{ ORDER_WITHDRAW, { 0 }, { "case.withdrawn", "case.withdrawn" } },
		{ ORDER_REVOKE, { .text = "why" }, { NULL, NULL, "case.revoked" } },
		{ ORDER_TIMER, { .timer = "lapse" }, { "case.lapsed", "case.lapsed", "" } },
		{ ORDER_TIMER, { .timer = "expire" }, { "", "", "case.expired" } },
	};

	for (size_t i = 0; i < LENGTH(orders); i++) {
		for (size_t k = 0; k < LENGTH(states); k++) {
			_free_ char *changes = text_format("{'state':'%s'}", states[k]);
			struct ask a = orders[i].ask;
			const char *expected = orders[i].may[k] ? orders[i].may[k] : "refused wrong-state";
			_free_ char *got = NULL;

			if (!*expected) // no such timer in that state
				continue;
			a.kind = orders[i].kind;
			a.state = changes;
			got = outcome(*state, &a);
			if (strcmp(got, expected) != 0)
				fail_msg("order %d, timer %s, when %s: '%s', expected '%s'", (int)a.kind,
				         a.timer ? a.timer : "-", states[k], got, expected);
		}
	}
}

// --- duties --------------------------------------------------------------------------------------------------------

#define VOTE(who, ...) \
	{ \
		.kind = ORDER_VOTE, .actor = "person:" who, __VA_ARGS__ \
	}

static void keeps_duties_apart(void **state)
{
#define REQUESTER(principal) "{'requester':'" principal "','filed_by':'" principal "','editors':['" principal "']"
	static const struct row rows[] = {
		{ "their own", VOTE("ann", .state = REQUESTER("person:ann") "}"), "refused self-approval" },
		{ "their own, by their address", VOTE("ann", .state = REQUESTER("mail:ann@example.com") "}"),
		  "refused self-approval" },
		{ "their own, by an alias", VOTE("ann", .state = REQUESTER("mail:A.Okafor@example.com") "}"),
		  "refused self-approval" },
		{ "somebody else's", VOTE("bo", .state = REQUESTER("person:ann") "}"),
		  "vote.cast stage.passed case.approved" },
		{ "filed for another", VOTE("ann", .state = "{'filed_by':'person:ann'}"), "refused conflict-of-duty" },
		{ "edited", VOTE("ann", .state = "{'editors':['mail:kim@example.com','mail:a.okafor@example.com']}"),
		  "refused conflict-of-duty" },
		{ "gains, by id", VOTE("ann", .state = "{'facts':{'beneficiary':'ann'}}"), "refused conflict-of-duty" },
		{ "gains, by alias", VOTE("ann", .state = "{'facts':{'beneficiary':'a.okafor@example.com'}}"),
		  "refused conflict-of-duty" },
		{ "gains, as a person", VOTE("ann", .state = "{'facts':{'beneficiary':'person:ann'}}"),
		  "refused conflict-of-duty" },
		{ "another gains", VOTE("ann", .state = "{'facts':{'beneficiary':'bo'}}"),
		  "vote.cast stage.passed case.approved" },
		{ "administrator", VOTE("ira", .state = "{" STAGES("1", ASK("ira"), "") "}"),
		  "refused administrators-do-not-vote" },
		{ "too new, not asked", VOTE("nel"), "refused role-too-new" },
		{ "too new, asked", VOTE("nel", .state = "{" STAGES("1", ASK("nel"), "") "}"), "refused role-too-new" },
		{ "of no such group", VOTE("max"), "refused not-approver" },
		{ "asked, but not of the group", VOTE("max", .state = "{" STAGES("1", ASK("max"), "") "}"),
		  "refused role-too-new" },
		{ "not listed", { .kind = ORDER_VOTE }, "refused not-approver" },
		{ "not proven", VOTE("ann", .unproven = true), "refused auth-missing" },
		{ "stands in", VOTE("alf", .state = "{" STAGES("1", THREE "," STAND_IN("alf", "ann"), "") "}"),
		  "vote.cast stage.passed case.approved" },
		{ "stands in for the requester",
		  VOTE("alf", .state = REQUESTER("person:ann") "," STAGES("1", STAND_IN("alf", "ann"), "") "}"),
		  "refused self-approval-by-delegation" },
		{ "stands in for an editor",
		  VOTE("alf", .state = "{'editors':['person:ann']," STAGES("1", STAND_IN("alf", "ann"), "") "}"),
		  "refused conflict-of-duty" },
		{ "stands in, but requested it",
		  VOTE("alf", .state = REQUESTER("person:alf") "," STAGES("1", STAND_IN("alf", "ann"), "") "}"),
		  "refused self-approval" },
		{ "stands in no more", VOTE("bea", .state = "{" STAGES("1", STAND_IN("bea", "ann"), "") "}"),
		  "refused not-approver" },
		{ "stands in for somebody too new",
		  VOTE("dan", .state = "{" STAGES("1", STAND_IN("dan", "nel"), "") "}"), "refused role-too-new" },
		{ "stands in for somebody who left",
		  VOTE("bea", .state = "{" STAGES("1", STAND_IN("bea", "gone"), "") "}"), "refused identity-unknown" },
		{ "voted already", VOTE("ann", .state = "{" STAGES("2", THREE, CAST("5", "ann", "ann", "approve")) "}"),
		  "refused already-voted" },
		{ "recused already",
		  VOTE("ann", .state = "{" STAGES("2", THREE, CAST("5", "ann", "ann", "recuse")) "}"),
		  "refused already-voted" },
		{ "the alternate voted",
		  VOTE("ann", .state = "{" STAGES("2", THREE "," STAND_IN("alf", "ann"),
		                                  CAST("5", "alf", "ann", "reject")) "}"),
		  "refused already-voted" },
		{ "the principal voted",
		  VOTE("alf", .state = "{" STAGES("2", THREE "," STAND_IN("alf", "ann"),
		                                  CAST("5", "ann", "ann", "abstain")) "}"),
		  "refused already-voted" },
		{ "the principal recused themselves",
		  VOTE("alf", .state = "{" STAGES("2", THREE "," STAND_IN("alf", "ann"),
		                                  CAST("5", "ann", "ann", "recuse")) "}"),
		  "vote.cast" },
	};

	RUN(state, rows);
}

static void needs_form(void **state)
{
#define FACTOR \
	"{'stages':[{'name':'legal','need':1,'from':['legal'],'factor':'totp','state':'open','asked':[" THREE \
	"],'votes':[]}]}"
#define GROUNDS \
	"{'stages':[{'name':'legal','need':1,'from':['legal'],'grounds':true,'state':'open','asked':[" THREE \
	"],'votes':[]}]}"
	static const struct row rows[] = {
		{ "approving without grounds", VOTE("ann", .state = GROUNDS), "refused reason-required" },
		{ "approving with grounds", VOTE("ann", .state = GROUNDS, .text = "the source ships"),
		  "vote.cast stage.passed case.approved" },
		{ "the version shown", VOTE("ann", .content = HASH), "vote.cast stage.passed case.approved" },
		{ "an older version", VOTE("ann", .content = OTHER_HASH), "refused outdated" },
		{ "no grounds", VOTE("ann", .verdict = "reject"), "refused reason-required" },
		{ "empty grounds", VOTE("ann", .verdict = "reject", .text = ""), "refused reason-required" },
		{ "grounds", VOTE("ann", .verdict = "reject", .text = "no"), "vote.cast case.rejected" },
		{ "abstaining needs none", VOTE("ann", .verdict = "abstain"), "vote.cast" },
		{ "a second factor", VOTE("ann", .state = FACTOR), "refused mfa-required" },
		{ "rejecting needs none", VOTE("ann", .state = FACTOR, .verdict = "reject", .text = "no"),
		  "vote.cast case.rejected" },
		{ "a code nobody asked for", VOTE("ann", .code = "123456"), "refused mfa-format" },
		{ "nothing said", { .kind = ORDER_COMMENT }, "refused no-text" },
		{ "nothing asked", { .kind = ORDER_QUESTION, .text = "" }, "refused no-text" },
		{ "another's withdrawn", { .kind = ORDER_WITHDRAW, .actor = "person:ann" }, "refused not-requester" },
		{ "withdrawn, not proven", { .kind = ORDER_WITHDRAW, .unproven = true }, "refused auth-missing" },
		{ "withdrawn by whoever filed it",
		  { .kind = ORDER_WITHDRAW, .actor = "person:ann", .state = "{'filed_by':'person:ann'}" },
		  "case.withdrawn" },
		{ "revoked for no reason",
		  { .kind = ORDER_REVOKE, .state = "{'state':'approved'}" },
		  "refused reason-required" },
		{ "revoked, not proven",
		  { .kind = ORDER_REVOKE, .state = "{'state':'approved'}", .text = "x", .unproven = true },
		  "refused auth-missing" },
		{ "revoked by anybody",
		  { .kind = ORDER_REVOKE, .state = "{'state':'approved'}", .text = "x", .actor = "person:ann" },
		  "refused not-approver" },
		{ "revoked by whoever approved it",
		  { .kind = ORDER_REVOKE,
		    .text = "x",
		    .actor = "person:ann",
		    .state = "{'state':'approved'," STAGES("1", THREE, CAST("5", "ann", "ann", "approve")) "}" },
		  "case.revoked" },
		{ "revoked by whoever was against it",
		  { .kind = ORDER_REVOKE,
		    .text = "x",
		    .actor = "person:ann",
		    .state = "{'state':'approved'," STAGES("1", THREE, CAST("5", "ann", "ann", "reject")) "}" },
		  "refused not-approver" },
		{ "no stage is open", VOTE("ann", .state = "{'stage':3}"), "refused wrong-state" },
	};

	RUN(state, rows);
}

// --- what was granted ----------------------------------------------------------------------------------------------

#define FOO "{'facts':{'license':'GPL-2.0-only','product':'Widget','component':'libfoo','version':'2.1.3'"
#define REQUEST(more) FOO more "},'origin':{},'words':{},'components':[],'problems':[],'rest':''}"
#define GRANT(more) \
	"[{'case':'CS-9','license':'GPL-2.0-only','component':'libfoo','versions':'2.1.x','product':'Widget'" more "}" \
	"]"
#define LINK(kind_, state_) \
	"'links':[{'kind':'" kind_ "','case':'CS-9','state':'" state_ \
	"','version':2,'title':'t','expires':'2026-06-30'}]"
#define IN_FORCE \
	"'state':'approved','expires':'2026-06-30','grants':[{'since':'2026-01-01','until':'2026-06-30'," \
	"'conditions':'only for tests','state':'active'}]"

static void answers_with_grants(void **state)
{
#define REVIEWED "case.opened case.assessed review.requested"
#define ANSWERED "case.opened case.assessed case.approved"
	static const struct row rows[] = {
		{ "covered", { .kind = ORDER_OPEN, .reading = REQUEST(""), .grants = GRANT("") }, ANSWERED },
		{ "no grant", { .kind = ORDER_OPEN, .reading = REQUEST("") }, REVIEWED },
		{ "a near miss",
		  { .kind = ORDER_OPEN, .reading = REQUEST(",'channel':'saas'"), .grants = GRANT("") },
		  REVIEWED },
		{ "denied by policy all the same",
		  { .kind = ORDER_OPEN,
		    .reading = "{'facts':{'license':'SSPL-1.0','product':'Widget','component':'libfoo'}}",
		    .grants = "[{'case':'CS-9','license':'SSPL-1.0','component':'libfoo','product':'Widget'}]" },
		  "case.opened case.assessed case.rejected" },
		{ "covered once it is complete",
		  { .kind = ORDER_AMEND,
		    .state = "{'state':'incomplete'}",
		    .reading = REQUEST(""),
		    .grants = GRANT("") },
		  "case.amended case.assessed case.approved" },
	};
	static const struct ask near = { .kind = ORDER_OPEN,
		                         .reading = REQUEST(",'channel':'saas'"),
		                         .grants = GRANT("") },
	                        covered = { .kind = ORDER_OPEN,
		                            .reading = REQUEST(",'expires':'2026-03-31'"),
		                            .grants = GRANT(",'until':'2026-06-30','conditions':'if tested'") },
	                        condition = VOTE("ann", .text = "on condition that it is tested");
	_json_ json_t *body = body_of(*state, &near, "case.assessed");
	const json_t *finding = json_array_get(json_arr(body, "findings"), 0);
	_json_ json_t *approved = body_of(*state, &condition, "case.approved");

	RUN(state, rows);
	assert_string_equal(json_str(finding, "says"),
	                    "CS-9 grants GPL-2.0-only for libfoo 2.1.x in Widget, but not this: it says nothing of "
	                    "Distribution: saas.");
	assert_body(*state, &covered, "case.approved", "until", "'2026-03-31'");
	assert_body(*state, &covered, "case.approved", "grants", "['CS-9']");
	assert_body(*state, &covered, "case.approved", "conditions", "'if tested'");
	assert_absent(*state, &covered, "case.approved", "grant");
	assert_string_equal(json_str(json_obj(approved, "grant"), "conditions"), "on condition that it is tested");
}

static void renews(void **state)
{
#define RENEW(...) \
	{ \
		.kind = ORDER_RENEW, __VA_ARGS__ \
	}
#define OLD(more) .state = "{" IN_FORCE more "}"
	static const struct row rows[] = {
		{ "its requester's", RENEW(OLD("")), REVIEWED },
		{ "filed by another", RENEW(OLD(",'filed_by':'person:ann'"), .actor = "person:ann"), REVIEWED },
		{ "anybody's", RENEW(OLD(""), .actor = "person:ann"), "refused not-requester" },
		{ "not proven", RENEW(OLD(""), .unproven = true), "refused auth-missing" },
		{ "without an end", RENEW(.state = "{'state':'approved'}"), "refused no-end" },
		{ "when it has expired", RENEW(.state = "{'state':'expired','expires':'2025-12-01'}"), REVIEWED },
		{ "when it was revoked", RENEW(.state = "{'state':'revoked','expires':'2026-06-30'}"),
		  "refused wrong-state" },
		{ "while a renewal is open", RENEW(OLD("," LINK("renewed_by", "pending"))), "refused renewal-open" },
		{ "after a renewal", RENEW(OLD("," LINK("renewed_by", "approved"))), "refused renewed-already" },
		{ "after a renewal was rejected", RENEW(OLD("," LINK("renewed_by", "rejected"))), REVIEWED },
		{ "approved by policy", RENEW(OLD(",'facts':{'license':'MIT','product':'Widget'}")),
		  "case.opened case.assessed case.approved case.renewed" },
		{ "longer than may be",
		  RENEW(OLD(""), .reading = "{'facts':{'expires':'2027-06-30'},'origin':{},'words':{},'problems':[]}"),
		  "case.opened" },
		{ "approved by vote", VOTE("ann", .state = "{" LINK("renews", "approved") "}"),
		  "vote.cast stage.passed case.approved case.renewed" },
		{ "approved after the old one expired", VOTE("ann", .state = "{" LINK("renews", "expired") "}"),
		  "vote.cast stage.passed case.approved case.renewed" },
		{ "approved after the old one was revoked", VOTE("ann", .state = "{" LINK("renews", "revoked") "}"),
		  "vote.cast stage.passed case.approved" },
		{ "rejected",
		  VOTE("ann", .state = "{" LINK("renews", "approved") "}", .verdict = "reject", .text = "no"),
		  "vote.cast case.rejected" },
	};
	static const struct ask plain = RENEW(OLD("")),
	                        expired = RENEW(.state = "{'state':'expired','expires':'2025-12-01','grants':[{"
	                                                 "'since':'2025-11-01'}]}");

	RUN(state, rows);
	assert_body(*state, &plain, "case.opened", "expires", "'2026-12-27'"); // 180 days, as before
	assert_body(*state, &plain, "case.opened", "renews", "'CS-1'");
	assert_body(*state, &plain, "case.opened", "title", "'Renewal of CS-1: GPL-2.0-only in Widget'");
	assert_body(*state, &expired, "case.opened", "expires", "'2026-02-01'"); // 30 days, from today
}

static void is_judged_again(void **state)
{
#define AGAIN "{" IN_FORCE ",'stage':0," STAGES("1", THREE, "") "}"
	static const char resting[] =
	        "[{'case':'CS-5','version':1,'title':'t'},{'case':'CS-6','version':1,'title':'t'}]";
	static const struct row rows[] = {
		{ "in force",
		  { .kind = ORDER_REOPEN, .actor = "system", .state = "{" IN_FORCE "}" },
		  "case.reopened case.assessed review.requested" },
		{ "resting on another",
		  { .kind = ORDER_REOPEN, .actor = "system", .state = "{'state':'approved'}" },
		  "refused not-granted" },
		{ "under review", { .kind = ORDER_REOPEN, .actor = "system" }, "refused wrong-state" },
		{ "kept", VOTE("ann", .state = AGAIN), "vote.cast stage.passed case.approved" },
		{ "taken back", VOTE("ann", .state = AGAIN, .verdict = "reject", .text = "no more", .resting = resting),
		  "vote.cast case.revoked case.revoked case.revoked" },
		{ "vote when nothing is open", VOTE("ann", .state = "{" IN_FORCE "}"), "refused wrong-state" },
		{ "revoked with what rests on it",
		  { .kind = ORDER_REVOKE, .state = "{" IN_FORCE "}", .text = "breach", .resting = resting },
		  "case.revoked case.revoked case.revoked" },
		{ "revoked though it was renewed",
		  { .kind = ORDER_REVOKE,
		    .state = "{" IN_FORCE "," LINK("renewed_by", "approved") "}",
		    .text = "breach" },
		  "refused renewed-already" },
		{ "ends soon", { .kind = ORDER_TIMER, .timer = "expiry", .state = "{" IN_FORCE "}" }, "reminder.sent" },
	};
	static const struct ask kept = VOTE("ann", .state = AGAIN, .text = "provided it moves by June");
	_json_ json_t *body = body_of(*state, &kept, "case.approved");
	const json_t *grant = json_obj(body, "grant");

	RUN(state, rows);
	assert_string_equal(json_str(grant, "since"), "2026-01-01");
	assert_string_equal(json_str(grant, "conditions"), "only for tests\nprovided it moves by June");
	assert_absent(*state, &rows[0].ask, "review.requested", "lapse");
	assert_body(*state, &rows[8].ask, "reminder.sent", "people", "['mail:kim@example.com']");
}

// --- how votes add up ----------------------------------------------------------------------------------------------

static void counts(void **state)
{
#define A CAST("5", "ann", "ann", "approve")
#define R CAST("5", "ann", "ann", "reject")
#define B_ABSTAINS CAST("6", "bo", "bo", "abstain")
#define B_RECUSES CAST("6", "bo", "bo", "recuse")
#define OF(need_, votes_) .state = "{" STAGES(need_, THREE, votes_) "}"
#define NO .verdict = "reject", .text = "no"
	static const struct row rows[] = {
		{ "one of one", VOTE("ann"), "vote.cast stage.passed case.approved" },
		{ "one of two", VOTE("ann", OF("2", "")), "vote.cast" },
		{ "two of two", VOTE("bo", OF("2", A)), "vote.cast stage.passed case.approved" },
		{ "dissent, then two", VOTE("cy", OF("2", R "," CAST("6", "bo", "bo", "approve"))),
		  "vote.cast stage.passed case.approved" },
		{ "two against", VOTE("bo", OF("2", R), NO), "vote.cast case.rejected" },
		{ "one against of two", VOTE("bo", OF("2", A), NO), "vote.cast" },
		{ "out of reach", VOTE("cy", OF("2", R "," B_ABSTAINS), .verdict = "approve"),
		  "vote.cast case.rejected" },
		{ "out of reach by abstaining",
		  VOTE("cy", OF("2", R "," CAST("6", "bo", "bo", "approve")), .verdict = "abstain"),
		  "vote.cast case.rejected" },
		{ "out of reach, but nobody is against", VOTE("cy", OF("2", A "," B_ABSTAINS), .verdict = "abstain"),
		  "vote.cast alarm.raised" },
		{ "an abstention is no approval", VOTE("ann", .verdict = "abstain"), "vote.cast" },
		{ "alternates of whoever steps aside", VOTE("bo", OF("2", A), .verdict = "recuse"),
		  "vote.cast case.escalated" },
		{ "nobody stands in", VOTE("cy", OF("2", A), .verdict = "recuse"), "vote.cast" },
		{ "nobody stands in, and one is against",
		  VOTE("cy", OF("2", R "," CAST("6", "bo", "bo", "approve")), .verdict = "recuse"),
		  "vote.cast case.rejected" },
		{ "somebody stands in, and one is against",
		  VOTE("bo", OF("2", R "," CAST("6", "cy", "cy", "approve")), .verdict = "recuse"),
		  "vote.cast case.escalated" },
		{ "the seat of whoever stepped aside still counts as waiting",
		  VOTE("cy", .state = "{" STAGES("2", THREE "," STAND_IN("bea", "bo"), R "," B_RECUSES) "}"),
		  "vote.cast" },
		{ "the next stage",
		  VOTE("ann", .state = "{'stages':[" STAGE("1", THREE, "") ",{'name':'board','need':1,'from':['cto'],'"
		                                                           "state':'waiting','asked':[],'votes':[]}]}"),
		  "vote.cast stage.passed review.requested" },
	};

	RUN(state, rows);
	assert_body(*state, &(struct ask)VOTE("bo", OF("2", ""), .verdict = "recuse"), "case.escalated", "asked",
	            "[{'person':'person:bea','seat':'person:bo'},{'person':'person:ben','seat':'person:bo'}]");
	assert_body(*state, &(struct ask)VOTE("ann"), "vote.cast", "hash", "'" HASH "'");
}

// --- requests and changes of them ----------------------------------------------------------------------------------

#define READING(facts_) "{'facts':{" facts_ "},'origin':{},'words':{},'components':[],'problems':[],'rest':''}"
#define OPEN(facts_) \
	{ \
		.kind = ORDER_OPEN, .reading = READING(facts_) \
	}
#define AMEND(...) \
	{ \
		.kind = ORDER_AMEND, __VA_ARGS__ \
	}

static void opens(void **state)
{
	static const struct row rows[] = {
		{ "all there", OPEN("'license':'GPL-2.0-only','product':'Widget'"),
		  "case.opened case.assessed review.requested" },
		{ "something missing", OPEN("'license':'GPL-2.0-only'"), "case.opened" },
		{ "allowed by policy", OPEN("'license':'MIT','product':'Widget'"),
		  "case.opened case.assessed case.approved" },
		{ "denied by policy", OPEN("'license':'SSPL-1.0','product':'Widget'"),
		  "case.opened case.assessed case.rejected" },
		{ "allowed, but something missing", OPEN("'license':'MIT'"), "case.opened" },
		{ "for too long", OPEN("'license':'MIT','product':'Widget','expires':'2027-12-31'"), "case.opened" },
		{ "with evidence",
		  { .kind = ORDER_OPEN,
		    .reading = READING("'license':'MIT','product':'Widget'"),
		    .evidence =
		            "[{'name':'a','type':'text/plain','size':1,'sha256':'" HASH "','commitment':'" HASH "'}]" },
		  "case.opened evidence.attached case.assessed case.approved" },
	};
	static const struct ask longest = OPEN("'license':'MIT','product':'Widget','expires':'2027-12-31'");
	static const struct ask allowed = OPEN("'license':'MIT','product':'Widget','expires':'2026-05-31'");
	static const struct ask risky = OPEN("'license':'AGPL-3.0-only','product':'Widget'");

	RUN(state, rows);
	assert_body(*state, &longest, "case.opened", "missing", "['expires']");
	assert_body(*state, &longest, "case.opened", "facts", "{'license':'MIT','product':'Widget'}");
	assert_body(
	        *state, &longest, "case.opened", "problems",
	        "[{'name':'expires','why':'2027-12-31 is later than this kind of exception may last; the latest day "
	        "is 2026-07-01'}]");
	assert_body(*state, &allowed, "case.approved", "by", "'policy'");
	assert_body(*state, &allowed, "case.approved", "until", "'2026-05-31'");
	assert_body(*state, &allowed, "case.approved", "expire", "'2026-06-01T00:00:00.000Z'");
	assert_body(*state, &risky, "review.requested", "asked",
	            "[{'person':'person:ann','seat':'person:ann'},{'person':'person:bo','seat':'person:bo'},"
	            "{'person':'person:cy','seat':'person:cy'},{'person':'person:nel','seat':'person:nel'}]");
	assert_body(*state, &risky, "review.requested", "remind",
	            "['2026-01-03T00:00:00.000Z','2026-01-04T00:00:00.000Z']");
	assert_body(*state, &risky, "review.requested", "alternate", "'2026-01-05T00:00:00.000Z'");
	assert_body(*state, &risky, "review.requested", "manager", "'2026-01-07T00:00:00.000Z'");
	assert_body(*state, &risky, "review.requested", "lapse", "'2026-01-22T00:00:00.000Z'");
}

static void asks_whoever_may_vote(void **state)
{
	static const struct ask own = { .kind = ORDER_OPEN,
		                        .actor = "person:ann",
		                        .reading = READING("'license':'GPL-2.0-only','product':'Widget',"
		                                           "'beneficiary':'cy@example.com'") };
	static const struct ask too_few = { .kind = ORDER_AMEND,
		                            .actor = "person:ann",
		                            .state = "{'requester':'person:ann','filed_by':'person:ann',"
		                                     "'editors':['person:ann','person:bo']}",
		                            .reading = READING("'license':'AGPL-3.0-only'") };

	assert_body(*state, &own, "review.requested", "asked",
	            "[{'person':'person:bo','seat':'person:bo'},{'person':'person:nel','seat':'person:nel'}]");
	assert_body(*state, &too_few, "review.requested", "asked", "[{'person':'person:cy','seat':'person:cy'}]");
	assert_body(*state, &too_few, "alarm.raised", "code", "'stage-cannot-be-filled'");
}

static void amends(void **state)
{
	static const struct row rows[] = {
		{ "by another", AMEND(.actor = "person:ann", .reading = CHANGE), "refused not-requester" },
		{ "by whoever filed it",
		  AMEND(.actor = "person:ann", .state = "{'filed_by':'person:ann'}", .reading = CHANGE), AMENDED },
		{ "voids votes", AMEND(.state = "{" STAGES("2", THREE, A "," B_ABSTAINS) "}", .reading = CHANGE),
		  "vote.voided vote.voided " AMENDED },
		{ "nothing new", AMEND(.reading = READING("'product':'Widget'"), .text = "As I said."),
		  "case.commented" },
		{ "nothing at all", AMEND(.reading = READING("")), "refused no-text" },
		{ "an unusable value",
		  AMEND(.reading =
		                "{'facts':{},'problems':[{'name':'expires','words':'soon','why':'no day'}],'rest':''}"),
		  "case.amended" },
		{ "evidence alone",
		  AMEND(.evidence = "[{'name':'a','type':'text/plain','size':1,'sha256':'" HASH "','commitment':'" HASH
		                    "'}]"),
		  "case.amended evidence.attached case.assessed review.requested" },
		{ "what was missing",
		  AMEND(.state = "{'state':'incomplete','facts':{'license':'MIT'}}", .reading = CHANGE),
		  "case.amended case.assessed case.approved" },
	};
	static const struct ask change = AMEND(.state = "{" STAGES("2", THREE, A) "}", .reading = CHANGE);

	RUN(state, rows);
	assert_body(*state, &change, "vote.voided", "vote", "5");
	assert_body(*state, &change, "case.amended", "changed", "['product']");
	assert_body(*state, &change, "case.amended", "facts", "{'license':'GPL-2.0-only','product':'Atlas'}");
}

// --- time ----------------------------------------------------------------------------------------------------------

static void is_due(void **state)
{
#define DUE(timer_, ...) \
	{ \
		.kind = ORDER_TIMER, .timer = timer_, __VA_ARGS__ \
	}
#define WAITING .state = "{" STAGES("2", THREE, A) "}"
	static const struct ask remind = DUE("remind", WAITING), alternate = DUE("alternate", WAITING),
	                        manager = DUE("manager", WAITING), lapse = DUE("lapse", WAITING),
	                        expire = DUE("expire", .state = "{'state':'approved'}"),
	                        recused = DUE("remind",
	                                      .state = "{" STAGES("2", THREE "," STAND_IN("bea", "bo"), B_RECUSES) "}"),
	                        until = VOTE("ann", .state = "{'expires':'2026-03-31'}"), ever = VOTE("ann");
	const struct row rows[] = {
		{ "remind", remind, "reminder.sent" },    { "alternate", alternate, "case.escalated" },
		{ "manager", manager, "case.escalated" }, { "lapse", lapse, "case.lapsed" },
		{ "expire", expire, "case.expired" },
	};

	RUN(state, rows);
	assert_body(*state, &remind, "reminder.sent", "people", "['person:bo','person:cy']");
	assert_body(*state, &remind, "reminder.sent", "number", "1");
	assert_body(*state, &recused, "reminder.sent", "people", "['person:ann','person:cy','person:bea']");
	assert_body(*state, &alternate, "case.escalated", "level", "'alternate'");
	assert_body(*state, &alternate, "case.escalated", "asked",
	            "[{'person':'person:bea','seat':'person:bo'},{'person':'person:ben','seat':'person:bo'}]");
	assert_body(*state, &manager, "case.escalated", "asked", "[]");
	assert_body(*state, &manager, "case.escalated", "told", "['person:max']");
	assert_body(*state, &until, "case.approved", "until", "'2026-03-31'");
	assert_body(*state, &until, "case.approved", "expire", "'2026-04-01T00:00:00.000Z'"); // in force that day
	_json_ json_t *approved = body_of(*state, &ever, "case.approved");

	assert_null(json_object_get(approved, "expire"));
}

// --- talking -------------------------------------------------------------------------------------------------------

static void talks(void **state)
{
#define SAID(kind_, who) "{'seq':9,'kind':'" kind_ "','person':'" who "','name':'N','at':1,'text':'x'}"
#define SO_FAR(list) .text = "words", .state = "{'comments':[" list "]}"
#define SAY(...) \
	{ \
		.kind = ORDER_COMMENT, __VA_ARGS__ \
	}
	static const struct {
		struct ask ask;
		const char *kind, *to;
	} rows[] = {
		{ SAY(.text = "words"), "comment", NULL },
		{ { .kind = ORDER_QUESTION, .actor = "person:ann", .text = "Which?" }, "question", NULL },
		{ SAY(SO_FAR(SAID("question", "person:ann"))), "answer", "person:ann" },
		{ SAY(SO_FAR(SAID("question", "person:ann") "," SAID("comment", "person:cy"))), "answer",
		  "person:ann" },
		{ SAY(SO_FAR(SAID("question", "person:ann") "," SAID("question", "person:bo"))), "answer",
		  "person:bo" },
		{ SAY(SO_FAR(SAID("question", "person:ann") "," SAID("answer", "mail:kim@example.com"))), "comment",
		  NULL },
		{ SAY(SO_FAR(SAID("question", "person:ann")), .actor = "person:bo"), "comment", NULL },
		{ AMEND(SO_FAR(SAID("question", "person:ann"))), "answer", "person:ann" },
	};
	static const struct ask unproven = SAY(.text = "words", .unproven = true);

	for (size_t i = 0; i < LENGTH(rows); i++) {
		_json_ json_t *body = body_of(*state, &rows[i].ask, "case.commented");

		assert_string_equal(json_str(body, "kind"), rows[i].kind);
		assert_string_equal(json_str(body, "to"), rows[i].to ? rows[i].to : "");
		assert_int_equal(json_int(body, "message"), 7);
		assert_false(json_bool(body, "unverified"));
	}
	assert_body(*state, &unproven, "case.commented", "unverified", "true");
}

// --- what it is bound to -------------------------------------------------------------------------------------------

static void hashes_a_version(void **state)
{
	static const char vector[] = "de7180f8fb93863923e7cc01517955407e80623b46ae9d5af53f3bae8a91c1ec";
	static const char facts[] = "{'expires':'2026-12-31','license':'GPL-2.0-only','product':'Widget'}";
	_free_ char *text = text_format("{'case':'CS-1','catalogue':1,'evidence':[],'facts':%s,"
	                                "'requester':'person:ana','version':1}",
	                                facts);
	_json_ json_t *version = json_of(text);
	struct digest hash;
	struct err e = { 0 };
	char hex[2 * DIGEST_SIZE + 1];

	(void)state;
	assert_int_equal(case_content_hash(version, &hash, &e), 0);
	assert_string_equal(hex_encode(hash.bytes, DIGEST_SIZE, hex), vector);
}

// The hash that an opened case gets is the one of its document; every part of it counts.
static void binds_to_every_part(void **state)
{
	static const char *const readings[] = {
		READING("'license':'GPL-2.0-only','product':'Widget'"),
		READING("'license':'GPL-2.0-only','product':'Atlas'"),
		"{'facts':{'license':'GPL-2.0-only','product':'Widget'},'components':[],'problems':[],'rest':'prose'}",
		"{'facts':{'license':'GPL-2.0-only','product':'Widget'},'components':[{'component':'a'},{'component':'"
		"b'}],"
		"'problems':[],'rest':''}",
	};
	_json_ json_t *seen = json_array();
	_json_ json_t *document =
	        json_of("{'case':'CS-1','catalogue':1,'evidence':[],'requester':'person:ann','version':1,"
	                "'facts':{'license':'GPL-2.0-only','product':'Widget'}}");
	struct digest hash;
	struct err e = { 0 };
	char hex[2 * DIGEST_SIZE + 1];

	for (size_t i = 0; i < LENGTH(readings); i++) {
		struct ask a = { .kind = ORDER_OPEN, .actor = "person:ann", .reading = readings[i] };
		_json_ json_t *body = body_of(*state, &a, "case.opened");

		assert_false(json_has_str(seen, json_str(body, "hash")));
		json_add_str(seen, json_str(body, "hash"));
	}
	assert_int_equal(case_content_hash(document, &hash, &e), 0);
	assert_string_equal(json_string_value(json_array_get(seen, 0)), hex_encode(hash.bytes, DIGEST_SIZE, hex));
}

static void is_a_function(void **state)
{
	static const struct ask asks[] = {
		OPEN("'license':'AGPL-3.0-only','product':'Widget'"),
		AMEND(.state = "{" STAGES("2", THREE, A) "}", .reading = CHANGE),
		VOTE("ann"),
		VOTE("bo", .verdict = "recuse"),
		DUE("manager"),
		SAY(.text = "words"),
	};

	for (size_t i = 0; i < LENGTH(asks); i++) {
		_json_ json_t *first = json_array(), *second = json_array();
		struct refusal refusal = { 0 };
		_free_ char *a = NULL, *b = NULL;

		assert_int_equal(decide(*state, &asks[i], first, &refusal), DECIDED);
		assert_int_equal(decide(*state, &asks[i], second, &refusal), DECIDED);
		a = json_text(first);
		b = json_text(second);
		assert_string_equal(a, b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives),
		cmocka_unit_test(answers_with_grants),
		cmocka_unit_test(renews),
		cmocka_unit_test(is_judged_again),
		cmocka_unit_test(keeps_duties_apart),
		cmocka_unit_test(needs_form),
		cmocka_unit_test(counts),
		cmocka_unit_test(opens),
		cmocka_unit_test(asks_whoever_may_vote),
		cmocka_unit_test(amends),
		cmocka_unit_test(is_due),
		cmocka_unit_test(talks),
		cmocka_unit_test(hashes_a_version),
		cmocka_unit_test(binds_to_every_part),
		cmocka_unit_test(is_a_function),
	};

	return cmocka_run_group_tests_name("case", tests, setup, teardown);
}
