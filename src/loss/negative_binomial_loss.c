/* SPDX-License-Identifier: Apache-2.0 */
/* negative_binomial_loss.c - counts with mean u = level x softplus(raw[0]) and variance
 * u + a u^2, a = softplus(raw[1]) + 1e-4 (Salinas et al. 2020, DeepAR, eq. 4).
 *
 * With r = 1 / a:  P(k) = gamma(k + r) / (k! gamma(r)) (1 / (1 + a u))^r (a u / (1 + a u))^k
 *                  F(k) = I_x(r, k + 1),  x = 1 / (1 + a u)
 *   crps = z (2 F(z; r) - 1) + u - 2 u F(z - 1; r + 1) - u (1 + a u) 2F1(r + 1, 1/2; 2; -w)
 * where w = 4 a u (1 + a u) and F(.; r + 1) has the same x (Wei and Held 2014; Jordan,
 * Krueger and Lerch 2019). */
#include "base/arithmetic.h"
#include "base/special.h"
#include "loss/family.h"

#include <math.h>

static const double least_mean = 1e-8;
static const double most_count = 0x1p52; /* counts below are exact in f64 */
static const double four_over_pi = 1.2732395447351628;

typedef struct {
  double u, a;
  double u_slope, a_slope; /* by the raw outputs */
} binomial;

static binomial binomial_of(const float *raw, double level) {
  binomial b;
  b.u = level * lks_softplus_slope_f64((double)raw[0], &b.u_slope) + least_mean;
  b.u_slope *= level;
  b.a = lks_positive(raw[1], &b.a_slope);
  return b;
}

/* gamma(k + r) / (k! gamma(r)) = 1 / ((k + r) B(r, k + 1)). */
static double nll_of(const binomial *b, double k) {
  double r = 1 / b->a, au = b->a * b->u;
  return lks_log_beta_f64(r, k + 1) + lks_log_f64(k + r) + r * lks_log1p_f64(au) +
         k * lks_log1p_f64(1 / au);
}

static double loss(const lks_forecast_head *head, const float *raw, double z, double level,
                   float *d) {
  binomial b = binomial_of(raw, level);
  double r = 1 / b.a, au = b.a * b.u;
  (void)head;
  if (d) {
    double by_u = (b.u - z) / (b.u * (1 + au));
    double by_a = r * r * (lks_digamma_f64(z + r) - lks_digamma_f64(r) - lks_log1p_f64(au)) +
                  (b.u - z) * r / (1 + au);
    d[0] = (float)(by_u * b.u_slope);
    d[1] = (float)(by_a * b.a_slope);
  }
  return nll_of(&b, z);
}

static double mean(const lks_forecast_head *head, const float *raw, double level) {
  (void)head;
  return binomial_of(raw, level).u;
}

/* F(k) of shape r: the chance of at most k. */
static double share_below(const binomial *b, double r, double k) {
  return k < 0 ? 0 : lks_beta_share_f64(r, k + 1, 1 / (1 + b->a * b->u));
}

/* The smallest k with F(k) >= p: doubled, then halved. */
static double quantile(const lks_forecast_head *head, const float *raw, double level,
                       double p) {
  binomial b = binomial_of(raw, level);
  double low = -1, high = 0, r = 1 / b.a;
  (void)head;
  if (!isfinite(b.u) || !isfinite(b.a)) /* a network that has diverged */
    return NAN;
  while (share_below(&b, r, high) < p && high < most_count) {
    low = high;
    high = 2 * high + 1;
  }
  while (high - low > 1) {
    double middle = floor(low + 0.5 * (high - low));
    if (share_below(&b, r, middle) < p)
      low = middle;
    else
      high = middle;
  }
  return high;
}

static double nll(const lks_forecast_head *head, const float *raw, double z, double level) {
  return loss(head, raw, z, level, NULL);
}

/* 2F1(r + 1, 1/2; 2; -w), Euler's integral with t = s^2 / (1 + s^2) and s = e^v:
 * 4/pi times the integral over v of s (1 + s^2)^(r - 1) / (1 + (1 + w) s^2)^(r + 1), which
 * falls off like s below and like s^-3 above, so that the trapezoidal rule is right to 1e-11.
 */
static double half_difference(double r, double w) {
  const double step = 0.1875;
  double sum = 0, top = 9;
  double bottom = -28 - 0.5 * lks_log1p_f64(w * (r + 1));
  int points = (int)((top - bottom) / step);
  for (int i = 0; i <= points; i++) {
    double v = bottom + i * step, square = lks_exp_f64(2 * v), above = 1 + square;
    sum += lks_exp_f64(v - 2 * lks_log1p_f64(square) -
                       (r + 1) * lks_log1p_f64(w * (square / above)));
  }
  return four_over_pi * step * sum;
}

static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  binomial b = binomial_of(raw, level);
  double r = 1 / b.a, grown = 1 + b.a * b.u, w = 4 * b.a * b.u * grown;
  if (!isfinite(w) || !isfinite(r)) /* a network that has diverged */
    return NAN;
  double from_z =
      z * (2 * share_below(&b, r, z) - 1) + b.u - 2 * b.u * share_below(&b, r + 1, z - 1);
  (void)head;
  return from_z - b.u * grown * half_difference(r, w);
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
