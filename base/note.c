// SPDX-License-Identifier: Apache-2.0
#include "base/note.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/ed25519.h"
#include "base/encode.h"
#include "base/text.h"

#define DASH "\xe2\x80\x94 " // an em dash and a space: how a signature line begins
#define ID 4
#define PRIVATE "PRIVATE+KEY+"

// --- keys ------------------------------------------------------------------------------------------------------------

// The spaces of Unicode beyond ASCII.
static bool is_wide_space(const char *at, size_t len)
{
	static const char *const spaces[] = {
		"\xc2\x85", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
		"\u2007",   "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000",
	};

	for (size_t i = 0; i < LENGTH(spaces); i++)
		if (strlen(spaces[i]) == len && memcmp(spaces[i], at, len) == 0)
			return true;
	return false;
}

static bool is_name(const char *name, size_t len)
{
	if (len == 0 || len > NOTE_NAME_MAX)
		return false;
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_sequence(name + i, len - i);
		if (n == 0 || (n == 1 && name[i] <= ' ') || name[i] == '+' || is_wide_space(name + i, n))
			return false;
	}
	return true;
}

static int bad_name(struct err *e)
{
	return err_set(e, EX_DATAERR, "a key's name must be 1 to %d bytes of UTF-8 without spaces and \"+\"",
	               NOTE_NAME_MAX);
}

// The first bytes of SHA-256(name || LF || algorithm || public key).
static void set_id(struct note_key *key)
{
	uint8_t algorithm = (uint8_t)key->algorithm;
	struct digest hash = sha256(
	        (struct piece[]){
	                { key->name, strlen(key->name) }, PIECE("\n"), { &algorithm, 1 }, { key->public, NOTE_KEY } },
	        4);

	memcpy(key->id, hash.bytes, ID);
}

static bool is_algorithm(unsigned number)
{
	return number == NOTE_ED25519 || number == NOTE_COSIGNATURE;
}

// "NAME+HEXID+BASE64": name, id and algorithm into `out`, what follows the algorithm into `material`.
static int read_key(const char *text, struct note_key *out, uint8_t material[NOTE_KEY], struct err *e)
{
	const char *id = strchr(text, '+'), *coded = id ? strchr(id + 1, '+') : NULL;
	uint8_t bytes[1 + NOTE_KEY];
	char hex[2 * ID + 1] = "";
	long len;

	*out = (struct note_key){ .algorithm = NOTE_ED25519 };
	if (!coded)
		return err_set(e, EX_DATAERR, "a key is written NAME+ID+BASE64; this is not");
	if (!is_name(text, (size_t)(id - text)))
		return bad_name(e);
	memcpy(out->name, text, (size_t)(id - text));
	id++;
	if (coded - id == 2 * ID)
		memcpy(hex, id, 2 * ID);
	if (strspn(hex, "0123456789abcdef") != 2 * ID || hex_decode(hex, out->id, ID) < 0)
		return err_set(e, EX_DATAERR, "the id of key %s must be %d hexadecimal digits in lower case", out->name,
		               2 * ID);
	coded++;
	len = base64_decode(coded, strlen(coded), bytes, sizeof bytes);
	if (len >= 1 && !is_algorithm(bytes[0]))
		return err_set(e, EX_DATAERR, "key %s is of kind %d; known are %d (Ed25519) and %d (cosignature)",
		               out->name, bytes[0], NOTE_ED25519, NOTE_COSIGNATURE);
	if (len != sizeof bytes)
		return err_set(e, EX_DATAERR, "what follows the id of key %s must be %zu bytes in base64", out->name,
		               sizeof bytes);
	out->algorithm = bytes[0];
	memcpy(material, bytes + 1, NOTE_KEY);
	explicit_bzero(bytes, sizeof bytes);
	return 0;
}

// Does the id that was written fit the rest?
static int check_id(struct note_key *key, struct err *e)
{
	uint8_t written[ID];

	memcpy(written, key->id, ID);
	set_id(key);
	if (memcmp(written, key->id, ID) == 0)
		return 0;
	return err_set(e, EX_DATAERR, "the id of key %s does not fit its bytes: something is mistyped", key->name);
}

