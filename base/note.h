// SPDX-License-Identifier: Apache-2.0
// Signed notes (C2SP signed-note, c2sp.org/signed-note) and cosignatures (c2sp.org/tlog-cosignature): text that ends in
// a line end, an empty line, signature lines.  Ed25519 by libcrypto.  Strict: what is written otherwise than the one
// right way is refused, for two readings of one note would be two notes.
#ifndef BASE_NOTE_H
#define BASE_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define NOTE_MAX (1 << 16) // bytes of a whole note
#define NOTE_LINES_MAX 64  // signatures of one note
#define NOTE_NAME_MAX 255  // bytes of a key's name
#define NOTE_KEY 32        // bytes, of a seed and of a public key
#define NOTE_SIGNATURE 64

enum note_algorithm {
	NOTE_ED25519 = 1,     // signs the text
	NOTE_COSIGNATURE = 4, // signs "cosignature/v1\ntime N\n" and the text
};

struct note_key {
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[4];
	enum note_algorithm algorithm;
	uint8_t public[NOTE_KEY];
};

// "NAME+HEXID+BASE64" (a vkey).  EX_DATAERR names what is wrong with it; never quotes it whole.
int note_key_read(const char *text, struct note_key *out, struct err *e);
// The caller frees.
char *note_key_text(const struct note_key *key);

// A key that signs.  Wipe it with note_signer_wipe().
struct note_signer {
	struct note_key key;
	uint8_t seed[NOTE_KEY];
};

// "PRIVATE+KEY+NAME+HEXID+BASE64", as Go's note.GenerateKey writes it.
int note_signer_read(const char *text, struct note_signer *out, struct err *e);
// From a seed; the name must be one that a key may have.
int note_signer_make(const char *name, enum note_algorithm algorithm, const uint8_t seed[NOTE_KEY],
                     struct note_signer *out, struct err *e);
char *note_signer_text(const struct note_signer *signer); // a secret: the caller wipes and frees
void note_signer_wipe(struct note_signer *signer);

struct note_line {
	char name[NOTE_NAME_MAX + 1];
	uint8_t id[4];
	uint8_t bytes[8 + NOTE_SIGNATURE]; // what follows the key's id
	size_t len;                        // 0: more than any algorithm of ours makes, and left out
};

struct note {
	char *text; // with its last line end; owned
	size_t len;
	struct note_line lines[NOTE_LINES_MAX];
	size_t count;
};

// Takes a note apart; no signature is looked at.
int note_read(const char *bytes, size_t len, struct note *out, struct err *e);
void note_free(struct note *note);
#define _note_ __attribute__((cleanup(note_free)))

// Does a line of it verify under the key?  No when another line that claims this key (name and id) does not, as Go's
// note.Open has it; lines of other keys do not matter.  `time` (may be NULL) is set to the first cosignature's, seconds
// since 1970; else 0.
bool note_is_signed(const struct note *note, const struct note_key *key, uint64_t *time);

// The signature line ("\xe2\x80\x94 NAME BASE64\n") of a text that ends in a line end; `time` is for cosignatures.  The
// caller frees; NULL with an error.
char *note_sign(const struct note_signer *signer, const char *text, size_t len, uint64_t time, struct err *e);

#endif
