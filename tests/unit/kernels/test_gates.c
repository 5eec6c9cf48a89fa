/* SPDX-License-Identifier: Apache-2.0 */
/* test_gates.c - the cells against their equations in double, their gradients against
 * central differences of those, and the tables against each other. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "oracle_gates.h"
#include "oracle_product.h"

#include <math.h>
#include <string.h>

static const int sizes[] = {1, 3, 15, 16, 17, 64, 65, 200, 1000};
enum { SIZES = sizeof sizes / sizeof *sizes, ROWS = 3, GUARDS = 5, ARRAYS = 9 };

/* A unit is a handful of roundings of numbers below 4, its functions 2 ulp each. */
static const double FORWARD_TOLERANCE = 2e-6;
/* The same; the differences themselves are good to 1e-9. */
static const double BACKWARD_TOLERANCE = 3e-6;

/* Everything that a step of any cell reads and writes; one block each. */
typedef struct {
  lks_test_cell cell;
  int hidden;
  size_t stride; /* of gates: 4H and some */
  union {
    struct {
      float *gates, *hidden_prev, *cell_prev, *cell_next, *cell_tanh, *hidden_next, *d_hidden,
          *d_cell, *d_hidden_prev;
    };
    float *array[ARRAYS];
  };
} state;

static size_t array_floats(const state *s, int array) {
  return ROWS * (array == 0 ? s->stride : (size_t)s->hidden);
}

static state make_state(lks_test_cell cell, int hidden) {
  state s = {.cell = cell, .hidden = hidden, .stride = (size_t)(4 * hidden + GUARDS)};
  for (int a = 0; a < ARRAYS; a++)
    s.array[a] = lks_test_numbers(array_floats(&s, a), 3.0f, (unsigned)(hidden * 16 + a));
  return s;
}

static void release_state(state *s) {
  for (int a = 0; a < ARRAYS; a++)
    lks_release(s->array[a]);
}

static void forward(const lks_kernels *kernels, const state *s, int first, int last) {
  const size_t at = (size_t)(first * s->hidden);
  const lks_gates_forward step = {
      .rows = last - first,
      .units = s->hidden,
      .hidden = s->hidden,
      .gates = s->gates + (size_t)first * s->stride,
      .gates_stride = s->stride,
      .hidden_prev = s->hidden_prev + at,
      .cell_prev = s->cell_prev + at,
      .cell_next = s->cell_next + at,
      .cell_tanh = s->cell_tanh + at,
      .hidden_next = s->hidden_next + at,
  };
  void (*const kernel[])(const lks_gates_forward *) = {
      [LKS_TEST_LSTM] = kernels->lstm_forward,
      [LKS_TEST_GRU] = kernels->gru_forward,
      [LKS_TEST_RNN_TANH] = kernels->rnn_tanh_forward,
      [LKS_TEST_RNN_RELU] = kernels->rnn_relu_forward,
  };
  kernel[s->cell](&step);
}

static void backward(const lks_kernels *kernels, const state *s, int first, int last) {
  const size_t at = (size_t)(first * s->hidden);
  const lks_gates_backward step = {
      .rows = last - first,
      .units = s->hidden,
      .hidden = s->hidden,
      .gates = s->gates + (size_t)first * s->stride,
      .gates_stride = s->stride,
      .hidden_prev = s->hidden_prev + at,
      .hidden_next = s->hidden_next + at,
      .cell_prev = s->cell_prev + at,
      .cell_tanh = s->cell_tanh + at,
      .d_hidden = s->d_hidden + at,
      .d_cell = s->d_cell + at,
      .d_hidden_prev = s->d_hidden_prev + at,
  };
  void (*const kernel[])(const lks_gates_backward *) = {
      [LKS_TEST_LSTM] = kernels->lstm_backward,
      [LKS_TEST_GRU] = kernels->gru_backward,
      [LKS_TEST_RNN_TANH] = kernels->rnn_tanh_backward,
      [LKS_TEST_RNN_RELU] = kernels->rnn_relu_backward,
  };
  kernel[s->cell](&step);
}

/* Compares all arrays, columns that no kernel may touch included. */
static void check_same(const state *found, const state *expected) {
  for (int a = 0; a < ARRAYS; a++)
    CHECK_SAME_BITS(found->array[a], expected->array[a], array_floats(found, a));
}

