// SPDX-License-Identifier: Apache-2.0
// bot/obligation: what a licence asks for, by the way the work goes out, and which side of an OR is taken.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/json.h"
#include "bot/obligation.h"
#include "tests/unit/known_licences.h"

// "id(licence, licence) id(...)".
static char *summary_of(const json_t *list)
{
	struct buf out = BUF(65536);
	json_t *entry, *licence;
	size_t i, j;

	buf_puts(&out, "");
	json_array_foreach(list, i, entry) {
		assert_true(*json_str(entry, "title") && *json_str(entry, "says"));
		buf_printf(&out, "%s%s(", i ? " " : "", json_str(entry, "id"));
		json_array_foreach(json_arr(entry, "licenses"), j, licence)
			buf_printf(&out, "%s%s", j ? ", " : "", json_string_value(licence));
		buf_putc(&out, ')');
	}
	return buf_steal(&out);
}

static void asks(void **state)
{
#define GPL3(id) id "(GPL-3.0-only)"
	static const struct {
		const char *expression, *channel, *obligations;
	} cases[] = {
		{ "MIT", "binary", "notice(MIT)" },
		{ "MIT", "saas", "" },
		{ "MIT", "internal", "" },
		{ "0BSD", "binary", "" },
		{ "CC0-1.0", "binary", "" },
		{ "Apache-2.0", "container", "notice(Apache-2.0) notice-file(Apache-2.0) changes(Apache-2.0)" },
		{ "BSD-4-Clause", "saas", "advertising(BSD-4-Clause)" },
		{ "GPL-3.0", "binary",
		  GPL3("same-licence") " " GPL3("source-offer") " " GPL3("notice") " " GPL3("changes") },
		{ "GPL-3.0", "source", GPL3("same-licence") " " GPL3("notice") " " GPL3("changes") },
		{ "GPL-3.0", "embedded",
		  GPL3("same-licence") " " GPL3("source-offer") " " GPL3("installation") " " GPL3("notice") " " GPL3(
		          "changes") },
		{ "GPL-3.0", "app-store",
		  GPL3("same-licence") " " GPL3("source-offer") " " GPL3("store-terms") " " GPL3("notice") " " GPL3(
		          "changes") },
		{ "GPL-3.0", "saas", "" },
		{ "GPL-3.0", "internal", "" },
		{ "AGPL-3.0-only", "saas", "network-source(AGPL-3.0-only)" },
		{ "AGPL-3.0-only", "internal", "" },
		{ "EUPL-1.2", "saas", "network-source(EUPL-1.2)" },
		{ "RPL-1.5", "internal", "deployment-source(RPL-1.5)" },
		{ "LGPL-2.1-or-later", "binary",
		  "source-changes(LGPL-2.1-or-later) relinking(LGPL-2.1-or-later)"
		  " notice(LGPL-2.1-or-later) changes(LGPL-2.1-or-later)" },
		{ "LGPL-3.0+", "embedded",
		  "source-changes(LGPL-3.0-or-later) relinking(LGPL-3.0-or-later)"
		  " installation(LGPL-3.0-or-later) notice(LGPL-3.0-or-later) changes(LGPL-3.0-or-later)" },
		{ "MPL-2.0", "binary", "source-changes(MPL-2.0) notice(MPL-2.0)" },
		{ "MPL-2.0", "source", "changes-licence(MPL-2.0) notice(MPL-2.0)" },
		{ "GPL-2.0-only WITH Classpath-exception-2.0", "container",
		  "source-changes(GPL-2.0-only WITH Classpath-exception-2.0) notice(GPL-2.0-only WITH "
		  "Classpath-exception-2.0)"
		  " changes(GPL-2.0-only WITH Classpath-exception-2.0)" },
		{ "SSPL-1.0", "saas", "use(SSPL-1.0) service-source(SSPL-1.0)" },
		{ "Elastic-2.0", "saas", "use(Elastic-2.0) service(Elastic-2.0)" },
		{ "Elastic-2.0", "internal", "use(Elastic-2.0)" },
		{ "BUSL-1.1", "internal", "use(BUSL-1.1) production(BUSL-1.1)" },
		{ "PolyForm-Noncommercial-1.0.0", "internal", "commercial(PolyForm-Noncommercial-1.0.0)" },
		{ "CC-BY-SA-4.0", "saas", "share-alike(CC-BY-SA-4.0) attribution(CC-BY-SA-4.0)" },
		{ "CC-BY-NC-ND-4.0", "binary",
		  "commercial(CC-BY-NC-ND-4.0) unchanged(CC-BY-NC-ND-4.0) attribution(CC-BY-NC-ND-4.0)" },
		{ "OFL-1.1", "binary", "font(OFL-1.1) notice(OFL-1.1)" },
		{ "LicenseRef-acme", "saas", "read(LicenseRef-acme)" },
		// choices
		{ "GPL-2.0-only OR MIT", "binary", "notice(MIT)" },
		{ "MIT OR ISC", "binary", "notice(MIT)" },
		{ "AGPL-3.0-only OR LicenseRef-commercial", "saas", "network-source(AGPL-3.0-only)" },
		{ "AGPL-3.0-only OR MPL-2.0", "saas", "" },
		{ "MIT AND BSD-3-Clause AND MIT", "source", "notice(MIT, BSD-3-Clause)" },
		{ "MIT AND (GPL-2.0-only OR MPL-2.0 AND ISC)", "source",
		  "changes-licence(MPL-2.0) notice(MIT, MPL-2.0, ISC)" },
		{ "(GPL-2.0-only OR GPL-3.0-only OR MPL-2.0) AND (SSPL-1.0 OR MIT AND Zlib)", "source",
		  "changes-licence(MPL-2.0) notice(MPL-2.0, MIT, Zlib)" },
		// what is not known
		{ "MIT", NULL, "channel() notice(MIT)" },
		{ "MIT", "by pigeon", "channel() notice(MIT)" },
		{ "CC0-1.0", NULL, "" },
		{ "AGPL-3.0-only", "",
		  "channel() network-source(AGPL-3.0-only) same-licence(AGPL-3.0-only)"
		  " source-offer(AGPL-3.0-only) store-terms(AGPL-3.0-only) installation(AGPL-3.0-only) "
		  "notice(AGPL-3.0-only)"
		  " changes(AGPL-3.0-only)" },
		{ "MIT, or so", "binary", "read(MIT, or so)" },
		{ "NOASSERTION", NULL, "channel() read(NOASSERTION)" },
	};
	size_t wrong = 0;

	(void)state;
	for (size_t i = 0; i < LENGTH(cases); i++) {
		_json_ json_t *list = obligations(known_licences(), cases[i].expression, cases[i].channel);
		_free_ char *got = summary_of(list);

		if (strcmp(got, cases[i].obligations) != 0)
			print_error("%s by %s\n  got  %s\n  want %s\n", cases[i].expression, cases[i].channel, got,
			            cases[i].obligations);
		wrong += strcmp(got, cases[i].obligations) != 0;
	}
	assert_int_equal(wrong, 0);
}

static void bears_the_largest(void **state)
{
	_buf_ struct buf text = BUF(65536);

	(void)state;
	buf_puts(&text, "MIT");
	for (int i = 1; i < 1024; i++)
		buf_puts(&text, i % 2 ? " OR GPL-3.0-only" : " AND ISC");
	_json_ json_t *list = obligations(known_licences(), text.data, "binary");

	assert_int_equal(json_array_size(list), 1);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks),
		cmocka_unit_test(bears_the_largest),
	};

	return cmocka_run_group_tests_name("obligation", tests, NULL, NULL);
}
