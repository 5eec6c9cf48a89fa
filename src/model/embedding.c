/* SPDX-License-Identifier: Apache-2.0 */
/* embedding.c - look-up, and the sparse gradient.
 *
 * The terms of every symbol are chained into a list (in term order), then each
 * symbol is summed by itself: a chain per segment, and the tree over the segments
 * of an output.  Symbols are split among the threads. */
#include "model/embedding.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

struct lks_embedding {
  lks_params *params;
  int param;
  int use;                /* the extra use of a tied parameter, or -1 */
  size_t gradient_offset; /* where this use collects its gradient */
  int vocab;
  int units;
  int32_t *first;   /* [vocab] first term of a symbol, -1: none */
  int32_t *next;    /* [terms] next term of the same symbol */
  int32_t *touched; /* [terms] symbols of the last call, each once */
  int touched_count;
  bool has_marked; /* some call has */
  float *stack;    /* [threads, LKS_SEGMENT_STACK_MAX, units] partial sums */
  float *zero;     /* [units] */
};

lks_status lks_embedding_create(lks_embedding **embedding, lks_params *params, const char *name,
                                int vocab, int units, int tied) {
  lks_status status;
  lks_embedding *e;
  *embedding = NULL;
  LKS_TRY(lks_allocate(&e, 1, sizeof *e));
  e->params = params;
  e->vocab = vocab;
  e->units = units;
  e->use = -1;
  if (tied >= 0) {
    e->param = tied;
    LKS_TRY_OR(cleanup, status, lks_params_add_use(params, tied, &e->use));
  } else {
    lks_shape shape = lks_shape_2((size_t)vocab, (size_t)units);
    LKS_TRY_OR(cleanup, status,
               lks_params_add(params, name, shape, LKS_PARAM_SPARSE_ROWS, &e->param));
  }
  *embedding = e;
  return LKS_OK;
cleanup:
  lks_embedding_destroy(e);
  return status;
}

lks_status lks_embedding_allocate(lks_embedding *e, const lks_capacity *capacity) {
  e->gradient_offset = e->use < 0 ? lks_params_at(e->params, e->param)->offset
                                  : lks_params_use_at(e->params, e->use)->offset;
  if (!capacity->training)
    return LKS_OK;
  size_t terms = (size_t)capacity->items, units = (size_t)e->units;
  LKS_TRY(lks_allocate(&e->first, (size_t)e->vocab, sizeof *e->first));
  LKS_TRY(lks_allocate(&e->next, terms, sizeof *e->next));
  LKS_TRY(lks_allocate(&e->touched, terms, sizeof *e->touched));
  LKS_TRY(lks_allocate(&e->stack, (size_t)capacity->threads * LKS_SEGMENT_STACK_MAX * units,
                       sizeof *e->stack));
  LKS_TRY(lks_allocate(&e->zero, units, sizeof *e->zero));
  for (int v = 0; v < e->vocab; v++)
    e->first[v] = -1;
  return LKS_OK;
}

void lks_embedding_destroy(lks_embedding *e) {
  if (!e)
    return;
  lks_release(e->zero);
  lks_release(e->stack);
  lks_release(e->touched);
  lks_release(e->next);
  lks_release(e->first);
  lks_release(e);
}

int lks_embedding_param(const lks_embedding *embedding) {
  return embedding->param;
}

typedef struct {
  const lks_embedding *embedding;
  const lks_pass *pass;
  const int32_t *symbols;
  float *output;
  const float *d_output;
} job;

static void forward_body(void *context, int part, int parts) {
  const job *j = context;
  size_t units = (size_t)j->embedding->units, rows = (size_t)j->pass->rows;
  const float *table = lks_params_view(j->embedding->params, j->embedding->param);
  int first, last;
  lks_parallel_slice(j->pass->steps, 1, part, parts, &first, &last);
  for (int t = first; t < last; t++)
    for (int row = 0; row < j->pass->active[t]; row++) {
      size_t item = (size_t)t * rows + (size_t)row;
      memcpy(j->output + item * units, table + (size_t)j->symbols[item] * units,
             units * sizeof(float));
    }
}

void lks_embedding_forward(const lks_embedding *embedding, const lks_pass *pass,
                           const int32_t *symbols, float *output) {
  lks_parallel(
      pass->threads, forward_body,
      &(job){.embedding = embedding, .pass = pass, .symbols = symbols, .output = output});
}

/* Lists the terms of every symbol, in order. */
static void link_terms(lks_embedding *e, const lks_segments *segments, const int32_t *symbols) {
  e->touched_count = 0;
  for (int term = segments->terms - 1; term >= 0; term--) {
    int32_t symbol = symbols[segments->item[term]];
    if (e->first[symbol] < 0)
      e->touched[e->touched_count++] = symbol;
    e->next[term] = e->first[symbol];
    e->first[symbol] = term;
  }
}

