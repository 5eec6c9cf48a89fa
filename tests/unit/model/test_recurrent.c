/* SPDX-License-Identifier: Apache-2.0 */
/* test_recurrent.c - the stack against the f64 oracle: outputs, final states, and
 * every gradient against central differences of the oracle, for every cell, one and
 * two directions, ragged rows, initial and final states.  And the properties that
 * the promise rests on: threads, batch and shards change no bit. */
#include "base/memory.h"
#include "model/recurrent.h"
#include "check.h"
#include "oracle_recurrent.h"

#include <math.h>
#include <string.h>

enum {
  INPUTS = 3,
  HIDDEN = 5,
  LAYERS = 2,
  STEPS = 4,
  ROWS = 3,
  STATES_MAX = 4,
  VALUES_MAX = 8192
};

/* f32 forward of two layers against f64: a few hundred roundings of 6e-8. */
#define FORWARD_TOLERANCE 3e-6
/* f32 backward against differences of step 1e-5 in f64: both errors below. */
#define GRADIENT_TOLERANCE 2e-5

static const int lengths[ROWS] = {4, 3, 1};
static const int active[STEPS] = {3, 2, 2, 1};

/* A small model, its inputs, and the weights of a linear objective of all results. */
typedef struct {
  oracle_cell oracle;
  bool bidirectional;
  int directions;
  int outputs;
  int states;
  lks_params *params;
  lks_recurrent *recurrent;
  float *values;
  float *gradient;
  float input[STEPS * ROWS * INPUTS];
  float initial_hidden[STATES_MAX * ROWS * HIDDEN], initial_cell[STATES_MAX * ROWS * HIDDEN];
  float weight_output[STEPS * ROWS * 2 * HIDDEN];
  float weight_hidden[STATES_MAX * ROWS * HIDDEN], weight_cell[STATES_MAX * ROWS * HIDDEN];
} fixture;

static uint32_t draw_count;

static float draw(void) {
  uint32_t words[4];
  lks_philox(lks_random_key_of(7),
             lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, draw_count++, 0, 0), words);
  return 2 * lks_random_unit(words[0]) - 1;
}

static void draw_all(float *values, size_t count) {
  for (size_t i = 0; i < count; i++)
    values[i] = draw();
}

static oracle_cell oracle_of(const lks_cell *cell) {
  if (strcmp(cell->name, "lstm") == 0)
    return ORACLE_LSTM;
  if (strcmp(cell->name, "gru") == 0)
    return ORACLE_GRU;
  return strcmp(cell->name, "rnn") == 0 ? ORACLE_RNN_TANH : ORACLE_RNN_RELU;
}

static const lks_kernels *kernels(void) {
  const lks_kernels *found;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &found));
  return found;
}

static void open_fixture(fixture *f, const lks_cell *cell, bool bidirectional) {
  memset(f, 0, sizeof *f);
  draw_count = 0;
  f->oracle = oracle_of(cell);
  f->bidirectional = bidirectional;
  f->directions = bidirectional ? 2 : 1;
  f->outputs = f->directions * HIDDEN;
  f->states = LAYERS * f->directions;
  lks_recurrent_setup setup = {.prefix = "rnn",
                               .cell = cell,
                               .layers = LAYERS,
                               .inputs = INPUTS,
                               .hidden = HIDDEN,
                               .bidirectional = bidirectional};
  lks_capacity capacity = {.rows = ROWS,
                           .steps = STEPS,
                           .items = ROWS * STEPS,
                           .shards = 4,
                           .training = true,
                           .threads = 3,
                           .kernels = kernels()};
  CHECK_OK(lks_params_create(&f->params));
  CHECK_OK(lks_recurrent_create(&f->recurrent, &setup, f->params));
  CHECK_OK(lks_recurrent_allocate(f->recurrent, &capacity));
  size_t count = lks_params_value_count(f->params);
  CHECK_OK(lks_allocate(&f->values, count, sizeof(float)));
  CHECK_OK(lks_allocate(&f->gradient, count, sizeof(float)));
  lks_params_bind(f->params, f->values);
  for (int i = 0; i < lks_params_count(f->params); i++)
    draw_all(lks_params_view(f->params, i), lks_params_at(f->params, i)->count);
  draw_all(f->input, STEPS * ROWS * INPUTS);
  draw_all(f->initial_hidden, STATES_MAX * ROWS * HIDDEN);
  draw_all(f->initial_cell, STATES_MAX * ROWS * HIDDEN);
  draw_all(f->weight_output, STEPS * ROWS * 2 * HIDDEN);
  draw_all(f->weight_hidden, STATES_MAX * ROWS * HIDDEN);
  draw_all(f->weight_cell, STATES_MAX * ROWS * HIDDEN);
  lks_recurrent_pack(f->recurrent, kernels(), 2, true);
}

