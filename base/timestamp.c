// SPDX-License-Identifier: Apache-2.0
#include "base/timestamp.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/ts.h>

#include "base/auto.h"
#include "base/clock.h"
#include "base/digest.h"

static void auto_request(TS_REQ **r)
{
	TS_REQ_free(*r);
}
static void auto_response(TS_RESP **r)
{
	TS_RESP_free(*r);
}
static void auto_context(TS_VERIFY_CTX **c)
{
	TS_VERIFY_CTX_free(*c);
}
static void auto_store(X509_STORE **s)
{
	X509_STORE_free(*s);
}
#define _request_ __attribute__((cleanup(auto_request)))
#define _response_ __attribute__((cleanup(auto_response)))
#define _context_ __attribute__((cleanup(auto_context)))
#define _store_ __attribute__((cleanup(auto_store)))

struct reason {
	char text[200];
};

// What libcrypto says was wrong, innermost first; its queue is empty afterwards.
static struct reason reason(void)
{
	const char *data = NULL;
	int flags = 0;
	unsigned long code = ERR_peek_error_all(NULL, NULL, NULL, &data, &flags);
	const char *text = code ? ERR_reason_error_string(code) : NULL;
	bool more = (flags & ERR_TXT_STRING) && data && *data;
	struct reason out;

	snprintf(out.text, sizeof out.text, "%s%s%s", text ? text : "no reason is given", more ? ", " : "",
	         more ? data : "");
	ERR_clear_error();
	return out;
}

// --- asking ----------------------------------------------------------------------------------------------------------

static int set_imprint(TS_REQ *request, const void *data, size_t len)
{
	struct digest hash = sha256_of(data, len);
	TS_MSG_IMPRINT *imprint = TS_MSG_IMPRINT_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	int ok = imprint && algorithm && X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, NULL) == 1 &&
	         TS_MSG_IMPRINT_set_algo(imprint, algorithm) == 1 &&
	         TS_MSG_IMPRINT_set_msg(imprint, hash.bytes, DIGEST_SIZE) == 1 &&
	         TS_REQ_set_msg_imprint(request, imprint) == 1;

	X509_ALGOR_free(algorithm);
	TS_MSG_IMPRINT_free(imprint);
	return ok ? 0 : -1;
}

static int set_nonce(TS_REQ *request, const uint8_t nonce[TIMESTAMP_NONCE])
{
	ASN1_INTEGER *number = ASN1_INTEGER_new();
	uint64_t value = 0;
	int ok;

	for (size_t i = 0; i < TIMESTAMP_NONCE; i++)
		value = value << 8 | nonce[i];
	ok = number && ASN1_INTEGER_set_uint64(number, value) == 1 && TS_REQ_set_nonce(request, number) == 1;
	ASN1_INTEGER_free(number);
	return ok ? 0 : -1;
}

// `nonce` may be NULL here: then none is asked for.
static TS_REQ *make_request(const void *data, size_t len, const uint8_t *nonce)
{
	TS_REQ *request = TS_REQ_new();

	if (!request || TS_REQ_set_version(request, 1) != 1 || TS_REQ_set_cert_req(request, 1) != 1 ||
	    set_imprint(request, data, len) < 0 || (nonce && set_nonce(request, nonce) < 0))
		panic("libcrypto cannot make a request for a time-stamp: %s", reason().text);
	return request;
}

int timestamp_request(const void *data, size_t len, const uint8_t nonce[TIMESTAMP_NONCE], struct buf *out,
                      struct err *e)
{
	_request_ TS_REQ *request = make_request(data, len, nonce);
	unsigned char *der = NULL;
	int size = i2d_TS_REQ(request, &der), r;

	if (size <= 0)
		panic("libcrypto cannot write a request for a time-stamp: %s", reason().text);
	r = buf_add(out, der, (size_t)size);
	OPENSSL_free(der);
	return r < 0 ? err_set(e, EX_OSERR, "no room for a request of %d bytes", size) : 0;
}

// --- checking --------------------------------------------------------------------------------------------------------

