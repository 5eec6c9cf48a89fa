/* hdf5_cache.h - chunks of an array that were read lately, as the numbers that readers ask
 * for: samples are short and lie anywhere, and a call of HDF5 for each costs microseconds. */
#ifndef LOCKSTEP_IO_HDF5_CACHE_H
#define LOCKSTEP_IO_HDF5_CACHE_H

#include <lockstep/status.h>

#include <stddef.h>

typedef struct lks_hdf5_cache lks_hdf5_cache;

/* For at most `slots` chunks of `bytes` bytes. */
lks_status lks_hdf5_cache_create(lks_hdf5_cache **cache, size_t slots, size_t bytes);
void lks_hdf5_cache_destroy(lks_hdf5_cache *cache);

/* Chunk number `chunk`, or NULL. */
const char *lks_hdf5_cache_find(lks_hdf5_cache *cache, size_t chunk);

/* Room for it, which the chunk that was found longest ago gives up; it is there once
 * `keep` was called. */
char *lks_hdf5_cache_room(lks_hdf5_cache *cache);
void lks_hdf5_cache_keep(lks_hdf5_cache *cache, size_t chunk);

#endif
