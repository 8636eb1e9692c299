// SPDX-License-Identifier: Apache-2.0
// What can be asked over the control socket.  README.md lists the verbs with their arguments.
#ifndef SLACK_VERBS_H
#define SLACK_VERBS_H

#include <jansson.h>

#include "base/err.h"

struct emulator;

// Does what is asked; the answer (the caller's), or NULL and why not.
json_t *verb_run(struct emulator *m, const json_t *ask, struct err *e);

typedef json_t *verb(struct emulator *m, const json_t *ask, struct err *e);

// What people do (person_*.c).
verb person_press, person_submit, person_close, person_command, person_say, person_edit, person_delete, person_home,
        person_shortcut;

// What is set up and looked at (verbs_look.c).
verb look_users, look_channels, look_calls, look_messages, look_acks, look_envelope, look_view, look_files, look_hooks,
        look_connections, look_stats, look_scopes, look_set;

// What goes wrong (verbs_fault.c).
verb wrong_drop, wrong_disconnect, wrong_silence, wrong_fault, wrong_clear, wrong_frame, wrong_envelope, wrong_event,
        wrong_duplicate, wrong_hello;

#endif
