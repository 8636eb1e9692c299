// SPDX-License-Identifier: Apache-2.0
// How deep and how wide a JSON text is, looked at before a parser builds a tree of it: "{}," is three bytes of text and
// some 240 of memory.
#ifndef MIME_SBOM_BOUNDS_H
#define MIME_SBOM_BOUNDS_H

#include <stddef.h>

#define SBOM_DEPTH_MAX 64
// A tree of so many values takes at most some 90 MiB of the worker's 256 (objects of one member are the worst); a file
// of 8 MiB as the usual tools write them has about 400,000.
#define SBOM_VALUES_MAX 500000

enum bounds {
	BOUNDS_KEPT,
	BOUNDS_DEEP,
	BOUNDS_WIDE,
};

// Whether a parser that stops at the first error would stay within them.  `*line` is where they are passed.
enum bounds sbom_bounds(const char *text, size_t len, size_t *line);

#endif
