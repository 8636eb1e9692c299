// SPDX-License-Identifier: Apache-2.0
// version_in(version, RANGE): is the stated version, or every version of a stated line ("2.1" is each 2.1.x), within
// the range?  Unknown for what is no version, so that neither version_in() nor NOT version_in() holds.
#include "base/versions.h"
#include "bot/catalogue_parts.h"

int catalogue_version_in(void *context, const char *version, const char *range, struct err *e)
{
	(void)context;
	if (!versions_readable(range))
		return err_set(e, EX_CONFIG, "no range of versions '%.64s'", range);
	return versions_readable(version) ? versions_within(version, range) : CONDITION_UNKNOWN;
}
