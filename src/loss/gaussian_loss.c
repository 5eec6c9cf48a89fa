/* SPDX-License-Identifier: Apache-2.0 */
/* gaussian_loss.c - the normal distribution with mean m and deviation s.
 *
 *   -log density = log s + e^2 / 2 + log sqrt(2 pi),  e = (z - m) / s
 *   crps = s (e (2 F(e) - 1) + 2 f(e) - 1 / sqrt(pi))   (Gneiting and Raftery 2007, eq. 21) */
#include "base/arithmetic.h"
#include "base/special.h"
#include "loss/family.h"

static const double half_log_two_pi = 0.9189385332046728;
static const double inverse_root_pi = 0.5641895835477563;
static const double inverse_root_two_pi = 0.3989422804014327;

double lks_gaussian_nll(double mean, double deviation, double z) {
  double e = (z - mean) / deviation;
  return lks_log_f64(deviation) + 0.5 * e * e + half_log_two_pi;
}

double lks_gaussian_crps(double mean, double deviation, double z) {
  double e = (z - mean) / deviation;
  double density = inverse_root_two_pi * lks_exp_f64(-0.5 * e * e);
  return deviation * (e * (2 * lks_normal_cdf_f64(e) - 1) + 2 * density - inverse_root_pi);
}

double lks_gaussian_quantile(double mean, double deviation, double p) {
  return mean + deviation * lks_normal_quantile_f64(p);
}

static double loss(const lks_forecast_head *head, const float *raw, double z, double level,
                   float *d) {
  double slope, s = lks_positive(raw[1], &slope), e = (z - (double)raw[0]) / s;
  (void)head;
  (void)level;
  if (d) {
    d[0] = (float)(-e / s);
    d[1] = (float)((1 - e * e) / s * slope);
  }
  return lks_log_f64(s) + 0.5 * e * e + half_log_two_pi;
}

static double quantile(const lks_forecast_head *head, const float *raw, double level,
                       double p) {
  (void)head;
  (void)level;
  return lks_gaussian_quantile((double)raw[0], lks_positive(raw[1], NULL), p);
}

static double nll(const lks_forecast_head *head, const float *raw, double z, double level) {
  return loss(head, raw, z, level, NULL);
}

static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  (void)head;
  (void)level;
  return lks_gaussian_crps((double)raw[0], lks_positive(raw[1], NULL), z);
}

const lks_forecast_loss lks_gaussian_loss = {
    .name = "gaussian",
    .is_distribution = true,
    .has_quantiles = true,
    .outputs = lks_two_outputs,
    .loss = loss,
    .point = lks_first_output,
    .quantile = quantile,
    .nll = nll,
    .crps = crps,
};
