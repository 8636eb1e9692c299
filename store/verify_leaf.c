// SPDX-License-Identifier: Apache-2.0
#include "store/verify_leaf.h"

#include <string.h>

#include "base/auto.h"
#include "base/json.h"
#include "base/text.h"

// What is left of a leaf's bytes.
struct scan {
	const char *at, *end;
};

static bool skip(struct scan *s, const char *literal)
{
	size_t len = strlen(literal);

	if ((size_t)(s->end - s->at) < len || memcmp(s->at, literal, len) != 0)
		return false;
	s->at += len;
	return true;
}

// The rest of a string of ASCII without escapes, its closing quotation mark included.
static bool plain(struct scan *s, char *out, size_t max)
{
	const char *begin = s->at;
	size_t len;

	while (s->at < s->end && *s->at >= 0x20 && *s->at < 0x7f && *s->at != '"' && *s->at != '\\')
		s->at++;
	len = (size_t)(s->at - begin);
	if (len > max || !skip(s, "\""))
		return false;
	memcpy(out, begin, len);
	out[len] = '\0';
	return true;
}

static bool number(struct scan *s, int64_t *out)
{
	const char *begin = s->at;

	*out = 0;
	while (s->at < s->end && text_is_digit(*s->at) && s->at - begin < 15)
		*out = 10 * *out + (*s->at++ - '0');
	return s->at > begin && (*begin != '0' || s->at - begin == 1);
}

// The keys in the one order that is canonical.  False says nothing against the leaf: somebody's name may need escapes.
static bool scan_leaf(struct piece bytes, struct leaf *out, char time[CLOCK_TEXT])
{
	struct scan s = { bytes.data, (const char *)bytes.data + bytes.len };
	struct entry *entry = &out->entry;
	int64_t seq;

	*entry = (struct entry){ .actor = out->texts[0], .type = out->texts[2], .via = out->texts[3] };
	if (!skip(&s, "{\"actor\":\"") || !plain(&s, out->texts[0], 512) || !skip(&s, ",\"body\":\"") ||
	    !plain(&s, out->body, 2 * DIGEST_SIZE))
		return false;
	if (skip(&s, ",\"case\":\"")) {
		if (!plain(&s, out->texts[1], 64))
			return false;
		entry->case_id = out->texts[1];
	}
	if (!skip(&s, ",\"seq\":") || !number(&s, &seq) || !skip(&s, ",\"time\":\"") ||
	    !plain(&s, time, CLOCK_TEXT - 1) || !skip(&s, ",\"type\":\"") || !plain(&s, out->texts[2], 64) ||
	    !skip(&s, ",\"v\":1") || (skip(&s, ",\"version\":") && !number(&s, &entry->version)))
		return false;
	entry->seq = (uint64_t)seq;
	return skip(&s, ",\"via\":\"") && plain(&s, out->texts[3], 32) && skip(&s, "}") && s.at == s.end;
}

static int check_time(const char *text, int64_t time, struct err *e)
{
	char ours[CLOCK_TEXT];

	if (strcmp(text, clock_format(time, ours)) != 0)
		return err_set(e, EX_DATAERR, "the leaf's time is not written as ours");
	return 0;
}

static const char *keep(struct leaf *out, size_t i, const char *text)
{
	return text ? memcpy(out->texts[i], text, strlen(text) + 1) : NULL; // entry_read() looked at its length
}

static int parse_leaf(struct piece bytes, struct leaf *out, struct err *e)
{
	_json_ json_t *leaf = json_read(bytes.data, bytes.len, e);
	_free_ char *canonical = NULL;
	struct entry *entry = &out->entry;
	size_t len;

	if (!leaf || entry_read(leaf, entry, e) < 0)
		return -1;
	canonical = json_canonical(leaf, &len, e);
	if (!canonical)
		return -1;
	if (len != bytes.len || memcmp(canonical, bytes.data, len) != 0)
		return err_set(e, EX_DATAERR, "the leaf is not canonical JSON");
	if (json_int(leaf, "v") != 1)
		return err_set(e, EX_DATAERR, "the leaf is of another version");
	entry->actor = keep(out, 0, entry->actor);
	entry->case_id = keep(out, 1, entry->case_id);
	entry->type = keep(out, 2, entry->type);
	entry->via = keep(out, 3, entry->via);
	memcpy(out->body, json_str(leaf, "body"), strlen(json_str(leaf, "body")) + 1);
	return check_time(json_str(leaf, "time"), entry->time, e);
}

int leaf_read(struct piece bytes, struct leaf *out, struct err *e)
{
	char time[CLOCK_TEXT];

	if (bytes.len > LEAF_MAX)
		return err_set(e, EX_DATAERR, "the leaf is too long");
	if (!scan_leaf(bytes, out, time))
		return parse_leaf(bytes, out, e);
	if (clock_parse(time, &out->entry.time) < 0)
		return err_set(e, EX_DATAERR, "a leaf: \"time\" is not a time");
	return check_time(time, out->entry.time, e);
}
