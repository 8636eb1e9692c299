// SPDX-License-Identifier: Apache-2.0
// Log lines for the operator, on standard error.  Under systemd they carry a priority prefix (sd-daemon(3)); on a
// terminal they carry the program's name.  Control bytes are shown escaped, so that no input can forge a line.
// This is not the log of record: that one is store/log.h.
#ifndef BASE_LOG_H
#define BASE_LOG_H

// `program` (a string that lives on) names the process: "countersign", "imap", ...
void log_open(const char *program);

void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
