/* SPDX-License-Identifier: Apache-2.0 */
/* crf.c - forward and backward over a row.
 *
 * Both sweeps keep their largest number at 0 and what was taken off in a sum in f64: what
 * is left has small numbers in f32, however long the row is.  Sums over tags go in their
 * order.  Probabilities of a pair of tags are a softmax of their own, so that they add up
 * to 1 without the sum over all paths. */
#include "model/crf.h"

#include "base/fail.h"
#include "base/memory.h"

#include <stdio.h>
#include <string.h>

struct lks_crf {
  lks_params *params; /* borrowed; outlives this */
  int tags;
  int transitions; /* start and end follow */
  int steps;
  float *alpha;   /* [threads, steps, tags] */
  float *scratch; /* [threads, tags x tags + 3 tags] */
  float *d_row;   /* [rows, tags x tags + 2 tags]: transitions, start, end */
};

lks_status lks_crf_create(lks_crf **crf, lks_params *params, const char *name, int tags) {
  lks_status status;
  char text[128];
  size_t extent = (size_t)tags;
  int other;
  lks_crf *c;
  *crf = NULL;
  LKS_TRY(lks_allocate(&c, 1, sizeof *c));
  c->params = params;
  c->tags = tags;
  snprintf(text, sizeof text, "%s.transitions", name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, text, lks_shape_2(extent, extent), 0, &c->transitions));
  snprintf(text, sizeof text, "%s.start", name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, text, lks_shape_1(extent), LKS_PARAM_NO_DECAY, &other));
  snprintf(text, sizeof text, "%s.end", name);
  LKS_TRY_OR(cleanup, status,
             lks_params_add(params, text, lks_shape_1(extent), LKS_PARAM_NO_DECAY, &other));
  *crf = c;
  return LKS_OK;
cleanup:
  lks_crf_destroy(c);
  return status;
}

lks_status lks_crf_allocate(lks_crf *c, const lks_capacity *capacity, int rows, int steps) {
  size_t tags = (size_t)c->tags, threads = (size_t)capacity->threads;
  c->steps = steps;
  LKS_TRY(lks_allocate(&c->alpha, threads * (size_t)steps * tags, sizeof(float)));
  LKS_TRY(lks_allocate(&c->scratch, threads * tags * (tags + 3), sizeof(float)));
  if (!capacity->training)
    return LKS_OK;
  return lks_allocate(&c->d_row, (size_t)rows * tags * (tags + 2), sizeof(float));
}

void lks_crf_destroy(lks_crf *c) {
  if (!c)
    return;
  lks_release(c->d_row);
  lks_release(c->scratch);
  lks_release(c->alpha);
  lks_release(c);
}

int lks_crf_param(const lks_crf *crf) {
  return crf->transitions;
}

typedef struct {
  lks_crf *crf;
  const lks_ragged *words;
  const lks_pass *rows;
  const float *emissions;
  const int32_t *tags;
  float *losses;
  float *d_emissions;
  const float *transitions, *start, *end;
} job;

/* What a thread works with. */
typedef struct {
  const job *j;
  int row;
  int length;
  float *alpha;        /* [steps, tags] */
  float *pairs;        /* [tags, tags] */
  float *beta, *below; /* [tags] */
  float *most;         /* [tags] */
} sweep;

static const float *emission_at(const sweep *s, int t) {
  return s->j->emissions + lks_ragged_item(s->j->words, s->row, t) * (size_t)s->j->crf->tags;
}

static int32_t tag_at(const sweep *s, int t) {
  return s->j->tags[lks_ragged_item(s->j->words, s->row, t)];
}

/* Takes the largest number off all of them; returns it. */
static double recentre(float *x, int count) {
  float most = x[0];
  for (int k = 1; k < count; k++)
    most = x[k] > most ? x[k] : most;
  for (int k = 0; k < count; k++)
    x[k] -= most;
  return (double)most;
}

/* out[k] = log sum over i of exp pairs[i, k]; pairs are destroyed. */
static void log_sum(const sweep *s, float *out) {
  const lks_kernels *kernels = s->j->rows->kernels;
  int tags = s->j->crf->tags;
  size_t extent = (size_t)tags;
  float *most = s->most, *pairs = s->pairs;
  memcpy(most, pairs, extent * sizeof *most);
  for (int i = 1; i < tags; i++)
    for (int k = 0; k < tags; k++)
      most[k] = pairs[i * tags + k] > most[k] ? pairs[i * tags + k] : most[k];
  for (int i = 0; i < tags; i++)
    for (int k = 0; k < tags; k++)
      pairs[i * tags + k] -= most[k];
  kernels->exp(extent * extent, pairs, pairs);
  memcpy(out, pairs, extent * sizeof *out);
  for (int i = 1; i < tags; i++)
    kernels->add(extent, out, pairs + (size_t)i * extent, out);
  kernels->log(extent, out, out);
  kernels->add(extent, out, most, out);
}

/* alpha[t, k] = log sum over all paths to tag k at time t; returns that over all paths. */
static double run_forward(const sweep *s) {
  int tags = s->j->crf->tags;
  const float *transitions = s->j->transitions, *first = emission_at(s, 0);
  double taken = 0;
  for (int k = 0; k < tags; k++)
    s->alpha[k] = s->j->start[k] + first[k];
  taken += recentre(s->alpha, tags);
  for (int t = 1; t < s->length; t++) {
    const float *emission = emission_at(s, t);
    float *next = s->alpha + t * tags, *previous = next - tags;
    for (int i = 0; i < tags; i++)
      for (int k = 0; k < tags; k++)
        s->pairs[i * tags + k] = previous[i] + transitions[i * tags + k];
    log_sum(s, next);
    for (int k = 0; k < tags; k++)
      next[k] += emission[k];
    taken += recentre(next, tags);
  }
  const float *last = s->alpha + (s->length - 1) * tags;
  for (int i = 0; i < tags; i++)
    for (int k = 0; k < tags; k++)
      s->pairs[i * tags + k] = last[i] + s->j->end[i];
  log_sum(s, s->beta);
  return taken + (double)s->beta[0];
}

