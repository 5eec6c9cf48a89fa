/* SPDX-License-Identifier: Apache-2.0 */
/* test_schedule.c - rates at the points where each schedule turns, and what scores do. */
#include "check.h"
#include "optim/schedule.h"
#include "optimizer_fixture.h"

#include <math.h>

/* A few f64 operations, and a cosine of 2 ulp, on rates of at most 2. */
static const double f64_rate = 1e-15;

typedef struct {
  lks_config *config;
  lks_schedule schedule;
} course;

static void plan_create(course *plan, const char *settings, int64_t steps_per_epoch,
                        int64_t epochs) {
  plan->config = optim_config_create(settings);
  CHECK_OK(lks_schedule_create(&plan->schedule, plan->config, steps_per_epoch, epochs));
}

static void plan_destroy(course *plan) {
  lks_config_destroy(plan->config);
}

static double rate(const course *plan, int64_t step) {
  return lks_schedule_rate(&plan->schedule, step, step / plan->schedule.steps_per_epoch);
}

static void constant_rate_stays(void) {
  course plan;
  plan_create(&plan, "optimizer.learning_rate=0.75", 10, 3);
  CHECK(rate(&plan, 0) == 0.75);
  CHECK(rate(&plan, 29) == 0.75);
  plan_destroy(&plan);
}

static void warmup_rises_from_zero_to_the_full_rate(void) {
  static const char *const kinds[] = {
      "optimizer.schedule=constant",
      "optimizer.schedule=cosine",
      "optimizer.schedule=inverse-sqrt",
      "optimizer.schedule=plateau",
      "optimizer.schedule=step optimizer.decay_from=9",
  };
  for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
    course plan;
    plan_create(&plan, kinds[k], 100, 3);
    CHECK_OK(lks_config_set(plan.config, "optimizer.learning_rate=2"));
    CHECK_OK(lks_config_set(plan.config, "optimizer.warmup_steps=4"));
    CHECK(rate(&plan, 0) == 0.5);
    CHECK(rate(&plan, 1) == 1);
    CHECK(rate(&plan, 2) == 1.5);
    CHECK(rate(&plan, 3) == 2);
    plan_destroy(&plan);
  }
}

static void step_halves_every_epoch_after_the_fourth(void) {
  static const double by_epoch[] = {1, 1, 1, 1, 0.5, 0.25, 0.125, 0.0625, 0.03125};
  course plan;
  plan_create(&plan,
              "optimizer.learning_rate=1 optimizer.schedule=step optimizer.decay=0.5 "
              "optimizer.decay_from=5",
              7, 13);
  for (int64_t epoch = 0; epoch < 9; epoch++) {
    CHECK(lks_schedule_rate(&plan.schedule, 7 * epoch, epoch) == by_epoch[epoch]);
    CHECK(lks_schedule_rate(&plan.schedule, 7 * epoch + 6, epoch) == by_epoch[epoch]);
  }
  CHECK(lks_schedule_rate(&plan.schedule, 7 * 12, 12) == 0x1p-9);
  plan_destroy(&plan);
}

static void cosine_falls_from_full_to_zero_after_warmup(void) {
  course plan;
  plan_create(&plan,
              "optimizer.learning_rate=2 optimizer.schedule=cosine "
              "optimizer.warmup_steps=20",
              60, 2);
  CHECK(rate(&plan, 20) == 2);
  CHECK_CLOSE(rate(&plan, 45), 1 + cos(0.25 * acos(-1)), f64_rate);
  CHECK_CLOSE(rate(&plan, 70), 1, f64_rate);
  CHECK_CLOSE(rate(&plan, 95), 1 - cos(0.25 * acos(-1)), f64_rate);
  CHECK(rate(&plan, 119) > 0);
  CHECK(rate(&plan, 120) == 0);
  CHECK(rate(&plan, 500) == 0);
  plan_destroy(&plan);
}

static void cosine_refuses_warmup_of_the_whole_run(void) {
  lks_config *config =
      optim_config_create("optimizer.schedule=cosine optimizer.warmup_steps=20");
  lks_schedule schedule;
  CHECK_FAILS(lks_schedule_create(&schedule, config, 10, 2), LKS_USAGE,
              "warmup_steps = 20 with schedule = cosine");
  CHECK_OK(lks_schedule_create(&schedule, config, 7, 3));
  lks_config_destroy(config);
}

static void inverse_sqrt_falls_with_the_root_of_the_step(void) {
  course plan;
  plan_create(&plan,
              "optimizer.learning_rate=2 optimizer.schedule=inverse-sqrt "
              "optimizer.warmup_steps=4",
              1000, 1);
  CHECK(rate(&plan, 3) == 2);
  CHECK(rate(&plan, 15) == 1);
  CHECK(rate(&plan, 63) == 0.5);
  CHECK_CLOSE(rate(&plan, 4), 2 * sqrt(0.8), f64_rate);
  CHECK_OK(lks_config_set(plan.config, "optimizer.warmup_steps=0"));
  CHECK(rate(&plan, 0) == 2);
  CHECK(rate(&plan, 3) == 1);
  plan_destroy(&plan);
}

