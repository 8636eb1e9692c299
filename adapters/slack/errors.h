// SPDX-License-Identifier: Apache-2.0
// Slack's words for what went wrong, and what each means to the person who runs the desk.
#ifndef ADAPTERS_SLACK_ERRORS_H
#define ADAPTERS_SLACK_ERRORS_H

enum error_class {
	ERROR_DEAD,    // the token, or the app
	ERROR_RIGHT,   // a scope or a permission is missing
	ERROR_LIMITED, // too many calls: not done
	ERROR_BROKEN,  // at Slack's: open whether it was done
	ERROR_OURS,    // the call was wrong
	ERROR_PLACE,   // nobody can be told there
	ERROR_LATE,    // a click has grown cold
	ERROR_OTHER,
};

struct error_word {
	const char *word;
	enum error_class class;
	const char *says;
};

// Never NULL: a word that is not known has a meaning as well.
const struct error_word *error_find(const char *word);

#endif
