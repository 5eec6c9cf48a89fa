/* SPDX-License-Identifier: Apache-2.0 */
/* pooling.c - sequences to vectors, and back, row by row. */
#include "model/pooling.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

struct lks_pooling {
  lks_pooling_setup setup;
  lks_attention *attention; /* NULL: another kind */
  int parts;                /* vectors of U units in what is pooled */
  float *last;              /* [B, U] queries of attention */
  float *d_last;            /* [B, U] */
  int *sources;             /* [B] position of each row's sequence */
  int32_t *largest;         /* [B, U] time step of the maximum; or NULL */

  const lks_ragged *sequences; /* of the last forward call */
  const float *states;
};

lks_pooling_kind lks_pooling_find(const char *name) {
  static const char *const names[] = {"last", "mean", "max", "attention", "concat"};
  int kind = LKS_POOLING_CONCAT;
  while (kind > 0 && strcmp(names[kind], name) != 0)
    kind--;
  LKS_ASSERT(strcmp(names[kind], name) == 0);
  return (lks_pooling_kind)kind;
}

lks_status lks_pooling_create(lks_pooling **pooling, const lks_pooling_setup *setup,
                              lks_params *params) {
  lks_pooling *p;
  *pooling = NULL;
  LKS_TRY(lks_allocate(&p, 1, sizeof *p));
  p->setup = *setup;
  p->parts = setup->kind == LKS_POOLING_CONCAT ? 3 : 1;
  if (setup->kind == LKS_POOLING_ATTENTION) {
    lks_attention_setup attention = {.name = setup->name,
                                     .kind = LKS_ATTENTION_ADDITIVE,
                                     .queries = setup->units,
                                     .keys = setup->units,
                                     .units = setup->attention_units};
    lks_status status = lks_attention_create(&p->attention, &attention, params);
    if (status != LKS_OK) {
      lks_pooling_destroy(p);
      return status;
    }
  }
  *pooling = p;
  return LKS_OK;
}

lks_status lks_pooling_allocate(lks_pooling *p, const lks_capacity *rows,
                                const lks_capacity *sequences) {
  size_t values = (size_t)rows->rows * (size_t)p->setup.units;
  LKS_TRY(lks_allocate(&p->sources, (size_t)rows->rows, sizeof *p->sources));
  if (p->setup.kind == LKS_POOLING_MAX || p->setup.kind == LKS_POOLING_CONCAT)
    LKS_TRY(lks_allocate(&p->largest, values, sizeof *p->largest));
  if (!p->attention)
    return LKS_OK;
  LKS_TRY(lks_allocate(&p->last, values, sizeof *p->last));
  if (rows->training)
    LKS_TRY(lks_allocate(&p->d_last, values, sizeof *p->d_last));
  return lks_attention_allocate(p->attention, rows, sequences);
}

void lks_pooling_destroy(lks_pooling *p) {
  if (!p)
    return;
  lks_release(p->largest);
  lks_release(p->sources);
  lks_release(p->d_last);
  lks_release(p->last);
  lks_attention_destroy(p->attention);
  lks_release(p);
}

int lks_pooling_units(const lks_pooling *p) {
  return p->parts * p->setup.units;
}

void lks_pooling_pack(lks_pooling *p, const lks_kernels *kernels, int threads, bool training) {
  if (p->attention)
    lks_attention_pack(p->attention, kernels, threads, training);
}

/* One row's sequence: `length` states, `stride` floats apart. */
typedef struct {
  size_t units, stride;
  int length;
  size_t first; /* float of the first state */
} row_states;

static row_states states_of(const lks_pooling *p, int row) {
  size_t units = (size_t)p->setup.units;
  int position = p->sequences->position[row];
  return (row_states){.units = units,
                      .stride = units * (size_t)p->sequences->count,
                      .length = p->sequences->lengths[position],
                      .first = units * (size_t)position};
}

/* Where the last states of the two directions lie, and where the second half begins. */
static size_t last_state(const row_states *r) {
  return r->first + (size_t)(r->length - 1) * r->stride;
}

static size_t half_of(const lks_pooling *p) {
  return (size_t)p->setup.units / (p->setup.bidirectional ? 2 : 1);
}

static void take_last(const lks_pooling *p, const row_states *r, float *out) {
  size_t half = half_of(p);
  memcpy(out, p->states + last_state(r), half * sizeof *out);
  memcpy(out + half, p->states + r->first + half, (r->units - half) * sizeof *out);
}

static void take_mean(const lks_pooling *p, const row_states *r, float *out) {
  memcpy(out, p->states + r->first, r->units * sizeof *out);
  for (int t = 1; t < r->length; t++) {
    const float *state = p->states + r->first + (size_t)t * r->stride;
    for (size_t u = 0; u < r->units; u++)
      out[u] += state[u];
  }
  for (size_t u = 0; u < r->units; u++)
    out[u] /= (float)r->length;
}

static void take_max(const lks_pooling *p, const row_states *r, int32_t *largest, float *out) {
  memcpy(out, p->states + r->first, r->units * sizeof *out);
  memset(largest, 0, r->units * sizeof *largest);
  for (int32_t t = 1; t < r->length; t++) {
    const float *state = p->states + r->first + (size_t)t * r->stride;
    for (size_t u = 0; u < r->units; u++) {
      bool is_larger = state[u] > out[u];
      out[u] = is_larger ? state[u] : out[u];
      largest[u] = is_larger ? t : largest[u];
    }
  }
}

