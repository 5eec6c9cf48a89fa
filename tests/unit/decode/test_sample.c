/* SPDX-License-Identifier: Apache-2.0 */
/* test_sample.c - draws against the distribution that the scores define. */
#include "base/fail.h"
#include "check.h"
#include "decode/sample.h"

#include <math.h>
#include <string.h>

enum { VOCAB = 8, ROWS_MAX = 500, COUNT = 40, DRAWS_MAX = ROWS_MAX * COUNT };

/* Scores are logarithms of these: equal ones stand at 1 and 6, and at 2 and 5. */
static const double weights[VOCAB] = {0.05, 0.15, 0.10, 0.25, 0.02, 0.10, 0.15, 0.18};

/* Chi-square with 7 degrees of freedom exceeds this in one of 10,000 cases; the seed
 * is fixed, so the test always gives the same answer. */
static const double chi_square_bound = 29.9;

static int32_t symbols[DRAWS_MAX];

/* What a stepper has seen and what it gives. */
typedef struct {
  int rows;
  int calls;
  int32_t fed[COUNT + 8]; /* first row's symbols */
  bool by_symbol;         /* scores depend on row and symbol */
  float bad;              /* written over score 2 when not 0 */
} fake_model;

static lks_status step(void *context, const int32_t *fed, float *logits) {
  fake_model *model = context;
  model->fed[model->calls++] = fed[0];
  for (int row = 0; row < model->rows; row++)
    for (int i = 0; i < VOCAB; i++) {
      double shift = model->by_symbol ? sin(1.0 + fed[row] * VOCAB + i) : 0;
      logits[row * VOCAB + i] = (float)(log(weights[i]) + shift);
    }
  if (model->bad != 0)
    logits[2] = model->bad;
  return LKS_OK;
}

