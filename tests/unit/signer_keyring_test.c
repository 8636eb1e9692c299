// SPDX-License-Identifier: Apache-2.0
// Which of the signer's keys signs what, at each step of a change of keys and after a death at each: no size gets heads
// of two keys, but the one that introduces a key, and that one of both.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/signer/keyring.h"
#include "base/auto.h"
#include "base/epochs.h"

#define ORIGIN "example.com/countersign"

static struct {
	struct note_signer signer[3];
	char *secret[3], *public[3];
} keys;

static int make_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(keys.signer); i++) {
		const uint8_t seed[NOTE_KEY] = { (uint8_t)(i + 1) };

		assert_int_equal(note_signer_make(ORIGIN, NOTE_ED25519, seed, &keys.signer[i], NULL), 0);
		keys.secret[i] = note_signer_text(&keys.signer[i]);
		keys.public[i] = note_key_text(&keys.signer[i].key);
	}
	return 0;
}

static int drop_keys(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(keys.signer); i++) {
		free(keys.secret[i]);
		free(keys.public[i]);
	}
	return 0;
}

#define NO (-1)

// Key NO is none.
static struct keyring ring(int key, int next)
{
	struct keyring out;

	assert_int_equal(keyring_read(keys.secret[key], next == NO ? NULL : keys.secret[next], ORIGIN, &out, NULL), 0);
	return out;
}

// The empty log's root: every head here is of it, for the tree is not what is tested.
static struct mark mark_at(uint64_t size, int key, int old)
{
	struct mark mark = { .head = head_of_nothing() };

	mark.head.size = size;
	if (key != NO)
		snprintf(mark.key, sizeof mark.key, "%s", keys.public[key]);
	if (old != NO)
		snprintf(mark.old, sizeof mark.old, "%s", keys.public[old]);
	return mark;
}

static const struct {
	const char *what;
	int key, next;          // what the signer holds
	uint64_t mark;          // 0, or SAME: the size that is asked for
	int mark_key, mark_old; // as in the mark
	int introduced;         // by the head that is asked for
	enum verdict verdict;
	int signer, other;    // who signs
	int new_key, new_old; // in the mark then
	const char *words;
} cases[] = {
#define SAME 1
	// One key.
	{ "first head", 0, NO, 0, NO, NO, NO, SIGN_ON, 0, NO, 0, NO, "" },
	{ "successor waits", 0, 1, 0, 0, NO, NO, SIGN_ON, 0, NO, 0, NO, "" },
	{ "again", 0, 1, SAME, 0, NO, NO, SIGN_AGAIN, 0, NO, 0, NO, "" },
	{ "a mark from before there were keys in it", 0, NO, SAME, NO, NO, NO, SIGN_AGAIN, 0, NO, NO, NO, "" },
	// The change.
	{ "introduced", 0, 1, 0, 0, NO, 1, SIGN_ON, 0, 1, 1, 0, "" },
	{ "introduced by the first head", 0, 1, 0, NO, NO, 1, SIGN_ON, 0, 1, 1, 0, "" },
	{ "the note was lost", 0, 1, SAME, 1, 0, 1, SIGN_AGAIN, 0, 1, 1, 0, "" },
	{ "the note was lost, asked without", 0, 1, SAME, 1, 0, NO, SIGN_AGAIN, 0, 1, 1, 0, "" },
	{ "the old key signed this head alone", 0, 1, SAME, 0, NO, 1, SIGN_ON, 0, 1, 1, 0, "" },
	{ "another successor", 0, 2, 0, 0, NO, 1, REFUSE_KEY, NO, NO, NO, NO, "log.next is not that key" },
	{ "no successor", 0, NO, 0, 0, NO, 1, REFUSE_KEY, NO, NO, NO, NO, "log.next is not that key" },
	{ "the old key is gone too early", 1, NO, SAME, 1, 0, 1, REFUSE_KEY, NO, NO, NO, NO,
	  "put log.key and log.next back" },
	{ "the same, asked without", 1, NO, SAME, 1, 0, NO, REFUSE_KEY, NO, NO, NO, NO,
	  "put log.key and log.next back" },
	// After it.
	{ "the successor alone", 0, 1, 0, 1, 0, NO, SIGN_ON, 1, NO, 1, NO, "" },
	{ "the old file is replaced", 1, NO, 0, 1, 0, NO, SIGN_ON, 1, NO, 1, NO, "" },
	{ "and later", 1, NO, 0, 1, NO, NO, SIGN_ON, 1, NO, 1, NO, "" },
	{ "both files still there", 0, 1, 0, 1, NO, NO, SIGN_ON, 1, NO, 1, NO, "" },
	{ "again, later", 0, 1, SAME, 1, NO, NO, SIGN_AGAIN, 1, NO, 1, NO, "" },
	{ "introduced twice", 0, 1, 0, 1, NO, 1, REFUSE_KEY, NO, NO, NO, NO, "in force already" },
	{ "the next change, at once", 1, 2, 0, 1, 0, 2, SIGN_ON, 1, 2, 2, 1, "" },
	// The old key comes back.
	{ "an old configuration", 0, NO, 0, 1, NO, NO, REFUSE_KEY, NO, NO, NO, NO,
	  "log.key is not the key that signed last" },
	{ "an old configuration, again", 0, NO, SAME, 1, NO, NO, REFUSE_KEY, NO, NO, NO, NO, "countersign log rotate" },
	{ "a key out of nowhere", 2, NO, 0, 0, NO, NO, REFUSE_KEY, NO, NO, NO, NO, "log.key is not the key" },
	{ "a key out of nowhere, introduced", 2, 1, 0, 0, NO, 1, REFUSE_KEY, NO, NO, NO, NO, "log.key is not the key" },
};

