// SPDX-License-Identifier: Apache-2.0
// bot/config: what a configuration becomes, and what is said about a wrong one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/config.h"

#define HEAD \
	"name: Desk\nstate: /var/lib/x\nrun: run\npolicy: policy.yaml\npeople: people.yaml\ntokens: {key: " \
	"credential:t}\n"
#define IMAP "  imap: {url: \"imaps://imap.example.com\", user: u, password: credential:i}\n"
#define SMTP "  smtp: {url: \"smtp://smtp.example.com:587\", user: u, password: credential:s}\n"

#define WITNESS "'w.example/1+10e3e32e+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X'"

static int read_text(const char *text, struct config *c, struct err *e)
{
	return config_read(text, strlen(text), "/etc/x/c.yaml", c, e);
}

static void whole(void **state)
{
	static const char text[] =
	        "name: Licensing desk\ncases: LIC\nstate: /var/lib/countersign\nrun: /run/countersign\n"
	        "policy: policy.yaml\npeople: ../people.yaml\ntemplates: t\n"
	        "log: {origin: example.com/countersign, key: credential:log.key}\ntokens: {key: file:token.key}\n"
	        "mail:\n  address: Licensing@Example.com\n"
	        "  imap: {url: \"imap://[::1]:143\", tls: none, user: licensing, password: credential:imap.password,\n"
	        "         folder: In, processed: Done, ca: \"\"}\n"
	        "  smtp: {url: \"smtp://127.0.0.1:587\", tls: required, user: l, ca: ca.pem, oauth: {client_id: me,\n"
	        "         token_url: \"http://localhost:1/t\", client_secret: file:s, refresh_token: file:r}}\n"
	        "  trust: {authserv: [MX.example.com], hosts: [store.example.com]}\n  max_size: 100000\n";
	_config_ struct config c;
	struct err e = { 0 };

	(void)state;
	if (read_text(text, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(c.path, "/etc/x/c.yaml");
	assert_string_equal(c.dir, "/etc/x");
	assert_string_equal(c.name, "Licensing desk");
	assert_string_equal(c.cases, "LIC");
	assert_string_equal(c.state, "/var/lib/countersign");
	assert_string_equal(c.run, "/run/countersign");
	assert_string_equal(c.policy, "/etc/x/policy.yaml");
	assert_string_equal(c.people, "/etc/x/../people.yaml");
	assert_string_equal(c.templates, "/etc/x/t");
	assert_string_equal(c.log_origin, "example.com/countersign");
	assert_string_equal(c.log_key, "credential:log.key");
	assert_string_equal(c.token_key, "file:token.key");
	assert_true(c.has_mail);
	assert_string_equal(c.mail.address, "licensing@example.com");
	assert_string_equal(c.mail.domain, "example.com");
	assert_int_equal(c.mail.max_size, 100000);
	assert_true(json_has_str(c.mail.authserv, "mx.example.com"));
	assert_true(json_has_str(c.mail.hosts, "store.example.com"));
	assert_string_equal(c.mail.imap.url, "imap://[::1]:143");
	assert_false(c.mail.imap.tls);
	assert_string_equal(c.mail.imap.folder, "In");
	assert_string_equal(c.mail.imap.processed, "Done");
	assert_string_equal(c.mail.imap.ca, "");
	assert_string_equal(c.mail.imap.password, "credential:imap.password");
	assert_null(c.mail.imap.oauth_token_url);
	assert_true(c.mail.smtp.tls);
	assert_null(c.mail.smtp.password);
	assert_string_equal(c.mail.smtp.ca, "/etc/x/ca.pem");
	assert_string_equal(c.mail.smtp.oauth_refresh_token, "file:r");
	assert_true(config_loopback(&c));
}

static void witnesses(void **state)
{
	static const char text[] = HEAD
	        "log: {origin: a, key: 'file:k', ca: ca.pem, witnesses: [{url: 'https://w.example/one/', key: " WITNESS
	        "}, {url: 'http://127.0.0.1:8333',\n"
	        "  key: 'witness.example/w1+7e136b5c+BAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f'}]}\n";
	_config_ struct config c;
	struct err e = { 0 };

	(void)state;
	if (read_text(text, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(c.witness_count, 2);
	assert_string_equal(c.witnesses[0].url, "https://w.example/one/add-checkpoint");
	assert_string_equal(c.witnesses[0].key.name, "w.example/1");
	assert_string_equal(c.witnesses[1].url, "http://127.0.0.1:8333/add-checkpoint");
	assert_string_equal(c.log_ca, "/etc/x/ca.pem");
	assert_false(config_loopback(&c));
}

static void authority(void **state)
{
	static const char text[] =
	        HEAD "log: {origin: a, key: 'file:k', tsa: 'http://tsa.example/stamp?x=1', tsa_ca: tsa.pem}\n";
	_config_ struct config c;
	struct err e = { 0 };

	(void)state;
	if (read_text(text, &c, &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(c.log_tsa, "http://tsa.example/stamp?x=1");
	assert_string_equal(c.log_tsa_ca, "/etc/x/tsa.pem");
	assert_false(config_loopback(&c));
}

static void defaults(void **state)
{
	_config_ struct config c, bare;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(read_text(HEAD "mail:\n  address: a@b.example\n" IMAP SMTP, &c, &e), 0);
	assert_string_equal(c.cases, "CS");
	assert_string_equal(c.run, "/etc/x/run");
	assert_null(c.templates);
	assert_null(c.log_origin);
	assert_null(c.log_key);
	assert_string_equal(c.mail.imap.folder, "INBOX");
	assert_string_equal(c.mail.imap.processed, "Processed");
	assert_true(c.mail.imap.tls);
	assert_true(c.mail.smtp.tls);
	assert_int_equal(json_array_size(c.mail.authserv), 0);
	assert_int_equal(json_array_size(c.mail.hosts), 0);
	assert_int_equal(c.mail.max_size, 50 << 20);
	assert_false(config_loopback(&c));
	assert_int_equal(read_text(HEAD, &bare, &e), 0);
	assert_false(bare.has_mail);
	assert_true(config_loopback(&bare));
}

static void refuses(void **state)
{
#define AT "/etc/x/c.yaml:"
#define MAIL HEAD "mail:\n  address: a@b.example\n"
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", AT "1:1: the file is empty\n  \n  ^" },
		{ "nme: x", AT "1:1: unknown key 'nme' - did you mean 'name'?\n  nme: x\n  ^" },
		{ "name: x", AT "1:1: 'state' is missing\n  name: x\n  ^" },
		{ HEAD "slack: {app_token: 'credential:a'}", AT "7:8: 'bot_token' is missing" },
		{ HEAD "slack: {app_token: xapp-1, bot_token: 'credential:b'}",
		  AT "7:20: 'app_token' must name a secret, as credential:NAME or file:PATH, never hold it" },
		{ HEAD "slack: {app_token: 'credential:a', bot_token: 'credential:b', api: 'http://slack.com/api/'}",
		  AT "7:68: 'api' must be an https:// address" },
		{ HEAD "slack: {app_token: 'credential:a', bot_token: 'credential:b', channel: '#general'}",
		  AT "7:72: 'channel' must be a channel's id, like C0123ABCD (in Slack: the channel's details, at the "
		     "bottom)" },
		{ HEAD "web: {listen: x}", AT "7:1: web: this version has no web pages yet\n  web: {listen: x}\n  ^" },
		{ HEAD "cases: cs",
		  AT "7:8: 'cases' must be 1 to 8 capital letters, like CS\n  cases: cs\n         ^" },
		{ HEAD "log: {origin: a b}",
		  AT "7:15: 'origin' must have no space and no '+'\n  log: {origin: a b}\n                ^" },
#define KEYED HEAD "log: {origin: a, key: 'file:k', witnesses: ["
		{ HEAD "log: {origin: a, witnesses: [{url: 'https://w', key: k}]}",
		  AT "7:29: 'witnesses' cosign what the log's 'key' signs, and there is none" },
		{ KEYED "{url: 'https://w'}]}", AT "7:45: 'key' is missing" },
		{ KEYED "{url: 'https://w', key: k}]}", AT "7:69: a key is written NAME+ID+BASE64; this is not" },
		{ KEYED "{url: 'http://w.example', key: " WITNESS "}]}",
		  AT "7:51: 'url' must be an https:// address (http:// on this machine only)" },
		{ KEYED "{url: 'https://u:p@w.example', key: " WITNESS "}]}",
		  AT "7:51: 'url' must be a host, perhaps a port and a path, nothing else" },
		{ KEYED "{url: 'https://w', key: " WITNESS "}, {url: 'https://w', key: " WITNESS "}]}",
		  AT "7:163: this witness stands here twice" },
		{ KEYED "{url: 'https://w', key: "
		        "'example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4'}]}",
		  AT "7:69: this is a log's key; a witness' is wanted" },
		{ HEAD "log: {origin: a, tsa: 'https://t', tsa_ca: c}",
		  AT "7:23: 'tsa' stamps what the log's 'key' signs, and there is none\n"
		     "  log: {origin: a, tsa: 'https://t', tsa_ca: c}\n                        ^" },
		{ HEAD "log: {origin: a, key: 'file:k', tsa: 'https://t'}",
		  AT "7:38: 'tsa' needs 'tsa_ca', the file with the certificate that its stamps lead to" },
		{ HEAD "log: {origin: a, key: 'file:k', tsa_ca: c}",
		  AT "7:41: 'tsa_ca' is whom time-stamps must lead to, and there is no 'tsa'" },
		{ HEAD "log: {origin: a, key: 'file:k', tsa: 'ftp://t', tsa_ca: c}",
		  AT "7:38: 'tsa' must be an https:// or http:// address" },
		// Whoever writes a secret into the file does not find it in a log line.
		{ HEAD "log: {origin: a, key: hunter2}",
		  AT "7:23: 'key' must name a secret, as credential:NAME or file:PATH, never hold it" },
		{ HEAD "log: {origin: a, key: credential:a/b}",
		  AT "7:23: 'key' must name a secret, as credential:NAME or file:PATH, never hold it" },
		{ HEAD "passwrd: hunter2", AT "7:1: unknown key 'passwrd'" },
		{ MAIL IMAP "  smtp: {url: \"smtps://s\", user: u, pasword: hunter2}",
		  AT "10:37: unknown key 'pasword' - did you mean 'password'?" },
		{ MAIL IMAP "  smtp: {url: \"smtps://s\", user: u, password: hunter2}",
		  AT "10:47: 'password' must name a secret, as credential:NAME or file:PATH, never hold it" },
		{ MAIL IMAP "  smtp: {url: \"smtps://s\", user: u}",
		  AT "10:9: 'password' (or 'oauth') is missing\n    smtp: {url: \"smtps://s\", user: u}\n          ^" },
		{ MAIL IMAP "  smtp: {url: \"smtps://s\", user: u, password: file:x,\n"
		            "    oauth: {token_url: \"https://x\", client_id: a, client_secret: file:a, "
		            "refresh_token: file:b}}",
		  AT "11:5: give either 'password' or 'oauth', not both" },
		{ MAIL IMAP "  smtp: {url: \"smtps://s\", user: u,\n"
		            "    oauth: {token_url: \"http://x\", client_id: a, client_secret: file:a, "
		            "refresh_token: file:b}}",
		  AT "11:24: 'token_url' must be an https:// address" },
		{ MAIL IMAP, AT "8:3: 'smtp' is missing\n    address: a@b.example\n    ^" },
		{ MAIL SMTP "  imap: {url: \"imap://m.example.com\", tls: none,\n    user: u, password: file:x}",
		  AT "10:44: 'tls: none' is for servers on this machine (localhost) only\n"
		     "    imap: {url: \"imap://m.example.com\", tls: none,\n                                           "
		     "  ^" },
		{ MAIL SMTP "  imap: {url: \"imaps://localhost\", tls: none,\n    user: u, password: file:x}",
		  AT "10:41: 'tls: none' does not go with imaps://\n"
		     "    imap: {url: \"imaps://localhost\", tls: none,\n                                          ^" },
		{ MAIL SMTP "  imap: {url: \"imaps://localhost\", tls: no,\n    user: u, password: file:x}",
		  AT "10:41: 'tls' must be required or none\n"
		     "    imap: {url: \"imaps://localhost\", tls: no,\n                                          ^" },
		{ MAIL SMTP
		  "  imap: {url: \"imaps://m\", folder: Inbox, processed: INBOX,\n    user: u, password: file:x}",
		  AT "10:9: 'folder' and 'processed' must be two different folders\n"
		     "    imap: {url: \"imaps://m\", folder: Inbox, processed: INBOX,\n          ^" },
		{ MAIL IMAP SMTP "  trust: {}", AT "11:10: 'authserv' is missing\n    trust: {}\n           ^" },
		{ MAIL IMAP SMTP "  trust: {authserv: [\"a b\"]}", AT
		  "11:22: this is not the name of a host\n    trust: {authserv: [\"a b\"]}\n                       ^" },
		{ MAIL IMAP SMTP "  max_size: 1",
		  AT "11:13: 'max_size' must be from 65536 to 268435456\n    max_size: 1\n              ^" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_config_ struct config c;
		struct err e = { 0 };

		assert_int_equal(read_text(cases[i].text, &c, &e), -1);
		assert_string_equal(e.text, cases[i].error);
		assert_int_equal(e.code, EX_CONFIG);
		assert_null(strstr(e.text, "hunter2"));
	}
}

static void long_run(void **state)
{
	_buf_ struct buf b = BUF(4096);
	_config_ struct config c;
	struct err e = { 0 };

	(void)state;
	buf_puts(&b, "name: x\nstate: s\npolicy: p\npeople: p\ntokens: {key: file:x}\nrun: ");
	for (int i = 0; i < 80; i++)
		buf_putc(&b, 'r');
	assert_int_equal(read_text(b.data, &c, &e), -1);
	assert_non_null(strstr(e.text, "c.yaml:6:6: 'run' is longer than 80 bytes"));
}

static void urls(void **state)
{
	static const struct {
		const char *url;
		bool good, loopback;
	} cases[] = {
		{ "imaps://imap.example.com", true, false },
		{ "imaps://imap.example.com:993/", true, false },
		{ "imaps://localhost", true, true },
		{ "imap://127.0.0.9:1", true, true },
		{ "imaps://[::1]:1", true, true },
		{ "imaps://[2001:db8::1]", true, false },
		{ "imaps://127.evil.example", true, false },
		{ "imaps://localhost.evil.example", true, false },
		{ "imaps://128.0.0.1", true, false },
		{ "imaps://", false, false },
		{ "imaps://:993", false, false },
		{ "imaps://a:b", false, false },
		{ "imaps://a:999999", false, false },
		{ "imaps://u:p@host", false, false },
		{ "imaps://localhost@evil.example", false, false },
		{ "imaps://a/INBOX", false, false },
		{ "imaps://[::1", false, false },
		{ "imaps://a b", false, false },
		{ "smtps://a", false, false },
		{ "http://a", false, false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_buf_ struct buf b = BUF(4096);
		_config_ struct config c;
		struct err e = { 0 };

		buf_printf(&b,
		           MAIL "  imap: {url: \"%s\", user: u, password: file:x}\n"
		                "  smtp: {url: \"smtp://localhost\", user: u, password: file:x}\n",
		           cases[i].url);
		if ((read_text(b.data, &c, &e) == 0) != cases[i].good)
			fail_msg("%s: %s", cases[i].url, e.text);
		if (!cases[i].good)
			assert_non_null(strstr(e.text, "c.yaml:9:15: 'url' must look like imaps://mail.example.com"));
		else
			assert_int_equal(config_loopback(&c), cases[i].loopback);
	}
}

static void addresses(void **state)
{
	static const struct {
		const char *address;
		bool good;
	} cases[] = {
		{ "licensing@example.com", true },
		{ "a.b-c@x.example", true },
		{ "licensing+x@example.com", false },
		{ "licensing", false },
		{ "'@example.com'", false },
		{ "a@", false },
		{ "a@b@c", false },
		{ "'a b@example.com'", false },
		{ "a-local-part-too-long-for-tokens@example.com", false },
		{ "a@-x.example", false },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_buf_ struct buf b = BUF(4096);
		_config_ struct config c;
		struct err e = { 0 };

		buf_printf(&b, HEAD "mail:\n  address: %s\n" IMAP SMTP, cases[i].address);
		if ((read_text(b.data, &c, &e) == 0) != cases[i].good)
			fail_msg("%s: %s", cases[i].address, e.text);
		if (!cases[i].good)
			assert_non_null(strstr(e.text, "c.yaml:8:12: 'address' must be a plain mail address"));
	}
}

static void missing_file(void **state)
{
	_config_ struct config c;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(config_load("/nonexistent/c.yaml", &c, &e), -1);
	assert_int_equal(e.code, EX_NOINPUT);
	assert_string_equal(e.text, "cannot open /nonexistent/c.yaml: No such file or directory");
}

// The published key must be one, of a log, of this log.
static void takes_the_logs_public_key(void **state)
{
#define KEY "example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
	static const struct {
		const char *log, *says; // NULL: it is taken
	} cases[] = {
		{ "origin: example.com/countersign, public: \"" KEY "\"", NULL },
		{ "origin: example.com/other, public: \"" KEY "\"", "its name is not the origin" },
		{ "origin: example.com/countersign, public: \"" KEY "A\"", "'public': " },
		{ "origin: example.com/countersign, public: x", "'public': " },
		{ "public: \"" KEY "\"", "origin" },
	};

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_free_ char *text = text_format(HEAD "log: {%s}\n", cases[i].log);
		_config_ struct config c;
		struct err e = { 0 };

		assert_int_equal(read_text(text, &c, &e), cases[i].says ? -1 : 0);
		if (!cases[i].says)
			assert_string_equal(c.log_public, KEY);
		else if (!strstr(e.text, cases[i].says))
			fail_msg("'%s' does not say '%s'", e.text, cases[i].says);
	}
#undef KEY
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole),     cmocka_unit_test(takes_the_logs_public_key),
		cmocka_unit_test(witnesses), cmocka_unit_test(authority),
		cmocka_unit_test(defaults),  cmocka_unit_test(refuses),
		cmocka_unit_test(long_run),  cmocka_unit_test(urls),
		cmocka_unit_test(addresses), cmocka_unit_test(missing_file),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
