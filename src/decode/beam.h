/* SPDX-License-Identifier: Apache-2.0 */
/* beam.h - the most probable sequences of symbols that a stepped model can say.
 *
 * A hypothesis ends with the symbol `end`.  Of each sentence the `width` best hypotheses
 * are kept, by the sum of their log-probabilities; a finished one gives up its place, so a
 * search ends when all have finished, or when none under way can overtake the best
 * `best` that have.  Finished ones are ranked by (Wu et al. 2016)
 *
 *   log P / ((5 + L) / 6)^length_power + coverage x sum over the source of log(min(a, 1))
 *
 * L symbols with the end, a the attention that a source symbol got altogether.  Equal
 * scores: the hypothesis that was better before, then the symbol with the lower number.
 * With width 1 it is greedy search; with width V^limit it finds what enumeration finds.
 *
 * A sentence's result depends on no other sentence.  The stepper is an interface, not a
 * model. */
#ifndef LOCKSTEP_DECODE_BEAM_H
#define LOCKSTEP_DECODE_BEAM_H

#include "kernels/kernels.h"

typedef struct {
  int width;
  int best; /* hypotheses asked for, at most width */
  int vocab;
  int start, end;      /* symbols; start is fed first */
  int forbidden;       /* a symbol that is never said, or -1 */
  int shortest;        /* symbols that a hypothesis has at least, the end not counted */
  double length_power; /* 0: the sum as it is */
  double coverage;     /* 0: none */
  int sentences;       /* most of a call */
  int longest;         /* most symbols of a hypothesis, the end not counted */
  int sources;         /* most symbols of a source; 0: nothing is attended to */
  int threads;
  const lks_kernels *kernels;
} lks_beam_setup;

/* Rows of one time step: sentences in order. */
typedef struct {
  int count;
  const int *sentence;    /* [count] */
  const int *from;        /* [count] the row of the last step whose state goes on; -1: first */
  const int32_t *symbols; /* [count] what is fed */
  float *logits;          /* [count, vocab] out */
  float *attention;       /* [count, sources] out, the sentence's own length of each row */
} lks_beam_rows;

typedef struct {
  void (*step)(void *context, const lks_beam_rows *rows);
  void *context;
} lks_beam_stepper;

typedef struct {
  const int32_t *symbols; /* [length], without the end */
  int length;
  double score;
  double log_probability;
  const int *aligned; /* [length] the source symbol that was most attended to; or NULL */
} lks_hypothesis;

typedef struct lks_beam lks_beam;

lks_status lks_beam_create(lks_beam **beam, const lks_beam_setup *setup);
void lks_beam_destroy(lks_beam *beam);

/* Searches for `sentences` sentences; allocates nothing.
 *
 *   limits   [sentences] most symbols of each, the end not counted; 0 to setup.longest
 *   sources  [sentences] symbols of each source; NULL: nothing is attended to */
void lks_beam_run(lks_beam *beam, const lks_beam_stepper *stepper, int sentences,
                  const int *limits, const int *sources);

/* Hypotheses that a sentence has, at most setup.best; number `rank` of them, which lives
 * until the next call of this or of run.  There is none only when scores were not numbers. */
int lks_beam_count(const lks_beam *beam, int sentence);
lks_hypothesis lks_beam_result(lks_beam *beam, int sentence, int rank);

/* Attention [sources] that symbol `i` of the last result came from. */
const float *lks_beam_attention(const lks_beam *beam, int i);

#endif
