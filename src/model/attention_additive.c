/* SPDX-License-Identifier: Apache-2.0 */
/* attention_additive.c - scores v . tanh(q + k) of projected queries and keys; the tanh is
 * made again on the way back, since it has a number for every pair and unit. */
#include "model/attention_rows.h"

#include <string.h>

/* A projected query, and the first of its source's projected keys. */
static const float *query_at(const lks_attention_row *row, int i) {
  size_t units = (size_t)row->attention->setup.units;
  return row->attention->projected + (row->item + (size_t)i * row->rows) * units;
}

static size_t key_at(const lks_attention_row *row, int s) {
  size_t count = (size_t)row->attention->sources->count;
  return ((size_t)s * count + (size_t)row->source) * (size_t)row->attention->setup.units;
}

/* bent [S, A] = tanh(q + k) of item i of the row. */
static void bend(const lks_attention_row *row, int i, float *bent) {
  const lks_attention *a = row->attention;
  size_t units = (size_t)a->setup.units;
  for (int s = 0; s < row->length; s++)
    row->kernels->add(units, query_at(row, i), a->projected_keys + key_at(row, s),
                      bent + (size_t)s * units);
  row->kernels->tanh((size_t)row->length * units, bent, bent);
}

void lks_attention_add_scores(const lks_attention_row *row) {
  const lks_attention *a = row->attention;
  int units = a->setup.units;
  float *bent = row->scratch, *packed = bent + (size_t)a->steps * (size_t)units;
  const float *vector = lks_params_view(a->params, a->vector);
  row->kernels->pack(units, 1, (lks_operand){vector, 1, 1}, packed, 0,
                     lks_kernels_panels(row->kernels, 1));
  for (int i = 0; i < row->count; i++) {
    float *scores = a->weights + (row->item + (size_t)i * row->rows) * (size_t)a->steps;
    bend(row, i, bent);
    row->kernels->product(row->length, units, 1, bent, (size_t)units, packed, NULL, 0, scores,
                          1, 0, lks_kernels_panels(row->kernels, 1));
  }
}

/* The pair of one query and one key: d = d_score v (1 - tanh^2). */
static void pair_back(int units, float d_score, const float *vector, const float *bent,
                      float *d_query, float *d_key, float *d_vector) {
  for (int u = 0; u < units; u++) {
    float d = d_score * vector[u] * (1.0f - bent[u] * bent[u]);
    d_query[u] += d;
    d_key[u] += d;
    d_vector[u] += d_score * bent[u];
  }
}

void lks_attention_add_back(const lks_attention_row *row) {
  const lks_attention *a = row->attention;
  size_t units = (size_t)a->setup.units, bytes = units * sizeof(float);
  const float *vector = lks_params_view(a->params, a->vector);
  for (int s = 0; s < row->length && row->is_last; s++)
    memset(a->d_projected_keys + key_at(row, s), 0, bytes);
  for (int i = row->count - 1; i >= 0; i--) {
    size_t item = row->item + (size_t)i * row->rows;
    const float *d_scores = a->d_scores + item * (size_t)a->steps;
    memset(a->d_projected + item * units, 0, bytes);
    memset(a->d_vector + item * units, 0, bytes);
    bend(row, i, row->scratch);
    for (int s = 0; s < row->length; s++)
      pair_back(a->setup.units, d_scores[s], vector, row->scratch + (size_t)s * units,
                a->d_projected + item * units, a->d_projected_keys + key_at(row, s),
                a->d_vector + item * units);
  }
}