static void all_tables_give_the_same_bits(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const unsigned saved = lks_floating_point_enter();
  for (int cell = 0; cell < LKS_TEST_CELLS; cell++)
    for (int i = 0; i < SIZES; i++)
      for (int t = 1; t < count; t++) {
        state expected = make_state((lks_test_cell)cell, sizes[i]);
        state found = make_state((lks_test_cell)cell, sizes[i]);
        forward(tables[0], &expected, 0, ROWS);
        forward(tables[t], &found, 0, ROWS);
        check_same(&found, &expected);
        backward(tables[0], &expected, 0, ROWS);
        backward(tables[t], &found, 0, ROWS);
        check_same(&found, &expected);
        release_state(&expected);
        release_state(&found);
      }
  lks_floating_point_leave(saved);
}

static void rows_have_the_same_bits_in_any_slice(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int cell = 0; cell < LKS_TEST_CELLS; cell++)
    for (int t = 0; t < count; t++) {
      state expected = make_state((lks_test_cell)cell, 37);
      state found = make_state((lks_test_cell)cell, 37);
      forward(tables[t], &expected, 0, ROWS);
      backward(tables[t], &expected, 0, ROWS);
      forward(tables[t], &found, 1, ROWS);
      forward(tables[t], &found, 0, 1);
      backward(tables[t], &found, 0, 2);
      backward(tables[t], &found, 2, ROWS);
      check_same(&found, &expected);
      release_state(&expected);
      release_state(&found);
    }
}

/* Element (row, block k, unit u) of the gates. */
static float gate_of(const state *s, int row, int k, int u) {
  return s->gates[(size_t)row * s->stride + (size_t)(k * s->hidden + u)];
}

/* The arguments of the unit at (row, u), from the state before a step. */
static lks_test_unit unit_of(const state *before, int row, int u) {
  lks_test_unit unit;
  for (int k = 0; k < UNIT_GATES; k++)
    unit.argument[k] = (double)gate_of(before, row, k, u);
  unit.argument[UNIT_HIDDEN] = (double)before->hidden_prev[row * before->hidden + u];
  unit.argument[UNIT_CELL] = (double)before->cell_prev[row * before->hidden + u];
  return unit;
}

static void check_forward_unit(const state *before, const state *after, int row, int u) {
  const lks_test_unit unit = unit_of(before, row, u);
  const lks_test_result exact = lks_oracle_gates(before->cell, &unit);
  const int at = row * before->hidden + u;
  CHECK_CLOSE(after->hidden_next[at], exact.hidden, FORWARD_TOLERANCE);
  for (int k = 0; k < lks_test_cell_blocks(before->cell); k++)
    CHECK_CLOSE(gate_of(after, row, k, u), exact.gate[k], FORWARD_TOLERANCE);
  if (before->cell == LKS_TEST_LSTM) {
    CHECK_CLOSE(after->cell_next[at], exact.cell, FORWARD_TOLERANCE);
    CHECK_CLOSE(after->cell_tanh[at], tanh(exact.cell), FORWARD_TOLERANCE);
  }
}

/* A relu has no derivative at 0, where the kernel's is 0. */
static bool is_smooth(const state *before, int row, int u) {
  return before->cell != LKS_TEST_RNN_RELU || fabsf(gate_of(before, row, 0, u)) > 1e-3f;
}

static void check_backward_unit(const state *before, const state *after, int row, int u) {
  const lks_test_unit unit = unit_of(before, row, u);
  const int at = row * before->hidden + u;
  const bool is_lstm = before->cell == LKS_TEST_LSTM;
  const double d_hidden = (double)before->d_hidden[at];
  const double d_cell = is_lstm ? (double)before->d_cell[at] : 0.0;
  double exact[UNIT_ARGUMENTS];
  for (int i = 0; i < UNIT_ARGUMENTS; i++)
    exact[i] = lks_oracle_gates_gradient(before->cell, &unit, i, d_hidden, d_cell);
  for (int k = 0; k < lks_test_cell_blocks(before->cell) && is_smooth(before, row, u); k++)
    CHECK_CLOSE(gate_of(after, row, k, u), exact[k], BACKWARD_TOLERANCE);
  if (is_lstm)
    CHECK_CLOSE(after->d_cell[at], exact[UNIT_CELL], BACKWARD_TOLERANCE);
  if (before->cell == LKS_TEST_GRU)
    CHECK_CLOSE(after->d_hidden_prev[at], exact[UNIT_HIDDEN], BACKWARD_TOLERANCE);
}

