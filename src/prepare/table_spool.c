/* SPDX-License-Identifier: Apache-2.0 */
/* table_spool.c - a record is time, line and values, 8 bytes each. */
#include "prepare/table_spool.h"

#include "base/fail.h"
#include "base/memory.h"
#include "prepare/unnamed_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 1 << 20, RECORDS_FIRST = 4, RECORD_HEAD = 16 };

static const size_t usual_memory = (size_t)256 << 20;

typedef struct {
  int64_t offset;  /* in the file */
  int64_t records; /* one after another */
} block;

typedef struct {
  char *buffer; /* [capacity] records */
  size_t records, capacity;
  block *blocks;
  size_t block_count, block_capacity;
} spooled_series;

struct lks_table_spool {
  char *path; /* for messages; the file has no name */
  int descriptor;
  size_t width;
  size_t record_bytes;
  size_t block_records; /* at most */
  size_t memory, used;  /* bytes of buffers */
  int64_t end;          /* of the file */
  spooled_series *series;
  size_t count, capacity;
  /* reading */
  const spooled_series *current;
  size_t next_block;   /* of it, to be read from */
  int64_t done;        /* records of that block that were read */
  char *records;       /* [block_records] */
  size_t next, loaded; /* records */
  lks_spool_row row;
};

static lks_status fail_file(const lks_table_spool *spool, const char *what) {
  return LKS_FAIL(LKS_IO,
                  "%s: cannot %s: %s\n  hint: the rows are kept there while the dataset is "
                  "made, 8 bytes a value",
                  spool->path, what, strerror(errno));
}

lks_status lks_spool_create(lks_table_spool **spool, const char *out, int width,
                            size_t memory) {
  lks_status status;
  LKS_TRY(lks_allocate(spool, 1, sizeof **spool));
  lks_table_spool *s = *spool;
  s->descriptor = -1;
  s->width = (size_t)width;
  s->record_bytes = RECORD_HEAD + s->width * sizeof(double);
  s->block_records = s->record_bytes < BLOCK_BYTES ? BLOCK_BYTES / s->record_bytes : 1;
  s->memory = memory > 0 ? memory : usual_memory;
  LKS_TRY_OR(fail, status, lks_unnamed_file(out, &s->path, &s->descriptor));
  return LKS_OK;
fail:
  lks_spool_destroy(s);
  *spool = NULL;
  return status;
}

void lks_spool_destroy(lks_table_spool *spool) {
  if (spool == NULL)
    return;
  for (size_t s = 0; s < spool->count; s++) {
    lks_release(spool->series[s].buffer);
    lks_release(spool->series[s].blocks);
  }
  if (spool->descriptor >= 0)
    (void)close(spool->descriptor);
  lks_release(spool->series);
  lks_release(spool->row.value);
  lks_release(spool->records);
  lks_release(spool->path);
  lks_release(spool);
}

/* ---- writing ---- */

static lks_status write_all(lks_table_spool *spool, const char *data, size_t bytes) {
  while (bytes > 0) {
    ssize_t written = pwrite(spool->descriptor, data, bytes, (off_t)spool->end);
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return fail_file(spool, "write to the temporary file");
    data += written;
    bytes -= (size_t)written;
    spool->end += written;
  }
  return LKS_OK;
}

/* Adds the place of the block that is about to be written; it goes on with the one before
 * it when nothing lies between. */
static lks_status add_block(lks_table_spool *spool, spooled_series *series) {
  int64_t bytes = (int64_t)spool->record_bytes;
  if (series->block_count > 0) {
    block *last = &series->blocks[series->block_count - 1];
    if (last->offset + last->records * bytes == spool->end) {
      last->records += (int64_t)series->records;
      return LKS_OK;
    }
  }
  if (series->block_count == series->block_capacity) {
    size_t capacity = series->block_capacity > 0 ? 2 * series->block_capacity : 1;
    LKS_TRY(
        lks_reallocate(&series->blocks, series->block_count, capacity, sizeof *series->blocks));
    series->block_capacity = capacity;
  }
  series->blocks[series->block_count++] = (block){spool->end, (int64_t)series->records};
  return LKS_OK;
}

static lks_status flush(lks_table_spool *spool, spooled_series *series) {
  if (series->records == 0)
    return LKS_OK;
  LKS_TRY(add_block(spool, series));
  LKS_TRY(write_all(spool, series->buffer, series->records * spool->record_bytes));
  series->records = 0;
  return LKS_OK;
}

