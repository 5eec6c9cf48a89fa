/* SPDX-License-Identifier: Apache-2.0 */
/* hdf5_chunk.c - the filters of a chunk, in the order in which hdf5_array.c names them. */
#include "io/hdf5_chunk.h"

#include "base/fail.h"
#include "base/memory.h"

#include <libdeflate.h>
#include <string.h>

enum { DEFLATE_LEVEL = 1, CHECKSUM_BYTES = 4, DEFLATE_IS_LEFT_OUT = 1 << 1 };

struct lks_hdf5_packer {
  size_t count, bytes; /* elements, and of each */
  struct libdeflate_compressor *compressor;
  uint8_t *shuffled; /* [count * bytes + CHECKSUM_BYTES] */
  uint8_t *deflated; /* the same, so that only what shrinks fits */
  lks_io_thread *worker;
  lks_io_job job;
  bool is_packing;
  uint8_t *result; /* of the job: one of the two, and what belongs to it */
  size_t size;
  uint32_t mask;
};

lks_status lks_hdf5_packer_create(lks_hdf5_packer **packer, size_t count, size_t bytes,
                                  lks_io_thread *worker) {
  lks_status status;
  LKS_TRY(lks_allocate(packer, 1, sizeof **packer));
  lks_hdf5_packer *p = *packer;
  p->count = count;
  p->bytes = bytes;
  p->worker = worker;
  p->compressor = libdeflate_alloc_compressor(DEFLATE_LEVEL);
  status = p->compressor ? LKS_OK
                         : LKS_FAIL(LKS_NO_MEMORY, "no memory to compress chunks of %zu bytes",
                                    count * bytes);
  if (status == LKS_OK)
    status = lks_allocate(&p->shuffled, count * bytes + CHECKSUM_BYTES, 1);
  if (status == LKS_OK)
    status = lks_allocate(&p->deflated, count * bytes + CHECKSUM_BYTES, 1);
  if (status == LKS_OK)
    return LKS_OK;
  lks_hdf5_packer_destroy(p);
  *packer = NULL;
  return status;
}

void lks_hdf5_packer_destroy(lks_hdf5_packer *packer) {
  if (packer == NULL)
    return;
  if (packer->is_packing)
    (void)lks_io_wait(packer->worker, &packer->job);
  libdeflate_free_compressor(packer->compressor);
  lks_release(packer->shuffled);
  lks_release(packer->deflated);
  lks_release(packer);
}

/* The first bytes of all elements, then the second bytes, … */
static void shuffle(const uint8_t *data, size_t count, size_t bytes, uint8_t *shuffled) {
  for (size_t b = 0; b < bytes; b++)
    for (size_t i = 0; i < count; i++)
      shuffled[b * count + i] = data[i * bytes + b];
}

/* Fletcher's checksum of 32 bits over big-endian words of 16, as HDF5 keeps it: sums
 * modulo 65535 that are never folded to 0 (Fletcher 1982; HDF5 File Format, "Fletcher32"). */
static uint32_t checksum(const uint8_t *data, size_t bytes) {
  enum { WORDS = 360 }; /* the sums of so many words fit into 32 bits */
  uint32_t one = 0, two = 0;
  for (size_t at = 0; at < bytes;) {
    size_t stop = bytes - at > 2 * WORDS ? at + 2 * WORDS : bytes;
    for (; at < stop; at += 2) {
      one += (uint32_t)data[at] << 8 | (at + 1 < bytes ? data[at + 1] : 0);
      two += one;
    }
    one = (one & 0xffff) + (one >> 16);
    two = (two & 0xffff) + (two >> 16);
  }
  one = (one & 0xffff) + (one >> 16);
  two = (two & 0xffff) + (two >> 16);
  return two << 16 | one;
}

static lks_status pack(void *context) {
  lks_hdf5_packer *p = context;
  size_t whole = p->count * p->bytes;
  size_t bytes =
      libdeflate_zlib_compress(p->compressor, p->shuffled, whole, p->deflated, whole);
  p->result = bytes > 0 ? p->deflated : p->shuffled;
  p->mask = bytes > 0 ? 0 : DEFLATE_IS_LEFT_OUT;
  bytes = bytes > 0 ? bytes : whole;
  uint32_t sum = checksum(p->result, bytes);
  for (int b = 0; b < CHECKSUM_BYTES; b++)
    p->result[bytes + (size_t)b] = (uint8_t)(sum >> 8 * b);
  p->size = bytes + CHECKSUM_BYTES;
  return LKS_OK;
}

void lks_hdf5_packer_begin(lks_hdf5_packer *packer, const void *data) {
  LKS_ASSERT(!packer->is_packing);
  shuffle(data, packer->count, packer->bytes, packer->shuffled);
  packer->job = (lks_io_job){.run = pack, .context = packer};
  packer->is_packing = true;
  lks_io_submit(packer->worker, &packer->job);
}

void lks_hdf5_packer_take(lks_hdf5_packer *packer, const void **packed, size_t *size,
                          uint32_t *mask) {
  LKS_ASSERT(packer->is_packing);
  (void)lks_io_wait(packer->worker, &packer->job); /* packing cannot fail */
  packer->is_packing = false;
  *packed = packer->result;
  *size = packer->size;
  *mask = packer->mask;
}
