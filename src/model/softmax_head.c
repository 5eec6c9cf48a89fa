/* SPDX-License-Identifier: Apache-2.0 */
/* softmax_head.c - gather, product, softmax, and back, block by block.
 *
 * A thread takes items of a block through all three by chunks that stay in its cache:
 * 700 x 200 x 10000 ran at 212 GFLOP/s instead of 188 (one core of a Zen 5). */
#include "model/softmax_head.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/blocked_gradient.h"

#include <stdio.h>
#include <string.h>

enum { CHUNK_BYTES = 4 << 20, CHUNK_LEAST = 24, CHUNK_MOST = 96 };

struct lks_softmax_head {
  lks_softmax_head_setup setup;
  lks_params *params;
  int weight;
  int bias;
  int block;              /* most items of a block */
  float *packed;          /* W^T for logits */
  float *packed_back;     /* W for d_hidden */
  float *gathered;        /* [items, units] hidden states in term order */
  float *d_gathered;      /* [block, units] */
  int32_t *targets;       /* [items] in term order */
  float *logits;          /* [block, vocab], then their gradients */
  int32_t *order;         /* [items] items in term order, when there are no segments */
  float *losses;          /* [items] in term order */
  lks_segments *in_order; /* the pass's segments over gathered items */
  float *packed_terms;
  float *scratch;
  lks_blocked_gradient *blocked; /* NULL when a step is always one block */
};

lks_status lks_softmax_head_create(lks_softmax_head **head, const lks_softmax_head_setup *setup,
                                   lks_params *params) {
  lks_status status;
  char name[128];
  lks_softmax_head *h;
  *head = NULL;
  LKS_TRY(lks_allocate(&h, 1, sizeof *h));
  h->setup = *setup;
  h->params = params;
  snprintf(name, sizeof name, "%s.weight", setup->name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, name,
                            lks_shape_2((size_t)setup->vocab, (size_t)setup->units), 0,
                            &h->weight));
  snprintf(name, sizeof name, "%s.bias", setup->name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, name, lks_shape_1((size_t)setup->vocab), LKS_PARAM_NO_DECAY,
                            &h->bias));
  *head = h;
  return LKS_OK;
cleanup:
  lks_softmax_head_destroy(h);
  return status;
}

static int block_items(const lks_softmax_head *h, int items) {
  size_t bytes = h->setup.block_bytes ? h->setup.block_bytes : LKS_SOFTMAX_HEAD_BLOCK_BYTES;
  size_t block = bytes / ((size_t)h->setup.vocab * sizeof(float));
  if (block < 1)
    block = 1;
  return block < (size_t)items ? (int)block : items;
}

static lks_status allocate_training(lks_softmax_head *h, const lks_capacity *capacity) {
  const lks_kernels *kernels = capacity->kernels;
  int vocab = h->setup.vocab, units = h->setup.units;
  LKS_TRY(lks_allocate(&h->packed_back, kernels->packed_floats(vocab, units), sizeof(float)));
  LKS_TRY(lks_allocate(&h->d_gathered, (size_t)h->block * (size_t)units, sizeof(float)));
  if (h->block < capacity->items)
    return lks_blocked_gradient_create(&h->blocked, vocab, units, h->block, capacity->shards,
                                       kernels);
  LKS_TRY(lks_segments_create(&h->in_order, capacity->items, capacity->shards));
  for (int i = 0; i < capacity->items; i++)
    h->in_order->item[i] = i;
  size_t scratch = kernels->segmented_scratch_floats(capacity->items, units);
  LKS_TRY(lks_allocate(&h->packed_terms, kernels->packed_terms_floats(capacity->items, units),
                       sizeof(float)));
  return lks_allocate(&h->scratch, scratch * (size_t)capacity->threads, sizeof(float));
}

