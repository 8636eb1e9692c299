// SPDX-License-Identifier: Apache-2.0
#include "adapters/mime/charset.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/auto.h"
#include "base/text.h"

#define REPLACEMENT "\xef\xbf\xbd"

// What libc knows the charset by, and what else mail calls it.
static const struct {
	const char *iconv;
	const char *names; // separated by blanks, lower case
} table[] = {
	{ "CP1252", "windows-1252 cp1252 x-cp1252 cp-1252 iso-8859-1 iso8859-1 iso_8859-1 iso88591 latin1 latin-1 l1 "
	            "ansi_x3.110-1983" },
	{ "ISO-8859-2", "iso-8859-2 iso8859-2 iso_8859-2 latin2 l2" },
	{ "ISO-8859-3", "iso-8859-3 latin3" },
	{ "ISO-8859-4", "iso-8859-4 latin4" },
	{ "ISO-8859-5", "iso-8859-5 cyrillic" },
	{ "ISO-8859-6", "iso-8859-6 iso-8859-6-i iso-8859-6-e arabic" },
	{ "ISO-8859-7", "iso-8859-7 iso8859-7 greek" },
	{ "ISO-8859-8", "iso-8859-8 iso-8859-8-i iso-8859-8-e logical hebrew" },
	{ "CP1254", "windows-1254 cp1254 x-cp1254 iso-8859-9 iso8859-9 latin5" },
	{ "ISO-8859-10", "iso-8859-10 latin6" },
	{ "CP874", "windows-874 cp874 tis-620 iso-8859-11" },
	{ "ISO-8859-13", "iso-8859-13 latin7" },
	{ "ISO-8859-14", "iso-8859-14 latin8" },
	{ "ISO-8859-15", "iso-8859-15 iso8859-15 latin9 latin-9" },
	{ "ISO-8859-16", "iso-8859-16 latin10" },
	{ "CP1250", "windows-1250 cp1250 x-cp1250 cp-1250" },
	{ "CP1251", "windows-1251 cp1251 x-cp1251 cp-1251" },
	{ "CP1253", "windows-1253 cp1253 x-cp1253" },
	{ "CP1255", "windows-1255 cp1255 x-cp1255" },
	{ "CP1256", "windows-1256 cp1256 x-cp1256" },
	{ "CP1257", "windows-1257 cp1257 x-cp1257" },
	{ "CP1258", "windows-1258 cp1258 x-cp1258" },
	{ "KOI8-R", "koi8-r koi8 koi8r" },
	{ "KOI8-U", "koi8-u koi8-ru" },
	{ "CP437", "ibm437 cp437 cp-437" },
	{ "CP850", "ibm850 cp850 cp-850" },
	{ "CP852", "ibm852 cp852 cp-852" },
	{ "CP866", "ibm866 cp866 cp-866" },
	{ "MACINTOSH", "macintosh mac x-mac-roman x-macroman x-mac" },
	{ "CP932", "shift_jis shift-jis sjis x-sjis ms_kanji windows-31j cp932 ms932" },
	{ "EUC-JP-MS", "euc-jp x-euc-jp eucjp euc-jp-ms" },
	{ "ISO-2022-JP-3", "iso-2022-jp iso-2022-jp-1 iso-2022-jp-3 iso-2022-jp-ms csiso2022jp cp50220 cp50221" },
	{ "ISO-2022-JP-2", "iso-2022-jp-2" },
	{ "GB18030", "gb18030 gbk x-gbk gb2312 gb_2312-80 x-gb2312 euc-cn cp936 ms936 windows-936" },
	{ "BIG5-HKSCS", "big5 big-5 big5-hkscs x-x-big5 cn-big5 cp950 windows-950" },
	{ "EUC-TW", "euc-tw x-euc-tw" },
	{ "UHC", "euc-kr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean uhc windows-949 cp949 ms949" },
	{ "ISO-2022-KR", "iso-2022-kr csiso2022kr" },
	{ "ISO-2022-CN", "iso-2022-cn" },
	{ "UTF-7", "utf-7 unicode-1-1-utf-7 utf7 x-unicode-2-0-utf-7" },
	{ "UTF-16", "utf-16 utf16 unicode ucs-2 iso-10646-ucs-2" },
	{ "UTF-16LE", "utf-16le utf16le" },
	{ "UTF-16BE", "utf-16be utf16be" },
	{ "UTF-32LE", "utf-32le" },
	{ "UTF-32BE", "utf-32be utf-32" },
};

struct charsets {
	iconv_t converters[LENGTH(table)];
	size_t count;
};

