// SPDX-License-Identifier: Apache-2.0
// For a program that is preloaded with killshim.so and forks for each run; found by dlsym().
#ifndef TESTS_KILL_KILLSHIM_H
#define TESTS_KILL_KILLSHIM_H

// From now on this process counts its calls, and the call number `at` kills it, or fails with that errno (0: none).
// With a folder only calls on files below it count.
void killshim_arm(long at, int error, const char *folder);
long killshim_count(void);

#endif
