// SPDX-License-Identifier: Apache-2.0
// Any bytes as an envelope of Slack's, to a desk with a case that Ann is asked about.  Whatever they say, they are kept
// or they fail; and nobody votes but her.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "bot/chat.h"
#include "store/sql.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct serve core;

static void must(int r, const struct err *e)
{
	if (r < 0)
		panic("%s", e->text);
}

static void write_file(const char *dir, const char *name, const char *text, unsigned mode)
{
	_free_ char *path = text_format("%s/%s", dir, name);
	struct err e = { 0 };

	must(file_replace(path, text, strlen(text), mode, &e), &e);
}

static int take(const char *kind, const char *text, size_t len, struct err *e)
{
	struct work w = { .document = memfd_of("envelope", text, len, e), .attachments = -1 };
	int r;

	if (w.document < 0)
		panic("%s", e->text);
	w.frame.json = json_pack("{ssssss}", "id", "e-1", "kind", "envelope", "envelope", kind);
	must(db_begin(core.desk.db, "fuzz", e), e);
	r = chat_take(&core, &w, e);
	close(w.document);
	json_decref(w.frame.json);
	json_decref(w.reply);
	json_decref(w.follow);
	return r;
}

static int64_t votes_but(const char *person)
{
	struct err e = { 0 };
	int64_t count;

	must(sql_number(core.desk.db, &e, &count, 0, "SELECT count(*) FROM vote WHERE person <> ?", TEXT(person)), &e);
	return count;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const char request[] =
	        "{\"payload\":{\"user_id\":\"U0BO\",\"team_id\":\"T012\",\"trigger_id\":\"t\",\"text\":"
	        "\"License: GPL-3.0-only\\nComponent: libfoo 2.1\"}}";
	static char dir[] = "/tmp/chat_fuzz.XXXXXX";
	_free_ char *config = NULL;
	struct err e = { 0 };
	char key[80];

	(void)argc, (void)argv;
	if (!mkdtemp(dir))
		panic("no folder");
	snprintf(key, sizeof key, "0 %064d\n", 7);
	write_file(dir, "countersign.yaml",
	           "name: Desk\nstate: .\nrun: .\ntemplates: " SOURCE_DIR
	           "/templates\npolicy: policy.yaml\npeople: people.yaml\n"
	           "tokens: {key: 'file:token.key'}\n"
	           "slack: {app_token: 'file:token.key', bot_token: 'file:token.key', channel: C0DESK}\n",
	           0644);
	write_file(dir, "people.yaml",
	           "people:\n  - {id: ann, name: Ann, mail: [ann@example.com], slack: U0ANN, groups: [legal]}\n"
	           "  - {id: bo, name: Bo, mail: [bo@example.com], slack: U0BO, groups: [auditor]}\n",
	           0644);
	write_file(dir, "policy.yaml",
	           "catalogue: test/licensing\nversion: 1\n"
	           "types: [{id: oss, title: Open source, when: license IS NOT NULL, needs: [license, component]}]\n"
	           "routes: [{stages: [{name: legal, need: 1, from: [legal]}]}]\n",
	           0644);
	write_file(dir, "token.key", key, 0600);
	config = text_format("%s/countersign.yaml", dir);
	must(desk_open(&core.desk, config, DB_WRITE, &e), &e);
	core.templates = templates_open(SOURCE_DIR "/templates", &e);
	core.chat.user = text_copy("U0DESK");
	core.chat.team = text_copy("T012");
	core.desk.now = INT64_C(1767225600000);
	must(db_begin(core.desk.db, "fuzz", &e), &e);
	must(desk_publish(&core.desk, &e), &e);
	must(db_commit(core.desk.db, &e), &e);
	must(take("slash_commands", request, strlen(request), &e), &e);
	must(db_commit(core.desk.db, &e), &e);
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const kinds[] = { "events_api", "interactive", "slash_commands" };
	struct err e = { 0 };

	if (size == 0)
		return 0;
	take(kinds[data[0] % 3], (const char *)data + 1, size - 1, &e);
	if (votes_but("person:ann"))
		panic("somebody voted who was not asked");
	db_rollback(core.desk.db);
	return 0;
}
