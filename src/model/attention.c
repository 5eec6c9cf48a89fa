/* SPDX-License-Identifier: Apache-2.0 */
/* attention.c - every row by small products of its own with its source's packed keys:
 *
 *   scores = P K^T   weights = softmax(scores)   context = weights K
 *   d_weights = d_context K^T;  d_scores = weights (d_weights - weights . d_weights)
 *   d_P = d_scores K;  d_K = weights^T d_context + d_scores^T P
 *
 * P are the projected queries, or the queries themselves (dot); d_K is made once for all
 * time steps, whatever the spans were. */
#include "model/attention_rows.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

lks_attention_kind lks_attention_find(const char *name) {
  if (strcmp(name, "dot") == 0)
    return LKS_ATTENTION_DOT;
  if (strcmp(name, "additive") == 0)
    return LKS_ATTENTION_ADDITIVE;
  LKS_ASSERT(strcmp(name, "general") == 0);
  return LKS_ATTENTION_GENERAL;
}

static lks_status declare(lks_attention *a) {
  const lks_attention_setup *setup = &a->setup;
  char name[128];
  snprintf(name, sizeof name, "%s.query", setup->name);
  if (setup->kind != LKS_ATTENTION_DOT)
    LKS_TRY(
        lks_dense_create_plain(&a->query, a->params, name, setup->queries, a->projected_units));
  if (setup->kind != LKS_ATTENTION_ADDITIVE)
    return LKS_OK;
  snprintf(name, sizeof name, "%s.key", setup->name);
  LKS_TRY(lks_dense_create(&a->key, a->params, name, setup->keys, setup->units));
  snprintf(name, sizeof name, "%s.vector", setup->name);
  return lks_params_add(a->params, name, lks_shape_1((size_t)setup->units), 0, &a->vector);
}

lks_status lks_attention_create(lks_attention **attention, const lks_attention_setup *setup,
                                lks_params *params) {
  lks_status status;
  lks_attention *a;
  *attention = NULL;
  LKS_ASSERT(setup->kind != LKS_ATTENTION_DOT || setup->queries == setup->keys);
  LKS_TRY(lks_allocate(&a, 1, sizeof *a));
  a->setup = *setup;
  a->params = params;
  a->vector = -1;
  a->projected_units = setup->kind == LKS_ATTENTION_ADDITIVE ? setup->units : setup->keys;
  LKS_TRY_OR(cleanup, status, declare(a));
  a->setup.name = NULL; /* the caller's, for this call */
  *attention = a;
  return LKS_OK;
cleanup:
  lks_attention_destroy(a);
  return status;
}

static lks_status allocate_floats(float **floats, int items, int units) {
  return lks_allocate(floats, (size_t)items * (size_t)units, sizeof(float));
}

/* What one thread works in: tanh of a query with all keys and a packed vector, or a
 * transposed matrix [S, T] and a packed right operand [T, K]. */
static lks_status allocate_scratch(lks_attention *a, const lks_capacity *queries) {
  const lks_kernels *kernels = queries->kernels;
  size_t steps = (size_t)a->steps;
  size_t floats =
      steps * (size_t)queries->steps + kernels->packed_floats(queries->steps, a->setup.keys);
  if (a->key) {
    size_t bent = steps * (size_t)a->setup.units + kernels->packed_floats(a->setup.units, 1);
    floats = bent > floats ? bent : floats;
  }
  a->scratch_floats = floats;
  return lks_allocate(&a->scratch, floats * (size_t)queries->threads, sizeof(float));
}

static lks_status allocate_additive(lks_attention *a, const lks_capacity *queries,
                                    const lks_capacity *sources) {
  int units = a->setup.units;
  LKS_TRY(lks_dense_allocate(a->key, sources, sources->items));
  LKS_TRY(allocate_floats(&a->projected_keys, sources->items, units));
  if (!queries->training)
    return LKS_OK;
  LKS_TRY(allocate_floats(&a->d_projected_keys, sources->items, units));
  return allocate_floats(&a->d_vector, queries->items, units);
}