lks_status lks_softmax_head_allocate(lks_softmax_head *h, const lks_capacity *capacity) {
  size_t items = (size_t)capacity->items, units = (size_t)h->setup.units;
  h->block = block_items(h, capacity->items);
  LKS_TRY(lks_allocate(&h->packed,
                       capacity->kernels->packed_floats(h->setup.units, h->setup.vocab),
                       sizeof(float)));
  LKS_TRY(lks_allocate(&h->gathered, items * units, sizeof(float)));
  LKS_TRY(lks_allocate(&h->targets, items, sizeof *h->targets));
  LKS_TRY(lks_allocate(&h->order, items, sizeof *h->order));
  LKS_TRY(lks_allocate(&h->losses, items, sizeof *h->losses));
  LKS_TRY(lks_allocate(&h->logits, (size_t)h->block * (size_t)h->setup.vocab, sizeof(float)));
  return capacity->training ? allocate_training(h, capacity) : LKS_OK;
}

void lks_softmax_head_destroy(lks_softmax_head *h) {
  if (!h)
    return;
  lks_blocked_gradient_destroy(h->blocked);
  lks_release(h->scratch);
  lks_release(h->packed_terms);
  lks_segments_destroy(h->in_order);
  lks_release(h->losses);
  lks_release(h->order);
  lks_release(h->logits);
  lks_release(h->targets);
  lks_release(h->d_gathered);
  lks_release(h->gathered);
  lks_release(h->packed_back);
  lks_release(h->packed);
  lks_release(h);
}

int lks_softmax_head_weight(const lks_softmax_head *head) {
  return head->weight;
}

int lks_softmax_head_bias(const lks_softmax_head *head) {
  return head->bias;
}

void lks_softmax_head_pack(lks_softmax_head *h, const lks_kernels *kernels, int threads,
                           bool training) {
  size_t units = (size_t)h->setup.units;
  const float *weight = lks_params_view(h->params, h->weight);
  lks_pack(kernels, threads, h->setup.units, h->setup.vocab, (lks_operand){weight, 1, units},
           h->packed);
  if (training)
    lks_pack(kernels, threads, h->setup.vocab, h->setup.units, (lks_operand){weight, units, 1},
             h->packed_back);
}

void lks_softmax_head_logits(lks_softmax_head *h, const lks_kernels *kernels, int threads,
                             int count, const float *hidden, float *logits) {
  size_t vocab = (size_t)h->setup.vocab;
  lks_product(kernels, threads, count, h->setup.units, h->setup.vocab, hidden,
              (size_t)h->setup.units, h->packed, lks_params_view(h->params, h->bias), 0, logits,
              vocab);
}

/* A block of gathered items. */
typedef struct {
  const lks_pass *pass;
  lks_softmax_head *head;
  int first, count;
  float *d_hidden; /* [T, B, units] out; NULL: losses only */
} block;

/* Logits of items first .. first+count-1 of the block, their losses and, for training,
 * the gradients of logits and hidden states. */
static void run_chunk(const block *b, int first, int count) {
  lks_softmax_head *h = b->head;
  const lks_kernels *kernels = b->pass->kernels;
  size_t vocab = (size_t)h->setup.vocab, units = (size_t)h->setup.units;
  size_t item = (size_t)b->first + (size_t)first;
  float *logits = h->logits + (size_t)first * vocab;
  bool gradient = b->d_hidden != NULL;
  kernels->product(count, h->setup.units, h->setup.vocab, h->gathered + item * units, units,
                   h->packed, lks_params_view(h->params, h->bias), 0, logits, vocab, 0,
                   lks_kernels_panels(kernels, h->setup.vocab));
  kernels->cross_entropy(count, h->setup.vocab, logits, vocab, h->targets + item,
                         gradient ? h->setup.smoothing : 0.0f, gradient, h->losses + item);
  if (!gradient)
    return;
  float *d_gathered = h->d_gathered + (size_t)first * units;
  kernels->product(count, h->setup.vocab, h->setup.units, logits, vocab, h->packed_back, NULL,
                   0, d_gathered, units, 0, lks_kernels_panels(kernels, h->setup.units));
  for (int i = 0; i < count; i++)
    memcpy(b->d_hidden + (size_t)b->pass->segments->item[item + (size_t)i] * units,
           d_gathered + (size_t)i * units, units * sizeof(float));
}

/* Items whose logits stay in the cache from the product to the way back; few enough and
 * the weights would have to be read too often. */
static int chunk_items(int vocab) {
  int items = (int)(CHUNK_BYTES / ((size_t)vocab * sizeof(float)));
  return items < CHUNK_LEAST ? CHUNK_LEAST : items > CHUNK_MOST ? CHUNK_MOST : items;
}

