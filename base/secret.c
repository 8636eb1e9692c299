// SPDX-License-Identifier: Apache-2.0
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"

char *secret_path(const char *reference, const char *base, struct err *e)
{
	const char *name;

	if (strncmp(reference, "file:", 5) == 0 && reference[5])
		return path_join(base, reference + 5);
	if (strncmp(reference, "credential:", 11) != 0 || !reference[11]) {
		err_set(e, EX_CONFIG, "a secret is named as credential:NAME or file:PATH, never written out");
		return NULL;
	}
	name = reference + 11;
	if (strchr(name, '/')) {
		err_set(e, EX_CONFIG, "%s: a credential's name has no slash", reference);
		return NULL;
	}
	if (!getenv("CREDENTIALS_DIRECTORY")) {
		err_set(e, EX_CONFIG, "%s: there is no $CREDENTIALS_DIRECTORY; is this started by systemd?", reference);
		return NULL;
	}
	return path_join(getenv("CREDENTIALS_DIRECTORY"), name);
}

char *secret_load(const char *reference, const char *base, size_t *len, struct err *e)
{
	_free_ char *path = secret_path(reference, base, e);
	struct buf b = BUF(SECRET_MAX);
	struct stat st;

	if (!path)
		return NULL;
	if (stat(path, &st) == 0 && st.st_mode & S_IRWXO && strncmp(reference, "file:", 5) == 0) {
		err_set(e, EX_CONFIG, "%s: others can read it; chmod o-rwx", reference);
		return NULL;
	}
	if (file_read(path, &b, e) < 0) {
		err_prefix(e, "%s", reference);
		secret_free(b.data);
		return NULL;
	}
	if (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	if (len)
		*len = b.len;
	return buf_steal(&b);
}

void secret_free(char *secret)
{
	if (!secret)
		return;
	explicit_bzero(secret, strlen(secret));
	free(secret);
}
