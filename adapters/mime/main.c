// SPDX-License-Identifier: Apache-2.0
// The mime worker: one raw message after the other, each turned into one JSON document.  It has no secrets, opens no
// files and may die of any message: the core then parks that message and starts another worker.
#include <malloc.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "adapters/channel.h"
#include "adapters/fence.h"
#include "adapters/mime/parse.h"
#include "base/auto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"

#define MEMORY_MAX (256U << 20) // address space
#define FILES_MAX 16            // the channel, standard error, three descriptors of a frame, and some room
#define BIG_MAIL (256U << 10)   // after one of these, memory goes back to the system
#define MAIL_MAX (128U << 20)

struct worker {
	struct channel channel;
	struct mime_config config;
	struct buf small; // a small mail
	char *mapped;     // a big one, or NULL
	size_t mapped_size;
};

enum { FD_MAIL, FD_DOCUMENT, FD_ATTACHMENTS };

static int check_strings(const json_t *array, const char *what, struct err *e)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (!json_is_string(json_array_get(array, i)))
			return err_set(e, EX_CONFIG, "config: \"%s\" must be a list of strings", what);
	return 0;
}

static int boot(struct worker *w, struct err *e)
{
	static const struct json_key config[] = {
		{ "authserv", 'A', 64 }, { "hosts", 'A', 256 }, { "address", 'S', 320 }, { "limits", 'o', 0 }, { 0 }
	};
	static const struct json_key no_secrets[] = { { 0 } };
	const struct rlimit files = { FILES_MAX, FILES_MAX };
	bool landlocked;

	if (fence_basics(e) < 0 || mime_start(&w->config, e) < 0)
		return -1;
	if (channel_open(&w->channel, CHANNEL_FD, config, no_secrets, e) < 0)
		return -1;
	w->config.trust.authserv = json_arr(w->channel.config, "authserv");
	w->config.trust.hosts = json_arr(w->channel.config, "hosts");
	if (check_strings(w->config.trust.authserv, "authserv", e) < 0 ||
	    check_strings(w->config.trust.hosts, "hosts", e) < 0 ||
	    limits_read(json_obj(w->channel.config, "limits"), &w->config.limits, e) < 0)
		return -1;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		return err_sys(e, EX_OSERR, "cannot limit descriptors");
	if (fence_memory(MEMORY_MAX, e) < 0 || fence_files(NULL, 0, &landlocked, e) < 0)
		return -1;
	return fence_calls(NULL, 0, false, FENCE_KILL, e);
}

// One message; 0, or -1 when the core is gone.
static int parse_one(struct worker *w, const char *id, const char *mail, size_t size, const struct frame *frame,
                     struct err *e)
{
	struct failure failure;
	_json_ json_t *document = mime_parse(mail, size, &w->config, frame->fds[FD_ATTACHMENTS], &failure);
	_free_ char *text = document ? json_text(document) : NULL;
	json_t *more = json_object();

	if (text && fd_write(frame->fds[FD_DOCUMENT], text, strlen(text), e) < 0)
		refuse(&failure, CODE_IO, "the document: %.200s", e->text);
	else if (text) {
		json_put_int(more, "document", (int64_t)strlen(text));
		json_put_int(more, "attachments", lseek(frame->fds[FD_ATTACHMENTS], 0, SEEK_CUR));
		return channel_sent(&w->channel, id, more, e);
	}
	json_put_str(more, "code", failure.code);
	return channel_failed(&w->channel, id, failure.why, true, 0, more, e);
}

// A small mail is read, a big one mapped; 0, or -1 when it does not fit.
static int read_mail(struct worker *w, int fd, size_t size, struct err *e)
{
	if (size > MAIL_MAX)
		return err_set(e, EX_DATAERR, "the message is larger than %u bytes", MAIL_MAX);
	if (size <= BIG_MAIL) {
		w->small.len = 0;
		return fd_read(fd, "the message", &w->small, e);
	}
	w->mapped = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	w->mapped_size = size;
	if (w->mapped != MAP_FAILED)
		return 0;
	w->mapped = NULL;
	return err_sys(e, EX_OSERR, "the message does not fit into memory");
}

static int answer(struct worker *w, const struct frame *frame, struct err *e)
{
	static const struct json_key keys[] = { { "type", 'S', 0 }, { "id", 'S', 0 }, { 0 } };
	const char *id = json_str(frame->json, "id");
	struct stat st;
	int result;

	if (json_check(frame->json, keys, "send", e) < 0)
		return -1;
	if (frame->fd_count != 3 || fstat(frame->fds[FD_MAIL], &st) < 0)
		return err_set(e, EX_PROTOCOL, "send: three descriptors are needed");
	if (read_mail(w, frame->fds[FD_MAIL], (size_t)st.st_size, e) < 0)
		return channel_failed(&w->channel, id, e->text, true, 0, json_pack("{s:s}", "code", CODE_LIMIT), e);
	if (!w->mapped)
		return parse_one(w, id, buf_text(&w->small), w->small.len, frame, e);
	result = parse_one(w, id, w->mapped, w->mapped_size, frame, e);
	munmap(w->mapped, w->mapped_size);
	w->mapped = NULL;
	malloc_trim(0);
	return result;
}

// 0 when told to stop, or -1.
static int serve(struct worker *w, struct err *e)
{
	for (;;) {
		_frame_ struct frame frame = { 0 };

		switch (channel_receive(&w->channel, &frame, e)) {
		case INPUT_NONE:
			channel_wait(&w->channel, -1);
			break;
		case INPUT_SEND:
			if (answer(w, &frame, e) < 0)
				return -1;
			break;
		case INPUT_DONE:
		case INPUT_DROP:
		case INPUT_ANSWER:
			break;
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
	static struct worker worker = { .small = { .max = BIG_MAIL } };
	struct err e = { 0 };

	log_open("mime");
	// Work with small mails stays in the heap, which is not given back in between.
	mallopt(M_MMAP_THRESHOLD, BIG_MAIL);
	mallopt(M_TRIM_THRESHOLD, 2 * BIG_MAIL);
	if (boot(&worker, &e) < 0 || channel_ready(&worker.channel, &e) < 0 || serve(&worker, &e) < 0) {
		log_error("%s", e.text);
		return e.code;
	}
	channel_close(&worker.channel);
	buf_free(&worker.small);
	mime_end(&worker.config);
	return 0;
}
