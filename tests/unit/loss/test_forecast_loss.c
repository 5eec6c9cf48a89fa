/* SPDX-License-Identifier: Apache-2.0 */
/* test_forecast_loss.c - the table of losses, losses of numbers and of quantiles, and the
 * loop over values. */
#include "raw_values.h"

#include "check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double EXACT = 1e-12; /* a few roundings of numbers below 100 */

static void find_knows_the_names_of_the_key_and_no_others(void) {
  char names[] = LKS_FORECAST_LOSS_NAMES, *rest = names;
  int count, listed = 0;
  const lks_forecast_loss *const *all = lks_forecast_loss_all(&count);
  for (char *name = strtok_r(names, " ", &rest); name; name = strtok_r(NULL, " ", &rest)) {
    CHECK(listed < count && lks_forecast_loss_find(name) == all[listed]);
    if (listed < count)
      CHECK_TEXT(all[listed]->name, name);
    listed++;
  }
  CHECK_EQUAL(listed, count);
  CHECK(lks_forecast_loss_find("") == NULL);
  CHECK(lks_forecast_loss_find("ms") == NULL);
  CHECK(lks_forecast_loss_find("mse ") == NULL);
  CHECK(lks_forecast_loss_find("MSE") == NULL);
}

/* What a loss says of itself, and whether it then has the scores. */
static void losses_have_the_scores_that_they_say(void) {
  static const float raw[5] = {0.5F, -1, 0.25F, 1, 2};
  int count;
  const lks_forecast_loss *const *all = lks_forecast_loss_all(&count);
  for (int i = 0; i < count; i++) {
    const lks_forecast_loss *loss = all[i];
    lks_forecast_head head = lks_head_of(loss->name);
    CHECK(isnan(loss->nll(&head, raw, 2, 1)) == !loss->is_distribution);
    CHECK(isnan(loss->quantile(&head, raw, 1, 0.3)) == !loss->has_quantiles);
    CHECK(loss->crps(&head, raw, 2, 1) >= 0);
    CHECK(isfinite(loss->point(&head, raw, 1)));
    CHECK(loss->is_count == (strcmp(loss->name, "negative-binomial") == 0));
  }
}

static void numbers_have_their_losses(void) {
  lks_forecast_head mse = lks_head_of("mse"), mae = lks_head_of("mae"),
                    huber = lks_head_of("huber");
  float raw[1] = {3};
  CHECK(mse.loss->loss(&mse, raw, 1, 1, NULL) == 4);
  CHECK(mae.loss->loss(&mae, raw, 5.5, 1, NULL) == 2.5);
  CHECK(mse.loss->point(&mse, raw, 1) == 3 && mae.loss->point(&mae, raw, 1) == 3);
  CHECK(mse.loss->crps(&mse, raw, 1, 1) == 2 && huber.loss->crps(&huber, raw, 1, 1) == 2);
  /* torch.nn.functional.huber_loss(tensor(3.), tensor(-1.), delta=0.5), and at 3.25. */
  huber.huber_delta = 0.5;
  CHECK(huber.loss->loss(&huber, raw, -1, 1, NULL) == 1.875);
  CHECK(huber.loss->loss(&huber, raw, 3.25, 1, NULL) == 0.03125);
}

static void quantiles_have_the_mean_pinball_loss(void) {
  lks_forecast_head head = lks_head_of("quantiles");
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.1 0.5"));
  float raw[2] = {1, 0};
  double second = 1 + log(2);
  CHECK_CLOSE(head.loss->loss(&head, raw, 3, 1, NULL), (0.1 * 2 + 0.5 * (3 - second)) / 2,
              EXACT);
  CHECK_CLOSE(head.loss->loss(&head, raw, -1, 1, NULL), (0.9 * 2 + 0.5 * (second + 1)) / 2,
              EXACT);
  CHECK_CLOSE(head.loss->crps(&head, raw, 3, 1), 0.1 * 2 + 0.5 * (3 - second), EXACT);
}

/* For any raw outputs, even such that the steps vanish beside the first quantile. */
static void quantiles_never_cross(void) {
  lks_forecast_head head = lks_head_of("quantiles");
  for (uint32_t i = 0; i < 3000; i++) {
    float raw[5];
    double size = pow(10, lks_uniform(6 * i, -3, i % 10 ? 4 : 38));
    for (uint32_t k = 0; k < 5; k++)
      raw[k] = (float)lks_uniform(6 * i + 1 + k, -size, size);
    double before = -INFINITY;
    for (int j = 1; j < 400; j++) {
      double p = j / 400.0, found = head.loss->quantile(&head, raw, 1, p);
      if (!CHECK(found >= before))
        return;
      before = found;
    }
    for (int k = 0; k < 5; k++) { /* just beside a quantile, where two lines meet */
      double at = head.quantile[k], found = head.loss->quantile(&head, raw, 1, at);
      CHECK(head.loss->quantile(&head, raw, 1, nextafter(at, 0)) <= found);
      CHECK(head.loss->quantile(&head, raw, 1, nextafter(at, 1)) >= found);
    }
  }
}

