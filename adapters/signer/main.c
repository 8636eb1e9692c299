// SPDX-License-Identifier: Apache-2.0
// signer: signs the log's heads.  It holds the log's key (and, while it is to be replaced, its successor) and its own
// mark, the head that it signed last; whatever the core asks for, it signs nothing that does not continue the mark, and
// nothing with a key whose turn it is not.  It knows no entry, and nobody but the core.

#include <seccomp.h>
#include <string.h>
#include <sys/resource.h>

#include "adapters/channel.h"
#include "adapters/fence.h"
#include "adapters/signer/keyring.h"
#include "adapters/signer/mark.h"
#include "adapters/signer/signing.h"
#include "base/auto.h"
#include "base/encode.h"
#include "base/file.h"
#include "base/log.h"

#define MEMORY_MAX (128U << 20) // address space
#define FILES_MAX 16            // the channel, standard error, the lock, a frame's descriptors, and some room

struct signer {
	struct channel channel;
	struct keyring keys;
	const char *path; // of the mark; the channel's
	struct mark mark;
	int lock;
};

// --- the start -------------------------------------------------------------------------------------------------------

static int take_keys(struct signer *s, struct err *e)
{
	const json_t *secrets = s->channel.secrets;

	if (keyring_read(json_str(secrets, "key"), json_str_or_null(secrets, "next"),
	                 json_str(s->channel.config, "origin"), &s->keys, e) < 0)
		return -1;
	channel_forget(&s->channel);
	return 0;
}

static int take_mark(struct signer *s, struct err *e)
{
	s->path = json_str(s->channel.config, "mark");
	s->lock = mark_lock(s->path, e);
	if (s->lock < 0 || mark_read(s->path, &s->mark, e) < 0)
		return -1;
	return keyring_active(&s->keys, &s->mark, e) ? 0 : -1;
}

static int close_fence(const struct signer *s, struct err *e)
{
	// What replacing a file takes.
	static const int calls[] = { SCMP_SYS(open),   SCMP_SYS(openat),   SCMP_SYS(fsync),
		                     SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2) };
	const struct rlimit files = { FILES_MAX, FILES_MAX };
	_free_ char *folder = path_dir(s->path);
	bool closed;

	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, EX_OSERR, "cannot limit descriptors");
	if (fence_memory(MEMORY_MAX, e) < 0 || fence_folder(folder, &closed, e) < 0)
		return -1;
	if (!closed)
		log_warning("this kernel has no Landlock: files are fenced by system calls alone");
	return fence_calls(calls, LENGTH(calls), false, FENCE_KILL, e);
}

static json_t *mark_event(const struct signer *s)
{
	const struct note_signer *active = keyring_active(&s->keys, &s->mark, NULL);
	_free_ char *key = note_key_text(&active->key), *next = NULL;
	char root[2 * DIGEST_SIZE + 1];
	json_t *mark = json_object();

	if (s->keys.has_next && active == &s->keys.key)
		next = note_key_text(&s->keys.next.key);
	json_put_int(mark, "size", (int64_t)s->mark.head.size);
	json_put_str(mark, "root", hex_encode(s->mark.head.root.bytes, DIGEST_SIZE, root));
	json_put_int(mark, "time", s->mark.head.time);
	json_put_str(mark, "key", key);
	json_put_str(mark, "next", next);
	return mark;
}

static int say_ready(struct signer *s, struct err *e)
{
	if (channel_ready(&s->channel, e) < 0)
		return -1;
	return channel_event(&s->channel, "mark", "mark", mark_event(s), NULL, 0, e);
}

static int boot(struct signer *s, struct err *e)
{
	static const struct json_key config[] = { { "origin", 'S', NOTE_NAME_MAX }, { "mark", 'S', 4000 }, { 0 } };
	static const struct json_key secrets[] = { { "key", 'S', 1024 }, { "next", 's', 1024 }, { 0 } };

	if (fence_basics(e) < 0 || channel_open(&s->channel, CHANNEL_FD, config, secrets, e) < 0)
		return -1;
	if (take_keys(s, e) < 0 || take_mark(s, e) < 0 || close_fence(s, e) < 0)
		return -1;
	return say_ready(s, e);
}

// --- the work --------------------------------------------------------------------------------------------------------

static int refuse(struct signer *s, const char *id, const char *code, bool permanent, const struct err *why,
                  struct err *e)
{
	log_warning("a head is not signed: %s", why->text);
	return channel_failed(&s->channel, id, why->text, permanent, 0, json_pack("{s:s}", "code", code), e);
}

static int sign(struct signer *s, const char *id, const struct decision *d, struct err *e)
{
	_free_ char *note = signing_note(d->signer, d->other, &d->mark.head, e);

	return note ? channel_sent(&s->channel, id, json_pack("{s:s}", "note", note), e) : -1;
}

static int answer(struct signer *s, const struct frame *frame, struct err *e)
{
	const char *id = json_str(frame->json, "id");
	struct request request;
	struct err why = { 0 };
	struct decision decision;
	enum verdict verdict;

	if (frame->fd_count > 0)
		return err_set(e, EX_PROTOCOL, "send: the signer takes no descriptor");
	if (request_read(frame->json, &request, e) < 0)
		return -1;
	verdict = keyring_decide(&s->keys, &s->mark, &request, &decision, &why);
	switch (verdict) {
	case SIGN_ON:
		// After a failure the file may be the new mark or the old one; what is in memory stays the old one,
		// with which the core and we go on: nothing of the new one was signed.
		if (mark_replace(s->path, &decision.mark, &why) < 0)
			return refuse(s, id, "disk", false, &why, e);
		s->mark = decision.mark;
		if (sign(s, id, &decision, e) < 0)
			return -1;
		keyring_settle(&s->keys, &s->mark);
		return 0;
	case SIGN_AGAIN:
		return sign(s, id, &decision, e);
	case REFUSE_FORK:
	case REFUSE_ROLLBACK:
	case REFUSE_TIME:
		return refuse(s, id, verdict_code(verdict), true, &why, e);
	case REFUSE_MARK:
	case REFUSE_KEY:
		return refuse(s, id, verdict_code(verdict), false, &why, e);
	}
	panic("a verdict of no kind");
}

// 0 when told to stop, or -1.
static int serve(struct signer *s, struct err *e)
{
	for (;;) {
		_frame_ struct frame frame = { 0 };

		switch (channel_receive(&s->channel, &frame, e)) {
		case INPUT_NONE:
			channel_wait(&s->channel, -1);
			break;
		case INPUT_SEND:
			if (answer(s, &frame, e) < 0)
				return -1;
			break;
		case INPUT_DONE: // of the mark's event: nothing hangs on it
		case INPUT_DROP:
			break;
		case INPUT_ANSWER:
			return err_set(e, EX_PROTOCOL, "the core sent a frame that is not for this adapter");
		case INPUT_STOP:
		case INPUT_CLOSED:
			return 0;
		case INPUT_BROKEN:
			return -1;
		}
	}
}

int main(void)
{
	struct signer signer = { .channel = { .fd = -1, .socket = -1, .signal = -1 }, .lock = -1 };
	struct err e = { 0 };
	int r;

	log_open("signer");
	r = boot(&signer, &e) == 0 ? serve(&signer, &e) : -1;
	keyring_wipe(&signer.keys);
	channel_close(&signer.channel);
	if (r < 0)
		log_error("%s", e.text);
	return r < 0 ? e.code : 0;
}
