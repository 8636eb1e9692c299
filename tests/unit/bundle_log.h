// SPDX-License-Identifier: Apache-2.0
// For tests of bundles: a log in which CS-1 is asked for by mail with an attachment, judged, approved and exported.
#ifndef TESTS_UNIT_BUNDLE_LOG_H
#define TESTS_UNIT_BUNDLE_LOG_H

#include "base/staging.h"
#include "tests/unit/sealed_log.h"

#define BUNDLE_LOG_ENTRIES 8 // of CS-1
#define BUNDLE_LOG_RULES \
	"catalogue: example.com/licensing\nversion: 3\nfacts:\n  product: {kind: text, title: Which product}\n" \
	"routes:\n  - {stages: [{name: legal, need: 1, from: [legal]}]}\n"

struct bundle_log {
	struct sealed_log *log;
	int64_t now;
};

static inline uint64_t bundle_log_add(struct bundle_log *l, const char *type, const char *actor, const char *via,
                                      const char *case_id, json_t *body)
{
	_json_ json_t *event = event_new(type, actor, via, case_id, case_id ? 1 : 0, body);
	struct err e = { 0 };
	uint64_t seq;

	l->now += CLOCK_MINUTE;
	if (!body || log_append(l->log->db, event, l->now, &seq, &e) < 0)
		panic("%s: %s", type, e.text);
	return seq;
}

static inline void bundle_log_publish(struct bundle_log *l, const char *type, const char *text, int64_t version)
{
	struct digest sha256 = sha256_of(text, strlen(text));
	json_t *body = json_object();
	char hex[2 * DIGEST_SIZE + 1];

	json_put_str(body, "text", text);
	json_put_str(body, "sha256", hex_encode(sha256.bytes, DIGEST_SIZE, hex));
	if (version)
		json_put_int(body, "version", version);
	bundle_log_add(l, type, "system", "system", NULL, body);
}

static inline void bundle_log_people(struct bundle_log *l, const char *ann)
{
	_free_ char *text = text_format("people:\n  - {id: ann, name: %s, mail: [ann@example.com], groups: [legal]}\n"
	                                "  - {id: gus, name: Gus Lind, mail: [gus@example.com], groups: [auditor]}\n"
	                                "requesters: [example.com]\n",
	                                ann);

	bundle_log_publish(l, "people.published", text, 0);
}

static inline void bundle_log_comment(struct bundle_log *l, const char *text)
{
	bundle_log_add(l, "case.commented", "person:ann", "mail", "CS-1",
	               json_pack("{ssssss}", "kind", "comment", "name", "Ann Okafor", "text", text));
}

static inline json_t *bundle_log_blob(struct bundle_log *l, const char *bytes)
{
	json_t *body = json_object();
	char hex[2 * DIGEST_SIZE + 1];
	struct blob blob;
	struct err e = { 0 };

	if (blob_put(l->log->db, bytes, strlen(bytes), &blob, &e) < 0)
		panic("%s", e.text);
	json_put_int(body, "size", (int64_t)strlen(bytes));
	json_put_str(body, "sha256", hex_encode(blob.sha256.bytes, DIGEST_SIZE, hex));
	json_put_str(body, "commitment", hex_encode(blob.commitment.bytes, DIGEST_SIZE, hex));
	return body;
}

static inline void bundle_log_ask(struct bundle_log *l)
{
	json_t *mail = bundle_log_blob(l, "From: kim@example.com\r\n\r\nLicense: GPL-3.0-only\r\n"), *letter;
	uint64_t message = bundle_log_add(l, "message.received", "system", "mail", NULL, mail);

	bundle_log_add(
	        l, "case.opened", "mail:kim@example.com", "mail", "CS-1",
	        json_pack("{sisssssssssbsss{ssss}s{ssss}sssssi}", "number", 1, "title", "GPL-3.0-only for libfoo",
	                  "requester", "mail:kim@example.com", "requester_name", "Kim Park", "requester_address",
	                  "kim@example.com", "verified", 1, "filed_by", "mail:kim@example.com", "facts", "license",
	                  "GPL-3.0-only", "product", "Widget", "origin", "license", "line", "product", "inferred",
	                  "text", "We need it for <subtitles>.", "hash",
	                  "de7180f8fb93863923e7cc01517955407e80623b46ae9d5ade7180f8fb938639", "message", (int)message));
	letter = bundle_log_blob(l, "Dear Widget team\n");
	json_put_str(letter, "name", "vendor-letter.txt");
	json_put_str(letter, "type", "text/plain");
	bundle_log_add(l, "evidence.attached", "mail:kim@example.com", "mail", "CS-1", letter);
}

static inline void bundle_log_decide(struct bundle_log *l)
{
	bundle_log_add(l, "case.assessed", "system", "system", "CS-1",
	               json_pack("{sssssisis[{sssssi}]s[{sssis[s]}]}", "type", "oss", "title",
	                         "GPL-3.0-only for libfoo in Widget", "risk", 5, "catalogue", 3, "findings", "check",
	                         "OSS-7.2", "says", "Copyleft in a product.", "risk", 5, "stages", "name", "legal",
	                         "need", 1, "from", "legal"));
	bundle_log_add(l, "review.requested", "system", "system", "CS-1",
	               json_pack("{siss s[{ssss}]}", "stage", 0, "name", "legal", "asked", "person", "person:ann",
	                         "seat", "person:ann"));
	bundle_log_comment(l, "Which release is it?");
	bundle_log_add(l, "vote.cast", "person:ann", "mail", "CS-1",
	               json_pack("{sssssssssi}", "person", "person:ann", "seat", "person:ann", "verdict", "approve",
	                         "why", "they ship no source of ours", "stage", 0));
	bundle_log_add(l, "case.approved", "person:ann", "mail", "CS-1",
	               json_pack("{ssss}", "by", "vote", "until", "2027-03-31"));
}

static inline struct bundle_log *bundle_log_make(void)
{
	struct bundle_log *l = calloc(1, sizeof *l);

	if (!l)
		panic("out of memory");
	*l = (struct bundle_log){ .log = sealed_make(), .now = STORY_START };
	bundle_log_people(l, "Ann Okafor");
	bundle_log_publish(l, "catalogue.published", BUNDLE_LOG_RULES, 3);
	bundle_log_ask(l);
	bundle_log_decide(l);
	bundle_log_add(l, "audit.queried", "person:gus", "cli", "CS-1",
	               json_pack("{sssi}", "verb", "export", "entries", BUNDLE_LOG_ENTRIES - 1));
	sealed_keep(l->log, true);
	return l;
}

static inline void bundle_log_free(struct bundle_log *l)
{
	sealed_free(l->log);
	free(l);
}

#endif
