// SPDX-License-Identifier: Apache-2.0
// Messages: how the bot's are made, how changes of them come back as events, and how a person sees them.
#ifndef SLACK_MESSAGES_H
#define SLACK_MESSAGES_H

#include <jansson.h>

struct emulator;

// A message of the bot.  `text` and `thread_ts` may be NULL, `blocks` too (taken); ids that are missing in the blocks
// are made up.
json_t *message_of_bot(struct emulator *m, const char *text, json_t *blocks, const char *thread_ts);

// Puts it into the conversation (taken) and lets the event of it come, when those come.
void message_post(struct emulator *m, json_t *channel, json_t *message);
// Puts it in the place of what has its ts (taken).
void message_change(struct emulator *m, json_t *channel, json_t *message);
void message_delete(struct emulator *m, json_t *channel, const char *ts);

// As a person sees it: {channel, ts, from, text, shown: all text of text and blocks in plain words, buttons:
// [{action_id, block_id, text, value, style}], thread_ts?, ephemeral?, edited?, blocks?, files?}
json_t *message_seen(const json_t *channel, const json_t *message);

#endif