static void quantiles_are_interpolated_and_constant_outside(void) {
  lks_forecast_head head = lks_head_of("quantiles");
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.2 0.4 0.9"));
  float raw[3] = {-1, 0.5F, 2};
  double q1 = -1, q2 = q1 + log1p(exp(0.5)), q3 = q2 + log1p(exp(2));
  CHECK(head.loss->quantile(&head, raw, 1, 0.001) == q1);
  CHECK(head.loss->quantile(&head, raw, 1, 0.2) == q1);
  CHECK_CLOSE(head.loss->quantile(&head, raw, 1, 0.25), 0.75 * q1 + 0.25 * q2, EXACT);
  CHECK_CLOSE(head.loss->quantile(&head, raw, 1, 0.4), q2, EXACT);
  CHECK_CLOSE(head.loss->quantile(&head, raw, 1, 0.65), 0.5 * (q2 + q3), EXACT);
  CHECK_CLOSE(head.loss->quantile(&head, raw, 1, 0.95), q3, EXACT);
  CHECK_CLOSE(head.loss->point(&head, raw, 1), 0.8 * q2 + 0.2 * q3, EXACT);
}

static void an_interval_reaches_as_far_as_the_quantiles(void) {
  lks_forecast_head head = lks_head_of("quantiles"), number = lks_head_of("mse");
  lks_forecast_head distribution = lks_head_of("student-t");
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.1 0.5 0.95"));
  CHECK(lks_forecast_head_reaches(&head, 0.5) && lks_forecast_head_reaches(&head, 0.8));
  CHECK(!lks_forecast_head_reaches(&head, 0.81) && !lks_forecast_head_reaches(&head, 0.9));
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.5"));
  CHECK(!lks_forecast_head_reaches(&head, 0.01));
  CHECK(!lks_forecast_head_reaches(&number, 0.5));
  CHECK(lks_forecast_head_reaches(&distribution, 0.999));
}

static void point_of_quantiles_is_the_median_or_the_nearest_quantile(void) {
  lks_forecast_head head = lks_head_of("quantiles");
  float raw[3] = {-1, 0.5F, 2};
  double q2 = -1 + log1p(exp(0.5)), q3 = q2 + log1p(exp(2));
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.1 0.5 0.9"));
  CHECK_CLOSE(head.loss->point(&head, raw, 1), q2, EXACT);
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.6 0.7 0.9"));
  CHECK(head.loss->point(&head, raw, 1) == -1);
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.1 0.2 0.3"));
  CHECK_CLOSE(head.loss->point(&head, raw, 1), q3, EXACT);
  CHECK_OK(lks_forecast_head_set_quantiles(&head, "0.9"));
  CHECK(head.loss->point(&head, raw, 1) == -1);
}

static void quantiles_are_read_between_blanks_and_commas(void) {
  lks_forecast_head head = {.quantile_count = 9};
  CHECK_OK(lks_forecast_head_set_quantiles(&head, " 0.1, 0.5\t0.975,"));
  CHECK_EQUAL(head.quantile_count, 3);
  CHECK(head.quantile[0] == 0.1 && head.quantile[1] == 0.5 && head.quantile[2] == 0.975);
}

static void quantiles_that_do_not_rise_inside_0_and_1_are_refused(void) {
  static const char *const wrong[] = {"0.5 0.5", "0.5 0.1", "0 0.5",  "0.5 1",  "-0.1",
                                      "nan",     "median",  "0.1x 2", "0.1;0.2"};
  static const char *const found[] = {"'0.5'", "'0.1'",    "'0 0.5'",  "'1'",      "'-0.1'",
                                      "'nan'", "'median'", "'0.1x 2'", "'0.1;0.2'"};
  lks_forecast_head head;
  for (int i = 0; i < 9; i++) {
    CHECK_FAILS(lks_forecast_head_set_quantiles(&head, wrong[i]), LKS_USAGE, found[i]);
    CHECK_FAILS(lks_forecast_head_set_quantiles(&head, wrong[i]), LKS_USAGE,
                "[train] quantiles: expected numbers that rise between 0 and 1, found ");
    CHECK_FAILS(lks_forecast_head_set_quantiles(&head, wrong[i]), LKS_USAGE,
                "hint: 0.1 0.5 0.9 gives the median and an interval of 80 %");
  }
  CHECK_FAILS(lks_forecast_head_set_quantiles(&head, " , "), LKS_USAGE, "found none");
}

