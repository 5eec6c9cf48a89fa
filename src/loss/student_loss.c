/* SPDX-License-Identifier: Apache-2.0 */
/* student_loss.c - Student's t with location m, scale s and n > 2 degrees of freedom.
 *
 *   -log density = log s + log B(n/2, 1/2) + log(n)/2 + (n+1)/2 log(1 + e^2/n),
 *                  e = (z - m) / s
 *   crps = s (e (2 F(e) - 1) + 2 f(e) (n + e^2) / (n - 1)
 *             - 2 sqrt(n) / (n - 1) B(1/2, n - 1/2) / B(1/2, n/2)^2)
 *
 * (Jordan, Krueger and Lerch 2019, "Evaluating probabilistic forecasts with
 * scoringRules", appendix A). */
#include "base/arithmetic.h"
#include "base/special.h"
#include "loss/family.h"

typedef struct {
  double m, s, n;
  double s_slope, n_slope;
} student;

static student student_of(const float *raw) {
  student t = {.m = (double)raw[0]};
  t.s = lks_positive(raw[1], &t.s_slope);
  t.n = 2 + lks_softplus_slope_f64((double)raw[2], &t.n_slope);
  return t;
}

static int outputs(const lks_forecast_head *head) {
  (void)head;
  return 3;
}

/* -log density of the standard distribution at e. */
static double standard_nll(double e, double n) {
  return lks_log_beta_f64(0.5 * n, 0.5) + 0.5 * lks_log_f64(n) +
         0.5 * (n + 1) * lks_log1p_f64(e * e / n);
}

static double loss(const lks_forecast_head *head, const float *raw, double z, double level,
                   float *d) {
  student t = student_of(raw);
  double e = (z - t.m) / t.s, weight = (t.n + 1) * e / (t.n + e * e);
  (void)head;
  (void)level;
  if (d) {
    double by_n = 0.5 * (lks_digamma_f64(0.5 * t.n) - lks_digamma_f64(0.5 * (t.n + 1)) +
                         1 / t.n + lks_log1p_f64(e * e / t.n) - weight * e / t.n);
    d[0] = (float)(-weight / t.s);
    d[1] = (float)((1 - weight * e) / t.s * t.s_slope);
    d[2] = (float)(by_n * t.n_slope);
  }
  return lks_log_f64(t.s) + standard_nll(e, t.n);
}

static double quantile(const lks_forecast_head *head, const float *raw, double level,
                       double p) {
  student t = student_of(raw);
  (void)head;
  (void)level;
  return t.m + t.s * lks_student_quantile_f64(p, t.n);
}

static double nll(const lks_forecast_head *head, const float *raw, double z, double level) {
  return loss(head, raw, z, level, NULL);
}

static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  student t = student_of(raw);
  double e = (z - t.m) / t.s, density = lks_exp_f64(-standard_nll(e, t.n));
  double betas =
      lks_exp_f64(lks_log_beta_f64(0.5, t.n - 0.5) - 2 * lks_log_beta_f64(0.5, 0.5 * t.n));
  (void)head;
  (void)level;
  return t.s *
         (e * (2 * lks_student_cdf_f64(e, t.n) - 1) + 2 * density * (t.n + e * e) / (t.n - 1) -
          2 * lks_sqrt_f64(t.n) / (t.n - 1) * betas);
}

const lks_forecast_loss lks_student_loss = {
    .name = "student-t",
    .is_distribution = true,
    .has_quantiles = true,
    .outputs = outputs,
    .loss = loss,
    .point = lks_first_output,
    .quantile = quantile,
    .nll = nll,
    .crps = crps,
};
