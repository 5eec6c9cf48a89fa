/* rounds.h - times of rounds, and which of them count.
 *
 * A round in which other processes had lks_quiet_share of a core or more is disturbed and
 * is run again, as often again as rounds are wanted; if that is not enough, the least
 * disturbed ones count. */
#ifndef LOCKSTEP_MEASURE_ROUNDS_H
#define LOCKSTEP_MEASURE_ROUNDS_H

#include "base/stopwatch.h"

#include <stdbool.h>

enum { LKS_ROUNDS_MAX = 201 };

typedef struct {
  double seconds;
  double parts[LKS_PART_COUNT]; /* seconds */
  double page_faults;
  double balance; /* mean over the steps of most / mean symbols of a rank; 1: no sequences */
  double others;  /* share of a core that other processes had */
} lks_round;

/* Starts zeroed but for `wanted`, 1 .. LKS_ROUNDS_MAX. */
typedef struct {
  int wanted;
  int count;
  int clean; /* undisturbed ones */
  lks_round round[2 * LKS_ROUNDS_MAX];
} lks_rounds;

void lks_rounds_add(lks_rounds *rounds, const lks_round *round);

/* Whether there are as many undisturbed ones as wanted, or twice as many in all. */
bool lks_rounds_are_done(const lks_rounds *rounds);

typedef struct {
  double median, minimum, maximum; /* seconds */
  double spread;                   /* (maximum - minimum) / median */
  double parts[LKS_PART_COUNT];    /* medians */
  double page_faults;              /* mean */
  double balance;                  /* mean */
  double others;                   /* largest */
} lks_rounds_summary;

/* Of the `wanted` least disturbed rounds; sorts them.  count >= 1. */
lks_rounds_summary lks_rounds_sum_up(lks_rounds *rounds);

#endif
