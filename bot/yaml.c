// SPDX-License-Identifier: Apache-2.0
#include "bot/yaml.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/yaml_place.h"

#define SENTENCE_MAX 480
#define EXCERPT_WIDTH 100 // characters shown of a line
#define EXCERPT_LEAD 60   // of these before the caret, when the line is long

static const char *line_start(const struct yaml *y, uint32_t line)
{
	const char *at = y->text;

	while (at && --line > 0) {
		at = strchr(at, '\n');
		if (at)
			at++;
	}
	return at;
}

// Adds the source line and, below it, a caret; nothing for a line that cannot be shown.
static void add_excerpt(struct buf *b, const struct yaml *y, struct mark at)
{
	const char *start = line_start(y, at.line);
	size_t len = start ? strcspn(start, "\r\n") : 0;
	uint32_t skip = at.column > EXCERPT_WIDTH - 20 ? at.column - EXCERPT_LEAD : 0, column = 0;

	if (!start || !utf8_valid(start, len))
		return;
	buf_puts(b, "\n  ");
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)start[i];

		if ((c & 0xc0) != 0x80)
			column++;
		if (column > skip && column <= skip + EXCERPT_WIDTH)
			buf_putc(b, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
	buf_printf(b, "\n  %*s^", (int)(at.column - 1 - skip), "");
}

// A sentence that quotes the first bytes of something may have cut a character.
static void mend(char *text)
{
	for (size_t len = strlen(text), i = 0, n; i < len; i += n) {
		for (n = 1; n < 4 && i + n < len && !utf8_valid(text + i, n); n++)
			;
		if (utf8_valid(text + i, n))
			continue;
		text[i] = '?';
		n = 1;
	}
}

int yaml_error_at(const struct yaml *y, struct mark at, struct err *e, const char *sentence)
{
	_buf_ struct buf b = BUF(2048);

	if (at.line) {
		buf_printf(&b, "%.255s:%u:%u: %s", y->file, at.line, at.column, sentence);
		add_excerpt(&b, y, at);
	} else {
		buf_printf(&b, "%.255s: %s", y->file, sentence);
	}
	return err_set(e, EX_CONFIG, "%s", buf_text(&b));
}

__attribute__((format(printf, 4, 0))) static int complain(const struct yaml *y, struct mark at, struct err *e,
                                                          const char *format, va_list args)
{
	char sentence[SENTENCE_MAX];

	vsnprintf(sentence, sizeof sentence, format, args);
	mend(sentence);
	return yaml_error_at(y, at, e, sentence);
}

static struct mark mark_of(const struct yaml *y, const json_t *value)
{
	const struct place *place = places_find(&y->places, value);

	return place ? place->at : (struct mark){ 0 };
}

void yaml_mark(const struct yaml *y, const json_t *value, unsigned *line, unsigned *column)
{
	struct mark at = mark_of(y, value);

	*line = at.line;
	*column = at.column;
}

int yaml_error(const struct yaml *y, const json_t *value, struct err *e, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	complain(y, mark_of(y, value), e, format, args);
	va_end(args);
	return -1;
}

int yaml_error_key(const struct yaml *y, const json_t *object, const char *key, struct err *e, const char *format, ...)
{
	const struct place *place = places_find(&y->places, json_object_get(object, key));
	va_list args;

	va_start(args, format);
	complain(y, place && place->key.line ? place->key : mark_of(y, object), e, format, args);
	va_end(args);
	return -1;
}

bool yaml_plain(const struct yaml *y, const json_t *value)
{
	const struct place *place = places_find(&y->places, value);

	return place && place->plain;
}

static void retire(struct yaml *y, json_t *old, json_t *fresh)
{
	const struct place *place = places_find(&y->places, old);

	json_add(y->retired, json_incref(old));
	// The constants true and false have no place of their own.
	if (place && !json_is_boolean(fresh)) {
		struct place moved = *place;

		moved.value = fresh;
		places_add(&y->places, &moved);
	}
}

void yaml_replace(struct yaml *y, json_t *object, const char *key, json_t *fresh)
{
	retire(y, json_object_get(object, key), fresh);
	json_put(object, key, fresh);
}

void yaml_replace_at(struct yaml *y, json_t *array, size_t index, json_t *fresh)
{
	retire(y, json_array_get(array, index), fresh);
	if (json_array_set_new(array, index, fresh) < 0)
		panic("out of memory");
}

json_t *yaml_json(const struct yaml *y)
{
	return y->root;
}

const char *yaml_file(const struct yaml *y)
{
	return y->file;
}

const char *yaml_text(const struct yaml *y, size_t *len)
{
	if (len)
		*len = y->len;
	return y->text;
}

void yaml_free(struct yaml **y)
{
	if (!*y)
		return;
	json_decref((*y)->root);
	json_decref((*y)->retired);
	places_free(&(*y)->places);
	free((*y)->file);
	free((*y)->text);
	free(*y);
	*y = NULL;
}

static struct yaml *yaml_new(char *text, size_t len, const char *file, struct err *e)
{
	_yaml_ struct yaml *y = calloc(1, sizeof *y);

	if (!y)
		panic("out of memory");
	y->file = text_copy(file);
	y->text = text;
	y->len = len;
	y->retired = json_array();
	if (!y->retired)
		panic("out of memory");
	return yaml_parse(y, e) < 0 ? NULL : steal_ptr(y);
}

struct yaml *yaml_read(const char *text, size_t len, const char *file, struct err *e)
{
	if (len > YAML_MAX) {
		err_set(e, EX_CONFIG, "%.255s: larger than %d bytes", file, YAML_MAX);
		return NULL;
	}
	char *copy = malloc(len + 1);

	if (!copy)
		panic("out of memory");
	memcpy(copy, text, len);
	copy[len] = '\0';
	return yaml_new(copy, len, file, e);
}

// Whoever can write the file decides what is approved, so it is as sshd does with its own.
static int check_file(int fd, const char *path, struct err *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return err_sys(e, EX_NOINPUT, "cannot examine %.255s", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, EX_CONFIG, "%.255s: not a regular file", path);
	if (st.st_size > YAML_MAX)
		return err_set(e, EX_CONFIG, "%.255s: larger than %d bytes", path, YAML_MAX);
	if (st.st_mode & S_IWOTH)
		return err_set(e, EX_CONFIG,
		               "%.255s: everyone can write to it (mode %04o); take that right away: chmod o-w", path,
		               st.st_mode & 07777U);
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return err_set(e, EX_CONFIG, "%.255s: belongs to user %u, not to root or to user %u who runs this",
		               path, st.st_uid, geteuid());
	return 0;
}

struct yaml *yaml_load(const char *path, struct err *e)
{
	_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	_buf_ struct buf b = BUF(YAML_MAX);

	if (fd < 0) {
		err_sys(e, EX_NOINPUT, "cannot open %.255s", path);
		return NULL;
	}
	if (check_file(fd, path, e) < 0 || fd_read(fd, path, &b, e) < 0)
		return NULL;
	size_t len = b.len;

	return yaml_new(len ? buf_steal(&b) : text_copy(""), len, path, e);
}