lks_status lks_attention_allocate(lks_attention *a, const lks_capacity *queries,
                                  const lks_capacity *sources) {
  const lks_kernels *kernels = queries->kernels;
  size_t rows = (size_t)sources->rows;
  a->steps = sources->steps;
  LKS_TRY(lks_allocate(&a->across_at, rows + 1, sizeof *a->across_at));
  LKS_TRY(lks_allocate(&a->along_at, rows + 1, sizeof *a->along_at));
  LKS_TRY(lks_allocate(&a->across, rows,
                       kernels->packed_floats(a->setup.keys, a->steps) * sizeof(float)));
  LKS_TRY(lks_allocate(&a->along, rows,
                       kernels->packed_floats(a->steps, a->setup.keys) * sizeof(float)));
  LKS_TRY(allocate_floats(&a->weights, queries->items, a->steps));
  LKS_TRY(allocate_scratch(a, queries));
  if (a->query) {
    LKS_TRY(lks_dense_allocate(a->query, queries, queries->items));
    LKS_TRY(allocate_floats(&a->projected, queries->items, a->projected_units));
  }
  if (a->key)
    LKS_TRY(allocate_additive(a, queries, sources));
  if (!queries->training)
    return LKS_OK;
  if (a->query)
    LKS_TRY(allocate_floats(&a->d_projected, queries->items, a->projected_units));
  return allocate_floats(&a->d_scores, queries->items, a->steps);
}

void lks_attention_destroy(lks_attention *a) {
  if (!a)
    return;
  lks_release(a->scratch);
  lks_release(a->d_vector);
  lks_release(a->d_projected_keys);
  lks_release(a->projected_keys);
  lks_release(a->d_scores);
  lks_release(a->weights);
  lks_release(a->d_projected);
  lks_release(a->projected);
  lks_release(a->along);
  lks_release(a->across);
  lks_release(a->along_at);
  lks_release(a->across_at);
  lks_dense_destroy(a->key);
  lks_dense_destroy(a->query);
  lks_release(a);
}

void lks_attention_pack(lks_attention *a, const lks_kernels *kernels, int threads,
                        bool training) {
  if (a->query)
    lks_dense_pack(a->query, kernels, threads, training);
  if (a->key)
    lks_dense_pack(a->key, kernels, threads, training);
}

static void start_body(void *context, int part, int parts) {
  const lks_attention *a = context;
  const lks_ragged *sources = a->sources;
  const lks_kernels *kernels = sources->pass.kernels;
  size_t keys = (size_t)a->setup.keys, stride = (size_t)sources->count * keys;
  for (int i = part; i < sources->count; i += parts) {
    const float *first = a->keys + (size_t)i * keys;
    int length = sources->lengths[i];
    kernels->pack(a->setup.keys, length, (lks_operand){first, 1, stride},
                  a->across + a->across_at[i], 0, lks_kernels_panels(kernels, length));
    kernels->pack(length, a->setup.keys, (lks_operand){first, stride, 1},
                  a->along + a->along_at[i], 0, lks_kernels_panels(kernels, a->setup.keys));
  }
}

void lks_attention_start(lks_attention *a, const lks_ragged *sources, const float *keys) {
  const lks_pass *pass = &sources->pass;
  a->sources = sources;
  a->keys = keys;
  for (int i = 0; i < sources->count; i++) {
    a->across_at[i + 1] =
        a->across_at[i] + pass->kernels->packed_floats(a->setup.keys, sources->lengths[i]);
    a->along_at[i + 1] =
        a->along_at[i] + pass->kernels->packed_floats(sources->lengths[i], a->setup.keys);
  }
  lks_parallel(pass->threads, start_body, a);
  if (a->key)
    lks_dense_forward(a->key, pass, keys, a->projected_keys);
}

typedef struct {
  lks_attention *attention;
  const lks_span *span;
  const lks_attention_call *call;
} job;