int note_key_read(const char *text, struct note_key *out, struct err *e)
{
	if (text_starts(text, PRIVATE))
		return err_set(e, EX_DATAERR, "this is a private key where a public one is wanted");
	if (read_key(text, out, out->public, e) < 0)
		return -1;
	return check_id(out, e);
}

static char *key_text(const char *before, const struct note_key *key, const uint8_t material[NOTE_KEY])
{
	uint8_t bytes[1 + NOTE_KEY] = { (uint8_t)key->algorithm };
	char hex[2 * ID + 1], *coded, *text;

	memcpy(bytes + 1, material, NOTE_KEY);
	coded = base64_encode(bytes, sizeof bytes);
	text = text_format("%s%s+%s+%s", before, key->name, hex_encode(key->id, ID, hex), coded);
	explicit_bzero(bytes, sizeof bytes);
	explicit_bzero(coded, strlen(coded));
	free(coded);
	return text;
}

char *note_key_text(const struct note_key *key)
{
	return key_text("", key, key->public);
}

int note_signer_read(const char *text, struct note_signer *out, struct err *e)
{
	*out = (struct note_signer){ .key.algorithm = NOTE_ED25519 };
	if (!text_starts(text, PRIVATE))
		return err_set(e, EX_DATAERR, "a private key begins with %s; this does not", PRIVATE);
	if (read_key(text + strlen(PRIVATE), &out->key, out->seed, e) < 0)
		return -1;
	ed25519_public(out->seed, out->key.public);
	if (check_id(&out->key, e) == 0)
		return 0;
	note_signer_wipe(out);
	return -1;
}

int note_signer_make(const char *name, enum note_algorithm algorithm, const uint8_t seed[NOTE_KEY],
                     struct note_signer *out, struct err *e)
{
	*out = (struct note_signer){ .key.algorithm = algorithm };
	if (!is_name(name, strlen(name)))
		return bad_name(e);
	memcpy(out->key.name, name, strlen(name));
	memcpy(out->seed, seed, NOTE_KEY);
	ed25519_public(seed, out->key.public);
	set_id(&out->key);
	return 0;
}

char *note_signer_text(const struct note_signer *signer)
{
	return key_text(PRIVATE, &signer->key, signer->seed);
}

void note_signer_wipe(struct note_signer *signer)
{
	explicit_bzero(signer, sizeof *signer);
}

// --- notes -----------------------------------------------------------------------------------------------------------

// UTF-8 without control characters but line ends.
static bool is_plain(const char *text, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = utf8_sequence(text + i, len - i);
		if (n == 0 || (n == 1 && text[i] < ' ' && text[i] != '\n'))
			return false;
	}
	return true;
}

// Where the empty line stands that parts the text from the signatures: the last one.  NULL: there is none.
static const char *find_split(const char *bytes, size_t len)
{
	for (size_t i = len; i > 1; i--)
		if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
			return bytes + i - 1;
	return NULL;
}

// A signature line without its line end.
static int read_line(const char *line, size_t len, struct note_line *out)
{
	const char *name, *end = line + len, *coded;
	_free_ uint8_t *bytes = NULL;
	long n;

	if (len < strlen(DASH) || memcmp(line, DASH, strlen(DASH)) != 0)
		return -1;
	name = line + strlen(DASH);
	coded = memchr(name, ' ', (size_t)(end - name));
	if (!coded || !is_name(name, (size_t)(coded - name)))
		return -1;
	memcpy(out->name, name, (size_t)(coded - name));
	coded++;
	bytes = malloc(len);
	if (!bytes)
		panic("out of memory");
	n = base64_decode(coded, (size_t)(end - coded), bytes, len);
	if (n <= ID)
		return -1;
	memcpy(out->id, bytes, ID);
	if ((size_t)n - ID <= sizeof out->bytes) {
		out->len = (size_t)n - ID;
		memcpy(out->bytes, bytes + ID, out->len);
	}
	return 0;
}

static int read_lines(const char *at, const char *end, struct note *out, struct err *e)
{
	while (at < end) {
		size_t len = 0;
		const char *line = text_line(&at, end, &len);

		if (out->count == NOTE_LINES_MAX)
			return err_set(e, EX_DATAERR, "the note has more than %d signatures", NOTE_LINES_MAX);
		if (!line || read_line(line, len, &out->lines[out->count]) < 0)
			return err_set(e, EX_DATAERR, "signature %zu of the note is no signature line", out->count + 1);
		out->count++;
	}
	if (out->count == 0)
		return err_set(e, EX_DATAERR, "the note has no signature");
	return 0;
}

