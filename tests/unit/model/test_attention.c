/* SPDX-License-Identifier: Apache-2.0 */
/* test_attention.c - attention against its formulas in f64: contexts, and every gradient
 * against central differences, for every kind, rows and sources of unequal length in
 * unequal orders.  And what the promise rests on: threads, spans and company change no
 * bit. */
#include "base/memory.h"
#include "model/attention.h"
#include "check.h"

#include <math.h>
#include <string.h>

enum { ROWS = 3, STEPS = 4, SYMBOLS = 5, QUERIES = 6, KEYS = 6, UNITS = 3, VALUES_MAX = 4096 };

/* f32 chains of six terms, and of scores of some size under exp, against f64; and beside
 * differences of step 1e-5. */
#define FORWARD_TOLERANCE 1e-5
#define GRADIENT_TOLERANCE 2e-5

static const int active[STEPS] = {3, 2, 2, 1};
static const int lengths[ROWS] = {4, 3, 1};
static int source_active[SYMBOLS] = {3, 3, 2, 2, 1};
static int source_lengths[ROWS] = {5, 4, 2};
static const int source[ROWS] = {2, 0, 1}; /* of each row of queries */

typedef struct {
  lks_attention_kind kind;
  lks_params *params;
  lks_attention *attention;
  float *values, *gradient;
  float queries[STEPS * ROWS * QUERIES], keys[SYMBOLS * ROWS * KEYS];
  float weight[STEPS * ROWS * KEYS]; /* of the contexts in the objective */
  float beside[STEPS * ROWS * QUERIES];
  lks_segments *segments, *source_segments;
} fixture;

typedef struct {
  float context[STEPS * ROWS * KEYS];
  float d_queries[STEPS * ROWS * QUERIES], d_keys[SYMBOLS * ROWS * KEYS];
} result;

static float draw(uint32_t i) {
  uint32_t words[4];
  lks_philox(lks_random_key_of(11), lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, i, 0, 0),
             words);
  return 2 * lks_random_unit(words[0]) - 1;
}

static void draw_all(float *values, size_t count, uint32_t stream) {
  for (size_t i = 0; i < count; i++)
    values[i] = draw(stream * 100000 + (uint32_t)i);
}

static const lks_kernels *kernels(void) {
  const lks_kernels *found;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &found));
  return found;
}

static void fill_segments(lks_segments **segments, int steps, const int *of_rows) {
  lks_shards plan = {2, ROWS, ROWS};
  lks_subtree whole = {0, 2};
  CHECK_OK(lks_segments_create(segments, ROWS * steps, 2));
  lks_segments_fill(*segments, &plan, &whole, 1, steps, of_rows);
}

static void open_fixture(fixture *f, lks_attention_kind kind) {
  memset(f, 0, sizeof *f);
  f->kind = kind;
  lks_attention_setup setup = {"attention", kind, QUERIES, KEYS, UNITS};
  lks_capacity queries = {.rows = ROWS,
                          .steps = STEPS,
                          .items = ROWS * STEPS,
                          .shards = 2,
                          .training = true,
                          .threads = 2,
                          .kernels = kernels()};
  lks_capacity sources = queries;
  sources.steps = SYMBOLS;
  sources.items = ROWS * SYMBOLS;
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_attention_create(&f->attention, &setup, f->params));
  CHECK_OK(lks_attention_allocate(f->attention, &queries, &sources));
  size_t count = lks_params_value_count(f->params) + 1;
  CHECK_OK(lks_allocate(&f->values, count, sizeof(float)));
  CHECK_OK(lks_allocate(&f->gradient, count, sizeof(float)));
  lks_params_bind(f->params, f->values);
  for (int i = 0; i < lks_params_count(f->params); i++)
    draw_all(lks_params_view(f->params, i), lks_params_at(f->params, i)->count, (uint32_t)i);
  draw_all(f->queries, STEPS * ROWS * QUERIES, 10);
  draw_all(f->keys, SYMBOLS * ROWS * KEYS, 11);
  draw_all(f->weight, STEPS * ROWS * KEYS, 12);
  draw_all(f->beside, STEPS * ROWS * QUERIES, 13);
  fill_segments(&f->segments, STEPS, lengths);
  fill_segments(&f->source_segments, SYMBOLS, source_lengths);
  lks_attention_pack(f->attention, kernels(), 2, true);
}

static void close_fixture(fixture *f) {
  lks_segments_destroy(f->source_segments);
  lks_segments_destroy(f->segments);
  lks_attention_destroy(f->attention);
  lks_params_destroy(f->params);
  lks_release(f->gradient);
  lks_release(f->values);
}

/* ---- the oracle ---- */

typedef struct {
  double queries[STEPS * ROWS * QUERIES], keys[SYMBOLS * ROWS * KEYS];
  double values[VALUES_MAX];
  double context[STEPS * ROWS * KEYS];
} oracle;

