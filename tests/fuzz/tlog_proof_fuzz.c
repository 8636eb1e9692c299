// SPDX-License-Identifier: Apache-2.0
// Any bytes as a proof in a file.  What is read can be written, and is the same bytes again; nothing proves an entry
// that is not in the log.
#include <string.h>

#include "base/auto.h"
#include "base/tlog_proof.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char log[] = "example.com/countersign+6f595d8e+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";
	static const char leaf[] =
	        "{\"actor\":\"person:bo\",\"body\":"
	        "\"9d47be62522e9009c37822b4197010ddea2b33dc5faabbb4b6860316bbfe055f\","
	        "\"case\":\"CS-1\",\"seq\":5,\"time\":\"2026-01-01T00:05:00.000Z\",\"type\":\"vote.cast\",\"v\":1,"
	        "\"version\":1,\"via\":\"mail\"}";
	_tlog_proof_ struct tlog_proof p = { 0 };
	_free_ char *text = NULL;
	struct checkpoint head;
	struct note_key key;

	if (tlog_proof_read((const char *)data, size, &p, NULL) < 0)
		return 0;
	text = tlog_proof_text(&p);
	if (strlen(text) != size || memcmp(text, data, size) != 0)
		panic("another spelling of a proof was read");
	if (note_key_read(log, &key, NULL) < 0)
		panic("the fuzzer's key is none");
	if (tlog_proof_check(&p, leaf, sizeof leaf - 1, &key, &head, NULL) == 0 && (p.index != 5 || head.size != 20))
		panic("entry 5 of 20 was proven as %ju of %ju", (uintmax_t)p.index, (uintmax_t)head.size);
	if (tlog_proof_check(&p, leaf, sizeof leaf - 2, &key, &head, NULL) == 0)
		panic("an entry was proven that is in no log");
	return 0;
}
