/* SPDX-License-Identifier: Apache-2.0 */
/* sealed_file.c - the 512 bytes in front of an HDF5 file that vouch for the rest.
 *
 *   bytes    0 ..   7   "LOCKSTEP"
 *            8 ..  11   version of this layout, 1
 *           12 ..  15   kind of file (lks_file_kind)
 *           16 ..  23   length of the file
 *           24 ..  31   where the list of holes starts: the end of the HDF5 part
 *           32 ..  39   number of holes
 *           40 .. 479   zero
 *          480 .. 511   SHA-256 of all other bytes, holes left out
 *
 * Integers are little-endian.  A hole is two of 8 bytes, first byte and length; the
 * list stands behind HDF5's own end of file, which HDF5 allows.  The digest covers
 * the block too, so that no bit outside the holes is free to change. */
#include "io/sealed_file.h"

#include "base/fail.h"
#include "base/memory.h"
#include "io/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
  AT_VERSION = 8,
  AT_KIND = 12,
  AT_LENGTH = 16,
  AT_HOLES_FIRST = 24,
  AT_HOLES_COUNT = 32,
  AT_DIGEST = LKS_SEAL_BYTES - LKS_DIGEST_BYTES,
  HOLE_BYTES = 16,
  VERSION = 1,
  BUFFER_BYTES = 1 << 20
};

static const uint8_t magic[8] = {'L', 'O', 'C', 'K', 'S', 'T', 'E', 'P'};

/* What a file claims, and its holes. */
typedef struct {
  uint8_t block[LKS_SEAL_BYTES];
  lks_hole *holes;
  size_t hole_count;
  uint64_t length;
} seal;

/* Integers byte by byte: the file is the same whatever the machine's order. */
static void put(uint8_t *at, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; i++)
    at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get(const uint8_t *at, int bytes) {
  uint64_t value = 0;
  for (int i = 0; i < bytes; i++)
    value |= (uint64_t)at[i] << (8 * i);
  return value;
}

static const char *kind_text(uint64_t kind) {
  return kind == LKS_FILE_DATASET      ? "dataset"
         : kind == LKS_FILE_CHECKPOINT ? "checkpoint"
                                       : "?";
}

/* Reads exactly `bytes`; fewer mean that the file shrank under our eyes. */
static lks_status read_at(int descriptor, const char *path, uint64_t offset, void *data,
                          size_t bytes) {
  char *next = data;
  while (bytes > 0) {
    ssize_t part = pread(descriptor, next, bytes, (off_t)offset);
    if (part < 0 && errno == EINTR)
      continue;
    if (part < 0)
      return LKS_FAIL(LKS_IO, "%s: cannot read: %s", path, strerror(errno));
    if (part == 0)
      return LKS_FAIL(LKS_DATA,
                      "%s: expected %zu more bytes at %llu, found the end of the file", path,
                      bytes, (unsigned long long)offset);
    next += part;
    offset += (uint64_t)part;
    bytes -= (size_t)part;
  }
  return LKS_OK;
}

/* Adds bytes first .. end-1 of the file to the digest. */
static lks_status add_range(lks_digest_stream *stream, int descriptor, const char *path,
                            uint64_t first, uint64_t end, uint8_t *buffer) {
  while (first < end) {
    size_t part = end - first < BUFFER_BYTES ? (size_t)(end - first) : BUFFER_BYTES;
    LKS_TRY(read_at(descriptor, path, first, buffer, part));
    LKS_TRY(lks_digest_stream_add(stream, buffer, part));
    first += part;
  }
  return LKS_OK;
}

/* The buffer has BUFFER_BYTES, or as many as the file. */
static lks_status add_file(lks_digest_stream *stream, int descriptor, const char *path,
                           const seal *claim, uint8_t *buffer) {
  uint64_t next = LKS_SEAL_BYTES;
  LKS_TRY(lks_digest_stream_add(stream, claim->block, AT_DIGEST));
  for (size_t i = 0; i < claim->hole_count; i++) {
    LKS_TRY(add_range(stream, descriptor, path, next, claim->holes[i].first, buffer));
    next = claim->holes[i].first + claim->holes[i].bytes;
  }
  LKS_TRY(add_range(stream, descriptor, path, next, claim->length, buffer));
  return LKS_OK;
}

static lks_status digest_file(int descriptor, const char *path, const seal *claim,
                              lks_digest *digest) {
  lks_digest_stream *stream = NULL;
  size_t room = claim->length < BUFFER_BYTES ? (size_t)claim->length : BUFFER_BYTES;
  uint8_t *buffer = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_allocate(&buffer, room, 1));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_create(&stream));
  LKS_TRY_OR(cleanup, status, add_file(stream, descriptor, path, claim, buffer));
  LKS_TRY_OR(cleanup, status, lks_digest_stream_finish(stream, digest));
cleanup:
  lks_digest_stream_destroy(stream);
  lks_release(buffer);
  return status;
}