static void close_fixture(fixture *f) {
  lks_recurrent_destroy(f->recurrent);
  lks_params_destroy(f->params);
  lks_release(f->gradient);
  lks_release(f->values);
}

static void point_states(lks_cell_state *states, float *hidden, float *cell) {
  for (int s = 0; s < STATES_MAX; s++)
    states[s] = (lks_cell_state){hidden + s * ROWS * HIDDEN, cell + s * ROWS * HIDDEN};
}

/* ---- the oracle's side: everything in f64 ---- */

typedef struct {
  double values[VALUES_MAX];
  double input[STEPS * ROWS * INPUTS];
  double initial_hidden[STATES_MAX * ROWS * HIDDEN], initial_cell[STATES_MAX * ROWS * HIDDEN];
  double output[STEPS * ROWS * 2 * HIDDEN]; /* [T, B, outputs] */
  double final_hidden[STATES_MAX * ROWS * HIDDEN], final_cell[STATES_MAX * ROWS * HIDDEN];
} oracle;

static void widen(double *to, const float *from, size_t count) {
  for (size_t i = 0; i < count; i++)
    to[i] = (double)from[i];
}

static void open_oracle(oracle *o, const fixture *f) {
  memset(o, 0, sizeof *o);
  CHECK(lks_params_value_count(f->params) <= VALUES_MAX * 4);
  size_t at = 0;
  for (int i = 0; i < lks_params_count(f->params); i++) {
    const lks_param *param = lks_params_at(f->params, i);
    widen(o->values + at, f->values + param->offset, param->count);
    at += param->count;
  }
  CHECK(at <= VALUES_MAX);
  widen(o->input, f->input, STEPS * ROWS * INPUTS);
  widen(o->initial_hidden, f->initial_hidden, STATES_MAX * ROWS * HIDDEN);
  widen(o->initial_cell, f->initial_cell, STATES_MAX * ROWS * HIDDEN);
}

/* Where parameter i starts in the oracle's dense copy. */
static size_t dense_offset(const fixture *f, int index) {
  size_t at = 0;
  for (int i = 0; i < index; i++)
    at += lks_params_at(f->params, i)->count;
  return at;
}

static void run_row(oracle *o, const fixture *f, int row) {
  double current[STEPS * 2 * HIDDEN], next[STEPS * 2 * HIDDEN], out[STEPS * HIDDEN];
  int inputs = INPUTS;
  for (int t = 0; t < lengths[row]; t++)
    memcpy(current + t * INPUTS, o->input + (t * ROWS + row) * INPUTS, INPUTS * sizeof(double));
  for (int l = 0; l < LAYERS; l++) {
    for (int d = 0; d < f->directions; d++) {
      const lks_unroll *layer = lks_recurrent_layer(f->recurrent, l, d);
      oracle_weights weights = {o->values + dense_offset(f, layer->weight_ih),
                                o->values + dense_offset(f, layer->weight_hh),
                                o->values + dense_offset(f, layer->bias_ih),
                                o->values + dense_offset(f, layer->bias_hh)};
      size_t state = (size_t)((l * f->directions + d) * ROWS + row) * HIDDEN;
      memcpy(o->final_hidden + state, o->initial_hidden + state, HIDDEN * sizeof(double));
      memcpy(o->final_cell + state, o->initial_cell + state, HIDDEN * sizeof(double));
      oracle_layer(f->oracle, &weights, inputs, HIDDEN, lengths[row], d == 1, current, out,
                   o->final_hidden + state, o->final_cell + state);
      for (int t = 0; t < lengths[row]; t++)
        memcpy(next + t * f->outputs + d * HIDDEN, out + t * HIDDEN, HIDDEN * sizeof(double));
    }
    inputs = f->outputs;
    memcpy(current, next, sizeof current);
  }
  for (int t = 0; t < lengths[row]; t++)
    memcpy(o->output + (t * ROWS + row) * f->outputs, current + t * f->outputs,
           (size_t)f->outputs * sizeof(double));
}

static bool has_cell(const fixture *f) {
  return f->oracle == ORACLE_LSTM;
}

