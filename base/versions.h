// SPDX-License-Identifier: Apache-2.0
// Versions and ranges of versions as people write them.  A version is numbers parted by dots; a "v" in front and what
// follows the numbers ("-rc1", "w", "+b7") do not count, since a licence does not change between a release candidate
// and its release.  Named without its last numbers it means the whole line: "2.1" is every 2.1.x.
//
//   any, all, *, ""                 every version
//   2.1   2.1.x   v2.1   =2.1      a line
//   >=1.2 <2   >= 1.2, < 2          all of them must hold; ">1.2" begins behind the line, "<=1.2" ends with it
//   2.1 - 2.4   2.1 to 2.4          both lines included
//   2.1+   2.1 or later             and newer, later, up
//   ^1.2   ~1.2.3                   up to the next major, minor number
//   2.1, 2.3   1.x || 3.x   1.x or 3.x     any of them
#ifndef BASE_VERSIONS_H
#define BASE_VERSIONS_H

#include <stdbool.h>

// Does a text mean every version?
bool versions_any(const char *range);

// Is it a version or a range in one of the forms above?
bool versions_readable(const char *range);

// Does `outer` hold all that `inner` holds?  What cannot be read as a range holds itself alone, in either case.
bool versions_within(const char *inner, const char *outer);

// What granting a stated version grants: its minor line, "2.1.4" -> "2.1.x".  A range, and what is no version, stay as
// they are written.  NULL for every version; the caller frees.
char *versions_line(const char *stated);

#endif