/* Holes rise, do not overlap, and lie between the block and the list. */
static lks_status check_holes(const char *path, const lks_hole *holes, size_t count,
                              uint64_t end) {
  uint64_t next = LKS_SEAL_BYTES;
  for (size_t i = 0; i < count; i++) {
    if (holes[i].first < next || holes[i].first > end || holes[i].bytes > end - holes[i].first)
      return LKS_FAIL(
          LKS_DATA,
          "%s: hole %zu: expected a range in bytes %llu to %llu, found %llu bytes at "
          "%llu",
          path, i, (unsigned long long)next, (unsigned long long)end,
          (unsigned long long)holes[i].bytes, (unsigned long long)holes[i].first);
    next = holes[i].first + holes[i].bytes;
  }
  return LKS_OK;
}

static lks_status length_of(int descriptor, const char *path, uint64_t *length) {
  struct stat facts;
  if (fstat(descriptor, &facts) != 0)
    return LKS_FAIL(LKS_IO, "%s: cannot look at the file: %s", path, strerror(errno));
  if (!S_ISREG(facts.st_mode))
    return LKS_FAIL(LKS_DATA, "%s: expected a regular file, found something else", path);
  *length = (uint64_t)facts.st_size;
  return LKS_OK;
}

/* ---- sealing ---- */

static lks_status write_holes(int descriptor, const char *path, const seal *claim,
                              uint64_t end) {
  uint8_t *list = NULL;
  lks_status status;
  LKS_TRY(lks_allocate(&list, claim->hole_count, HOLE_BYTES));
  for (size_t i = 0; i < claim->hole_count; i++) {
    put(list + HOLE_BYTES * i, claim->holes[i].first, 8);
    put(list + HOLE_BYTES * i + 8, claim->holes[i].bytes, 8);
  }
  status = lks_file_write_at(descriptor, path, end, list, claim->hole_count * HOLE_BYTES);
  lks_release(list);
  return status;
}

/* The list goes behind the end first, since the digest covers it; the block is written
 * last, so a file that was not sealed to the end has no magic. */
static lks_status write_seal(int descriptor, const char *path, lks_file_kind kind,
                             seal *claim) {
  uint64_t end;
  lks_digest digest;
  LKS_TRY(length_of(descriptor, path, &end));
  if (end < LKS_SEAL_BYTES)
    return LKS_FAIL(LKS_DATA, "%s: expected at least %d bytes to seal, found %llu", path,
                    (int)LKS_SEAL_BYTES, (unsigned long long)end);
  LKS_TRY(check_holes(path, claim->holes, claim->hole_count, end));
  LKS_TRY(write_holes(descriptor, path, claim, end));
  claim->length = end + claim->hole_count * HOLE_BYTES;
  memset(claim->block, 0, sizeof claim->block);
  memcpy(claim->block, magic, sizeof magic);
  put(claim->block + AT_VERSION, VERSION, 4);
  put(claim->block + AT_KIND, kind, 4);
  put(claim->block + AT_LENGTH, claim->length, 8);
  put(claim->block + AT_HOLES_FIRST, end, 8);
  put(claim->block + AT_HOLES_COUNT, claim->hole_count, 8);
  LKS_TRY(digest_file(descriptor, path, claim, &digest));
  memcpy(claim->block + AT_DIGEST, digest.byte, LKS_DIGEST_BYTES);
  LKS_TRY(lks_file_write_at(descriptor, path, 0, claim->block, LKS_SEAL_BYTES));
  return LKS_OK;
}

/* Seals the open file, then lets file_replace.c put it in its place. */
static lks_status seal_and_move(const char *temporary, const char *path, lks_file_kind kind,
                                seal *claim) {
  lks_status status;
  int descriptor = open(temporary, O_RDWR | O_CLOEXEC);
  if (descriptor < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot open the file: %s", temporary, strerror(errno));
  status = write_seal(descriptor, temporary, kind, claim);
  if (status != LKS_OK) {
    (void)close(descriptor);
    return status;
  }
  LKS_TRY(lks_file_settle(descriptor, temporary, path));
  return LKS_OK;
}

lks_status lks_sealed_commit(const char *temporary, const char *path, lks_file_kind kind,
                             const lks_hole *holes, size_t hole_count, lks_digest *digest) {
  seal claim = {.hole_count = hole_count};
  lks_status status;
  LKS_TRY(lks_allocate(&claim.holes, hole_count, sizeof *claim.holes));
  if (hole_count > 0)
    memcpy(claim.holes, holes, hole_count * sizeof *holes);
  status = seal_and_move(temporary, path, kind, &claim);
  if (status != LKS_OK)
    (void)unlink(temporary);
  else if (digest)
    memcpy(digest->byte, claim.block + AT_DIGEST, LKS_DIGEST_BYTES);
  lks_release(claim.holes);
  return status;
}

/* ---- checking ---- */

/* What can be told from the first 512 bytes and the length alone. */
static lks_status check_block(const char *path, lks_file_kind kind, const seal *claim) {
  uint64_t version = get(claim->block + AT_VERSION, 4);
  uint64_t found = get(claim->block + AT_KIND, 4);
  uint64_t length = get(claim->block + AT_LENGTH, 8);
  if (memcmp(claim->block, magic, sizeof magic) != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a sealed %s, found a file that does not start with %s", path,
                    kind_text(kind), "LOCKSTEP");
  if (version != VERSION)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected layout version %d, found %llu\n"
                    "  hint: the file is damaged, or from a newer version of lockstep",
                    path, (int)VERSION, (unsigned long long)version);
  if (found != (uint64_t)kind)
    return LKS_FAIL(LKS_DATA, "%s: expected a %s (kind %d), found a %s (kind %llu)", path,
                    kind_text(kind), (int)kind, kind_text(found), (unsigned long long)found);
  if (length != claim->length)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected %llu bytes, found %llu\n"
                    "  hint: the file was cut short or joined with another: copy it again",
                    path, (unsigned long long)length, (unsigned long long)claim->length);
  return LKS_OK;
}

