// SPDX-License-Identifier: Apache-2.0
#include "bot/authentic.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/address.h"

#define STALE (7 * (int64_t)CLOCK_DAY)

// A verdict on DMARC; of several the worst wins.
enum dmarc {
	DMARC_ABSENT,
	DMARC_PASS,
	DMARC_UNSAID, // passed, but not said for which domain
	DMARC_NONE,   // the domain asks for nothing
	DMARC_OTHER,  // passed for another domain
	DMARC_BROKEN, // could not be checked
	DMARC_FAIL,
};

struct results {
	enum dmarc dmarc;
	bool spf_passed, dkim_passed; // for whatever domain
	bool spf_aligned, dkim_aligned;
	bool failed; // SPF or DKIM
};

static bool below(const char *domain, const char *parent)
{
	size_t len = strlen(domain), tail = strlen(parent);

	return tail && len > tail && domain[len - tail - 1] == '.' && text_same(domain + len - tail, parent) &&
	       strchr(parent, '.');
}

// Relaxed alignment as far as it can be seen without a list of public suffixes: the same domain, or one below the
// other. It only selects which signatures are looked at; whether DMARC passed is the server's to say.
static bool aligned(const char *domain, const char *from)
{
	const char *at = strrchr(domain, '@');

	domain = at ? at + 1 : domain;
	return *domain && (text_same(domain, from) || below(domain, from) || below(from, domain));
}

static enum dmarc read_dmarc(const char *result, const char *header_from, const char *domain)
{
	if (text_same(result, "pass") || text_same(result, "bestguesspass")) {
		if (!*header_from || !text_same(result, "pass"))
			return DMARC_UNSAID;
		return text_same(header_from, domain) ? DMARC_PASS : DMARC_OTHER;
	}
	if (text_same(result, "none"))
		return DMARC_NONE;
	return text_same(result, "fail") ? DMARC_FAIL : DMARC_BROKEN;
}

static void read_result(const json_t *result, const char *domain, struct results *out)
{
	const char *method = json_str(result, "method"), *value = json_str(result, "result");
	const json_t *props = json_obj(result, "props");
	bool passed = text_same(value, "pass"), failed = text_same(value, "fail") || text_same(value, "softfail");

	if (text_same(method, "dmarc")) {
		enum dmarc verdict = read_dmarc(value, json_str(props, "header.from"), domain);

		out->dmarc = verdict > out->dmarc ? verdict : out->dmarc;
	} else if (text_same(method, "spf")) {
		out->spf_passed |= passed;
		out->spf_aligned |= passed && aligned(json_str(props, "smtp.mailfrom"), domain);
		out->failed |= failed;
	} else if (text_same(method, "dkim")) {
		const char *signer = json_str(props, *json_str(props, "header.d") ? "header.d" : "header.i");

		out->dkim_passed |= passed;
		out->dkim_aligned |= passed && aligned(signer, domain);
		out->failed |= failed;
	}
}

static struct results read_results(const json_t *document, const char *domain)
{
	struct results out = { .dmarc = DMARC_ABSENT };
	json_t *line, *result;
	size_t i, k;

	json_array_foreach(json_arr(document, "auth"), i, line)
		json_array_foreach(json_arr(line, "results"), k, result)
			read_result(result, domain, &out);
	return out;
}

static int refuse(const char **code, char why[AUTHENTIC_WHY], const char *name, const char *sentence)
{
	*code = name;
	snprintf(why, AUTHENTIC_WHY, "%s", sentence);
	return -1;
}

static int judge_results(const struct results *r, const char **code, char why[AUTHENTIC_WHY])
{
	switch (r->dmarc) {
	case DMARC_PASS:
		return 0;
	case DMARC_FAIL:
		return refuse(code, why, "auth-fail",
		              "Our mail server found that the message does not come from the "
		              "domain in its From line (DMARC failed).");
	case DMARC_BROKEN:
		return refuse(code, why, "auth-fail",
		              "Our mail server could not check where the message comes from; "
		              "send it again.");
	case DMARC_OTHER:
		return refuse(code, why, "auth-fail",
		              "The message was authenticated for another domain than that of its "
		              "From line.");
	case DMARC_UNSAID:
		return refuse(code, why, "auth-weak",
		              "Our mail server does not say for which domain the message was "
		              "authenticated.");
	case DMARC_ABSENT:
	case DMARC_NONE:
		break;
	}
	if (r->spf_passed || r->dkim_passed)
		return refuse(code, why, "auth-weak",
		              "The message passed SPF or DKIM, but not DMARC for the domain in its "
		              "From line.");
	if (r->failed)
		return refuse(code, why, "auth-fail", "The message failed SPF or DKIM.");
	return refuse(code, why, "auth-missing", "Our mail server did not authenticate the message.");
}

// Fields that a signature covers; names are compared without regard to case.
static bool covers(const json_t *signature, const char *field)
{
	json_t *name;
	size_t i;

	json_array_foreach(json_arr(signature, "headers"), i, name)
		if (json_is_string(name) && text_same(json_string_value(name), field))
			return true;
	return false;
}

static bool is_stale(const json_t *signature, const char *date, int64_t now)
{
	int64_t signed_at = json_int(signature, "timestamp"), dated;

	if (signed_at > 0 && signed_at < now / CLOCK_SECOND - STALE / CLOCK_SECOND)
		return true;
	return covers(signature, "date") && clock_parse(date, &dated) == 0 && dated < now - STALE;
}

// Which of several aligned signatures passed cannot be told (a forger may add one that looks better), so all must do.
static int judge_signatures(const json_t *document, const char *domain, int64_t now, const char **code,
                            char why[AUTHENTIC_WHY])
{
	json_t *signature;
	size_t i;

	json_array_foreach(json_arr(document, "dkim"), i, signature) {
		if (!aligned(json_str(signature, "domain"), domain))
			continue;
		if (json_bool(signature, "l"))
			return refuse(code, why, "dkim-partial",
			              "The message's signature covers only a part of it (l=).");
		if (!covers(signature, "from") || !covers(signature, "subject"))
			return refuse(code, why, "dkim-weak",
			              "The message's signature does not cover From and Subject.");
		if (is_stale(signature, json_str(document, "date"), now))
			return refuse(code, why, "stale",
			              "The message was signed more than seven days ago; write a new one.");
	}
	return 0;
}

int authentic(const json_t *document, int64_t now, const char **code, char why[AUTHENTIC_WHY])
{
	static const char *const problems[] = { "from-not-unique", "from-syntax", "from-missing" };
	const char *domain = address_domain(json_str(json_obj(document, "from"), "address"));
	struct results results;

	*code = "";
	why[0] = '\0';
	for (size_t i = 0; i < LENGTH(problems); i++)
		if (text_same(json_str(document, "from_problem"), problems[i]))
			return refuse(code, why, problems[i],
			              "The message does not have exactly one plain From address.");
	if (!domain)
		return refuse(code, why, "from-missing", "The message has no From address.");
	results = read_results(document, domain);
	if (judge_results(&results, code, why) < 0)
		return -1;
	if (results.spf_aligned && !results.dkim_aligned)
		return 0;
	return judge_signatures(document, domain, now, code, why);
}