// The authority's own words, if it has any; they are somebody else's bytes.
static int say_refusal(TS_RESP *response, long status, struct err *e)
{
	const STACK_OF(ASN1_UTF8STRING) *texts = TS_STATUS_INFO_get0_text(TS_RESP_get_status_info(response));
	const ASN1_UTF8STRING *text = sk_ASN1_UTF8STRING_num(texts) > 0 ? sk_ASN1_UTF8STRING_value(texts, 0) : NULL;
	char words[200];
	int len = text ? ASN1_STRING_length(text) : 0;

	snprintf(words, sizeof words, "%.*s", len, text ? (const char *)ASN1_STRING_get0_data(text) : "");
	for (char *p = words; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7f)
			*p = '?';
	return err_set(e, EX_DATAERR, "the authority refuses (status %ld)%s%s", status, *words ? ": " : "", words);
}

static int check_granted(TS_RESP *response, struct err *e)
{
	long status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(response)));

	if (status != TS_STATUS_GRANTED && status != TS_STATUS_GRANTED_WITH_MODS)
		return say_refusal(response, status, e);
	if (!TS_RESP_get_token(response) || !TS_RESP_get_tst_info(response))
		return err_set(e, EX_DATAERR, "the answer grants a time-stamp and holds none");
	return 0;
}

static int read_time(TS_RESP *response, int64_t *time, struct err *e)
{
	const ASN1_GENERALIZEDTIME *stamped = TS_TST_INFO_get_time(TS_RESP_get_tst_info(response));
	struct tm parts;

	if (!stamped || ASN1_TIME_to_tm(stamped, &parts) != 1) {
		ERR_clear_error();
		return err_set(e, EX_DATAERR, "the time-stamp's time is none");
	}
	*time = (int64_t)timegm(&parts) * CLOCK_SECOND;
	return 0;
}

static X509_STORE *make_store(const struct timestamp_check *want, int64_t time, struct err *e)
{
	_store_ X509_STORE *store = X509_STORE_new();

	if (!store)
		panic("out of memory");
	if (X509_STORE_load_file(store, want->ca) != 1) {
		err_set(e, EX_CONFIG, "%s holds no certificates that can be read (%s)", want->ca, reason().text);
		return NULL;
	}
	if (!want->nonce) {
		X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time / CLOCK_SECOND);
		X509_STORE_set_flags(store, X509_V_FLAG_USE_CHECK_TIME);
	}
	return steal_ptr(store);
}

static int does_not_hold(struct err *e)
{
	return err_set(e, EX_DATAERR, "the time-stamp does not hold: %s", reason().text);
}

static int verify(TS_RESP *response, const struct timestamp_check *want, int64_t time, struct err *e)
{
	_request_ TS_REQ *request = make_request(want->data, want->len, want->nonce);
	_context_ TS_VERIFY_CTX *context = TS_REQ_to_TS_VERIFY_CTX(request, NULL);
	X509_STORE *store;

	if (!context)
		panic("out of memory");
	if (want->ca) {
		store = make_store(want, time, e);
		if (!store)
			return -1;
		TS_VERIFY_CTX_set_store(context, store); // which becomes the context's
		TS_VERIFY_CTX_add_flags(context, TS_VFY_SIGNATURE);
	}
	if (TS_RESP_verify_response(context, response) != 1)
		return does_not_hold(e);
	// No chain: what else came along, such as a root that ended, does not matter to whoever trusts another way.
	if (!want->ca && PKCS7_verify(TS_RESP_get_token(response), NULL, NULL, NULL, NULL, PKCS7_NOVERIFY) != 1)
		return does_not_hold(e);
	return 0;
}

int timestamp_check(const void *answer, size_t answer_len, const struct timestamp_check *want, int64_t *time,
                    struct err *e)
{
	_response_ TS_RESP *response = NULL;
	const unsigned char *at = answer;
	int64_t stamped = 0;

	ERR_clear_error();
	if (answer_len == 0 || answer_len > TIMESTAMP_MAX)
		return err_set(e, EX_DATAERR, "an answer of %zu bytes is no time-stamp", answer_len);
	response = d2i_TS_RESP(NULL, &at, (long)answer_len);
	if (!response || at != (const unsigned char *)answer + answer_len) {
		ERR_clear_error();
		return err_set(e, EX_DATAERR, "the answer is no time-stamp (RFC 3161)");
	}
	if (check_granted(response, e) < 0 || read_time(response, &stamped, e) < 0 ||
	    verify(response, want, stamped, e) < 0)
		return -1;
	if (time)
		*time = stamped;
	return 0;
}