/* Sum of all active outputs and final states, weighted. */
static double objective(oracle *o, const fixture *f) {
  double sum = 0;
  for (int row = 0; row < ROWS; row++) {
    run_row(o, f, row);
    for (int t = 0; t < lengths[row]; t++)
      for (int u = 0; u < f->outputs; u++) {
        int at = (t * ROWS + row) * f->outputs + u;
        sum += (double)f->weight_output[at] * o->output[at];
      }
  }
  for (int i = 0; i < f->states * ROWS * HIDDEN; i++) {
    sum += (double)f->weight_hidden[i] * o->final_hidden[i];
    if (has_cell(f))
      sum += (double)f->weight_cell[i] * o->final_cell[i];
  }
  return sum;
}

/* d objective / d *value by central differences. */
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

/* ---- the model's side ---- */

typedef struct {
  float output[STEPS * ROWS * 2 * HIDDEN];
  float final_hidden[STATES_MAX * ROWS * HIDDEN], final_cell[STATES_MAX * ROWS * HIDDEN];
  float d_input[STEPS * ROWS * INPUTS];
  float d_hidden[STATES_MAX * ROWS * HIDDEN], d_cell[STATES_MAX * ROWS * HIDDEN];
} result;

static lks_pass pass_of(int threads, const lks_segments *segments, float *const *gradients) {
  return (lks_pass){.kernels = kernels(),
                    .threads = threads,
                    .rows = ROWS,
                    .steps = STEPS,
                    .active = active,
                    .training = true,
                    .segments = segments,
                    .gradients = gradients};
}

/* One run over the whole pass, or one for every time step. */
static const float *run_there(fixture *f, const lks_pass *pass, bool stepwise,
                              const lks_cell_state *initial, const lks_cell_state *final) {
  const float *output = NULL;
  if (!stepwise)
    return lks_recurrent_forward(f->recurrent, pass, f->input, initial, final);
  for (int t = 0; t < STEPS; t++)
    output = lks_recurrent_advance(f->recurrent, &(lks_span){pass, t, t + 1}, f->input, initial,
                                   final);
  return output;
}

static void run_back(fixture *f, const lks_pass *pass, bool stepwise, float *d_output,
                     const lks_recurrent_back *back) {
  if (!stepwise) {
    lks_recurrent_backward(f->recurrent, pass, d_output, back->d_final, back->d_initial,
                           back->d_input);
    return;
  }
  for (int t = STEPS - 1; t >= 0; t--)
    lks_recurrent_retreat(f->recurrent, &(lks_span){pass, t, t + 1}, back);
  lks_recurrent_gradients(f->recurrent, pass);
}

static void run_spans(fixture *f, int shards, int threads, bool stepwise, result *r) {
  lks_segments *segments;
  lks_shards plan = {shards, ROWS, ROWS};
  lks_subtree whole = {0, shards};
  float *gradients[1] = {f->gradient};
  lks_cell_state initial[STATES_MAX], final[STATES_MAX], d_final[STATES_MAX],
      d_initial[STATES_MAX];
  memset(r, 0, sizeof *r);
  memset(f->gradient, 0, lks_params_value_count(f->params) * sizeof(float));
  CHECK_OK(lks_segments_create(&segments, ROWS * STEPS, shards));
  lks_segments_fill(segments, &plan, &whole, 1, STEPS, lengths);
  lks_pass pass = pass_of(threads, segments, gradients);
  point_states(initial, f->initial_hidden, f->initial_cell);
  point_states(final, r->final_hidden, r->final_cell);
  point_states(d_final, f->weight_hidden, f->weight_cell);
  point_states(d_initial, r->d_hidden, r->d_cell);
  const float *output = run_there(f, &pass, stepwise, initial, final);
  memcpy(r->output, output, (size_t)(STEPS * ROWS * f->outputs) * sizeof(float));
  float d_output[STEPS * ROWS * 2 * HIDDEN];
  memcpy(d_output, f->weight_output, sizeof d_output);
  run_back(f, &pass, stepwise, d_output,
           &(lks_recurrent_back){d_output, d_final, d_initial, r->d_input});
  lks_segments_destroy(segments);
}

static void run_model(fixture *f, int shards, int threads, result *r) {
  run_spans(f, shards, threads, false, r);
}

static void check_forward(const fixture *f, const oracle *o, const result *r) {
  for (int t = 0; t < STEPS; t++)
    for (int row = 0; row < active[t]; row++)
      for (int u = 0; u < f->outputs; u++) {
        int at = (t * ROWS + row) * f->outputs + u;
        CHECK_CLOSE(r->output[at], o->output[at], FORWARD_TOLERANCE);
      }
  for (int i = 0; i < f->states * ROWS * HIDDEN; i++) {
    CHECK_CLOSE(r->final_hidden[i], o->final_hidden[i], FORWARD_TOLERANCE);
    if (has_cell(f))
      CHECK_CLOSE(r->final_cell[i], o->final_cell[i], FORWARD_TOLERANCE);
  }
}

