// SPDX-License-Identifier: Apache-2.0
// A register's file under any bytes: records of texts, counted from 1, or a sentence.  The first byte says how it is
// written.
#include <stdint.h>
#include <string.h>

#include "base/json.h"
#include "bot/import_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seen {
	int64_t rows, line;
};

static int look(void *context, const struct import_record *record, struct err *e)
{
	struct seen *seen = context;
	const char *name;
	json_t *value;

	(void)e;
	if (record->row != ++seen->rows || record->line < seen->line)
		panic("rows out of order");
	seen->line = record->line;
	json_object_foreach(record->values, name, value) {
		if (!json_is_string(value))
			panic("a value that is no text");
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiters[] = { ',', ';', '\t', '|' };
	struct seen seen = { 0 };
	struct err e = { 0 };
	int how = size ? data[0] : 0;
	const struct import_format format = { .json = how & 1,
		                              .latin1 = (how & 3) == 2,
		                              .delimiter = delimiters[how >> 2 & 3],
		                              .quote = how & 16 ? '\'' : '"' };

	if (size && import_read(&format, (const char *)data + 1, size - 1, "register", look, &seen, &e) < 0 && !*e.text)
		panic("refused without a word");
	return 0;
}
