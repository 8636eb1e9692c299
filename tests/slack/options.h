// SPDX-License-Identifier: Apache-2.0
// What the emulator is told on its command line.
#ifndef SLACK_OPTIONS_H
#define SLACK_OPTIONS_H

#include <stdbool.h>

#include "base/err.h"

struct options {
	int port;            // on 127.0.0.1; 0 = any that is free
	const char *cert;    // PEM files; both or none: https and wss, or http and ws
	const char *key;     //
	const char *control; // path of the control socket
	double retry_scale;  // by which the minutes between redeliveries are multiplied
	bool verbose;        // libwebsockets says what it does
};

#define OPTIONS_USAGE "usage: emulator --control PATH [--port N] [--cert FILE --key FILE] [--retry-scale X] [--verbose]"

// 0, or -1 with the usage or what is wrong.  The texts stay the command line's.
int options_read(struct options *o, int argc, char **argv, struct err *e);

#endif