/* Row `r` of the span. */
static lks_attention_row row_of(const job *j, int part, int r) {
  const lks_attention *a = j->attention;
  const lks_pass *pass = j->span->pass;
  int last = j->span->last;
  while (last > j->span->first && pass->active[last - 1] <= r)
    last--;
  return (lks_attention_row){
      .attention = a,
      .kernels = pass->kernels,
      .call = j->call,
      .scratch = a->scratch + (size_t)part * a->scratch_floats,
      .source = j->call->source[r],
      .length = a->sources->lengths[j->call->source[r]],
      .count = last - j->span->first,
      .item = (size_t)j->span->first * (size_t)pass->rows + (size_t)r,
      .rows = (size_t)pass->rows,
      .is_last = last == pass->steps || pass->active[last] <= r,
  };
}

/* What is multiplied with the keys: [T, B, K]. */
static const float *projected(const lks_attention_row *row) {
  return row->attention->query ? row->attention->projected : row->call->queries;
}

/* out [count, S] = left [count, K] K^T; left and out are arrays of items. */
static void times_keys(const lks_attention_row *row, const float *left, size_t stride,
                       float *out) {
  const lks_attention *a = row->attention;
  size_t steps = (size_t)a->steps;
  row->kernels->product(row->count, a->setup.keys, row->length, left + row->item * stride,
                        row->rows * stride, a->across + a->across_at[row->source], NULL, 0,
                        out + row->item * steps, row->rows * steps, 0,
                        lks_kernels_panels(row->kernels, row->length));
}

/* out [count, K] = left [count, S] K, from `start`; all are arrays of items. */
static void mix_keys(const lks_attention_row *row, const float *left, const float *start,
                     size_t start_stride, float *out, size_t stride) {
  const lks_attention *a = row->attention;
  size_t steps = (size_t)a->steps;
  row->kernels->product(row->count, row->length, a->setup.keys, left + row->item * steps,
                        row->rows * steps, a->along + a->along_at[row->source],
                        start ? start + row->item * start_stride : NULL,
                        row->rows * start_stride, out + row->item * stride, row->rows * stride,
                        0, lks_kernels_panels(row->kernels, a->setup.keys));
}

static void forward_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_attention *a = j->attention;
  for (int r = part; r < j->span->pass->rows; r += parts) {
    lks_attention_row row = row_of(j, part, r);
    if (row.count <= 0)
      continue;
    if (a->key)
      lks_attention_add_scores(&row);
    else
      times_keys(&row, projected(&row), (size_t)a->setup.keys, a->weights);
    for (int i = 0; i < row.count; i++) {
      float *weights = a->weights + (row.item + (size_t)i * row.rows) * (size_t)a->steps;
      row.kernels->softmax(row.length, weights, weights);
    }
    mix_keys(&row, a->weights, NULL, 0, j->call->context, j->call->context_stride);
  }
}

void lks_attention_forward(lks_attention *a, const lks_span *span,
                           const lks_attention_call *call) {
  if (a->query)
    lks_dense_forward_span(a->query, span, call->queries, a->projected);
  lks_parallel(span->pass->threads, forward_body, &(job){a, span, call});
}

/* d_scores, in the place of d_weights; the sum in f64, in the symbols' order. */
static void softmax_back(int n, const float *weights, float *d) {
  double sum = 0;
  for (int s = 0; s < n; s++)
    sum += (double)weights[s] * (double)d[s];
  for (int s = 0; s < n; s++)
    d[s] = weights[s] * (d[s] - (float)sum);
}