/* Reads the list of holes; the caller releases claim->holes. */
static lks_status read_holes(int descriptor, const char *path, seal *claim) {
  uint64_t end = get(claim->block + AT_HOLES_FIRST, 8);
  uint64_t count = get(claim->block + AT_HOLES_COUNT, 8);
  uint8_t *list;
  if (end < LKS_SEAL_BYTES || end > claim->length || (claim->length - end) % HOLE_BYTES != 0 ||
      (claim->length - end) / HOLE_BYTES != count)
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a list of %llu holes from byte %llu to the end at %llu\n"
                    "  hint: the file is damaged: copy it again, or use another one",
                    path, (unsigned long long)count, (unsigned long long)end,
                    (unsigned long long)claim->length);
  LKS_TRY(lks_allocate(&claim->holes, (size_t)count, sizeof *claim->holes));
  claim->hole_count = (size_t)count;
  list = (uint8_t *)claim->holes; /* decoded in place, entry by entry */
  LKS_TRY(read_at(descriptor, path, end, list, claim->hole_count * HOLE_BYTES));
  for (size_t i = 0; i < claim->hole_count; i++) {
    lks_hole hole = {get(list + HOLE_BYTES * i, 8), get(list + HOLE_BYTES * i + 8, 8)};
    claim->holes[i] = hole;
  }
  LKS_TRY(check_holes(path, claim->holes, claim->hole_count, end));
  return LKS_OK;
}

static lks_status check_digest(int descriptor, const char *path, const seal *claim) {
  lks_digest expected, found;
  char expected_hex[LKS_DIGEST_HEX], found_hex[LKS_DIGEST_HEX];
  memcpy(expected.byte, claim->block + AT_DIGEST, LKS_DIGEST_BYTES);
  LKS_TRY(digest_file(descriptor, path, claim, &found));
  if (lks_digest_compare(&expected, &found) == 0)
    return LKS_OK;
  lks_digest_to_hex(&expected, expected_hex);
  lks_digest_to_hex(&found, found_hex);
  return LKS_FAIL(LKS_DATA,
                  "%s: expected SHA-256 %.16s…, found %.16s…\n"
                  "  hint: the file is damaged: copy it again, or use another one",
                  path, expected_hex, found_hex);
}

/* From cheap to dear: most wrong files never get to the digest. */
static lks_status check_descriptor(int descriptor, const char *path, lks_file_kind kind,
                                   seal *claim) {
  LKS_TRY(length_of(descriptor, path, &claim->length));
  if (claim->length < LKS_SEAL_BYTES)
    return LKS_FAIL(LKS_DATA, "%s: expected a sealed %s of at least %d bytes, found %llu", path,
                    kind_text(kind), (int)LKS_SEAL_BYTES, (unsigned long long)claim->length);
  LKS_TRY(read_at(descriptor, path, 0, claim->block, LKS_SEAL_BYTES));
  LKS_TRY(check_block(path, kind, claim));
  LKS_TRY(read_holes(descriptor, path, claim));
  LKS_TRY(check_digest(descriptor, path, claim));
  return LKS_OK;
}

lks_status lks_sealed_check(const char *path, lks_file_kind kind, lks_digest *digest) {
  seal claim = {.holes = NULL};
  lks_status status;
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0)
    return LKS_FAIL(LKS_IO, "%s: cannot open the file: %s", path, strerror(errno));
  status = check_descriptor(descriptor, path, kind, &claim);
  (void)close(descriptor);
  if (status == LKS_OK && digest)
    memcpy(digest->byte, claim.block + AT_DIGEST, LKS_DIGEST_BYTES);
  lks_release(claim.holes);
  return status;
}

bool lks_sealed_is_kind(const char *path, lks_file_kind kind) {
  uint8_t block[AT_LENGTH];
  int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  bool is = descriptor >= 0 && pread(descriptor, block, sizeof block, 0) == AT_LENGTH &&
            memcmp(block, magic, sizeof magic) == 0 &&
            get(block + AT_KIND, 4) == (uint64_t)kind;
  if (descriptor >= 0)
    (void)close(descriptor);
  return is;
}
