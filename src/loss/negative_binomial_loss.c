/* SPDX-License-Identifier: Apache-2.0 */
/* negative_binomial_loss.c - counts with mean u = level x softplus(raw[0]) and variance
 * u + a u^2, a = softplus(raw[1]) + 1e-4 (Salinas et al. 2020, DeepAR, eq. 4).
 *
 * With r = 1 / a:  P(k) = gamma(k + r) / (k! gamma(r)) (1 / (1 + a u))^r (a u / (1 + a u))^k.
 * Sums over k begin where the distribution function is still 0 to f64. */
#include "base/arithmetic.h"
#include "base/special.h"
#include "loss/family.h"

#include <math.h>

enum { TERMS_MAX = 50000000 };

static const double least_mean = 1e-8;
static const double deviations = 12; /* below the mean that a sum begins */

typedef struct {
  double u, a;
  double u_slope, a_slope; /* by the raw outputs */
} binomial;

static binomial binomial_of(const float *raw, double level) {
  binomial b;
  b.u = level * lks_softplus_f64((double)raw[0]) + least_mean;
  b.u_slope = level * lks_sigmoid_f64((double)raw[0]);
  b.a = lks_positive(raw[1], &b.a_slope);
  return b;
}

static double nll_of(const binomial *b, double k) {
  double r = 1 / b->a, au = b->a * b->u;
  return lks_lgamma_f64(r) + lks_lgamma_f64(k + 1) - lks_lgamma_f64(k + r) +
         (k + r) * lks_log1p_f64(au) - k * lks_log_f64(au);
}

static double loss(const lks_forecast_head *head, const float *raw, double z, double level,
                   float *d) {
  binomial b = binomial_of(raw, level);
  double r = 1 / b.a, au = b.a * b.u;
  (void)head;
  if (d) {
    double by_u = (z + r) * b.a / (1 + au) - z / b.u;
    double by_a = r * r * (lks_digamma_f64(z + r) - lks_digamma_f64(r) - lks_log1p_f64(au)) +
                  (z + r) * b.u / (1 + au) - z / b.a;
    d[0] = (float)(by_u * b.u_slope);
    d[1] = (float)(by_a * b.a_slope);
  }
  return nll_of(&b, z);
}

static double mean(const lks_forecast_head *head, const float *raw, double level) {
  (void)head;
  return binomial_of(raw, level).u;
}

/* Where sums begin, and the probability there. */
static double first_count(const binomial *b, double *probability) {
  double k = floor(b->u - deviations * lks_sqrt_f64(b->u + b->a * b->u * b->u));
  if (!(k > 0))
    k = 0;
  *probability = lks_exp_f64(-nll_of(b, k));
  return k;
}

/* P(k + 1) from P(k). */
static double next_probability(const binomial *b, double k, double probability) {
  double au = b->a * b->u;
  return probability * (k + 1 / b->a) / (k + 1) * (au / (1 + au));
}

static double quantile(const lks_forecast_head *head, const float *raw, double level,
                       double p) {
  binomial b = binomial_of(raw, level);
  double probability, k = first_count(&b, &probability), sum = probability;
  (void)head;
  for (int i = 0; i < TERMS_MAX && sum < p && (probability > 0 || k < b.u); i++) {
    probability = next_probability(&b, k, probability);
    k += 1;
    sum += probability;
  }
  return k;
}

static double nll(const lks_forecast_head *head, const float *raw, double z, double level) {
  return loss(head, raw, z, level, NULL);
}

/* The sum over k of (F(k) - [k >= z])^2. */
static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  binomial b = binomial_of(raw, level);
  double probability, k = first_count(&b, &probability), share = probability;
  double sum = z < k ? k - z : 0;
  (void)head;
  for (int i = 0; i < TERMS_MAX; i++) {
    double rest = k >= z ? 1 - share : share;
    sum += rest * rest;
    if (k >= z && 1 - share < 1e-12)
      break;
    probability = next_probability(&b, k, probability);
    k += 1;
    share += probability;
    if (probability < 1e-300 && k > b.u) { /* the rest of the way to z, all at 1 */
      sum += z > k ? z - k : 0;
      break;
    }
  }
  return sum;
}

const lks_forecast_loss lks_negative_binomial_loss = {
    .name = "negative-binomial",
    .is_distribution = true,
    .has_quantiles = true,
    .is_count = true,
    .outputs = lks_two_outputs,
    .loss = loss,
    .point = mean,
    .quantile = quantile,
    .nll = nll,
    .crps = crps,
};
