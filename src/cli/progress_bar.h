/* SPDX-License-Identifier: Apache-2.0 */
/* progress_bar.h - what is shown of a long command while it works.
 *
 * On a terminal one line is redrawn: bar, share, rate, time left.  Elsewhere, in a
 * file or a batch job, a plain line is written now and then; LOCKSTEP_PROGRESS = bar
 * or lines decides where a terminal cannot be seen.  Both go to standard error;
 * standard output holds results only.
 *
 * Life cycle: open -> use the lks_progress -> close.  One thread at a time. */
#ifndef LOCKSTEP_CLI_PROGRESS_BAR_H
#define LOCKSTEP_CLI_PROGRESS_BAR_H

#include "train/progress.h"

#include <stdbool.h>
#include <stdio.h>

typedef struct {
  FILE *out; /* borrowed */
  bool is_terminal;
  bool is_drawn;      /* a bar stands on the terminal's last line */
  double phase_start; /* clock when this phase was first heard of … */
  int64_t phase_done; /* … and what was done by then */
  char phase[32];
  double next;           /* clock of the next one */
  lks_progress progress; /* its receiver is this struct: do not copy */
} lks_progress_bar;

void lks_progress_bar_open(lks_progress_bar *bar, FILE *out);

/* Takes the bar off the terminal. */
void lks_progress_bar_close(lks_progress_bar *bar);

/* The line for a state in text: with columns > 0 with a bar and at most that wide,
 * with 0 a plain one.
 *
 *   seconds_left  negative: unknown */
void lks_progress_describe(const lks_progress_state *state, double seconds_left, int columns,
                           char *text, size_t bytes);

/* Seconds until done = total at the speed since done was `first`, `elapsed` seconds
 * ago; negative while that is unknown. */
double lks_progress_seconds_left(const lks_progress_state *state, int64_t first,
                                 double elapsed);

#endif
