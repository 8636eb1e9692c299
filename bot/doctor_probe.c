// SPDX-License-Identifier: Apache-2.0
#include "bot/doctor_probe.h"

#include <stdio.h>
#include <string.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/digest.h"
#include "base/encode.h"
#include "base/json.h"
#include "base/random.h"
#include "base/text.h"
#include "bot/authentic.h"
#include "bot/doctor_trace.h"
#include "bot/token.h"

#define RANDOM 16 // bytes

static const char *loop_name(const struct config *config)
{
	return config->log_origin ? config->log_origin : config->name;
}

void probe_make(struct probe *p, const struct config *config)
{
	char hex[2 * RANDOM + 1];
	uint8_t random[RANDOM];

	random_bytes(random, sizeof random);
	snprintf(p->tag, sizeof p->tag, "doctor-%s", hex_encode(random, sizeof random, hex));
	token_address(config->mail.address, p->tag, p->address, sizeof p->address);
	snprintf(p->message_id, sizeof p->message_id, "<%s@%s>", p->tag, config->mail.domain);
}

static json_t *mailbox(const char *name, const char *address)
{
	json_t *box = json_object();

	json_put_str(box, "name", name);
	json_put_str(box, "address", address);
	return box;
}

json_t *probe_document(const struct probe *p, const struct config *config)
{
	json_t *document = json_object(), *headers = json_object();
	_free_ char *subject = text_format("Countersign %s", p->tag);
	char date[CLOCK_TEXT];

	json_put_str(headers, "Auto-Submitted", "auto-generated");
	json_put_str(headers, "Countersign-Loop", loop_name(config));
	json_put_str(headers, "X-Auto-Response-Suppress", "All");
	json_put(document, "from", mailbox(config->name, config->mail.address));
	json_put(document, "to", mailbox(config->name, p->address));
	json_put_str(document, "sender_envelope", config->mail.address);
	json_put_str(document, "subject", subject);
	json_put_str(document, "date", clock_format(clock_real(), date));
	json_put_str(document, "message_id", p->message_id);
	json_put(document, "headers", headers);
	json_put_str(document, "text",
	             "'countersign doctor' sent this mail to see whether it comes back.\nIt may be deleted.\n");
	return document;
}

bool probe_in(const struct probe *p, const struct buf *mail)
{
	return mail->len && memmem(mail->data, mail->len, p->tag, strlen(p->tag));
}

static bool has_address(const json_t *list, const char *address)
{
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		if (text_same(json_string_value(item), address))
			return true;
	}
	return false;
}

static void judge_address(const struct probe *p, const json_t *document, struct report *r)
{
	if (has_address(json_arr(document, "to"), p->address))
		report_ok(r, "round trip", "Mail to %s comes back with its tag in To.", p->address);
	else if (has_address(json_arr(document, "delivered_to"), p->address))
		report_ok(r, "round trip", "Mail to %s comes back with its tag in Delivered-To.", p->address);
	else
		report_failed(r, EX_UNAVAILABLE, "round trip",
		              "Mail to %s comes back, but neither To nor Delivered-To shows the tag: have the server "
		              "leave the recipient's address as it is.",
		              p->address);
}

// "a, b": an array of the configuration.
static char *listed(const json_t *list)
{
	_buf_ struct buf text = BUF(4096);
	json_t *item;
	size_t i;

	json_array_foreach(list, i, item) {
		buf_printf(&text, "%s%s", i ? ", " : "", json_string_value(item));
	}
	return text_copy(text.len ? buf_text(&text) : "no server");
}

static void judge_trust(const struct config *config, const struct buf *mail, struct report *r)
{
	_free_ char *trusted = listed(config->mail.authserv), *ids = trace_authservs(mail), *hosts = trace_hosts(mail);

	if (!*ids)
		report_failed(r, EX_CONFIG, "authentication",
		              "No server wrote Authentication-Results into the mail (Received by: %s): have the "
		              "incoming server check DMARC, for mail of its own users too.",
		              *hosts ? hosts : "nobody");
	else
		report_failed(r, EX_CONFIG, "authentication",
		              "No Authentication-Results of %s above the trust line; the mail has those of %s, and "
		              "Received by %s: set mail.trust.authserv to the id that the incoming server writes, and "
		              "mail.trust.hosts to the servers that it passes afterwards.",
		              trusted, ids, *hosts ? hosts : "nobody");
}

static void judge_authentication(const struct config *config, const json_t *document, const struct buf *mail,
                                 struct report *r)
{
	const char *id = json_str(json_array_get(json_arr(document, "auth"), 0), "authserv"), *code;
	char why[AUTHENTIC_WHY];

	if (!*id)
		judge_trust(config, mail, r);
	else if (authentic(document, clock_real(), &code, why) == 0)
		report_ok(r, "authentication", "%s says that DMARC passes for %s.", id, config->mail.domain);
	else
		report_failed(r, EX_CONFIG, "authentication",
		              "%s does not vouch for the mail (%s): %s  Look at SPF, DKIM and DMARC of %s.", id, code,
		              why, config->mail.domain);
}

static void judge_automatic(const struct config *config, const json_t *document, struct report *r)
{
	bool loop = json_has_str(json_arr(document, "loop"), loop_name(config));
	bool automatic = *json_str(document, "auto");

	if (automatic && loop)
		report_ok(r, "auto-submitted", "Auto-Submitted and Countersign-Loop come back: the desk ignores it.");
	else
		report_failed(r, EX_UNAVAILABLE, "auto-submitted",
		              "A server on the way takes the header %s off: have it leave the header alone, lest "
		              "automatic mail be answered.",
		              automatic ? "Countersign-Loop" : "Auto-Submitted");
}

void probe_judge(const struct probe *p, const struct config *config, const json_t *document, const struct buf *mail,
                 struct report *r)
{
	judge_address(p, document, r);
	judge_authentication(config, document, mail, r);
	judge_automatic(config, document, r);
}