static void check_gradients(const fixture *f, oracle *o, const result *r) {
  for (int i = 0; i < lks_params_count(f->params); i++) {
    const lks_param *param = lks_params_at(f->params, i);
    double *values = o->values + dense_offset(f, i);
    for (size_t j = 0; j < param->count; j++)
      CHECK_CLOSE(f->gradient[param->offset + j], difference(o, f, &values[j]),
                  GRADIENT_TOLERANCE);
  }
  for (int t = 0; t < STEPS; t++)
    for (int i = 0; i < active[t] * INPUTS; i++) {
      int at = t * ROWS * INPUTS + i;
      CHECK_CLOSE(r->d_input[at], difference(o, f, &o->input[at]), GRADIENT_TOLERANCE);
    }
  for (int i = 0; i < f->states * ROWS * HIDDEN; i++) {
    CHECK_CLOSE(r->d_hidden[i], difference(o, f, &o->initial_hidden[i]), GRADIENT_TOLERANCE);
    if (has_cell(f))
      CHECK_CLOSE(r->d_cell[i], difference(o, f, &o->initial_cell[i]), GRADIENT_TOLERANCE);
  }
}

static void for_every_cell(void (*test)(fixture *f)) {
  int count;
  const lks_cell *const *cells = lks_cell_all(&count);
  for (int i = 0; i < count; i++)
    for (int both = 0; both < 2; both++) {
      fixture f;
      open_fixture(&f, cells[i], both == 1);
      test(&f);
      close_fixture(&f);
    }
}

static void against_oracle(fixture *f) {
  static oracle o;
  result r;
  open_oracle(&o, f);
  objective(&o, f);
  run_model(f, 1, 1, &r);
  check_forward(f, &o, &r);
  check_gradients(f, &o, &r);
}

static void every_gradient_is_the_central_difference_of_the_oracle(void) {
  for_every_cell(against_oracle);
}

static void two_threads(fixture *f) {
  result one, two;
  static float kept[4 * VALUES_MAX];
  size_t count = lks_params_value_count(f->params);
  run_model(f, 2, 1, &one);
  CHECK(count <= 4 * VALUES_MAX);
  memcpy(kept, f->gradient, count * sizeof(float));
  run_model(f, 2, 2, &two);
  CHECK_SAME_BITS(f->gradient, kept, count);
  CHECK(memcmp(&one, &two, sizeof one) == 0);
}

/* One thread walks through the slices that two would share. */
static void rows_and_units(fixture *f) {
  result by_rows, by_units;
  static float kept[4 * VALUES_MAX];
  size_t count = lks_params_value_count(f->params);
  CHECK(count <= 4 * VALUES_MAX);
  lks_recurrent_share(f->recurrent, LKS_SHARE_ROWS);
  lks_recurrent_pack(f->recurrent, kernels(), 2, true);
  run_model(f, 2, 2, &by_rows);
  memcpy(kept, f->gradient, count * sizeof(float));
  lks_recurrent_share(f->recurrent, LKS_SHARE_UNITS);
  lks_recurrent_pack(f->recurrent, kernels(), 2, true);
  CHECK_EQUAL(lks_recurrent_layer(f->recurrent, 0, 0)->split, LKS_SHARE_UNITS);
  for (int threads = 1; threads <= 2; threads++) {
    run_model(f, 2, threads, &by_units);
    CHECK_SAME_BITS(f->gradient, kept, count);
    CHECK(memcmp(&by_rows, &by_units, sizeof by_rows) == 0);
  }
}

static void sharing_rows_or_units_changes_no_bit(void) {
  for_every_cell(rows_and_units);
}

/* Two directions one after the other and at once, by rows and by units. */
static void apart_and_at_once(fixture *f) {
  result apart, at_once;
  static float kept[4 * VALUES_MAX];
  size_t count = lks_params_value_count(f->params);
  CHECK(count <= 4 * VALUES_MAX);
  for (int kind = LKS_SHARE_ROWS; kind <= LKS_SHARE_UNITS; kind++) {
    lks_recurrent_share(f->recurrent, (lks_share_kind)kind);
    lks_recurrent_pack(f->recurrent, kernels(), 2, true);
    run_model(f, 2, 2, &apart);
    memcpy(kept, f->gradient, count * sizeof(float));
    lks_recurrent_pair(f->recurrent, true);
    for (int threads = 1; threads <= 3; threads++) {
      run_model(f, 2, threads, &at_once);
      CHECK_SAME_BITS(f->gradient, kept, count);
      CHECK(memcmp(&apart, &at_once, sizeof apart) == 0);
    }
  }
}