static void backward_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_attention *a = j->attention;
  const lks_attention_call *call = j->call;
  size_t keys = (size_t)a->setup.keys;
  for (int r = part; r < j->span->pass->rows; r += parts) {
    lks_attention_row row = row_of(j, part, r);
    if (row.count <= 0)
      continue;
    times_keys(&row, call->d_context, call->d_context_stride, a->d_scores);
    for (int i = 0; i < row.count; i++) {
      size_t at = (row.item + (size_t)i * row.rows) * (size_t)a->steps;
      softmax_back(row.length, a->weights + at, a->d_scores + at);
    }
    if (a->key)
      lks_attention_add_back(&row);
    else if (a->query)
      mix_keys(&row, a->d_scores, NULL, 0, a->d_projected, keys);
    else
      mix_keys(&row, a->d_scores, call->d_beside, call->d_beside_stride, call->d_queries, keys);
  }
}

void lks_attention_backward(lks_attention *a, const lks_span *span,
                            const lks_attention_call *call) {
  lks_parallel(span->pass->threads, backward_body, &(job){a, span, call});
  if (a->query)
    lks_dense_backward_span(a->query, span, a->d_projected, call->d_beside,
                            call->d_beside_stride, call->d_queries);
}

/* d_keys of the row's source (+)= matrix [T, S]^T right [T, K]; arrays of items. */
static void add_keys(const lks_attention_row *row, const float *matrix, const float *right,
                     size_t stride, bool adds) {
  const lks_attention *a = row->attention;
  size_t steps = (size_t)a->steps, keys = (size_t)a->setup.keys;
  size_t inner = (size_t)row->count, apart = (size_t)a->sources->count * keys;
  float *turned = row->scratch, *packed = turned + steps * inner;
  float *d_keys = row->call->d_keys + (size_t)row->source * keys;
  int panels = lks_kernels_panels(row->kernels, a->setup.keys);
  for (size_t i = 0; i < inner; i++)
    for (int s = 0; s < row->length; s++)
      turned[(size_t)s * inner + i] = matrix[(row->item + i * row->rows) * steps + (size_t)s];
  row->kernels->pack(row->count, a->setup.keys,
                     (lks_operand){right + row->item * stride, row->rows * stride, 1}, packed,
                     0, panels);
  row->kernels->product(row->length, row->count, a->setup.keys, turned, inner, packed,
                        adds ? d_keys : NULL, apart, d_keys, apart, 0, panels);
}

static void keys_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_attention *a = j->attention;
  for (int r = part; r < j->span->pass->rows; r += parts) {
    lks_attention_row row = row_of(j, part, r);
    add_keys(&row, a->weights, j->call->d_context, j->call->d_context_stride, false);
    if (!a->key)
      add_keys(&row, a->d_scores, projected(&row), (size_t)a->setup.keys, true);
  }
}

static void vector_body(void *context, int part, int parts) {
  const job *j = context;
  const lks_attention *a = j->attention;
  const lks_pass *pass = j->span->pass;
  int first, last;
  lks_parallel_slice(a->setup.units, LKS_LANES, part, parts, &first, &last);
  if (first < last)
    pass->kernels->segmented_sum(pass->segments, a->d_vector, (size_t)a->setup.units, first,
                                 last, pass->gradients,
                                 lks_params_at(a->params, a->vector)->offset);
}

void lks_attention_gradients(lks_attention *a, const lks_pass *pass,
                             const lks_attention_call *call) {
  lks_span span = lks_span_whole(pass);
  job j = {a, &span, call};
  LKS_ASSERT(pass->rows == a->sources->count);
  lks_parallel(pass->threads, keys_body, &j);
  if (a->query)
    lks_dense_gradients(a->query, pass, call->queries, a->d_projected);
  if (!a->key)
    return;
  lks_parallel(pass->threads, vector_body, &j);
  lks_span sources = lks_span_whole(&a->sources->pass);
  lks_dense_backward_span(a->key, &sources, a->d_projected_keys, call->d_keys,
                          (size_t)a->setup.keys, call->d_keys);
  lks_dense_gradients(a->key, &a->sources->pass, a->keys, a->d_projected_keys);
}

const float *lks_attention_weights(const lks_attention *a, size_t item) {
  return a->weights + item * (size_t)a->steps;
}
