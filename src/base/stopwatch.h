/* stopwatch.h - where the time of a step goes, part by part.
 *
 * Whoever runs a step owns the stopwatch and hands it down; each layer says which part
 * begins, which ends the one before.  A note costs one reading of the clock. */
#ifndef LOCKSTEP_BASE_STOPWATCH_H
#define LOCKSTEP_BASE_STOPWATCH_H

typedef enum {
  LKS_PART_INPUT, /* waiting for the batch */
  LKS_PART_FORWARD,
  LKS_PART_LOSS, /* the loss and its gradient; with a softmax head, the head's products too */
  LKS_PART_BACKWARD,
  LKS_PART_SUM,    /* over ranks, waiting for them included */
  LKS_PART_UPDATE, /* norm, clipping, new parameters */
  LKS_PART_PACK,   /* new parameters into the layout of the products */
  LKS_PART_COUNT
} lks_part;

typedef struct {
  double seconds[LKS_PART_COUNT];
  lks_part part; /* under way */
  double since;
} lks_stopwatch;

/* Forgets what was, and begins with `part`. */
void lks_stopwatch_start(lks_stopwatch *watch, lks_part part);

/* Ends the part under way and begins `part`, which may have had its turn before: its
 * times are added up.  Does nothing when `watch` is NULL. */
void lks_stopwatch_enter(lks_stopwatch *watch, lks_part part);

/* "input", "forward", … */
const char *lks_part_text(lks_part part);

#endif
