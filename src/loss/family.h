/* family.h - the members of the table in forecast_loss.c: for the files of this folder. */
#ifndef LOCKSTEP_LOSS_FAMILY_H
#define LOCKSTEP_LOSS_FAMILY_H

#include "loss/forecast_loss.h"

extern const lks_forecast_loss lks_mse_loss;
extern const lks_forecast_loss lks_mae_loss;
extern const lks_forecast_loss lks_huber_loss;
extern const lks_forecast_loss lks_quantiles_loss;
extern const lks_forecast_loss lks_gaussian_loss;
extern const lks_forecast_loss lks_student_loss;
extern const lks_forecast_loss lks_negative_binomial_loss;

/* A scale from a raw output: softplus(raw) + 1e-4, so that it stays positive; *slope, when
 * not NULL, gets its derivative. */
double lks_positive(float raw, double *slope);

/* Raw outputs of one value, for heads of one and two numbers. */
int lks_one_output(const lks_forecast_head *head);
int lks_two_outputs(const lks_forecast_head *head);

/* The first raw output as point forecast. */
double lks_first_output(const lks_forecast_head *head, const float *raw, double level);

/* The density of what is no distribution: NaN. */
double lks_no_nll(const lks_forecast_head *head, const float *raw, double z, double level);

#endif