/* A partial sum on the stack: a vector, or nothing (which means +0). */
typedef struct {
  float *sum;
  bool is_zero;
} partial;

/* Sum of a segment's terms of one symbol: chain from +0 over terms below `end`. */
static int chain_terms(const job *j, int term, int end, partial *leaf) {
  const lks_embedding *e = j->embedding;
  size_t units = (size_t)e->units;
  leaf->is_zero = true;
  for (; term >= 0 && term < end; term = e->next[term]) {
    const float *d = j->d_output + (size_t)j->pass->segments->item[term] * units;
    j->pass->kernels->add(units, leaf->is_zero ? e->zero : leaf->sum, d, leaf->sum);
    leaf->is_zero = false;
  }
  return term;
}

/* left = left + right; a missing one is +0, which turns -0 into +0. */
static void add_partials(const job *j, partial *left, const partial *right) {
  const lks_embedding *e = j->embedding;
  if (left->is_zero && right->is_zero)
    return;
  j->pass->kernels->add((size_t)e->units, left->is_zero ? e->zero : left->sum,
                        right->is_zero ? e->zero : right->sum, left->sum);
  left->is_zero = false;
}

static void sum_symbol(const job *j, int32_t symbol, float *stack) {
  const lks_embedding *e = j->embedding;
  const lks_segments *segments = j->pass->segments;
  size_t units = (size_t)e->units;
  size_t offset = e->gradient_offset + (size_t)symbol * units;
  partial partials[LKS_SEGMENT_STACK_MAX];
  for (int i = 0; i < LKS_SEGMENT_STACK_MAX; i++)
    partials[i].sum = stack + (size_t)i * units;
  int term = e->first[symbol], end = 0;
  for (int output = 0; output < segments->outputs; output++) {
    int top = 0;
    for (int s = segments->output_first[output]; s < segments->output_first[output + 1]; s++) {
      end += segments->term_count[s];
      term = chain_terms(j, term, end, &partials[top++]);
      for (int i = 0; i < segments->additions[s]; i++) {
        top--;
        add_partials(j, &partials[top - 1], &partials[top]);
      }
    }
    if (top == 1 && !partials[0].is_zero)
      memcpy(j->pass->gradients[output] + offset, partials[0].sum, units * sizeof(float));
  }
}

static void backward_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_embedding *e = j->embedding;
  float *stack = e->stack + (size_t)part * LKS_SEGMENT_STACK_MAX * (size_t)e->units;
  int first, last;
  lks_parallel_slice(e->touched_count, 1, part, parts, &first, &last);
  for (int i = first; i < last; i++)
    sum_symbol(j, e->touched[i], stack);
}

/* Sets the marks of the blocks with touched rows. */
static void mark_touched(const lks_embedding *e, uint8_t *marks, uint8_t mark) {
  size_t units = (size_t)e->units;
  for (int i = 0; i < e->touched_count; i++) {
    size_t first = e->gradient_offset + (size_t)e->touched[i] * units;
    for (size_t block = first / LKS_PARAMS_GRAIN;
         block <= (first + units - 1) / LKS_PARAMS_GRAIN; block++)
      marks[block] = mark;
  }
}

/* Nothing is marked any more; before the first call everything is. */
static void clear_marks(lks_embedding *e, uint8_t *marks) {
  size_t floats = lks_round_up((size_t)e->vocab * (size_t)e->units, LKS_PARAMS_GRAIN);
  if (e->has_marked)
    mark_touched(e, marks, 0);
  else
    memset(marks + e->gradient_offset / LKS_PARAMS_GRAIN, 0, floats / LKS_PARAMS_GRAIN);
  e->has_marked = true;
}

void lks_embedding_backward(lks_embedding *e, const lks_pass *pass, const int32_t *symbols,
                            const float *d_output, float *const *buffers, int buffer_count) {
  size_t units = (size_t)e->units;
  for (int b = 0; b < buffer_count; b++)
    for (int i = 0; i < e->touched_count; i++)
      memset(buffers[b] + e->gradient_offset + (size_t)e->touched[i] * units, 0,
             units * sizeof(float));
  if (pass->marks)
    clear_marks(e, pass->marks);
  link_terms(e, pass->segments, symbols);
  if (pass->marks)
    mark_touched(e, pass->marks, 1);
  lks_parallel(pass->threads, backward_body,
               &(job){.embedding = e, .pass = pass, .symbols = symbols, .d_output = d_output});
  for (int i = 0; i < e->touched_count; i++)
    e->first[e->touched[i]] = -1;
}
