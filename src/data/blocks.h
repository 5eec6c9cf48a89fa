/* blocks.h - blocks of long arrays, kept in memory while they are likely to be used again.
 *
 * Windows of a series overlap and samples of sequences are short, and both are read in
 * shuffled order: without this, each would decompress its chunk again, or cost a call of
 * HDF5.  The blocks that were used last are kept, all of them when
 * there is room.  Memory is taken at the first reading. */
#ifndef LOCKSTEP_DATA_BLOCKS_H
#define LOCKSTEP_DATA_BLOCKS_H

#include "io/hdf5_file.h"

typedef struct lks_blocks lks_blocks;

/* Blocks of `block` elements of `arrays[count]` (borrowed, outlive this; NULL: none), of
 * which at most `bytes`, but at least a few, are kept, as LKS_F32 or LKS_I32. */
lks_status lks_blocks_create(lks_blocks **blocks, lks_hdf5_array *const *arrays, int count,
                             lks_type type, int64_t block, size_t bytes);
void lks_blocks_destroy(lks_blocks *blocks);

/* Elements first .. first+count-1 of an array, which has them.  Only from a job of the
 * I/O thread.  Fails with LKS_DATA when a chunk is damaged; `at` gets the place of the
 * first infinite element of a block that was read, or -1.
 *
 *   values  [count] of the type */
lks_status lks_blocks_read(lks_blocks *blocks, int array, int64_t first, int64_t count,
                           void *values, int64_t *at);

#endif