static double score_of_tags(const sweep *s) {
  int tags = s->j->crf->tags;
  double score = (double)s->j->start[tag_at(s, 0)];
  for (int t = 0; t < s->length; t++) {
    int32_t tag = tag_at(s, t);
    score += (double)emission_at(s, t)[tag];
    if (t > 0)
      score += (double)s->j->transitions[tag_at(s, t - 1) * tags + tag];
  }
  return score + (double)s->j->end[tag_at(s, s->length - 1)];
}

/* d_emission of item t, from alpha and beta: its probabilities less the tag. */
static float *unary(const sweep *s, int t) {
  int tags = s->j->crf->tags;
  float *d = s->j->d_emissions + lks_ragged_item(s->j->words, s->row, t) * (size_t)tags;
  const float *alpha = s->alpha + t * tags;
  for (int k = 0; k < tags; k++)
    d[k] = alpha[k] + s->beta[k];
  s->j->rows->kernels->softmax(tags, d, d);
  d[tag_at(s, t)] -= 1;
  return d;
}

/* Adds the probabilities of the pairs at t and t + 1, and takes off the right one; leaves
 * beta of time t. */
static void step_back(const sweep *s, int t, float *d_transitions) {
  int tags = s->j->crf->tags;
  const float *transitions = s->j->transitions, *emission = emission_at(s, t + 1);
  const float *alpha = s->alpha + t * tags;
  for (int k = 0; k < tags; k++)
    s->below[k] = emission[k] + s->beta[k];
  for (int i = 0; i < tags; i++)
    for (int k = 0; k < tags; k++)
      s->pairs[i * tags + k] = (alpha[i] + transitions[i * tags + k]) + s->below[k];
  s->j->rows->kernels->softmax(tags * tags, s->pairs, s->pairs);
  s->j->rows->kernels->add((size_t)tags * (size_t)tags, d_transitions, s->pairs, d_transitions);
  d_transitions[tag_at(s, t) * tags + tag_at(s, t + 1)] -= 1;
  for (int i = 0; i < tags; i++)
    for (int k = 0; k < tags; k++) /* turned round: the sum runs over what comes next */
      s->pairs[k * tags + i] = transitions[i * tags + k] + s->below[k];
  log_sum(s, s->beta);
  (void)recentre(s->beta, tags);
}

static void run_backward(const sweep *s, float *d_row) {
  size_t tags = (size_t)s->j->crf->tags;
  float *d_start = d_row + tags * tags, *d_end = d_start + tags;
  memcpy(s->beta, s->j->end, tags * sizeof *s->beta);
  memcpy(d_end, unary(s, s->length - 1), tags * sizeof *d_end);
  for (int t = s->length - 2; t >= 0; t--) {
    step_back(s, t, d_row);
    (void)unary(s, t);
  }
  const float *first = s->j->d_emissions + lks_ragged_item(s->j->words, s->row, 0) * tags;
  memcpy(d_start, first, tags * sizeof *d_start);
}

static void body(void *context, int part, int parts) {
  const job *j = context;
  lks_crf *c = j->crf;
  size_t tags = (size_t)c->tags, partials = tags * (tags + 2);
  float *scratch = c->scratch + (size_t)part * tags * (tags + 3);
  sweep s = {.j = j,
             .alpha = c->alpha + (size_t)part * (size_t)c->steps * tags,
             .pairs = scratch,
             .beta = scratch + tags * tags,
             .below = scratch + tags * (tags + 1),
             .most = scratch + tags * (tags + 2)};
  int first, last;
  lks_parallel_slice(j->words->count, 1, part, parts, &first, &last);
  for (int row = first; row < last; row++) {
    float *d_row = j->d_emissions ? c->d_row + (size_t)row * partials : NULL;
    s.row = row;
    s.length = j->words->lengths[j->words->position[row]];
    LKS_ASSERT(s.length <= c->steps);
    if (d_row)
      memset(d_row, 0, partials * sizeof *d_row);
    j->losses[row] = 0;
    if (s.length == 0)
      continue;
    j->losses[row] = (float)(run_forward(&s) - score_of_tags(&s));
    if (d_row)
      run_backward(&s, d_row);
  }
}

void lks_crf_run(lks_crf *c, const lks_ragged *words, const lks_pass *rows,
                 const float *emissions, const int32_t *tags, float *losses,
                 float *d_emissions) {
  int count = c->tags * c->tags;
  job j = {c,
           words,
           rows,
           emissions,
           tags,
           losses,
           d_emissions,
           lks_params_view(c->params, c->transitions),
           lks_params_view(c->params, c->transitions + 1),
           lks_params_view(c->params, c->transitions + 2)};
  lks_parallel(rows->threads, body, &j);
  if (!d_emissions)
    return;
  size_t stride = (size_t)count + 2 * (size_t)c->tags;
  const float *left = c->d_row;
  for (int i = 0; i < 3; i++) {
    int columns = i == 0 ? count : c->tags;
    rows->kernels->segmented_sum(rows->segments, left, stride, 0, columns, rows->gradients,
                                 lks_params_at(c->params, c->transitions + i)->offset);
    left += columns;
  }
}
