// SPDX-License-Identifier: Apache-2.0
#include "store/tiles.h"

#include <inttypes.h>
#include <string.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/staging.h"
#include "base/tree.h"
#include "store/checkpoints.h"
#include "store/log.h"
#include "store/sql.h"

#define SQL_LEAVES "SELECT seq, leaf FROM entry WHERE seq < ? ORDER BY seq"

#define WIDTH 256       // hashes of a tile (tlog-tiles)
#define LEVELS 8        // eight of the tree's levels in one of tiles: 2^64 leaves
#define ENTRY_MAX 65535 // bytes: a leaf's length is two bytes in an entry bundle
#define BUNDLE_MAX (WIDTH * (ENTRY_MAX + 2))
#define TILE_NAME 96

// The tile of a level that is being filled.
struct tile {
	struct digest hash[WIDTH];
	unsigned width; // so far
	uint64_t number;
};

struct exporting {
	struct staging staging;
	struct tile level[LEVELS];
	struct buf bundle; // the leaves of level[0]
	struct tiles_result *n;
};

// "tile/KIND/x001/x234/067", and ".p/WIDTH" behind it when it is not full.
static void tile_name(const char *kind, uint64_t number, unsigned width, char out[TILE_NAME])
{
	struct buf name = BUF(TILE_NAME - 1);
	uint64_t unit = 1;

	while (number / unit >= 1000)
		unit *= 1000;
	buf_printf(&name, "tile/%s", kind);
	for (; unit > 1; unit /= 1000)
		buf_printf(&name, "/x%03" PRIu64, number / unit % 1000);
	buf_printf(&name, "/%03" PRIu64, number % 1000);
	if (width < WIDTH)
		buf_printf(&name, ".p/%u", width);
	if (name.full)
		panic("the name of tile %" PRIu64 " is too long", number);
	memcpy(out, name.data, name.len + 1);
	buf_free(&name);
}

static int write_tile(struct exporting *x, const char *kind, const struct tile *t, const void *data, size_t len,
                      struct err *e)
{
	char name[TILE_NAME];

	tile_name(kind, t->number, t->width, name);
	x->n->files++;
	return staging_write(&x->staging, name, data, len, e);
}

// Level 0 has the bundle of its entries beside it.
static int write_level(struct exporting *x, unsigned level, struct err *e)
{
	const struct tile *t = &x->level[level];
	char kind[2] = { (char)('0' + level), '\0' };

	if (write_tile(x, kind, t, t->hash, t->width * sizeof t->hash[0], e) < 0)
		return -1;
	return level > 0 ? 0 : write_tile(x, "entries", t, x->bundle.data, x->bundle.len, e);
}

static struct digest tile_root(const struct tile *t)
{
	struct tree_edge edge = { .count = 0 };
	struct digest stored[65];

	// Adding hashes in the place of leaves' gives the root of what is above them.
	for (unsigned i = 0; i < t->width; i++)
		tree_add(&edge, i, &t->hash[i], stored);
	return tree_root(&edge);
}

// A full tile is written, and its root is a hash of the level above.
static int add_hash(struct exporting *x, struct digest hash, struct err *e)
{
	for (unsigned level = 0; level < LEVELS; level++) {
		struct tile *t = &x->level[level];

		t->hash[t->width++] = hash;
		if (t->width < WIDTH)
			return 0;
		if (write_level(x, level, e) < 0)
			return -1;
		hash = tile_root(t);
		t->width = 0;
		t->number++;
		if (level == 0)
			x->bundle.len = 0;
	}
	return 0;
}

static int add_leaf(struct exporting *x, const void *leaf, size_t len, struct err *e)
{
	uint8_t prefix[2] = { (uint8_t)(len >> 8), (uint8_t)len };

	if (len > ENTRY_MAX)
		return err_set(e, EX_DATAERR, "the leaf has %zu bytes: the format of tiles takes at most %d", len,
		               ENTRY_MAX);
	if (buf_add(&x->bundle, prefix, sizeof prefix) < 0 || buf_add(&x->bundle, leaf, len) < 0)
		return err_set(e, EX_OSERR, "no memory for a bundle of entries");
	return add_hash(x, tree_leaf_hash(leaf, len), e);
}

static int write_leaves(struct exporting *x, struct db *db, uint64_t size, struct digest *root, struct err *e)
{
	_rows_ sqlite3_stmt *rows = sql_query(db, e, SQL_LEAVES, INT(size));
	struct tree_edge edge = { .count = 0 };
	struct digest hash, stored[65];
	uint64_t count = 0;
	int row;

	while ((row = rows ? sql_row(db, rows, e) : -1) > 0 && (uint64_t)sql_int(rows, 0) == count) {
		const void *leaf = sqlite3_column_blob(rows, 1);
		size_t len = (size_t)sqlite3_column_bytes(rows, 1);

		hash = tree_leaf_hash(leaf ? leaf : "", len);
		tree_add(&edge, count, &hash, stored);
		if (add_leaf(x, leaf ? leaf : "", len, e) < 0)
			return err_prefix(e, "entry %" PRIu64, count);
		count++;
	}
	if (row < 0)
		return -1;
	if (count < size)
		return err_set(e, EX_DATAERR, "entry %" PRIu64 " is missing", count);
	for (unsigned level = 0; level < LEVELS; level++)
		if (x->level[level].width > 0 && write_level(x, level, e) < 0)
			return -1;
	*root = tree_root(&edge);
	return 0;
}

static int export(struct exporting *x, struct db *db, const char *dir, struct err *e)
{
	_free_ char *note = NULL;
	struct digest root, signed_root;
	uint64_t size;
	int found = checkpoint_last(db, UINT64_MAX, &size, &signed_root, &note, e);

	if (found < 0)
		return -1;
	if (!found)
		return err_set(e, EX_TEMPFAIL, "no head of the log was signed yet");
	if (staging_begin(dir, &x->staging, e) < 0 || write_leaves(x, db, size, &root, e) < 0)
		return -1;
	if (memcmp(root.bytes, signed_root.bytes, DIGEST_SIZE) != 0)
		return err_set(e, EX_DATAERR, "the entries do not come to the root of the checkpoint of size %" PRIu64,
		               size);
	x->n->size = size;
	x->n->files++;
	if (staging_write(&x->staging, "checkpoint", note, strlen(note), e) < 0)
		return -1;
	return staging_commit(&x->staging, e);
}

int tiles_export(struct db *db, const char *dir, struct tiles_result *out, struct err *e)
{
	struct exporting *x = calloc(1, sizeof *x);
	int r;

	if (!x)
		panic("out of memory");
	*out = (struct tiles_result){ 0 };
	x->n = out;
	x->bundle = BUF(BUNDLE_MAX);
	r = export(x, db, dir, e);
	staging_end(&x->staging);
	buf_free(&x->bundle);
	free(x);
	return r;
}