struct charsets *charsets_open(struct err *e)
{
	struct charsets *charsets = calloc(1, sizeof *charsets);

	if (!charsets)
		panic("out of memory for charsets");
	for (size_t i = 0; i < LENGTH(table); i++) {
		charsets->converters[i] = iconv_open("UTF-8", table[i].iconv);
		if (charsets->converters[i] == (iconv_t)-1) {
			err_sys(e, EX_OSERR, "the C library cannot convert %s", table[i].iconv);
			charsets_close(&charsets);
			return NULL;
		}
		charsets->count++;
	}
	return charsets;
}

void charsets_close(struct charsets **charsets)
{
	if (!*charsets)
		return;
	for (size_t i = 0; i < (*charsets)->count; i++)
		iconv_close((*charsets)->converters[i]);
	free(*charsets);
	*charsets = NULL;
}

static bool lists(const char *names, const char *name)
{
	size_t len = strlen(name);

	while (*names) {
		size_t n = strcspn(names, " ");

		if (n == len && text_starts_fold(names, name))
			return true;
		names += n + (names[n] == ' ');
	}
	return false;
}

// The index in the table, or -1.
static int find(const char *name)
{
	for (size_t i = 0; i < LENGTH(table); i++)
		if (lists(table[i].names, name))
			return (int)i;
	return -1;
}

static bool is_utf8(const char *name)
{
	return lists("utf-8 utf8 us-ascii ascii ansi_x3.4-1968 unknown-8bit 8bit unicode-1-1-utf-8 x-unknown default",
	             name);
}

bool charset_known(const char *name)
{
	return !name || !*name || is_utf8(name) || find(name) >= 0;
}

bool charset_is_wide(const char *name)
{
	int i = name && *name ? find(name) : -1;

	return i >= 0 && (text_starts(table[i].iconv, "UTF-16") || text_starts(table[i].iconv, "UTF-32"));
}

// Length of the valid character at `s`, 0 when there is none; NUL is none.
static size_t character(const char *s, size_t left)
{
	unsigned char c = (unsigned char)*s;
	size_t len = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;

	return left >= len && utf8_valid(s, len) ? len : 0;
}

static void copy_utf8(const char *in, size_t len, struct buf *out, bool *lossy)
{
	size_t begin = 0, at = 0;

	if (utf8_valid(in, len)) {
		buf_add(out, in, len);
		return;
	}
	while (at < len) {
		size_t n = character(in + at, len - at);

		if (n) {
			at += n;
			continue;
		}
		buf_add(out, in + begin, at - begin);
		buf_puts(out, REPLACEMENT);
		*lossy = true;
		begin = ++at;
	}
	buf_add(out, in + begin, len - begin);
}

static void convert(iconv_t converter, const char *in, size_t len, struct buf *out, bool *lossy)
{
	char *from = (char *)in;
	size_t stuck = 0;

	iconv(converter, NULL, NULL, NULL, NULL);
	for (bool flush = false; !out->full;) {
		char chunk[4096], *to = chunk;
		size_t room = sizeof chunk;
		size_t n = iconv(converter, flush ? NULL : &from, flush ? NULL : &len, &to, &room);
		int error = errno;

		// Converters may let through what is no valid UTF-8 (surrogates, NUL): hence copy_utf8.
		copy_utf8(chunk, (size_t)(to - chunk), out, lossy);
		if (n != (size_t)-1) {
			if (flush)
				return;
			flush = true;
		} else if (error != E2BIG) {
			if (len == 0 || flush)
				return;
			buf_puts(out, REPLACEMENT);
			*lossy = true;
			from++;
			len--;
		} else if (to == chunk && ++stuck > 1) {
			return;
		}
	}
}

void charset_convert(struct charsets *charsets, const char *name, const char *in, size_t len, struct buf *out,
                     bool *lossy)
{
	int i = name && *name && !is_utf8(name) ? find(name) : -1;

	if (i >= 0)
		convert(charsets->converters[i], in, len, out, lossy);
	else
		copy_utf8(in, len, out, lossy);
}

void charset_clean(const char *text, const char *kept, struct buf *out)
{
	const char *begin = text, *p;

	for (p = text; *p; p++) {
		unsigned char c = (unsigned char)*p, next = (unsigned char)p[1];
		bool wide = c == 0xc2 && next >= 0x80 && next < 0xa0;

		if (!wide && ((c >= 0x20 && c != 0x7f) || strchr(kept, c)))
			continue;
		buf_add(out, begin, (size_t)(p - begin));
		buf_puts(out, REPLACEMENT);
		p += wide;
		begin = p + 1;
	}
	buf_add(out, begin, (size_t)(p - begin));
}