typedef void (*unit_check)(const state *before, const state *after, int row, int u);

/* Calls `check` for every unit of every cell, after forward and perhaps backward. */
static void check_units(bool with_backward, unit_check check) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  for (int cell = 0; cell < LKS_TEST_CELLS; cell++) {
    state before = make_state((lks_test_cell)cell, 35);
    state after = make_state((lks_test_cell)cell, 35);
    forward(kernels, &after, 0, ROWS);
    if (with_backward)
      backward(kernels, &after, 0, ROWS);
    for (int row = 0; row < ROWS; row++)
      for (int u = 0; u < before.hidden; u++)
        check(&before, &after, row, u);
    release_state(&before);
    release_state(&after);
  }
}

static void forward_follows_the_equations(void) {
  check_units(false, check_forward_unit);
}

static void backward_matches_central_differences(void) {
  check_units(true, check_backward_unit);
}

static void states_may_be_updated_in_place(void) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  const lks_test_cell cells[] = {LKS_TEST_LSTM, LKS_TEST_GRU};
  for (int i = 0; i < 2; i++) {
    state expected = make_state(cells[i], 35);
    state found = make_state(cells[i], 35);
    state in_place = found;
    in_place.cell_next = found.cell_prev;
    in_place.hidden_next = found.hidden_prev;
    forward(kernels, &expected, 0, ROWS);
    forward(kernels, &in_place, 0, ROWS);
    CHECK_SAME_BITS(found.hidden_prev, expected.hidden_next, array_floats(&found, 1));
    if (cells[i] == LKS_TEST_LSTM)
      CHECK_SAME_BITS(found.cell_prev, expected.cell_next, array_floats(&found, 1));
    release_state(&expected);
    release_state(&found);
  }
}

static void nan_passes_through_every_cell(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int cell = 0; cell < LKS_TEST_CELLS; cell++)
    for (int t = 0; t < count; t++) {
      state s = make_state((lks_test_cell)cell, 17);
      s.gates[4] = NAN;
      s.gates[16] = NAN;
      forward(tables[t], &s, 0, ROWS);
      CHECK(isnan(s.hidden_next[4]) && isnan(s.hidden_next[16]));
      CHECK(!isnan(s.hidden_next[5]));
      release_state(&s);
    }
}

static void relu_is_zero_below_zero_and_its_gradient_at_zero(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++) {
    float gates[3] = {-1.0f, 0.0f, 2.0f}, hidden[3];
    const float d_hidden[3] = {5.0f, 6.0f, 7.0f};
    tables[t]->rnn_relu_forward(&(lks_gates_forward){.rows = 1,
                                                     .units = 3,
                                                     .hidden = 3,
                                                     .gates = gates,
                                                     .gates_stride = 3,
                                                     .hidden_next = hidden});
    CHECK_SAME_BITS(hidden, ((const float[]){0.0f, 0.0f, 2.0f}), 3);
    tables[t]->rnn_relu_backward(&(lks_gates_backward){.rows = 1,
                                                       .units = 3,
                                                       .hidden = 3,
                                                       .gates = gates,
                                                       .gates_stride = 3,
                                                       .hidden_next = hidden,
                                                       .d_hidden = d_hidden});
    CHECK_SAME_BITS(gates, ((const float[]){0.0f, 0.0f, 7.0f}), 3);
  }
}

const lks_test gates_tests[] = {
    TEST(all_tables_give_the_same_bits),
    TEST(rows_have_the_same_bits_in_any_slice),
    TEST(forward_follows_the_equations),
    TEST(backward_matches_central_differences),
    TEST(states_may_be_updated_in_place),
    TEST(nan_passes_through_every_cell),
    TEST(relu_is_zero_below_zero_and_its_gradient_at_zero),
    TEST_END,
};
