// SPDX-License-Identifier: Apache-2.0
// Any bytes as an authority's answer.  No fuzzer forges a signature, so what holds names the bytes that were to be
// stamped, and whatever holds for the authority holds for anybody.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/timestamp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	char *note;
	char ca[64];
} fixture;

static void forget_file(void)
{
	unlink(fixture.ca);
}

static void prepare(void)
{
	_buf_ struct buf text = BUF(1 << 20);
	_json_ json_t *vectors = NULL;
	_close_ int fd = -1;
	const char *ca;

	if (fixture.note)
		return;
	if (file_read(SOURCE_DIR "/tests/unit/vectors/timestamps.json", &text, NULL) < 0)
		panic("no vectors");
	vectors = json_read(buf_text(&text), text.len, NULL);
	ca = json_str(vectors, "ca");
	memcpy(fixture.ca, "/tmp/timestamp-fuzz.XXXXXX", 27);
	fd = mkstemp(fixture.ca);
	if (fd < 0 || fd_write(fd, ca, strlen(ca), NULL) < 0)
		panic("no file of certificates");
	atexit(forget_file);
	fixture.note = strdup(json_str(vectors, "note"));
}

static void try(const uint8_t *data, size_t size, const uint8_t *nonce)
{
	struct timestamp_check want = { .data = fixture.note, .len = strlen(fixture.note), .nonce = nonce };
	struct digest hash = sha256_of(want.data, want.len);
	struct err e = { 0 };
	int64_t time;
	int r = timestamp_check(data, size, &want, &time, &e), trusted;

	if (r == 0 && !memmem(data, size, hash.bytes, DIGEST_SIZE))
		panic("a stamp that does not name what it stamps");
	if (r < 0 && (e.code != EX_DATAERR || !*e.text || strchr(e.text, '\n')))
		panic("no sentence: %s", e.text);
	want.ca = fixture.ca;
	trusted = timestamp_check(data, size, &want, &time, NULL);
	if (trusted == 0 && r < 0)
		panic("trusted, and not whole: %s", e.text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t nonce[TIMESTAMP_NONCE] = { 0x81, 2, 3, 4, 5, 6, 7, 8 };

	prepare();
	try(data, size, nonce);
	try(data, size, NULL);
	return 0;
}
