/* raw_values.h - what the tests of losses share: heads, and raw outputs to try. */
#ifndef LOCKSTEP_TESTS_RAW_VALUES_H
#define LOCKSTEP_TESTS_RAW_VALUES_H

#include "loss/forecast_loss.h"

#include <stdint.h>

/* A head of the loss called `name` with five quantiles and a huber_delta of 0.75. */
lks_forecast_head lks_head_of(const char *name);

/* An even random number in [low, high), a function of index. */
double lks_uniform(uint32_t index, double low, double high);

/* The i-th of 9 raw outputs from -30 to 30; multiples of 1/4. */
enum { LKS_RAWS = 9 };
float lks_raw_at(int i);

/* Places in the middle of and far beside the distributions, in f64; whole numbers >= 0 for
 * counts. */
enum { LKS_TARGETS = 8 };
double lks_target_at(const lks_forecast_head *head, int i);

#endif
