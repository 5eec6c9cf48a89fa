/* forecast_loss.h - what a forecast head's raw outputs mean: a number, quantiles or a
 * distribution; its loss, gradient and scores.
 *
 * A network gives `outputs` raw numbers for each value to forecast.  They describe the
 * value z in the units that the network works in.  Everything here is a pure function
 * of its arguments, computed in f64 by base/arithmetic.h and base/special.h, so it has the
 * same bits on any machine.
 *
 *   mse, mae, huber     [m]               the forecast
 *   quantiles           [m, r2, ... rQ]   q1 = m, q(k+1) = q(k) + softplus(r(k+1)): they
 *                                         never cross
 *   gaussian            [m, r]            mean m, deviation softplus(r) + 1e-4
 *   student-t           [m, r, n]         location m, scale softplus(r) + 1e-4, degrees of
 *                                         freedom 2 + softplus(n) (so the variance exists)
 *   negative-binomial   [m, r]            counts: mean level x softplus(m) + 1e-8, a =
 *                                         softplus(r) + 1e-4: variance = mean + a mean^2
 *                                         (Salinas et al. 2020, DeepAR, section 3.1) */
#ifndef LOCKSTEP_LOSS_FORECAST_LOSS_H
#define LOCKSTEP_LOSS_FORECAST_LOSS_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

enum { LKS_QUANTILES_MAX = 32 };

typedef struct lks_forecast_loss lks_forecast_loss;

/* A loss with its settings. */
typedef struct {
  const lks_forecast_loss *loss;
  double huber_delta;                 /* > 0: where the loss turns from square to linear */
  int quantile_count;                 /* quantiles: 1 .. LKS_QUANTILES_MAX */
  double quantile[LKS_QUANTILES_MAX]; /* rising, in (0, 1) */
} lks_forecast_head;

struct lks_forecast_loss {
  const char *name;
  bool is_distribution; /* nll, crps and every quantile mean something */
  bool has_quantiles;   /* intervals can be given: distributions, and `quantiles` */
  bool is_count;        /* wants whole numbers >= 0 in original units, and `level` */

  /* Raw outputs of one value. */
  int (*outputs)(const lks_forecast_head *head);

  /* Loss of one value z, and its gradient with respect to the raw outputs (d may be
   * NULL).  `level` only matters to counts.
   *   mse (m-z)^2; mae |m-z|; huber as torch's; quantiles: mean pinball over the
   *   quantiles; distributions: -log density, constants included. */
  double (*loss)(const lks_forecast_head *head, const float *raw, double z, double level,
                 float *d);

  /* The point forecast: the mean; the median for mae and quantiles (interpolated
   * linearly where 0.5 is not among them). */
  double (*point)(const lks_forecast_head *head, const float *raw, double level);

  /* Quantile p in (0, 1); NaN when there is none.  `quantiles` interpolate linearly in p
   * and are constant outside of the outermost ones. */
  double (*quantile)(const lks_forecast_head *head, const float *raw, double level, double p);

  /* -log density at z; NaN for those that are no distribution. */
  double (*nll)(const lks_forecast_head *head, const float *raw, double z, double level);

  /* Continuous ranked probability score at z: closed forms (Gneiting and Raftery 2007;
   * Jordan et al. 2019, scoringRules); |m - z| for a number; twice the mean pinball loss
   * for quantiles. */
  double (*crps)(const lks_forecast_head *head, const float *raw, double z, double level);
};

/* The losses' names, space-separated: choices of a configuration key. */
#define LKS_FORECAST_LOSS_NAMES "mse mae huber quantiles gaussian student-t negative-binomial"

/* The loss called `name`, or NULL. */
const lks_forecast_loss *lks_forecast_loss_find(const char *name);
const lks_forecast_loss *const *lks_forecast_loss_all(int *count);

/* Reads "0.1 0.5 0.9" into the head.  Fails with LKS_USAGE, saying what is wrong, unless
 * they rise inside (0, 1). */
lks_status lks_forecast_head_set_quantiles(lks_forecast_head *head, const char *text);

/* Whether the central interval of `level` can be told: always by a distribution, by
 * `quantiles` from the outermost ones inwards, by a number never. */
bool lks_forecast_head_reaches(const lks_forecast_head *head, double level);

/* Loss and gradient of n values; a NaN target counts nothing and has a zero gradient.
 *
 *   raw     [n, outputs]
 *   target  [n]
 *   level   [n], or NULL when the loss is not for counts
 *   d_raw   [n, outputs], out
 *
 * Returns the sum of the losses, added in order from 0. */
double lks_forecast_losses(const lks_forecast_head *head, size_t n, const float *raw,
                           const float *target, const float *level, float *d_raw);

/* The same scores for a Gaussian given by numbers, for naive forecasts. */
double lks_gaussian_nll(double mean, double deviation, double z);
double lks_gaussian_crps(double mean, double deviation, double z);
double lks_gaussian_quantile(double mean, double deviation, double p);

#endif