static bool is_key(const struct note_signer *signer, int key)
{
	return key == NO ? !signer : signer && note_key_same(&signer->key, &keys.signer[key].key);
}

static void decides(void **state)
{
	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		struct keyring held = ring(cases[i].key, cases[i].next);
		struct mark mark = mark_at(cases[i].mark ? 7 : 0, cases[i].mark_key, cases[i].mark_old);
		struct mark then = mark_at(7, cases[i].new_key, cases[i].new_old);
		struct request request = { .head = head_of_nothing(),
			                   .next = cases[i].introduced == NO ? NULL
			                                                     : keys.public[cases[i].introduced] };
		struct decision d;
		struct err why = { 0 };
		enum verdict verdict;

		request.head.size = 7;
		verdict = keyring_decide(&held, &mark, &request, &d, &why);
		if (verdict != cases[i].verdict || !strstr(why.text, cases[i].words) ||
		    !is_key(d.signer, cases[i].signer) || !is_key(d.other, cases[i].other))
			fail_msg("%s: %d (%s)", cases[i].what, (int)verdict, why.text);
		if (d.signer && (strcmp(d.mark.key, then.key) != 0 || strcmp(d.mark.old, then.old) != 0))
			fail_msg("%s: the mark then has the keys \"%s\" and \"%s\"", cases[i].what, d.mark.key,
			         d.mark.old);
	}
}

static void a_fork_stays_a_fork(void **state)
{
	struct keyring held = ring(0, 1);
	struct mark mark = mark_at(7, 0, NO);
	struct request request = { .head = mark.head, .next = keys.public[1] };
	struct decision d;

	(void)state;
	request.head.root.bytes[0] ^= 1;
	assert_int_equal(keyring_decide(&held, &mark, &request, &d, NULL), REFUSE_FORK);
	assert_null(d.signer);
	request.head.size = 6;
	assert_int_equal(keyring_decide(&held, &mark, &request, &d, NULL), REFUSE_ROLLBACK);
}

static void forgets_the_old_key(void **state)
{
	struct keyring held = ring(0, 1);
	struct mark turned = mark_at(7, 1, 0), after = mark_at(8, 1, NO);

	(void)state;
	keyring_settle(&held, &turned);
	assert_true(held.has_next);
	keyring_settle(&held, &after);
	assert_false(held.has_next);
	assert_true(is_key(&held.key, 1));
	for (size_t i = 0; i < sizeof held; i++)
		assert_memory_not_equal((const char *)&held + (i < sizeof held - NOTE_KEY ? i : 0), keys.signer[0].seed,
		                        NOTE_KEY);
}

static void reads_keys_of_the_log_alone(void **state)
{
	struct keyring out;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(keyring_read(keys.secret[0], NULL, "example.com/other", &out, &e), -1);
	assert_non_null(strstr(e.text, "log.key is the key of"));
	assert_int_equal(keyring_read(keys.secret[0], keys.public[1], ORIGIN, &out, &e), -1);
	assert_non_null(strstr(e.text, "log.next: a private key begins"));
	assert_int_equal(keyring_read(keys.secret[0], keys.secret[0], ORIGIN, &out, &e), 0);
	assert_false(out.has_next);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides),
		cmocka_unit_test(a_fork_stays_a_fork),
		cmocka_unit_test(forgets_the_old_key),
		cmocka_unit_test(reads_keys_of_the_log_alone),
	};

	return cmocka_run_group_tests(tests, make_keys, drop_keys);
}
