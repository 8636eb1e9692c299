// SPDX-License-Identifier: Apache-2.0
// Where the templates are.
#ifndef BOT_TEMPLATES_DIR_H
#define BOT_TEMPLATES_DIR_H

#include <stdlib.h>

#include "base/text.h"
#include "bot/config.h"

// The configured folder, else $COUNTERSIGN_TEMPLATES (a build tree's own), else the installed one.  The caller frees.
static inline char *templates_dir(const struct config *config)
{
	const char *dir = getenv("COUNTERSIGN_TEMPLATES");

	if (config->templates)
		return text_copy(config->templates);
	return text_copy(dir ? dir : DATADIR "/templates");
}

#endif
