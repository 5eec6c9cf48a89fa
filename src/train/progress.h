/* progress.h - what a long command tells whoever watches it.
 *
 * The command calls these; src/cli draws a bar on a terminal and prints plain lines
 * elsewhere.  Only the first rank's calls are shown. */
#ifndef LOCKSTEP_TRAIN_PROGRESS_H
#define LOCKSTEP_TRAIN_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
  const char *phase; /* "train", "valid", "test" */
  int64_t done;      /* steps or batches so far … */
  int64_t total;     /* … of so many */
  double epoch;      /* epochs so far, e.g. 3.25; negative: has none */
  double epochs;
  const char *text;        /* "loss 5.21  perplexity 183.1  rate 20" */
  double items_per_second; /* tokens */
  const char *item;        /* "tokens" */
} lks_progress_state;

typedef struct {
  /* Called often; the receiver decides when to draw. */
  void (*update)(void *context, const lks_progress_state *state);
  /* A line that stays: an epoch's result. */
  void (*line)(void *context, const char *line);
  void *context;
} lks_progress;

#endif
