/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_loss.c - the table of losses, and loops over values. */
#include "loss/forecast_loss.h"

#include "base/fail.h"
#include "base/special.h"
#include "loss/family.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const lks_forecast_loss *const losses[] = {
    &lks_mse_loss,
    &lks_mae_loss,
    &lks_huber_loss,
    &lks_quantiles_loss,
    &lks_gaussian_loss,
    &lks_student_loss,
    &lks_negative_binomial_loss,
};

enum { LOSSES = sizeof losses / sizeof losses[0] };

static const double least_scale = 1e-4;

const lks_forecast_loss *const *lks_forecast_loss_all(int *count) {
  *count = LOSSES;
  return losses;
}

const lks_forecast_loss *lks_forecast_loss_find(const char *name) {
  for (int i = 0; i < LOSSES; i++)
    if (strcmp(losses[i]->name, name) == 0)
      return losses[i];
  return NULL;
}

double lks_positive(float raw, double *slope) {
  double unused;
  return lks_softplus_slope_f64((double)raw, slope ? slope : &unused) + least_scale;
}

int lks_one_output(const lks_forecast_head *head) {
  (void)head;
  return 1;
}

int lks_two_outputs(const lks_forecast_head *head) {
  (void)head;
  return 2;
}

double lks_first_output(const lks_forecast_head *head, const float *raw, double level) {
  (void)head;
  (void)level;
  return (double)raw[0];
}

double lks_no_nll(const lks_forecast_head *head, const float *raw, double z, double level) {
  (void)head;
  (void)raw;
  (void)z;
  (void)level;
  return NAN;
}

lks_status lks_forecast_head_set_quantiles(lks_forecast_head *head, const char *text) {
  double before = 0;
  const char *next = text;
  head->quantile_count = 0;
  for (;;) {
    char *end;
    next += strspn(next, " \t,");
    if (*next == '\0')
      break;
    double value = strtod(next, &end);
    if (end == next || !strchr(" \t,", *end) || !(value > before) || !(value < 1))
      return LKS_FAIL(LKS_USAGE,
                      "[train] quantiles: expected numbers that rise between 0 and 1, found "
                      "'%.40s'\n  hint: 0.1 0.5 0.9 gives the median and an interval of 80 %%",
                      next);
    if (head->quantile_count == LKS_QUANTILES_MAX)
      return LKS_FAIL(LKS_USAGE, "[train] quantiles: expected at most %d numbers",
                      LKS_QUANTILES_MAX);
    head->quantile[head->quantile_count++] = before = value;
    next = end;
  }
  if (head->quantile_count == 0)
    return LKS_FAIL(LKS_USAGE,
                    "[train] quantiles: expected numbers between 0 and 1, found none");
  return LKS_OK;
}

bool lks_forecast_head_reaches(const lks_forecast_head *head, double level) {
  const double tail = (1 - level) / 2, rounding = 1e-9;
  if (!head->loss->has_quantiles || head->loss->is_distribution)
    return head->loss->is_distribution;
  return head->quantile_count > 1 && head->quantile[0] <= tail + rounding &&
         head->quantile[head->quantile_count - 1] >= 1 - tail - rounding;
}

double lks_forecast_losses(const lks_forecast_head *head, size_t n, const float *raw,
                           const float *target, const float *level, float *d_raw) {
  size_t outputs = (size_t)head->loss->outputs(head);
  double sum = 0;
  for (size_t i = 0; i < n; i++, raw += outputs, d_raw += outputs) {
    if (isnan(target[i]))
      memset(d_raw, 0, outputs * sizeof *d_raw);
    else
      sum +=
          head->loss->loss(head, raw, (double)target[i], level ? (double)level[i] : 1, d_raw);
  }
  return sum;
}