static void directions_at_once_change_no_bit(void) {
  for_every_cell(apart_and_at_once);
}

static void threads_change_no_bit(void) {
  for_every_cell(two_threads);
}

static void shards_as_terms(fixture *f) {
  result r;
  static float whole[4 * VALUES_MAX];
  size_t count = lks_params_value_count(f->params);
  run_model(f, 1, 1, &r);
  memcpy(whole, f->gradient, count * sizeof(float));
  run_model(f, 4, 1, &r);
  CHECK_ALL_CLOSE(f->gradient, whole, count, GRADIENT_TOLERANCE);
}

static void shards_only_order_the_sums(void) {
  for_every_cell(shards_as_terms);
}

static void one_step_at_a_time(fixture *f) {
  static float kept[4 * VALUES_MAX];
  size_t count = lks_params_value_count(f->params);
  result whole, steps;
  if (f->bidirectional)
    return;
  run_spans(f, 2, 2, false, &whole);
  memcpy(kept, f->gradient, count * sizeof(float));
  run_spans(f, 2, 2, true, &steps);
  CHECK_SAME_BITS(f->gradient, kept, count);
  for (int t = 0; t < STEPS; t++)
    CHECK_SAME_BITS(steps.output + t * ROWS * HIDDEN, whole.output + t * ROWS * HIDDEN,
                    (size_t)(active[t] * HIDDEN));
  CHECK_SAME_BITS(steps.final_hidden, whole.final_hidden, STATES_MAX * ROWS * HIDDEN);
  CHECK_SAME_BITS(steps.final_cell, whole.final_cell, STATES_MAX * ROWS * HIDDEN);
  CHECK_SAME_BITS(steps.d_hidden, whole.d_hidden, STATES_MAX * ROWS * HIDDEN);
  CHECK_SAME_BITS(steps.d_cell, whole.d_cell, STATES_MAX * ROWS * HIDDEN);
  for (int t = 0; t < STEPS; t++)
    CHECK_SAME_BITS(steps.d_input + t * ROWS * INPUTS, whole.d_input + t * ROWS * INPUTS,
                    (size_t)(active[t] * INPUTS));
}

static void spans_of_one_step_give_the_bits_of_one_run(void) {
  for_every_cell(one_step_at_a_time);
}

/* Row 0 alone gives the bits that it has among three rows. */
static void alone(fixture *f) {
  result r;
  run_model(f, 1, 1, &r);
  float input[STEPS * INPUTS], hidden[STATES_MAX * HIDDEN], cell[STATES_MAX * HIDDEN];
  static const int one[STEPS] = {1, 1, 1, 1};
  lks_cell_state initial[STATES_MAX];
  for (int t = 0; t < STEPS; t++)
    memcpy(input + t * INPUTS, f->input + t * ROWS * INPUTS, INPUTS * sizeof(float));
  for (int s = 0; s < STATES_MAX; s++) {
    memcpy(hidden + s * HIDDEN, f->initial_hidden + s * ROWS * HIDDEN, HIDDEN * sizeof(float));
    memcpy(cell + s * HIDDEN, f->initial_cell + s * ROWS * HIDDEN, HIDDEN * sizeof(float));
    initial[s] = (lks_cell_state){hidden + s * HIDDEN, cell + s * HIDDEN};
  }
  lks_pass pass = {
      .kernels = kernels(), .threads = 1, .rows = 1, .steps = STEPS, .active = one};
  const float *output = lks_recurrent_forward(f->recurrent, &pass, input, initial, NULL);
  for (int t = 0; t < STEPS; t++)
    CHECK_SAME_BITS(output + t * f->outputs, r.output + t * ROWS * f->outputs,
                    (size_t)f->outputs);
}

static void a_row_has_the_same_bits_in_any_batch(void) {
  for_every_cell(alone);
}

const lks_test recurrent_tests[] = {
    TEST(every_gradient_is_the_central_difference_of_the_oracle),
    TEST(sharing_rows_or_units_changes_no_bit),
    TEST(directions_at_once_change_no_bit),
    TEST(spans_of_one_step_give_the_bits_of_one_run),
    TEST(threads_change_no_bit),
    TEST(shards_only_order_the_sums),
    TEST(a_row_has_the_same_bits_in_any_batch),
    TEST_END,
};
