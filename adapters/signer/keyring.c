// SPDX-License-Identifier: Apache-2.0
#include "adapters/signer/keyring.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/auto.h"

static int read_one(const char *text, const char *origin, const char *name, struct note_signer *out, struct err *e)
{
	if (note_signer_read(text, out, e) < 0)
		return err_prefix(e, "%s", name);
	if (out->key.algorithm != NOTE_ED25519)
		return err_set(e, EX_CONFIG, "%s is a key for cosignatures; a log signs with one of its own", name);
	if (strcmp(out->key.name, origin) != 0)
		return err_set(e, EX_CONFIG, "%s is the key of \"%s\", but log.origin is \"%s\"", name, out->key.name,
		               origin);
	return 0;
}

int keyring_read(const char *key, const char *next, const char *origin, struct keyring *out, struct err *e)
{
	if (read_one(key, origin, "log.key", &out->key, e) < 0)
		return -1;
	if (next && read_one(next, origin, "log.next", &out->next, e) < 0)
		return -1;
	out->has_next = next && memcmp(out->key.key.public, out->next.key.public, NOTE_KEY) != 0;
	return 0;
}

void keyring_wipe(struct keyring *keys)
{
	note_signer_wipe(&keys->key);
	note_signer_wipe(&keys->next);
	keys->has_next = false;
}

static bool is(const struct note_signer *signer, const char *text)
{
	_free_ char *own = note_key_text(&signer->key);

	return strcmp(own, text) == 0;
}

const struct note_signer *keyring_active(const struct keyring *keys, const struct mark *mark, struct err *e)
{
	if (!*mark->key || is(&keys->key, mark->key))
		return &keys->key;
	if (keys->has_next && is(&keys->next, mark->key))
		return &keys->next;
	err_set(e, EX_CONFIG,
	        "log.key is not the key that signed last, %s; the log's key is changed by 'countersign log rotate', "
	        "see "
	        "countersign-log(7)",
	        mark->key);
	return NULL;
}

static enum verdict refuse(struct err *why, const char *what)
{
	err_set(why, EX_CONFIG, "%s", what);
	return REFUSE_KEY;
}

// The head that the mark is: by whom it was signed, again.
static enum verdict decide_again(const struct keyring *keys, const struct mark *mark, struct decision *d,
                                 struct err *why)
{
	d->mark = *mark;
	if (!*mark->old) {
		d->signer = keyring_active(keys, mark, why);
		return d->signer ? SIGN_AGAIN : REFUSE_KEY;
	}
	if (!keys->has_next || !is(&keys->key, mark->old) || !is(&keys->next, mark->key))
		return refuse(why, "This head is signed by two keys, and one of them is not here any more: put log.key "
		                   "and log.next back as they were.");
	d->signer = &keys->key;
	d->other = &keys->next;
	return SIGN_AGAIN;
}

// The head that introduces a successor.
static enum verdict decide_turn(const struct keyring *keys, const struct mark *mark, const struct request *request,
                                struct decision *d, struct err *why)
{
	const struct note_signer *active = keyring_active(keys, mark, why);

	if (!active)
		return REFUSE_KEY;
	if (!keys->has_next || !is(&keys->next, request->next))
		return refuse(why, "The log's next key is introduced, but log.next is not that key: put it back.");
	if (active != &keys->key)
		return refuse(why, "The key in log.next is in force already.");
	d->mark = (struct mark){ .head = request->head };
	snprintf(d->mark.key, sizeof d->mark.key, "%s", request->next);
	_free_ char *old = note_key_text(&keys->key.key);
	snprintf(d->mark.old, sizeof d->mark.old, "%s", old);
	d->signer = &keys->key;
	d->other = &keys->next;
	return SIGN_ON;
}

static enum verdict decide_on(const struct keyring *keys, const struct mark *mark, const struct request *request,
                              struct decision *d, struct err *why)
{
	_free_ char *key = NULL;

	d->signer = keyring_active(keys, mark, why);
	if (!d->signer)
		return REFUSE_KEY;
	key = note_key_text(&d->signer->key);
	d->mark = (struct mark){ .head = request->head };
	snprintf(d->mark.key, sizeof d->mark.key, "%s", key);
	return SIGN_ON;
}

enum verdict keyring_decide(const struct keyring *keys, const struct mark *mark, const struct request *request,
                            struct decision *decision, struct err *why)
{
	enum verdict verdict = signing_decide(&mark->head, request, why);
	bool turned = *mark->old && request->next && strcmp(mark->key, request->next) == 0;

	*decision = (struct decision){ .signer = NULL };
	if (verdict == SIGN_AGAIN && (turned || !request->next))
		return decide_again(keys, mark, decision, why);
	// One key alone may have signed this very head, which nobody kept: it counts when both have.
	if ((verdict == SIGN_AGAIN || verdict == SIGN_ON) && request->next)
		return decide_turn(keys, mark, request, decision, why);
	return verdict == SIGN_ON ? decide_on(keys, mark, request, decision, why) : verdict;
}

void keyring_settle(struct keyring *keys, const struct mark *mark)
{
	if (!keys->has_next || *mark->old || !is(&keys->next, mark->key))
		return;
	keys->key = keys->next;
	note_signer_wipe(&keys->next);
	keys->has_next = false;
}