static lks_status flush_all(lks_table_spool *spool) {
  for (size_t s = 0; s < spool->count; s++) {
    spooled_series *series = &spool->series[s];
    LKS_TRY(flush(spool, series));
    lks_release(series->buffer);
    series->buffer = NULL;
    series->capacity = 0;
  }
  spool->used = 0;
  return LKS_OK;
}

static lks_status make_room(lks_table_spool *spool, spooled_series *series) {
  size_t old = series->capacity, capacity = old > 0 ? 2 * old : RECORDS_FIRST;
  if (capacity > spool->block_records)
    capacity = spool->block_records;
  size_t more = (capacity - old) * spool->record_bytes;
  if (spool->used > 0 && spool->used + more > spool->memory) {
    LKS_TRY(flush_all(spool));
    old = 0;
    capacity = RECORDS_FIRST < spool->block_records ? RECORDS_FIRST : spool->block_records;
    more = capacity * spool->record_bytes;
  }
  LKS_TRY(lks_reallocate(&series->buffer, old, capacity, spool->record_bytes));
  series->capacity = capacity;
  spool->used += more;
  return LKS_OK;
}

lks_status lks_spool_append(lks_table_spool *spool, int64_t series, const lks_spool_row *row) {
  size_t s = (size_t)series;
  LKS_ASSERT(s <= spool->count);
  if (s == spool->capacity) {
    size_t capacity = s > 0 ? 2 * s : 1;
    LKS_TRY(lks_reallocate(&spool->series, s, capacity, sizeof *spool->series));
    spool->capacity = capacity;
  }
  spool->count += s == spool->count;
  spooled_series *to = &spool->series[s];
  if (to->records == spool->block_records)
    LKS_TRY(flush(spool, to));
  if (to->records == to->capacity)
    LKS_TRY(make_room(spool, to));
  char *record = to->buffer + to->records * spool->record_bytes;
  const int64_t head[2] = {row->time, row->line};
  memcpy(record, head, sizeof head);
  memcpy(record + RECORD_HEAD, row->value, spool->width * sizeof *row->value);
  to->records++;
  return LKS_OK;
}

lks_status lks_spool_finish(lks_table_spool *spool) {
  LKS_TRY(flush_all(spool));
  LKS_TRY(lks_allocate(&spool->records, spool->block_records, spool->record_bytes));
  LKS_TRY(lks_allocate(&spool->row.value, spool->width, sizeof *spool->row.value));
  return LKS_OK;
}

/* ---- reading ---- */

void lks_spool_begin(lks_table_spool *spool, int64_t series) {
  spool->current = &spool->series[series];
  spool->next_block = 0;
  spool->done = 0;
  spool->next = spool->loaded = 0;
}

static lks_status read_all(lks_table_spool *spool, int64_t offset, size_t bytes) {
  char *to = spool->records;
  while (bytes > 0) {
    ssize_t got = pread(spool->descriptor, to, bytes, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return fail_file(spool, "read the temporary file");
    to += got;
    offset += got;
    bytes -= (size_t)got;
  }
  return LKS_OK;
}

/* The next part of the current series, of at most one buffer. */
static lks_status load(lks_table_spool *spool) {
  const block *from = &spool->current->blocks[spool->next_block];
  int64_t left = from->records - spool->done;
  size_t part = left < (int64_t)spool->block_records ? (size_t)left : spool->block_records;
  LKS_TRY(read_all(spool, from->offset + spool->done * (int64_t)spool->record_bytes,
                   part * spool->record_bytes));
  spool->done += (int64_t)part;
  spool->next = 0;
  spool->loaded = part;
  if (spool->done == from->records) {
    spool->next_block++;
    spool->done = 0;
  }
  return LKS_OK;
}

lks_status lks_spool_next(lks_table_spool *spool, const lks_spool_row **row) {
  *row = NULL;
  if (spool->next == spool->loaded) {
    if (spool->next_block == spool->current->block_count)
      return LKS_OK;
    LKS_TRY(load(spool));
  }
  const char *record = spool->records + spool->next++ * spool->record_bytes;
  int64_t head[2];
  memcpy(head, record, sizeof head);
  memcpy(spool->row.value, record + RECORD_HEAD, spool->width * sizeof *spool->row.value);
  spool->row.time = head[0];
  spool->row.line = head[1];
  *row = &spool->row;
  return LKS_OK;
}
