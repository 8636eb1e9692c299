// SPDX-License-Identifier: Apache-2.0
#include "bot/journal_tell.h"

#include "base/auto.h"
#include "base/log.h"
#include "base/text.h"
#include "bot/refusing.h"
#include "store/journal.h"

static const char make_backup[] =
        "Run 'countersign backup' now: the journal covers what comes after that backup, not what came before.";

static int alarm_about(struct desk *desk, const char *code, char *text, struct err *e)
{
	int failed;

	log_error("%s", text);
	failed = raise_alarm(desk, code, text, make_backup, e);
	free(text);
	return failed;
}

static char *gap_words(const struct desk *desk, const struct journal_found *found)
{
	if (found->size == 0)
		return text_format("The journal %s is empty and the database is not: it is new, or the disk is another "
		                   "one than before.",
		                   desk->config.log_journal);
	return text_format(
	        "The journal %s ends before entry %llu and the database does not: the desk ran without it, or "
	        "this is another folder than before.",
	        desk->config.log_journal, (unsigned long long)found->size);
}

int journal_tell(struct desk *desk, struct err *e)
{
	const struct journal_found *found = journal_found(desk->db);
	const char *dir = desk->config.log_journal;

	if (!found)
		return 0;
	if (found->damaged)
		return alarm_about(
		        desk, "journal-damaged",
		        text_format("The last %llu bytes of the journal %s were damaged; they are kept there "
		                    "in a file that ends in .damaged.",
		                    (unsigned long long)found->torn, dir),
		        e);
	if (found->torn)
		log_warning("the journal %s ended in %llu bytes of a commit that was not finished%s; they were cut off",
		            dir, (unsigned long long)found->torn,
		            found->spoiled ? ", or was damaged since" : " when the program died");
	if (found->gap)
		return alarm_about(desk, "journal-gap", gap_words(desk, found), e);
	return 0;
}
