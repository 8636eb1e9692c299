// SPDX-License-Identifier: Apache-2.0
#include "adapters/imap/handover.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

char *handover_id(const char *account, const char *folder, uint32_t uidvalidity, uint32_t uid)
{
	return text_format("%s/%s/%u/%u", account, folder, uidvalidity, uid);
}

uint32_t handover_uid(const char *id, const char *account, const char *folder, uint32_t uidvalidity)
{
	_free_ char *prefix = text_format("%s/%s/%u/", account, folder, uidvalidity);
	uint64_t uid = 0;

	if (!text_starts(id, prefix))
		return 0;
	for (const char *p = id + strlen(prefix); *p; p++) {
		if (!text_is_digit(*p) || (uid == 0 && *p == '0'))
			return 0;
		uid = 10 * uid + (uint64_t)(*p - '0');
		if (uid > UID_LAST)
			return 0;
	}
	return (uint32_t)uid;
}

size_t handover_header_length(const char *bytes, size_t len)
{
	const char *crlf = memmem(bytes, len, "\r\n\r\n", 4), *lf = memmem(bytes, len, "\n\n", 2);

	if (crlf && (!lf || crlf < lf))
		return (size_t)(crlf - bytes) + 4;
	return lf ? (size_t)(lf - bytes) + 2 : len;
}

// Sealed, so that whoever reads it knows that nobody changes it meanwhile; read from its beginning.
static int memory_file(const char *bytes, size_t len, struct err *e)
{
	_close_ int fd = memfd_of("mail", bytes, len, e);

	if (fd < 0)
		return -1;
	if (lseek(fd, 0, SEEK_SET) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return err_sys(e, EX_OSERR, "cannot seal a memory file");
	return steal_fd(&fd);
}

int handover_send(struct channel *c, const struct settings *settings, uint32_t uidvalidity, const struct mail *mail,
                  const char *bytes, size_t len, bool oversize, struct err *e)
{
	_free_ char *id = handover_id(settings->account, settings->folder, uidvalidity, mail->uid);
	_close_ int fd = memory_file(bytes, len, e);
	char date[CLOCK_TEXT];
	json_t *more;

	if (fd < 0)
		return -1;
	more = json_object();
	json_put_str(more, "account", settings->account);
	json_put_str(more, "folder", settings->folder);
	json_put_int(more, "uidvalidity", uidvalidity);
	json_put_int(more, "uid", mail->uid);
	json_put_str(more, "internaldate", clock_format(mail->date ? mail->date : clock_real(), date));
	json_put_int(more, "size", oversize ? (int64_t)mail->size : (int64_t)len);
	if (oversize)
		json_put_bool(more, "oversize", true);
	return channel_event(c, "mail", id, more, &fd, 1, e);
}