int note_read(const char *bytes, size_t len, struct note *out, struct err *e)
{
	const char *split;

	*out = (struct note){ .count = 0 };
	if (len > NOTE_MAX)
		return err_set(e, EX_DATAERR, "the note has more than %d bytes", NOTE_MAX);
	if (!is_plain(bytes, len))
		return err_set(e, EX_DATAERR, "the note is not UTF-8 text without control characters");
	split = find_split(bytes, len);
	if (!split)
		return err_set(e, EX_DATAERR, "the note has no empty line before its signatures");
	if (read_lines(split + 1, bytes + len, out, e) < 0)
		return -1;
	out->len = (size_t)(split - bytes);
	out->text = text_copy_n(bytes, out->len);
	return 0;
}

void note_free(struct note *note)
{
	free(steal_ptr(note->text));
}

// What a cosignature signs (tlog-cosignature).
static struct buf cosigned(const char *text, size_t len, uint64_t time)
{
	struct buf message = BUF(NOTE_MAX + 64);

	buf_printf(&message, "cosignature/v1\ntime %" PRIu64 "\n", time);
	if (buf_add(&message, text, len) < 0)
		panic("a note of %zu bytes is too long, or memory ran out", len);
	return message;
}

static uint64_t read_time(const uint8_t bytes[8])
{
	uint64_t time = 0;

	for (size_t i = 0; i < 8; i++)
		time = time << 8 | bytes[i];
	return time;
}

static bool verifies(const struct note *note, const struct note_line *line, const struct note_key *key, uint64_t *time)
{
	*time = 0;
	switch (key->algorithm) {
	case NOTE_ED25519:
		return line->len == NOTE_SIGNATURE && ed25519_verify(key->public, note->text, note->len, line->bytes);
	case NOTE_COSIGNATURE:
		if (line->len != 8 + NOTE_SIGNATURE || (*time = read_time(line->bytes)) > INT64_MAX)
			return false;
		_buf_ struct buf message = cosigned(note->text, note->len, *time);

		return ed25519_verify(key->public, message.data, message.len, line->bytes + 8);
	}
	return false;
}

bool note_is_signed(const struct note *note, const struct note_key *key, uint64_t *time)
{
	uint64_t first = 0;
	bool found = false;

	if (time)
		*time = 0;
	for (size_t i = 0; i < note->count; i++) {
		const struct note_line *line = &note->lines[i];
		uint64_t when;

		if (strcmp(line->name, key->name) != 0 || memcmp(line->id, key->id, ID) != 0)
			continue;
		if (!verifies(note, line, key, &when))
			return false;
		if (!found)
			first = when;
		found = true;
	}
	if (time && found)
		*time = first;
	return found;
}

char *note_sign(const struct note_signer *signer, const char *text, size_t len, uint64_t time, struct err *e)
{
	bool cosigns = signer->key.algorithm == NOTE_COSIGNATURE;
	uint8_t bytes[ID + 8 + NOTE_SIGNATURE];
	size_t at = ID;
	_free_ char *coded = NULL;

	if (len == 0 || len > NOTE_MAX || text[len - 1] != '\n' || !is_plain(text, len))
		return err_set(e, EX_DATAERR,
		               "only UTF-8 text of at most %d bytes that ends in a line end can be signed", NOTE_MAX),
		       NULL;
	if (cosigns && time > INT64_MAX)
		return err_set(e, EX_DATAERR, "%" PRIu64 " is no time", time), NULL;
	memcpy(bytes, signer->key.id, ID);
	if (cosigns) {
		_buf_ struct buf message = cosigned(text, len, time);

		for (int shift = 56; shift >= 0; shift -= 8)
			bytes[at++] = (uint8_t)(time >> shift);
		ed25519_sign(signer->seed, message.data, message.len, bytes + at);
	} else {
		ed25519_sign(signer->seed, text, len, bytes + at);
	}
	coded = base64_encode(bytes, at + NOTE_SIGNATURE);
	return text_format(DASH "%s %s\n", signer->key.name, coded);
}
