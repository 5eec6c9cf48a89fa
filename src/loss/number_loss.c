/* SPDX-License-Identifier: Apache-2.0 */
/* number_loss.c - heads that give one number m: squared, absolute and Huber's loss. */
#include "loss/family.h"

#include <math.h>

static double squared(const lks_forecast_head *head, const float *raw, double z, double level,
                      float *d) {
  double error = (double)raw[0] - z;
  (void)head;
  (void)level;
  if (d)
    d[0] = (float)(2 * error);
  return error * error;
}

static double sign(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double absolute(const lks_forecast_head *head, const float *raw, double z, double level,
                       float *d) {
  double error = (double)raw[0] - z;
  (void)head;
  (void)level;
  if (d)
    d[0] = (float)sign(error);
  return fabs(error);
}

/* 0.5 e^2 up to delta, delta (|e| - 0.5 delta) from there (Huber 1964; torch's). */
static double huber(const lks_forecast_head *head, const float *raw, double z, double level,
                    float *d) {
  double error = (double)raw[0] - z, delta = head->huber_delta;
  bool is_square = fabs(error) <= delta;
  (void)level;
  if (d)
    d[0] = (float)(is_square ? error : delta * sign(error));
  return is_square ? 0.5 * error * error : delta * (fabs(error) - 0.5 * delta);
}

static double no_quantile(const lks_forecast_head *head, const float *raw, double level,
                          double p) {
  (void)head;
  (void)raw;
  (void)level;
  (void)p;
  return NAN;
}

/* The score of a distribution that has all its weight in one place. */
static double crps(const lks_forecast_head *head, const float *raw, double z, double level) {
  (void)head;
  (void)level;
  return fabs((double)raw[0] - z);
}

const lks_forecast_loss lks_mse_loss = {
    .name = "mse",
    .outputs = lks_one_output,
    .loss = squared,
    .point = lks_first_output,
    .quantile = no_quantile,
    .nll = lks_no_nll,
    .crps = crps,
};

const lks_forecast_loss lks_mae_loss = {
    .name = "mae",
    .outputs = lks_one_output,
    .loss = absolute,
    .point = lks_first_output,
    .quantile = no_quantile,
    .nll = lks_no_nll,
    .crps = crps,
};

const lks_forecast_loss lks_huber_loss = {
    .name = "huber",
    .outputs = lks_one_output,
    .loss = huber,
    .point = lks_first_output,
    .quantile = no_quantile,
    .nll = lks_no_nll,
    .crps = crps,
};