/* Time steps of a row's maxima, of the kinds that take them. */
static int32_t *largest_of(const lks_pooling *p, int row) {
  return p->largest + (size_t)row * (size_t)p->setup.units;
}

/* What the threads share: forward `pooled`, backward `d_pooled` and `d_states`. */
typedef struct {
  lks_pooling *pooling;
  const lks_pass *rows;
  float *pooled;
  const float *d_pooled;
  float *d_states;
} job;

static void forward_row(const job *j, int row) {
  const lks_pooling *p = j->pooling;
  row_states r = states_of(p, row);
  float *out = j->pooled + (size_t)row * (size_t)p->parts * r.units;
  p->sources[row] = p->sequences->position[row];
  switch (p->setup.kind) {
  case LKS_POOLING_LAST: take_last(p, &r, out); break;
  case LKS_POOLING_MEAN: take_mean(p, &r, out); break;
  case LKS_POOLING_MAX: take_max(p, &r, largest_of(p, row), out); break;
  case LKS_POOLING_ATTENTION: take_last(p, &r, p->last + (size_t)row * r.units); break;
  case LKS_POOLING_CONCAT:
    take_last(p, &r, out);
    take_mean(p, &r, out + r.units);
    take_max(p, &r, largest_of(p, row), out + 2 * r.units);
    break;
  }
}

static void forward_body(void *context, int part, int parts) {
  const job *j = context;
  for (int row = part; row < j->rows->rows; row += parts)
    forward_row(j, row);
}

static lks_attention_call attention_call(const lks_pooling *p) {
  return (lks_attention_call){.source = p->sources, .queries = p->last};
}

void lks_pooling_forward(lks_pooling *p, const lks_pass *rows, const lks_ragged *sequences,
                         const float *states, float *pooled) {
  p->sequences = sequences;
  p->states = states;
  lks_parallel(rows->threads, forward_body,
               &(job){.pooling = p, .rows = rows, .pooled = pooled});
  if (!p->attention)
    return;
  lks_attention_call call = attention_call(p);
  lks_span span = lks_span_whole(rows);
  call.context = pooled;
  call.context_stride = (size_t)p->setup.units;
  lks_attention_start(p->attention, sequences, states);
  lks_attention_forward(p->attention, &span, &call);
}

static void give_last(const lks_pooling *p, const row_states *r, const float *d_out,
                      float *d_states) {
  size_t half = half_of(p);
  float *forward = d_states + last_state(r), *reverse = d_states + r->first;
  for (size_t u = 0; u < half; u++)
    forward[u] += d_out[u];
  for (size_t u = half; u < r->units; u++)
    reverse[u] += d_out[u];
}

/* Sets, as the first of what is given back. */
static void give_mean(const row_states *r, const float *d_out, float *d_states) {
  for (int t = 0; t < r->length; t++) {
    float *d_state = d_states + r->first + (size_t)t * r->stride;
    for (size_t u = 0; u < r->units; u++)
      d_state[u] = d_out[u] / (float)r->length;
  }
}

static void give_max(const row_states *r, const int32_t *largest, const float *d_out,
                     float *d_states) {
  for (size_t u = 0; u < r->units; u++)
    d_states[r->first + (size_t)largest[u] * r->stride + u] += d_out[u];
}

static void clear(const row_states *r, float *d_states) {
  for (int t = 0; t < r->length; t++)
    memset(d_states + r->first + (size_t)t * r->stride, 0, r->units * sizeof *d_states);
}

static void backward_row(const job *j, int row) {
  const lks_pooling *p = j->pooling;
  row_states r = states_of(p, row);
  const float *d_out = j->d_pooled + (size_t)row * (size_t)p->parts * r.units;
  switch (p->setup.kind) {
  case LKS_POOLING_LAST:
    clear(&r, j->d_states);
    give_last(p, &r, d_out, j->d_states);
    break;
  case LKS_POOLING_MEAN: give_mean(&r, d_out, j->d_states); break;
  case LKS_POOLING_MAX:
    clear(&r, j->d_states);
    give_max(&r, largest_of(p, row), d_out, j->d_states);
    break;
  case LKS_POOLING_ATTENTION: /* d_states have the gradient of the keys */
    give_last(p, &r, p->d_last + (size_t)row * r.units, j->d_states);
    break;
  case LKS_POOLING_CONCAT:
    give_mean(&r, d_out + r.units, j->d_states);
    give_last(p, &r, d_out, j->d_states);
    give_max(&r, largest_of(p, row), d_out + 2 * r.units, j->d_states);
    break;
  }
}

static void backward_body(void *context, int part, int parts) {
  const job *j = context;
  for (int row = part; row < j->rows->rows; row += parts)
    backward_row(j, row);
}

void lks_pooling_backward(lks_pooling *p, const lks_pass *rows, const float *d_pooled,
                          float *d_states) {
  if (p->attention) {
    lks_attention_call call = attention_call(p);
    lks_span span = lks_span_whole(rows);
    call.d_context = d_pooled;
    call.d_context_stride = (size_t)p->setup.units;
    call.d_queries = p->d_last;
    call.d_keys = d_states;
    lks_attention_backward(p->attention, &span, &call);
    lks_attention_gradients(p->attention, rows, &call);
  }
  lks_parallel(rows->threads, backward_body,
               &(job){.pooling = p, .rows = rows, .d_pooled = d_pooled, .d_states = d_states});
}