static const double *param(const fixture *f, const oracle *o, const char *name) {
  int i = lks_params_find(f->params, name);
  CHECK(i >= 0);
  return o->values + lks_params_at(f->params, i)->offset;
}

static double score(const fixture *f, const oracle *o, const double *q, const double *k) {
  double sum = 0;
  if (f->kind == LKS_ATTENTION_ADDITIVE) {
    const double *query = param(f, o, "attention.query.weight");
    const double *key = param(f, o, "attention.key.weight");
    const double *bias = param(f, o, "attention.key.bias");
    const double *vector = param(f, o, "attention.vector");
    for (int u = 0; u < UNITS; u++) {
      double inner = bias[u];
      for (int i = 0; i < QUERIES; i++)
        inner += query[u * QUERIES + i] * q[i];
      for (int i = 0; i < KEYS; i++)
        inner += key[u * KEYS + i] * k[i];
      sum += vector[u] * tanh(inner);
    }
    return sum;
  }
  for (int i = 0; i < KEYS; i++) {
    double projected = f->kind == LKS_ATTENTION_DOT ? q[i] : 0;
    for (int j = 0; j < QUERIES && f->kind == LKS_ATTENTION_GENERAL; j++)
      projected += param(f, o, "attention.query.weight")[i * QUERIES + j] * q[j];
    sum += projected * k[i];
  }
  return sum;
}

static double objective(oracle *o, const fixture *f) {
  double sum = 0;
  for (int t = 0; t < STEPS; t++)
    for (int r = 0; r < active[t]; r++) {
      const double *q = o->queries + (t * ROWS + r) * QUERIES;
      double *context = o->context + (t * ROWS + r) * KEYS, total = 0, e[SYMBOLS];
      memset(context, 0, KEYS * sizeof *context);
      for (int s = 0; s < source_lengths[source[r]]; s++)
        total += e[s] = exp(score(f, o, q, o->keys + (s * ROWS + source[r]) * KEYS));
      for (int s = 0; s < source_lengths[source[r]]; s++)
        for (int i = 0; i < KEYS; i++)
          context[i] += e[s] / total * o->keys[(s * ROWS + source[r]) * KEYS + i];
      for (int i = 0; i < KEYS; i++)
        sum += (double)f->weight[(t * ROWS + r) * KEYS + i] * context[i];
      for (int i = 0; i < QUERIES; i++)
        sum += (double)f->beside[(t * ROWS + r) * QUERIES + i] * q[i];
    }
  return sum;
}

static void open_oracle(oracle *o, const fixture *f) {
  memset(o, 0, sizeof *o);
  CHECK(lks_params_value_count(f->params) <= VALUES_MAX);
  for (size_t i = 0; i < lks_params_value_count(f->params); i++)
    o->values[i] = (double)f->values[i];
  for (int i = 0; i < STEPS * ROWS * QUERIES; i++)
    o->queries[i] = (double)f->queries[i];
  for (int i = 0; i < SYMBOLS * ROWS * KEYS; i++)
    o->keys[i] = (double)f->keys[i];
}

static double difference(oracle *o, const fixture *f, double *value) {
  const double step = 1e-5;
  double kept = *value;
  *value = kept + step;
  double above = objective(o, f);
  *value = kept - step;
  double below = objective(o, f);
  *value = kept;
  return (above - below) / (2 * step);
}

/* ---- the model ---- */

static void run(fixture *f, int threads, bool stepwise, result *r) {
  float *gradients[1] = {f->gradient};
  lks_ragged sources = {.count = ROWS, .lengths = source_lengths, .active = source_active};
  lks_pass pass = {.kernels = kernels(),
                   .threads = threads,
                   .rows = ROWS,
                   .steps = STEPS,
                   .active = active,
                   .training = true,
                   .segments = f->segments,
                   .gradients = gradients};
  memset(r, 0, sizeof *r);
  sources.pass = pass;
  sources.pass.steps = SYMBOLS;
  sources.pass.active = source_active;
  sources.pass.segments = f->source_segments;
  lks_attention_call call = {.source = source,
                             .queries = f->queries,
                             .context = r->context,
                             .context_stride = KEYS,
                             .d_context = f->weight,
                             .d_context_stride = KEYS,
                             .d_beside = f->beside,
                             .d_beside_stride = QUERIES,
                             .d_queries = r->d_queries,
                             .d_keys = r->d_keys};
  lks_attention_start(f->attention, &sources, f->keys);
  int step = stepwise ? 1 : STEPS;
  for (int t = 0; t < STEPS; t += step)
    lks_attention_forward(f->attention, &(lks_span){&pass, t, t + step}, &call);
  for (int t = STEPS - step; t >= 0; t -= step)
    lks_attention_backward(f->attention, &(lks_span){&pass, t, t + step}, &call);
  lks_attention_gradients(f->attention, &pass, &call);
}