static lks_status sample(fake_model *model, int rows, lks_sample_setup setup, int forbidden) {
  static const int32_t prompt[] = {3, 1};
  const lks_kernels *kernels = NULL;
  LKS_TRY(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  model->rows = rows;
  lks_stepper stepper = {.rows = rows, .vocab = VOCAB, .step = step, .context = model};
  return lks_sample_run(&stepper, &setup, kernels, prompt, 2, COUNT, forbidden, symbols, NULL,
                        NULL);
}

static const lks_sample_setup all = {.temperature = 1, .top_p = 1, .seed = 11};

/* Symbols that were drawn, as bits. */
static unsigned support(lks_sample_setup setup, int forbidden) {
  fake_model model = {0};
  CHECK_OK(sample(&model, ROWS_MAX, setup, forbidden));
  unsigned drawn = 0;
  for (int i = 0; i < DRAWS_MAX; i++)
    drawn |= 1U << symbols[i];
  return drawn;
}

static double chi_square(double temperature, const double *expected_weights) {
  fake_model model = {0};
  lks_sample_setup setup = all;
  setup.temperature = (float)temperature;
  CHECK_OK(sample(&model, ROWS_MAX, setup, -1));
  int drawn[VOCAB] = {0};
  for (int i = 0; i < DRAWS_MAX; i++)
    drawn[symbols[i]]++;
  double sum = 0;
  for (int i = 0; i < VOCAB; i++)
    sum += expected_weights[i];
  double chi = 0;
  for (int i = 0; i < VOCAB; i++) {
    double expected = DRAWS_MAX * expected_weights[i] / sum;
    chi += (drawn[i] - expected) * (drawn[i] - expected) / expected;
  }
  return chi;
}

static void frequencies_match_the_scores(void) {
  CHECK(chi_square(1, weights) < chi_square_bound);
}

static void temperature_raises_probabilities_to_its_inverse(void) {
  double squared[VOCAB];
  for (int i = 0; i < VOCAB; i++)
    squared[i] = weights[i] * weights[i];
  CHECK(chi_square(0.5, squared) < chi_square_bound);
  CHECK(chi_square(0.5, weights) > 10 * chi_square_bound);
}

static void temperature_zero_takes_the_most_probable(void) {
  lks_sample_setup setup = all;
  setup.temperature = 0;
  CHECK_EQUAL(support(setup, -1), 1U << 3);
  CHECK_EQUAL(support(setup, 3), 1U << 7);
}

static void tiny_temperature_stays_finite(void) {
  lks_sample_setup setup = all;
  setup.temperature = 1e-30F;
  CHECK_EQUAL(support(setup, -1), 1U << 3);
}

static void top_k_draws_exactly_the_k_most_probable(void) {
  lks_sample_setup setup = all;
  setup.top_k = 1;
  CHECK_EQUAL(support(setup, -1), 1U << 3);
  setup.top_k = 3; /* of the equal 1 and 6 the lower number */
  CHECK_EQUAL(support(setup, -1), 1U << 3 | 1U << 7 | 1U << 1);
  setup.top_k = 4;
  CHECK_EQUAL(support(setup, -1), 1U << 3 | 1U << 7 | 1U << 1 | 1U << 6);
  setup.top_k = 100;
  CHECK_EQUAL(support(setup, -1), 0xff);
}

static void top_p_draws_the_shortest_beginning_that_reaches_p(void) {
  lks_sample_setup setup = all;
  setup.top_p = 0.01F;
  CHECK_EQUAL(support(setup, -1), 1U << 3);
  setup.top_p = 0.42F; /* 0.25 + 0.18 = 0.43 */
  CHECK_EQUAL(support(setup, -1), 1U << 3 | 1U << 7);
  setup.top_p = 0.44F;
  CHECK_EQUAL(support(setup, -1), 1U << 3 | 1U << 7 | 1U << 1);
  setup.top_p = 0.97F; /* all but 4: 0.98 */
  CHECK_EQUAL(support(setup, -1), 0xffU & ~(1U << 4));
}

static void top_p_is_a_share_of_what_top_k_leaves(void) {
  lks_sample_setup setup = all;
  setup.top_k = 2; /* 0.25 and 0.18: the first has 0.581 of both */
  setup.top_p = 0.57F;
  CHECK_EQUAL(support(setup, -1), 1U << 3);
  setup.top_p = 0.59F;
  CHECK_EQUAL(support(setup, -1), 1U << 3 | 1U << 7);
}

static void forbidden_symbol_is_never_drawn(void) {
  CHECK_EQUAL(support(all, 3), 0xffU & ~(1U << 3));
  lks_sample_setup setup = all;
  setup.top_k = 2;
  CHECK_EQUAL(support(setup, 3), 1U << 7 | 1U << 1);
}

static void draws_of_a_row_do_not_depend_on_other_rows(void) {
  static int32_t many[DRAWS_MAX];
  fake_model model = {.by_symbol = true};
  CHECK_OK(sample(&model, 7, all, -1));
  memcpy(many, symbols, sizeof many);
  for (int rows = 1; rows <= 4; rows += 3) {
    fake_model again = {.by_symbol = true};
    int differing = 0;
    CHECK_OK(sample(&again, rows, all, -1));
    for (int time = 0; time < COUNT; time++)
      for (int row = 0; row < rows; row++)
        differing += symbols[time * rows + row] != many[time * 7 + row];
    CHECK_EQUAL(differing, 0);
  }
}

static void rows_times_and_seeds_draw_differently(void) {
  fake_model model = {0};
  CHECK_OK(sample(&model, 2, all, -1));
  int32_t first[2 * COUNT];
  memcpy(first, symbols, sizeof first);
  lks_sample_setup setup = all;
  setup.seed = UINT64_C(11) + (UINT64_C(1) << 32);
  fake_model again = {0};
  CHECK_OK(sample(&again, 2, setup, -1));
  int by_row = 0;
  int by_time = 0;
  int by_seed = 0;
  for (int time = 0; time < COUNT; time++) {
    by_row += first[2 * time] != first[2 * time + 1];
    by_time += time > 0 && first[2 * time] != first[2 * time - 2];
    by_seed += first[2 * time] != symbols[2 * time];
  }
  CHECK(by_row > COUNT / 2);
  CHECK(by_time > COUNT / 2);
  CHECK(by_seed > COUNT / 2);
}

static void prompt_is_fed_and_then_what_was_drawn(void) {
  fake_model model = {0};
  CHECK_OK(sample(&model, 3, all, -1));
  CHECK_EQUAL(model.calls, 2 + COUNT - 1);
  CHECK_EQUAL(model.fed[0], 3);
  CHECK_EQUAL(model.fed[1], 1);
  for (int time = 0; time + 1 < COUNT; time++)
    CHECK_EQUAL(model.fed[2 + time], symbols[3 * time]);
}

static bool note_time(void *context, int time, const int32_t *drawn) {
  int *calls = context;
  CHECK_EQUAL(time, *calls);
  CHECK(drawn == symbols + 2 * *calls);
  (*calls)++;
  return true;
}

static void emit_is_called_after_every_time_step(void) {
  static const int32_t prompt[] = {0};
  const lks_kernels *kernels = NULL;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  fake_model model = {.rows = 2};
  lks_stepper stepper = {.rows = 2, .vocab = VOCAB, .step = step, .context = &model};
  int calls = 0;
  CHECK_OK(
      lks_sample_run(&stepper, &all, kernels, prompt, 1, 5, -1, symbols, note_time, &calls));
  CHECK_EQUAL(calls, 5);
}

static bool stop_at_two(void *context, int time, const int32_t *drawn) {
  (void)context;
  (void)drawn;
  return time < 2;
}

static void emit_can_end_early(void) {
  fake_model model = {.rows = 2};
  const lks_kernels *kernels = NULL;
  const int32_t prompt[] = {1};
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  lks_stepper stepper = {.rows = 2, .vocab = VOCAB, .step = step, .context = &model};
  CHECK_OK(lks_sample_run(&stepper, &all, kernels, prompt, 1, COUNT, -1, symbols, stop_at_two,
                          NULL));
  CHECK_EQUAL(model.calls, 3); /* the prompt, and behind the first two draws */
}

/* Draws depend on a row's number, not on its place. */
static void rows_draw_by_their_numbers(void) {
  fake_model model = {.rows = 2};
  static const uint32_t swapped[2] = {1, 0};
  lks_sample_setup setup = all;
  int32_t plain[2 * COUNT];
  CHECK_OK(sample(&model, 2, setup, -1));
  memcpy(plain, symbols, sizeof plain);
  setup.row = swapped;
  model = (fake_model){.rows = 2};
  CHECK_OK(sample(&model, 2, setup, -1));
  CHECK_EQUAL(symbols[0], plain[1]);
  CHECK_EQUAL(symbols[1], plain[0]);
}

static void scores_that_are_not_numbers_are_refused(void) {
  fake_model model = {.bad = NAN};
  CHECK_FAILS(sample(&model, 2, all, -1), LKS_DIVERGED,
              "row 0, time 0: expected finite scores");
  model = (fake_model){.bad = INFINITY};
  CHECK_FAILS(sample(&model, 2, all, -1), LKS_DIVERGED, "expected finite scores");
  model = (fake_model){.bad = -INFINITY};
  CHECK_OK(sample(&model, 1, all, -1));
  for (int i = 0; i < COUNT; i++)
    CHECK(symbols[i] != 2);
}

static void wrong_setups_are_refused(void) {
  fake_model model = {0};
  lks_sample_setup setup = all;
  setup.temperature = -1;
  CHECK_FAILS(sample(&model, 1, setup, -1), LKS_USAGE, "temperature: expected");
  setup = all;
  setup.top_k = -1;
  CHECK_FAILS(sample(&model, 1, setup, -1), LKS_USAGE, "top-k: expected");
  setup = all;
  setup.top_p = 0;
  CHECK_FAILS(sample(&model, 1, setup, -1), LKS_USAGE, "top-p: expected");
  setup.top_p = 1.5F;
  CHECK_FAILS(sample(&model, 1, setup, -1), LKS_USAGE, "top-p: expected");
  CHECK_EQUAL(model.calls, 0);
}

const lks_test sample_tests[] = {
    TEST(frequencies_match_the_scores),
    TEST(temperature_raises_probabilities_to_its_inverse),
    TEST(temperature_zero_takes_the_most_probable),
    TEST(tiny_temperature_stays_finite),
    TEST(top_k_draws_exactly_the_k_most_probable),
    TEST(top_p_draws_the_shortest_beginning_that_reaches_p),
    TEST(top_p_is_a_share_of_what_top_k_leaves),
    TEST(forbidden_symbol_is_never_drawn),
    TEST(draws_of_a_row_do_not_depend_on_other_rows),
    TEST(rows_times_and_seeds_draw_differently),
    TEST(prompt_is_fed_and_then_what_was_drawn),
    TEST(emit_is_called_after_every_time_step),
    TEST(emit_can_end_early),
    TEST(rows_draw_by_their_numbers),
    TEST(scores_that_are_not_numbers_are_refused),
    TEST(wrong_setups_are_refused),
    TEST_END,
};
