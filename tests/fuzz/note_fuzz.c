// SPDX-License-Identifier: Apache-2.0
// Any bytes as a note, as a checkpoint's text and as keys.  What is read can be written, and is the same bytes again:
// there are no two spellings.  What verifies is what the key would sign.
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/checkpoint.h"
#include "base/encode.h"
#include "base/note.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const char *what, const char *text, const uint8_t *data, size_t size)
{
	if (strlen(text) != size || memcmp(text, data, size) != 0)
		panic("another spelling of %s was read", what);
}

static void check_lines(const struct note *note, const uint8_t *data, size_t size)
{
	struct buf text = BUF(2 * NOTE_MAX);

	buf_printf(&text, "%s\n", note->text);
	for (size_t i = 0; i < note->count; i++) {
		const struct note_line *line = &note->lines[i];
		uint8_t bytes[sizeof line->id + sizeof line->bytes];
		_free_ char *coded = NULL;

		if (line->len == 0) { // left out
			buf_free(&text);
			return;
		}
		memcpy(bytes, line->id, sizeof line->id);
		memcpy(bytes + sizeof line->id, line->bytes, line->len);
		coded = base64_encode(bytes, sizeof line->id + line->len);
		buf_printf(&text, "\xe2\x80\x94 %s %s\n", line->name, coded);
	}
	check_same("a note", buf_text(&text), data, size);
	buf_free(&text);
}

// Ed25519 is deterministic: a signature by our key that we would not make is a forgery.
static void check_signature(const struct note *note, const struct note_signer *signer)
{
	uint64_t time;

	if (!note_is_signed(note, &signer->key, &time))
		return;
	_free_ char *line = note_sign(signer, note->text, note->len, time, NULL);
	const char *coded = strrchr(line, ' ') + 1;
	uint8_t bytes[sizeof note->lines[0].id + sizeof note->lines[0].bytes];
	long len = base64_decode(coded, strlen(coded) - 1, bytes, sizeof bytes);

	for (size_t i = 0; i < note->count; i++)
		if (note->lines[i].len + 4 == (size_t)len &&
		    memcmp(note->lines[i].bytes, bytes + 4, (size_t)len - 4) == 0)
			return;
	panic("a signature of %s that it did not make", signer->key.name);
}

static void check_checkpoint(const char *text, size_t len)
{
	struct checkpoint head;

	if (checkpoint_read(text, len, &head, NULL) < 0)
		return;
	_free_ char *again = checkpoint_text(&head);

	if (strlen(again) > len || memcmp(again, text, strlen(again)) != 0)
		panic("another spelling of a checkpoint was read");
}

static void check_keys(const char *text)
{
	_free_ char *public = NULL, *private = NULL;
	struct note_signer signer;
	struct note_key key;

	if (note_key_read(text, &key, NULL) == 0) {
		public = note_key_text(&key);
		check_same("a key", public, (const uint8_t *)text, strlen(text));
	}
	if (note_signer_read(text, &signer, NULL) == 0) {
		private = note_signer_text(&signer);
		check_same("a private key", private, (const uint8_t *)text, strlen(text));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const keys[] = {
		"PRIVATE+KEY+example.com/countersign+6f595d8e+AQABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f",
		"PRIVATE+KEY+witness.example/w1+20324abe+BCAhIiMkJSYnKCkqKywtLi8wMTIzNDU2Nzg5Ojs8PT4/",
	};
	_free_ char *text = text_copy_n((const char *)data, size);
	_note_ struct note note = { 0 };

	check_checkpoint((const char *)data, size);
	check_keys(text);
	if (note_read((const char *)data, size, &note, NULL) < 0)
		return 0;
	check_lines(&note, data, size);
	check_checkpoint(note.text, note.len);
	for (size_t i = 0; i < LENGTH(keys); i++) {
		struct note_signer signer;

		if (note_signer_read(keys[i], &signer, NULL) < 0)
			panic("the fuzzer's key is none");
		check_signature(&note, &signer);
	}
	return 0;
}
