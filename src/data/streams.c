/* SPDX-License-Identifier: Apache-2.0 */
/* streams.c - every stream has a buffer of tokens that are read ahead.
 *
 * Streams lie far apart in the file, so without it each batch would decompress a
 * chunk for every row.  All buffers together keep to a budget.  When reading begins,
 * the buffers are filled to different levels, so that later on they run empty one
 * after another and no batch has to wait for all of them. */
#include "data/streams.h"

#include "base/fail.h"
#include "base/memory.h"

enum { AHEAD_TOKENS = 1 << 16, AHEAD_BYTES = 1 << 25 };

/* What is read ahead of one stream: tokens first .. first+count-1. */
typedef struct {
  int64_t first;
  int64_t count;
} ahead;

struct lks_streams {
  const lks_tokens *tokens; /* borrowed; outlives this */
  const lks_rows *rows;     /* borrowed; outlives this */
  int64_t window;
  int64_t shortest; /* floor(N/R) */
  int64_t longer;   /* the first streams, which are one longer: N mod R */
  int64_t room;     /* tokens of a buffer */
  ahead *aheads;    /* [rows->count] */
  int32_t *buffers; /* [rows->count, room] */
};

static int64_t longest(const lks_streams *streams) {
  return streams->shortest + (streams->longer > 0 ? 1 : 0);
}

static int64_t smaller(int64_t a, int64_t b) {
  return a < b ? a : b;
}

/* Tokens of a buffer: all that the budget allows, at least what a batch needs. */
static int64_t choose_room(const lks_streams *streams) {
  int64_t rows = streams->rows->count > 0 ? streams->rows->count : 1;
  int64_t room = smaller(AHEAD_TOKENS, AHEAD_BYTES / (int64_t)sizeof(int32_t) / rows);
  int64_t least = smaller(streams->window, longest(streams)) + 1;
  return smaller(room > least ? room : least, longest(streams) + 1);
}

lks_status lks_streams_create(lks_streams **streams, const lks_tokens *tokens,
                              const lks_rows *rows, int window) {
  int64_t count = rows->shards.rows;
  if (tokens->count < count)
    return LKS_FAIL(LKS_DATA,
                    "%s: split '%s' has %lld tokens, fewer than the %lld streams of a batch"
                    "\n  hint: set a smaller [train] batch or [evaluate] streams",
                    lks_dataset_path(tokens->dataset), lks_split_text(tokens->split),
                    (long long)tokens->count, (long long)count);
  LKS_TRY(lks_allocate(streams, 1, sizeof **streams));
  lks_streams *s = *streams;
  *s = (lks_streams){.tokens = tokens,
                     .rows = rows,
                     .window = window,
                     .shortest = tokens->count / count,
                     .longer = tokens->count % count};
  s->room = choose_room(s);
  lks_status status = lks_allocate(&s->aheads, (size_t)rows->count, sizeof *s->aheads);
  if (status == LKS_OK)
    status = lks_allocate(&s->buffers, (size_t)(rows->count * s->room), sizeof *s->buffers);
  if (status != LKS_OK) {
    lks_streams_destroy(s);
    *streams = NULL;
  }
  return status;
}

void lks_streams_destroy(lks_streams *streams) {
  if (streams == NULL)
    return;
  lks_release(streams->buffers);
  lks_release(streams->aheads);
  lks_release(streams);
}

int64_t lks_streams_batches(const lks_streams *streams) {
  return (longest(streams) + streams->window - 1) / streams->window;
}

int lks_streams_steps(const lks_streams *streams) {
  return (int)smaller(streams->window, longest(streams));
}

/* First token of a stream, and how many it has. */
static int64_t start_of(const lks_streams *streams, int64_t stream) {
  return stream * streams->shortest + smaller(stream, streams->longer);
}

static int64_t length_of(const lks_streams *streams, int64_t stream) {
  return streams->shortest + (stream < streams->longer ? 1 : 0);
}

/* Reads ahead from token `first` on; `count` of them at least, none behind `end`. */
static lks_status read_ahead(lks_streams *streams, int row, int64_t first, int64_t count,
                             int64_t end) {
  ahead *buffer = &streams->aheads[row];
  bool goes_on =
      buffer->count > 0 && first >= buffer->first && first <= buffer->first + buffer->count;
  int64_t level = goes_on ? streams->room : streams->room * (row + 1) / streams->rows->count;
  int64_t wanted = smaller(level > count ? level : count, end - first);
  buffer->count = 0; /* in case the reading fails */
  LKS_TRY(
      lks_tokens_read(streams->tokens, first, wanted, streams->buffers + row * streams->room));
  *buffer = (ahead){.first = first, .count = wanted};
  return LKS_OK;
}

/* *tokens = the tokens first .. first+count-1 of a row's stream, which stops at `end`. */
static lks_status view(lks_streams *streams, int row, int64_t first, int64_t count, int64_t end,
                       const int32_t **tokens) {
  const ahead *buffer = &streams->aheads[row];
  if (first < buffer->first || first + count > buffer->first + buffer->count)
    LKS_TRY(read_ahead(streams, row, first, count, end));
  *tokens = streams->buffers + row * streams->room + (first - buffer->first);
  return LKS_OK;
}

/* What the batch says about itself: the same on every rank. */
static void describe(const lks_streams *streams, int64_t index, lks_batch *batch) {
  int64_t streams_count = streams->rows->shards.rows;
  int64_t position = index * streams->window;
  int64_t left = streams->tokens->count - position * streams_count;
  batch->position = position;
  batch->starts = index == 0;
  batch->ends = index + 1 == lks_streams_batches(streams);
  batch->steps = (int)smaller(streams->window, longest(streams) - position);
  batch->terms = smaller(left, streams_count * streams->window);
  if (position >= streams->shortest)
    batch->shards.present = (int)streams->longer;
}

lks_status lks_streams_fill(lks_streams *streams, int64_t index, lks_batch_slot *slot) {
  lks_batch_slot_start(slot, streams->rows);
  describe(streams, index, &slot->batch);
  int64_t position = slot->batch.position;
  for (int row = 0; row < slot->batch.rows; row++) {
    int64_t stream = slot->batch.first_row + row;
    int64_t start = start_of(streams, stream);
    int64_t end = start + length_of(streams, stream);
    int64_t first = start + position - 1; /* the input of the first target */
    int64_t length = smaller(slot->batch.steps, end - start - position);
    const int32_t *tokens = NULL;
    if (length > 0)
      LKS_TRY(view(streams, row, first, length + 1, end, &tokens));
    lks_batch_slot_put(slot, row, (uint32_t)stream, (int)length, tokens);
  }
  return LKS_OK;
}
