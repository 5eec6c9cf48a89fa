/* hdf5_chunk.h - a whole chunk as it lies in the file: shuffle, deflate, Fletcher32.
 *
 * HDF5 reads it with its own filters.  libdeflate at its lowest level is three times as
 * fast as HDF5's zlib at level 4, and packs numbers of words, characters and lengths
 * closer. */
#ifndef LOCKSTEP_IO_HDF5_CHUNK_H
#define LOCKSTEP_IO_HDF5_CHUNK_H

#include "io/io_thread.h"

#include <stddef.h>
#include <stdint.h>

typedef struct lks_hdf5_packer lks_hdf5_packer;

/* For chunks of `count` elements of `bytes` bytes, which `worker` packs; it outlives this.
 * Fails with LKS_NO_MEMORY. */
lks_status lks_hdf5_packer_create(lks_hdf5_packer **packer, size_t count, size_t bytes,
                                  lks_io_thread *worker);
void lks_hdf5_packer_destroy(lks_hdf5_packer *packer);

/* Begins to pack a copy of the elements at `data`; the chunk before was taken. */
void lks_hdf5_packer_begin(lks_hdf5_packer *packer, const void *data);

/* Waits for it: what H5Dwrite_chunk wants, which belongs to the packer until it begins anew. */
void lks_hdf5_packer_take(lks_hdf5_packer *packer, const void **packed, size_t *size,
                          uint32_t *mask);

#endif
