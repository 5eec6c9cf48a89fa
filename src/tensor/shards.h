/* shards.h - how the rows of a global batch are cut into shards, and whose the
 * shards are.
 *
 * A batch of R rows has V shards, a power of two that depends on the
 * configuration alone.  Shard s holds rows floor(sR/V) .. floor((s+1)R/V)-1.
 * The binary tree over the V shards fixes the order of every sum over rows:
 * a node over [lo, lo+n) adds its left half and its right half; a half that is
 * empty is skipped, not added as zero (under FTZ that is not the same).
 *
 * Ranks own consecutive ranges of shards.  A range decomposes into maximal
 * aligned subtrees; a rank holds one partial sum for each. */
#ifndef LOCKSTEP_TENSOR_SHARDS_H
#define LOCKSTEP_TENSOR_SHARDS_H

#include <lockstep/status.h>

#include <stdbool.h>

enum { LKS_SHARDS_MAX = 256 };

typedef struct {
  int shards;  /* V, a power of two, at most LKS_SHARDS_MAX */
  int rows;    /* R, rows of the global batch, at least 1 */
  int present; /* the first rows, those that have a term: shards behind are empty; <= rows */
} lks_shards;

/* A node of the tree: shards first .. first+count-1, count a power of two. */
typedef struct {
  int first;
  int count;
} lks_subtree;

/* The default V: the largest power of two that is at most 64, batch, and
 * batch x terms_per_row / 32 (a segment of fewer terms slows the weight gradient). */
int lks_shards_default(int batch, double terms_per_row);

/* First row of shard s; s = V gives R. */
int lks_shards_row(const lks_shards *shards, int s);

/* Whether no row of the subtree is present. */
bool lks_shards_is_empty(const lks_shards *shards, lks_subtree subtree);

/* The maximal aligned subtrees of shards [first, last), in order, in
 * subtrees[0 .. return-1]; at most 2 log2(V) + 1 (room for LKS_SUBTREES_MAX). */
enum { LKS_SUBTREES_MAX = 17 };
_Static_assert(LKS_SHARDS_MAX == 1 << (LKS_SUBTREES_MAX - 1) / 2,
               "two on each level, one root");
int lks_shards_decompose(int first, int last, lks_subtree subtrees[LKS_SUBTREES_MAX]);

/* Cuts V shards into `ranks` consecutive ranges: rank r owns cuts[r] ..
 * cuts[r+1]-1.  The largest number of rows on a rank is as small as it can be;
 * among such cuts the one with the fewest subtrees is taken, then the one that
 * lies first.  Fails with LKS_USAGE when there are more ranks than shards.
 *
 *   cuts  [ranks + 1] */
lks_status lks_shards_cut(const lks_shards *shards, int ranks, int *cuts);

#endif
