/* SPDX-License-Identifier: Apache-2.0 */
/* turns.h - times of rivals that take turns. */
#ifndef LOCKSTEP_MEASURE_TURNS_H
#define LOCKSTEP_MEASURE_TURNS_H

enum { LKS_TURNS_MAX = 201 };

typedef struct {
  int count;
  double seconds[LKS_TURNS_MAX];
} lks_turns;

/* Notes one time; those past LKS_TURNS_MAX are dropped. */
void lks_turns_add(lks_turns *turns, double seconds);

/* The median and the extremes; sorts the times.  count >= 1. */
double lks_turns_median(lks_turns *turns);
double lks_turns_minimum(lks_turns *turns);
double lks_turns_maximum(lks_turns *turns);

#endif