static void block_body(void *context, int part, int parts) {
  const block *b = context;
  int first, last;
  lks_parallel_slice(b->count, 1, part, parts, &first, &last);
  int most = chunk_items(b->head->setup.vocab), chunks = (last - first + most - 1) / most;
  for (int i = 0; i < chunks; i++) {
    int from, to;
    lks_parallel_slice(last - first, 1, i, chunks, &from, &to);
    run_chunk(b, first + from, to - from);
  }
}

typedef struct {
  lks_softmax_head *head;
  const int32_t *item;
  int count;
  const float *hidden;
  const int32_t *targets;
} gathering;

static void gather_body(void *context, int part, int parts) {
  const gathering *g = context;
  size_t units = (size_t)g->head->setup.units;
  int first, last;
  lks_parallel_slice(g->count, 1, part, parts, &first, &last);
  for (int i = first; i < last; i++) {
    memcpy(g->head->gathered + (size_t)i * units, g->hidden + (size_t)g->item[i] * units,
           units * sizeof(float));
    g->head->targets[i] = g->targets[g->item[i]];
  }
}

/* The pass's segments, over items that were gathered in term order. */
static void take_segments(lks_segments *own, const lks_segments *from) {
  size_t count = (size_t)from->count, outputs = (size_t)from->outputs;
  own->terms = from->terms;
  own->count = from->count;
  own->outputs = from->outputs;
  memcpy(own->term_count, from->term_count, count * sizeof *own->term_count);
  memcpy(own->additions, from->additions, count * sizeof *own->additions);
  memcpy(own->output_first, from->output_first, (outputs + 1) * sizeof *own->output_first);
}

static void whole_gradient(lks_softmax_head *h, const lks_pass *pass) {
  size_t vocab = (size_t)h->setup.vocab, units = (size_t)h->setup.units;
  take_segments(h->in_order, pass->segments);
  lks_segmented product = {
      .segments = h->in_order,
      .left = h->logits,
      .left_stride = vocab,
      .bias = lks_params_at(h->params, h->bias)->offset,
      .outputs = pass->gradients,
      .rights = 1,
      .right[0] = {.right = h->gathered,
                   .right_stride = units,
                   .columns = h->setup.units,
                   .packed = h->packed_terms,
                   .offset = lks_params_at(h->params, h->weight)->offset,
                   .stride = units},
  };
  lks_weight_gradients(pass->kernels, pass->threads, &product, h->setup.vocab, h->scratch);
}

void lks_softmax_head_train(lks_softmax_head *h, const lks_pass *pass, const float *hidden,
                            const int32_t *targets, float *losses, float *d_hidden) {
  int terms = pass->segments->terms;
  lks_parallel(pass->threads, gather_body,
               &(gathering){h, pass->segments->item, terms, hidden, targets});
  if (h->blocked)
    lks_blocked_gradient_start(h->blocked);
  for (int first = 0; first < terms; first += h->block) {
    int count = terms - first < h->block ? terms - first : h->block;
    lks_parallel(pass->threads, block_body, &(block){pass, h, first, count, d_hidden});
    if (h->blocked)
      lks_blocked_gradient_add(h->blocked, pass, count, h->logits,
                               h->gathered + (size_t)first * (size_t)h->setup.units,
                               lks_params_at(h->params, h->weight)->offset,
                               lks_params_at(h->params, h->bias)->offset);
  }
  if (!h->blocked)
    whole_gradient(h, pass);
  memcpy(losses, h->losses, (size_t)terms * sizeof *losses);
}

void lks_softmax_head_score(lks_softmax_head *h, const lks_pass *pass, const float *hidden,
                            const int32_t *targets, float *losses) {
  int count = 0;
  for (int t = 0; t < pass->steps; t++)
    for (int row = 0; row < pass->active[t]; row++)
      h->order[count++] = t * pass->rows + row;
  lks_parallel(pass->threads, gather_body, &(gathering){h, h->order, count, hidden, targets});
  for (int first = 0; first < count; first += h->block) {
    int taken = count - first < h->block ? count - first : h->block;
    lks_parallel(pass->threads, block_body, &(block){pass, h, first, taken, NULL});
  }
  for (int i = 0; i < count; i++)
    losses[h->order[i]] = h->losses[i];
}