static void for_every_kind(void (*test)(fixture *f)) {
  static const lks_attention_kind kinds[] = {LKS_ATTENTION_GENERAL, LKS_ATTENTION_DOT,
                                             LKS_ATTENTION_ADDITIVE};
  for (int i = 0; i < 3; i++) {
    fixture f;
    open_fixture(&f, kinds[i]);
    test(&f);
    close_fixture(&f);
  }
}

static void against_oracle(fixture *f) {
  static oracle o;
  result r;
  open_oracle(&o, f);
  objective(&o, f);
  run(f, 1, false, &r);
  for (int t = 0; t < STEPS; t++)
    for (int i = t * ROWS * KEYS; i < (t * ROWS + active[t]) * KEYS; i++) {
      CHECK_CLOSE(r.context[i], o.context[i], FORWARD_TOLERANCE);
      CHECK_CLOSE(r.d_queries[i], difference(&o, f, &o.queries[i]), GRADIENT_TOLERANCE);
    }
  for (int s = 0; s < SYMBOLS; s++)
    for (int i = s * ROWS * KEYS; i < (s * ROWS + source_active[s]) * KEYS; i++)
      CHECK_CLOSE(r.d_keys[i], difference(&o, f, &o.keys[i]), GRADIENT_TOLERANCE);
  for (int p = 0; p < lks_params_count(f->params); p++) {
    const lks_param *of = lks_params_at(f->params, p);
    for (size_t i = of->offset; i < of->offset + of->count; i++)
      CHECK_CLOSE(f->gradient[i], difference(&o, f, &o.values[i]), GRADIENT_TOLERANCE);
  }
}

static void contexts_and_gradients_are_those_of_the_formulas(void) {
  for_every_kind(against_oracle);
}

static void same_bits(fixture *f) {
  static float kept[VALUES_MAX];
  result one, other;
  size_t count = lks_params_value_count(f->params);
  run(f, 1, false, &one);
  memcpy(kept, f->gradient, count * sizeof(float));
  for (int stepwise = 0; stepwise < 2; stepwise++)
    for (int threads = 1; threads <= 2; threads++) {
      run(f, threads, stepwise == 1, &other);
      CHECK_SAME_BITS(f->gradient, kept, count);
      for (int t = 0; t < STEPS; t++) {
        size_t at = (size_t)(t * ROWS * KEYS), n = (size_t)(active[t] * KEYS);
        CHECK_SAME_BITS(other.context + at, one.context + at, n);
        CHECK_SAME_BITS(other.d_queries + at, one.d_queries + at, n);
      }
      CHECK(memcmp(one.d_keys, other.d_keys, sizeof one.d_keys) == 0);
    }
}

static void threads_and_spans_change_no_bit(void) {
  for_every_kind(same_bits);
}

/* Row 1 alone with its source, number 0. */
static void alone(fixture *f) {
  result all;
  run(f, 1, false, &all);
  static const int none[1] = {0};
  static int all_of_it[SYMBOLS] = {1, 1, 1, 1, 1};
  static const int steps[3] = {1, 1, 1};
  float queries[3 * QUERIES], keys[SYMBOLS * KEYS], context[3 * KEYS];
  for (int t = 0; t < 3; t++)
    memcpy(queries + t * QUERIES, f->queries + (t * ROWS + 1) * QUERIES,
           sizeof(float[QUERIES]));
  for (int s = 0; s < SYMBOLS; s++)
    memcpy(keys + s * KEYS, f->keys + s * ROWS * KEYS, sizeof(float[KEYS]));
  lks_pass pass = {.kernels = kernels(), .threads = 1, .rows = 1, .steps = 3, .active = steps};
  lks_ragged sources = {.count = 1, .lengths = source_lengths, .active = all_of_it};
  sources.pass = pass;
  sources.pass.steps = SYMBOLS;
  sources.pass.active = all_of_it;
  lks_attention_call call = {
      .source = none, .queries = queries, .context = context, .context_stride = KEYS};
  lks_span span = lks_span_whole(&pass);
  lks_attention_start(f->attention, &sources, keys);
  lks_attention_forward(f->attention, &span, &call);
  for (int t = 0; t < 3; t++)
    CHECK_SAME_BITS(context + t * KEYS, all.context + (t * ROWS + 1) * KEYS, KEYS);
}

static void a_row_has_the_same_bits_in_any_company(void) {
  for_every_kind(alone);
}

const lks_test attention_tests[] = {
    TEST(contexts_and_gradients_are_those_of_the_formulas),
    TEST(threads_and_spans_change_no_bit),
    TEST(a_row_has_the_same_bits_in_any_company),
    TEST_END,
};