static void plateau_reduces_after_patience_without_improvement(void) {
  static const struct {
    double score;
    bool best;
    double rate;
  } notes[] = {
      {5, true, 1},      {4, true, 1},        {4, false, 1},     {4.5, false, 0.5},
      {4.1, false, 0.5}, {3.9, true, 0.5},    {3.9, false, 0.5}, {4, false, 0.25},
      {4, false, 0.25},  {NAN, false, 0.125}, {3, true, 0.125},
  };
  course plan;
  plan_create(&plan,
              "optimizer.learning_rate=1 optimizer.schedule=plateau optimizer.decay=0.5 "
              "optimizer.patience=2",
              10, 9);
  for (int i = 0; i < (int)(sizeof notes / sizeof notes[0]); i++) {
    CHECK(lks_schedule_note(&plan.schedule, notes[i].score, i) == notes[i].best);
    CHECK(rate(&plan, i) == notes[i].rate);
  }
  CHECK(plan.schedule.state.best == 3);
  CHECK_EQUAL(plan.schedule.state.best_step, 10);
  plan_destroy(&plan);
}

static void scores_change_no_rate_without_plateau(void) {
  course plan;
  plan_create(&plan, "optimizer.learning_rate=1 optimizer.patience=1", 10, 9);
  for (int i = 0; i < 5; i++)
    (void)lks_schedule_note(&plan.schedule, i, i);
  CHECK(rate(&plan, 5) == 1);
  CHECK(!lks_schedule_is_over(&plan.schedule));
  plan_destroy(&plan);
}

static void early_stopping_counts_evaluations_since_the_best(void) {
  static const double scores[] = {3, 2, 2.5, 1.5, 1.6, 1.7, 1.8};
  course plan;
  plan_create(&plan, "train.early_stopping=3", 10, 9);
  for (int i = 0; i < 7; i++) {
    CHECK(!lks_schedule_is_over(&plan.schedule));
    CHECK(lks_schedule_note(&plan.schedule, scores[i], i) == (i == 0 || i == 1 || i == 3));
  }
  CHECK(lks_schedule_is_over(&plan.schedule));
  CHECK(lks_schedule_note(&plan.schedule, 1, 7));
  CHECK(!lks_schedule_is_over(&plan.schedule));
  plan_destroy(&plan);
}

static void score_that_is_not_finite_is_never_the_best(void) {
  course plan;
  plan_create(&plan, "train.early_stopping=2", 10, 9);
  CHECK(!lks_schedule_note(&plan.schedule, NAN, 0));
  CHECK(!lks_schedule_note(&plan.schedule, INFINITY, 1));
  CHECK(lks_schedule_is_over(&plan.schedule));
  CHECK(lks_schedule_note(&plan.schedule, 1e30, 2));
  CHECK(!lks_schedule_note(&plan.schedule, -INFINITY, 3));
  plan_destroy(&plan);
}

static void copied_state_continues_identically(void) {
  static const double scores[] = {3, 4, 5, 2, 3, 3, 1, 2};
  course whole;
  course resumed;
  const char *settings =
      "optimizer.schedule=plateau optimizer.patience=2 train.early_stopping=3";
  plan_create(&whole, settings, 10, 9);
  plan_create(&resumed, settings, 10, 9);
  for (int i = 0; i < 8; i++) {
    bool best = lks_schedule_note(&whole.schedule, scores[i], i);
    if (i >= 4) {
      CHECK(lks_schedule_note(&resumed.schedule, scores[i], i) == best);
      CHECK(rate(&resumed, i) == rate(&whole, i));
      CHECK(lks_schedule_is_over(&resumed.schedule) == lks_schedule_is_over(&whole.schedule));
    }
    if (i == 3)
      resumed.schedule.state = whole.schedule.state;
  }
  plan_destroy(&resumed);
  plan_destroy(&whole);
}

const lks_test schedule_tests[] = {
    TEST(constant_rate_stays),
    TEST(warmup_rises_from_zero_to_the_full_rate),
    TEST(step_halves_every_epoch_after_the_fourth),
    TEST(cosine_falls_from_full_to_zero_after_warmup),
    TEST(cosine_refuses_warmup_of_the_whole_run),
    TEST(inverse_sqrt_falls_with_the_root_of_the_step),
    TEST(plateau_reduces_after_patience_without_improvement),
    TEST(scores_change_no_rate_without_plateau),
    TEST(early_stopping_counts_evaluations_since_the_best),
    TEST(score_that_is_not_finite_is_never_the_best),
    TEST(copied_state_continues_identically),
    TEST_END,
};
