/* SPDX-License-Identifier: Apache-2.0 */
/* quantile_loss.c - quantiles that cannot cross: the first one, and positive steps.
 *
 * Pinball loss of quantile q at level p (Koenker and Bassett 1978): with e = z - q,
 * p e above and (p - 1) e below. */
#include "base/fail.h"
#include "base/special.h"
#include "loss/family.h"

#include <math.h>

static int outputs(const lks_forecast_head *head) {
  return head->quantile_count;
}

/* q[0 .. count-1] of a head's raw outputs. */
static void quantiles_of(const lks_forecast_head *head, const float *raw, double *q) {
  LKS_ASSERT(head->quantile_count >= 1 && head->quantile_count <= LKS_QUANTILES_MAX);
  q[0] = (double)raw[0];
  for (int k = 1; k < head->quantile_count; k++)
    q[k] = q[k - 1] + lks_softplus_f64((double)raw[k]);
}

static double pinball(double p, double error) {
  return error >= 0 ? p * error : (p - 1) * error;
}

/* The mean over the quantiles.  A raw step moves all quantiles from it on. */
static double loss(const lks_forecast_head *head, const float *raw, double z, double level,
                   float *d) {
  double q[LKS_QUANTILES_MAX], sum = 0, slope = 0;
  int count = head->quantile_count;
  (void)level;
  quantiles_of(head, raw, q);
  for (int k = count - 1; k >= 0; k--) {
    double p = head->quantile[k], error = z - q[k];
    sum += pinball(p, error);
    slope += error > 0 ? -p : error < 0 ? 1 - p : 0;
    if (d)
      d[k] = (float)(slope / count * (k > 0 ? lks_sigmoid_f64((double)raw[k]) : 1));
  }
  return sum / count;
}

static double quantile(const lks_forecast_head *head, const float *raw, double level,
                       double p) {
  double q[LKS_QUANTILES_MAX];
  int last = head->quantile_count - 1, above = 0;
  (void)level;
  quantiles_of(head, raw, q);
  while (above <= last && head->quantile[above] < p)
    above++;
  if (above == 0 || above > last)
    return q[above == 0 ? 0 : last];
  double low = head->quantile[above - 1], high = head->quantile[above];
  return q[above - 1] + (q[above] - q[above - 1]) * ((p - low) / (high - low));
}

static double median(const lks_forecast_head *head, const float *raw, double level) {
  return quantile(head, raw, level, 0.5);
}

/* The integral of the pinball loss over p is half the score (Gneiting and Ranjan 2011). */
static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  return 2 * loss(head, raw, z, level, NULL);
}

const lks_forecast_loss lks_quantiles_loss = {
    .name = "quantiles",
    .has_quantiles = true,
    .outputs = outputs,
    .loss = loss,
    .point = median,
    .quantile = quantile,
    .nll = lks_no_nll,
    .crps = crps,
};
