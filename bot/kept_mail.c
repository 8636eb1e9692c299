// SPDX-License-Identifier: Apache-2.0
#include "bot/kept_mail.h"

#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/doctor_adapter.h"
#include "bot/document.h"

#define READ_TIME (10 * CLOCK_SECOND)
#define DOCUMENT_MAX (8U << 20)
#define ATTACHMENTS_MAX (64U << 20)

bool mail_begins(const char *bytes, size_t len)
{
	size_t n = 0;

	if (len > 5 && memcmp(bytes, "From ", 5) == 0)
		return true;
	// RFC 5322, 3.6.8: printable ASCII but the colon.
	while (n < len && bytes[n] > ' ' && bytes[n] < 0x7f && bytes[n] != ':')
		n++;
	return n > 0 && n < len && bytes[n] == ':';
}

// --- the worker ------------------------------------------------------------------------------------------------------

static int start(struct helper *mime, struct err *e)
{
	json_t *config = json_object();

	json_put(config, "authserv", json_array()); // whom it is from does not matter here
	json_put(config, "hosts", json_array());
	json_put_str(config, "address", "nobody@invalid");
	return helper_start(mime, "mime", config, json_object(), e);
}

static int ask(struct helper *mime, const struct buf *mail, int document, int attachments, struct err *e)
{
	_close_ int raw = memfd_of("mail", mail->data, mail->len, e);
	_frame_ struct frame answer = { 0 };
	_json_ json_t *frame = json_object();

	json_put_str(frame, "type", "send");
	json_put_str(frame, "id", "1");
	if (raw < 0 || helper_send(mime, frame, (int[]){ raw, document, attachments }, 3, e) < 0)
		return -1;
	if (helper_next(mime, clock_monotonic() + READ_TIME, &answer) != HELPER_FRAME)
		return err_set(e, EX_DATAERR, "the mail cannot be read: the program mime died of it or took too long");
	if (strcmp(json_str(answer.json, "type"), "sent") != 0)
		return err_set(e, EX_DATAERR, "the mail cannot be read: %.200s", json_str(answer.json, "why"));
	return 0;
}

static json_t *read_document(int fd, struct err *e)
{
	_buf_ struct buf text = BUF(DOCUMENT_MAX);
	_json_ json_t *document = NULL;

	if (fd_read(fd, "the document", &text, e) < 0)
		return NULL;
	document = json_read(buf_text(&text), text.len, e);
	return document && document_check(document, e) == 0 ? steal_ptr(document) : NULL;
}

// --- what is attached ------------------------------------------------------------------------------------------------

static bool take(const json_t *item, const struct buf *bytes, bool (*wanted)(struct buf *attachment), struct buf *out)
{
	int64_t offset = json_int(item, "offset"), size = json_int(item, "size");

	out->len = 0;
	out->full = false;
	return offset >= 0 && size >= 0 && (size_t)offset <= bytes->len &&
	       (size_t)size <= bytes->len - (size_t)offset && buf_add(out, bytes->data + offset, (size_t)size) == 0 &&
	       wanted(out);
}

static int find(const json_t *document, int fd, bool (*wanted)(struct buf *attachment), struct buf *out, struct err *e)
{
	_buf_ struct buf bytes = BUF(ATTACHMENTS_MAX);
	json_t *item;
	size_t i;

	if (fd_read(fd, "the attachments", &bytes, e) < 0)
		return -1;
	json_array_foreach(json_arr(document, "attachments"), i, item)
		if (take(item, &bytes, wanted, out))
			return 0;
	return err_set(e, EX_DATAERR, "nothing of the kind is attached to it");
}

static int read_with(struct helper *mime, const struct buf *mail, bool (*wanted)(struct buf *attachment),
                     struct buf *out, struct err *e)
{
	_close_ int document = memfd_of("document", NULL, 0, e);
	_close_ int attachments = document < 0 ? -1 : memfd_of("attachments", NULL, 0, e);
	_json_ json_t *read = NULL;

	if (attachments < 0 || start(mime, e) < 0 || ask(mime, mail, document, attachments, e) < 0)
		return -1;
	read = read_document(document, e);
	return read ? find(read, attachments, wanted, out, e) : -1;
}

int mail_attachment(const struct buf *mail, bool (*wanted)(struct buf *attachment), struct buf *out, struct err *e)
{
	struct helper mime = HELPER;
	int r = read_with(&mime, mail, wanted, out, e);

	helper_stop(&mime);
	return r;
}
