// SPDX-License-Identifier: Apache-2.0
// A witness under any request: one of its six answers, and a cosignature only for what its memory leads to.  What
// stands behind the request's empty line is tried as it is and signed by the log's own key, for no fuzzer forges
// signatures.
#include <stdint.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/encode.h"
#include "bot/witness_decide.h"

#define NOW 1767226800

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct {
	struct note_signer log_signer;
	struct witness_log log;
	struct witness witness;
} fixture;

// The log of the vectors at size 8.
static void prepare(void)
{
	static const uint8_t log_seed[NOTE_KEY] = { 1 }, witness_seed[NOTE_KEY] = { 2 };
	struct witness_log *log = &fixture.log;

	if (fixture.witness.count)
		return;
	if (note_signer_make("example.com/countersign", NOTE_ED25519, log_seed, &fixture.log_signer, NULL) < 0 ||
	    note_signer_make("witness.example/w1", NOTE_COSIGNATURE, witness_seed, &fixture.witness.signer, NULL) < 0 ||
	    base64_decode("F4LrMq+0r5BfC8akNDkdY4Ou4nVnCREntslvmcpKcv8=", 44, log->mark.root.bytes, DIGEST_SIZE) < 0)
		panic("no keys");
	memcpy(log->origin, fixture.log_signer.key.name, sizeof log->origin);
	log->keys[0] = fixture.log_signer.key;
	log->key_count = 1;
	log->mark.size = 8;
	log->mark.time = NOW - 5;
	fixture.witness.logs = log;
	fixture.witness.count = 1;
}

static void try(const char *bytes, size_t len)
{
	_witness_answer_ struct witness_answer a = { 0 };
	_note_ struct note note = { 0 };

	if (witness_decide(&fixture.witness, bytes, len, NOW, &a, NULL) < 0 || !a.body || !*a.body)
		panic("no answer");
	switch (a.status) {
	case WITNESS_COSIGNED:
		if (a.next.size < 8 || a.next.time != NOW ||
		    (a.next.size == 8 && memcmp(&a.next.root, &fixture.log.mark.root, DIGEST_SIZE) != 0))
			panic("cosigned what contradicts the mark");
		if (note_read(a.kept, strlen(a.kept), &note, NULL) < 0 ||
		    !note_is_signed(&note, &fixture.witness.signer.key, NULL))
			panic("what is kept cannot be read again");
		return;
	case WITNESS_CONFLICT:
		if (strcmp(a.body, "8\n") != 0)
			panic("a conflict that does not tell the size");
		return;
	case WITNESS_MALFORMED:
	case WITNESS_UNSIGNED:
	case WITNESS_UNKNOWN:
	case WITNESS_UNPROVEN:
		return;
	}
	panic("status %d", (int)a.status);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_free_ char *line = NULL;
	const char *copy = (const char *)data, *split = memmem(copy, size, "\n\n", 2), *end;
	_buf_ struct buf request = BUF(1 << 20);

	prepare();
	try(copy, size);
	if (!split)
		return 0;
	end = memmem(split + 2, size - (size_t)(split + 2 - copy), "\n\n", 2);
	end = end ? end + 1 : copy + size;
	if (end == split + 2 || end[-1] != '\n')
		return 0;
	line = note_sign(&fixture.log_signer, split + 2, (size_t)(end - split - 2), 0, NULL);
	if (!line)
		return 0;
	buf_add(&request, copy, (size_t)(end - copy));
	buf_printf(&request, "\n%s", line);
	try(buf_text(&request), request.len);
	return 0;
}
