// SPDX-License-Identifier: Apache-2.0
#include "adapters/smtp/header.h"

#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

enum {
	ADDRESS_MAX = 254,
	MESSAGE_ID_MAX = 500,
	NAME_MAX_BYTES = 200, // of a display name; the rest is cut off
	REFERENCES_FIRST = 1, // the root of the thread
	REFERENCES_LAST = 20,
	FIELD_NAME_MAX = 64,
};

int header_check(const char *what, const char *value, struct err *e)
{
	for (const char *p = value; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return err_set(e, EX_DATAERR, "%s holds a control byte (0x%02x)", what, (unsigned char)*p);
	return 0;
}

// Text that looks like an encoded word (RFC 2047) would be decoded by whoever reads the mail, perhaps into a line end
// or an address: a space inside takes the look away.
static char *without_encoded_words(const char *text, size_t len)
{
	_buf_ struct buf out = BUF(2 * len + 1);

	for (size_t i = 0; i < len; i++) {
		buf_putc(&out, text[i]);
		if (text[i] == '=' && i + 1 < len && text[i + 1] == '?')
			buf_putc(&out, ' ');
	}
	return text_copy(buf_text(&out));
}

static bool is_letter_or_digit(char c)
{
	return text_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// atext of RFC 5322, 3.2.3
static bool is_atom(char c)
{
	return is_letter_or_digit(c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static bool is_host(char c)
{
	return is_letter_or_digit(c) || c == '-' || c == '_';
}

// Words of `member` characters with single dots between them.
static bool is_dotted(const char *text, size_t len, bool (*member)(char))
{
	for (size_t i = 0; i < len; i++) {
		bool dot = text[i] == '.' && i > 0 && i + 1 < len && text[i + 1] != '.';

		if (!dot && !member(text[i]))
			return false;
	}
	return len > 0;
}

int address_check(const char *what, const char *address, struct err *e)
{
	const char *at = strchr(address, '@');

	if (header_check(what, address, e) < 0)
		return -1;
	if (strlen(address) > ADDRESS_MAX)
		return err_set(e, EX_DATAERR, "%s is longer than %d bytes", what, ADDRESS_MAX);
	if (!at || !is_dotted(address, (size_t)(at - address), is_atom) || !is_dotted(at + 1, strlen(at + 1), is_host))
		return err_set(e, EX_DATAERR, "%s is not a plain address (name@host, ASCII, nothing quoted)", what);
	return 0;
}

static int set_party(GMimeMessage *message, GMimeAddressType type, const json_t *document, const char *key,
                     struct err *e)
{
	static const struct json_key keys[] = { { "name", 's', 1000 }, { "address", 'S', ADDRESS_MAX }, { 0 } };
	const json_t *party = json_obj(document, key);
	_free_ char *name = NULL;
	InternetAddress *mailbox;

	if (!party)
		return 0;
	if (json_check(party, keys, key, e) < 0 || header_check(key, json_str(party, "name"), e) < 0 ||
	    address_check(key, json_str(party, "address"), e) < 0)
		return -1;
	name = without_encoded_words(json_str(party, "name"), utf8_prefix(json_str(party, "name"), NAME_MAX_BYTES));
	mailbox = internet_address_mailbox_new(*name ? name : NULL, json_str(party, "address"));
	internet_address_set_charset(mailbox, "utf-8");
	internet_address_list_add(g_mime_message_get_addresses(message, type), mailbox);
	g_object_unref(mailbox);
	return 0;
}

int header_set_parties(GMimeMessage *message, const json_t *document, struct err *e)
{
	if (set_party(message, GMIME_ADDRESS_TYPE_FROM, document, "from", e) < 0 ||
	    set_party(message, GMIME_ADDRESS_TYPE_TO, document, "to", e) < 0)
		return -1;
	return set_party(message, GMIME_ADDRESS_TYPE_REPLY_TO, document, "reply_to", e);
}

int header_set_subject(GMimeMessage *message, const json_t *document, struct err *e)
{
	const char *given = json_str(document, "subject");
	_free_ char *subject = without_encoded_words(given, strlen(given));

	if (header_check("subject", subject, e) < 0)
		return -1;
	g_mime_message_set_subject(message, subject, "utf-8");
	return 0;
}

int header_set_date(GMimeMessage *message, const json_t *document, struct err *e)
{
	GDateTime *date;
	int64_t ms;

	if (clock_parse(json_str(document, "date"), &ms) < 0 ||
	    !(date = g_date_time_new_from_unix_utc(ms / CLOCK_SECOND)))
		return err_set(e, EX_DATAERR, "date is not a time as RFC 3339 writes it");
	g_mime_message_set_date(message, date);
	g_date_time_unref(date);
	return 0;
}

// "<left@right>" in visible ASCII without further brackets; laxer than RFC 5322, 3.6.4, as the ids in the world are.
static bool is_message_id(const char *id)
{
	size_t len = strlen(id);

	if (len < 5 || len > MESSAGE_ID_MAX || id[0] != '<' || id[len - 1] != '>' || !strchr(id, '@'))
		return false;
	for (size_t i = 1; i + 1 < len; i++)
		if (id[i] <= 0x20 || id[i] >= 0x7f || id[i] == '<' || id[i] == '>')
			return false;
	return true;
}

static int set_references(GMimeMessage *message, const json_t *references, struct err *e)
{
	size_t count = json_array_size(references);
	_buf_ struct buf line = BUF((REFERENCES_FIRST + REFERENCES_LAST) * (MESSAGE_ID_MAX + 1));

	for (size_t i = 0; i < count; i++) {
		const char *id = json_string_value(json_array_get(references, i));

		if (!id)
			return err_set(e, EX_DATAERR, "references: not a string");
		if (header_check("references", id, e) < 0)
			return -1;
		if (is_message_id(id) && (i < REFERENCES_FIRST || i + REFERENCES_LAST >= count))
			buf_printf(&line, "%s%s", line.len ? " " : "", id);
	}
	if (line.full)
		return err_set(e, EX_OSERR, "out of memory for references");
	if (line.len)
		g_mime_object_append_header(GMIME_OBJECT(message), "References", buf_text(&line), NULL);
	return 0;
}

int header_set_ids(GMimeMessage *message, const json_t *document, struct err *e)
{
	const char *own = json_str(document, "message_id");
	const char *parent = json_str(document, "in_reply_to");
	_free_ char *bare = NULL;

	if (header_check("message_id", own, e) < 0 || header_check("in_reply_to", parent, e) < 0)
		return -1;
	if (!is_message_id(own))
		return err_set(e, EX_DATAERR, "message_id is not an id (<left@right>)");
	bare = text_copy_n(own + 1, strlen(own) - 2);
	g_mime_message_set_message_id(message, bare);
	if (is_message_id(parent))
		g_mime_object_append_header(GMIME_OBJECT(message), "In-Reply-To", parent, NULL);
	return set_references(message, json_arr(document, "references"), e);
}

static int check_field_name(const char *name, struct err *e)
{
	// What the document has other keys for, what GMime writes, and what only a transport may write.
	static const char *const taken[] = { "From",       "Sender",      "Reply-To",   "To",       "Cc",
		                             "Bcc",        "Subject",     "Date",       "Received", "Message-ID",
		                             "References", "In-Reply-To", "Return-Path" };
	size_t len = strlen(name);

	for (const char *p = name; *p; p++)
		if (!is_letter_or_digit(*p) && *p != '-')
			len = 0;
	if (len == 0 || len > FIELD_NAME_MAX)
		return err_set(e, EX_DATAERR, "headers: a name that is not letters, digits and hyphens");
	for (size_t i = 0; i < LENGTH(taken); i++)
		if (text_same(name, taken[i]))
			return err_set(e, EX_DATAERR, "headers: %s cannot be set here", name);
	if (text_starts_fold(name, "Content-") || text_starts_fold(name, "MIME-") || text_starts_fold(name, "Resent-"))
		return err_set(e, EX_DATAERR, "headers: %s cannot be set here", name);
	return 0;
}

// What is ASCII goes out as it is: GMime would turn a long URL of List-Unsubscribe into encoded words, which have no
// place in a structured field.
static void append_field(GMimeMessage *message, const char *name, const char *value)
{
	GMimeHeaderList *fields = g_mime_object_get_header_list(GMIME_OBJECT(message));
	_free_ char *raw = text_format(" %s\n", value);

	g_mime_header_list_append(fields, name, value, "utf-8");
	if (g_str_is_ascii(value))
		g_mime_header_set_raw_value(
		        g_mime_header_list_get_header_at(fields, g_mime_header_list_get_count(fields) - 1), raw);
}

int header_set_others(GMimeMessage *message, const json_t *document, struct err *e)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_obj(document, "headers"), name, value) {
		if (check_field_name(name, e) < 0)
			return -1;
		if (!json_is_string(value))
			return err_set(e, EX_DATAERR, "headers: %s must be a string", name);
		if (header_check(name, json_string_value(value), e) < 0)
			return -1;
		if (strstr(json_string_value(value), "=?"))
			return err_set(e, EX_DATAERR, "headers: %s looks like an encoded word", name);
		append_field(message, name, json_string_value(value));
	}
	return 0;
}