static void more_quantiles_than_fit_are_refused(void) {
  lks_forecast_head head;
  char text[(LKS_QUANTILES_MAX + 1) * 6 + 1] = "";
  for (int i = 0; i < LKS_QUANTILES_MAX; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%.3f ", 0.01 * (i + 1));
  CHECK_OK(lks_forecast_head_set_quantiles(&head, text));
  CHECK_EQUAL(head.quantile_count, LKS_QUANTILES_MAX);
  snprintf(text + strlen(text), sizeof text - strlen(text), "0.99");
  CHECK_FAILS(lks_forecast_head_set_quantiles(&head, text), LKS_USAGE,
              "[train] quantiles: expected at most 32 numbers");
}

static void losses_add_up_and_skip_missing_targets(void) {
  enum { N = 4 };
  static const float raw[N][2] = {{0, 0.5F}, {1, 2}, {-1, 0.25F}, {3, -2}};
  static const float target[N] = {1, NAN, 0, 7}, level[N] = {1, 2, 3, 0.5F};
  static const char *const names[] = {"gaussian", "negative-binomial"};
  for (int l = 0; l < 2; l++) {
    lks_forecast_head head = lks_head_of(names[l]);
    const float *levels = head.loss->is_count ? level : NULL;
    float d_raw[N][2], expected[N][2] = {{0}};
    double sum = 0;
    memset(d_raw, 0xff, sizeof d_raw); /* NaN */
    for (int i = 0; i < N; i++)
      if (i != 1)
        sum += head.loss->loss(&head, raw[i], (double)target[i], levels ? (double)level[i] : 1,
                               expected[i]);
    CHECK(lks_forecast_losses(&head, N, raw[0], target, levels, d_raw[0]) == sum);
    CHECK_SAME_BITS(d_raw[0], expected[0], 2 * N);
  }
}

static void losses_of_nothing_are_zero(void) {
  lks_forecast_head head = lks_head_of("student-t");
  float raw[3] = {1, 2, 3}, missing = NAN, d_raw[3] = {5, 5, 5};
  static const float zeros[3] = {0};
  CHECK(lks_forecast_losses(&head, 0, NULL, NULL, NULL, NULL) == 0);
  CHECK(lks_forecast_losses(&head, 1, raw, &missing, NULL, d_raw) == 0);
  CHECK_SAME_BITS(d_raw, zeros, 3);
}

/* A network that has diverged is not scored as if it were right. */
static void losses_of_raw_outputs_that_are_no_numbers_are_none(void) {
  int count;
  const lks_forecast_loss *const *all = lks_forecast_loss_all(&count);
  for (int i = 0; i < count; i++) {
    lks_forecast_head head = lks_head_of(all[i]->name);
    for (int k = 0; k < all[i]->outputs(&head); k++) {
      float one[5] = {0.5F, 0.5F, 0.5F, 0.5F, 0.5F};
      one[k] = NAN;
      CHECK(isnan(all[i]->loss(&head, one, 2, 1, NULL)));
      CHECK(isnan(all[i]->crps(&head, one, 2, 1)));
      CHECK(isnan(all[i]->nll(&head, one, 2, 1)));
      CHECK(!all[i]->is_distribution || isnan(all[i]->quantile(&head, one, 1, 0.9)));
    }
  }
}

/* Sums over counts would never end. */
static void counts_without_end_have_no_score_and_no_quantile(void) {
  lks_forecast_head head = lks_head_of("negative-binomial");
  const float mean_without_end[2] = {1, 1}, endless[2] = {INFINITY, 1}, wide[2] = {1, INFINITY};
  const float *const raws[] = {mean_without_end, endless, wide};
  for (int i = 0; i < 3; i++) {
    double level = i == 0 ? INFINITY : 1;
    CHECK(isnan(head.loss->crps(&head, raws[i], 2, level)));
    CHECK(isnan(head.loss->quantile(&head, raws[i], level, 0.5)));
  }
}

const lks_test forecast_loss_tests[] = {
    TEST(find_knows_the_names_of_the_key_and_no_others),
    TEST(losses_have_the_scores_that_they_say),
    TEST(numbers_have_their_losses),
    TEST(quantiles_have_the_mean_pinball_loss),
    TEST(quantiles_never_cross),
    TEST(quantiles_are_interpolated_and_constant_outside),
    TEST(an_interval_reaches_as_far_as_the_quantiles),
    TEST(point_of_quantiles_is_the_median_or_the_nearest_quantile),
    TEST(quantiles_are_read_between_blanks_and_commas),
    TEST(quantiles_that_do_not_rise_inside_0_and_1_are_refused),
    TEST(more_quantiles_than_fit_are_refused),
    TEST(losses_add_up_and_skip_missing_targets),
    TEST(losses_of_nothing_are_zero),
    TEST(losses_of_raw_outputs_that_are_no_numbers_are_none),
    TEST(counts_without_end_have_no_score_and_no_quantile),
    TEST_END,
};
