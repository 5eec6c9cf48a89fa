/* SPDX-License-Identifier: Apache-2.0 */
/* test_gradients.c - every loss's gradient against differences of the loss itself in f64.
 *
 * Raw outputs are f32 multiples of 1/4 and steps are powers of two of at least 2^-18, so
 * that every place where the loss is asked for is exact. */
#include "raw_values.h"

#include "check.h"

#include <math.h>

enum { OUTPUTS_MAX = 5, STEP_FIRST = 4, STEP_LAST = 18 };

static const double GRADIENT = 1e-5;   /* of f32 gradients: the formula's error is step^4 */
static const double ROUNDING = 1e-15;  /* of a loss, which a difference divides by the step */
static const double NEAR_ZERO = 1e-10; /* of gradients that cancel */

static double loss_beside(const lks_forecast_head *head, const float *raw, int which,
                          double step, double z, double level) {
  float moved[OUTPUTS_MAX] = {0};
  for (int i = 0; i < head->loss->outputs(head); i++)
    moved[i] = raw[i];
  moved[which] += (float)step;
  return head->loss->loss(head, moved, z, level, NULL);
}

/* The error of gradient d over what is allowed at the best of several steps: a wide step
 * meets kinks and small scales, a narrow one roundings. */
static double error_of(const lks_forecast_head *head, const float *raw, int which, double z,
                       double level, double d) {
  double best = INFINITY;
  for (int k = STEP_FIRST; k <= STEP_LAST && best > 1; k += 2) {
    double h = ldexp(1, -k), f[4];
    f[0] = loss_beside(head, raw, which, -2 * h, z, level);
    f[1] = loss_beside(head, raw, which, -h, z, level);
    f[2] = loss_beside(head, raw, which, h, z, level);
    f[3] = loss_beside(head, raw, which, 2 * h, z, level);
    double slope = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * h);
    double allowed = GRADIENT * fabs(d) + ROUNDING * fabs(f[1]) / h + NEAR_ZERO;
    best = fmin(best, fabs(slope - d) / allowed);
  }
  return best;
}

static double worst_of(const lks_forecast_head *head, const float *raw, double level) {
  float d[OUTPUTS_MAX];
  double worst = 0;
  for (int t = 0; t < LKS_TARGETS; t++) {
    double z = lks_target_at(head, t), loss = head->loss->loss(head, raw, z, level, d);
    if (!isfinite(loss) || loss != head->loss->loss(head, raw, z, level, NULL))
      worst = INFINITY;
    for (int i = 0; i < head->loss->outputs(head); i++) {
      double error = error_of(head, raw, i, z, level, (double)d[i]);
      worst = isfinite(d[i]) ? fmax(worst, error) : INFINITY;
    }
  }
  return worst;
}

/* Every combination of raw outputs for up to three, random ones for five. */
static void check_loss(const char *name, double level) {
  lks_forecast_head head = lks_head_of(name);
  int outputs = head.loss->outputs(&head), cases = LKS_RAWS * LKS_RAWS * LKS_RAWS;
  for (int i = 0; i < cases; i++) {
    float raw[OUTPUTS_MAX] = {lks_raw_at(i % LKS_RAWS), lks_raw_at(i / LKS_RAWS % LKS_RAWS),
                              lks_raw_at(i / LKS_RAWS / LKS_RAWS)};
    for (int k = 3; k < outputs; k++)
      raw[k] = lks_raw_at((int)lks_uniform((uint32_t)(8 * i + k), 0, LKS_RAWS));
    if (!CHECK_CLOSE(worst_of(&head, raw, level), 0, 1))
      return;
  }
}

static void mse_has_its_gradient(void) {
  check_loss("mse", 1);
}

static void mae_has_its_gradient(void) {
  check_loss("mae", 1);
}

static void huber_has_its_gradient(void) {
  check_loss("huber", 1);
}

static void quantiles_have_their_gradient(void) {
  check_loss("quantiles", 1);
}

static void gaussian_has_its_gradient(void) {
  check_loss("gaussian", 1);
}

static void student_has_its_gradient(void) {
  check_loss("student-t", 1);
}

static void negative_binomial_has_its_gradient_at_every_level(void) {
  check_loss("negative-binomial", 0.25);
  check_loss("negative-binomial", 1);
  check_loss("negative-binomial", 50);
}

/* Where a loss has a kink, the gradient is that of neither side. */
static void gradients_at_kinks_are_zero(void) {
  lks_forecast_head mae = lks_head_of("mae"), quantiles = lks_head_of("quantiles");
  float raw[OUTPUTS_MAX] = {2}, d[OUTPUTS_MAX] = {7};
  CHECK(mae.loss->loss(&mae, raw, 2, 1, d) == 0 && d[0] == 0);
  CHECK_OK(lks_forecast_head_set_quantiles(&quantiles, "0.3"));
  CHECK(quantiles.loss->loss(&quantiles, raw, 2, 1, d) == 0 && d[0] == 0);
}

const lks_test gradients_tests[] = {
    TEST(mse_has_its_gradient),
    TEST(mae_has_its_gradient),
    TEST(huber_has_its_gradient),
    TEST(quantiles_have_their_gradient),
    TEST(gaussian_has_its_gradient),
    TEST(student_has_its_gradient),
    TEST(negative_binomial_has_its_gradient_at_every_level),
    TEST(gradients_at_kinks_are_zero),
    TEST_END,
};
