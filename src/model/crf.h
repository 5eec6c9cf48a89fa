/* SPDX-License-Identifier: Apache-2.0 */
/* crf.h - a linear-chain conditional random field over tags (Lafferty et al. 2001), as the
 * output of a tagger (Huang et al. 2015; Lample et al. 2016).
 *
 *   score(y) = start[y_1] + sum_t emission[t, y_t] + sum_t transition[y_t, y_t+1] + end[y_T]
 *   loss     = log sum over all y of exp score(y) - score(tags)
 *
 * Sums run in log space, forward and backward over time, row by row: a row's numbers do
 * not depend on the rows beside it.  Parameters NAME.transitions [tags, tags] (from, to),
 * NAME.start and NAME.end [tags]. */
#ifndef LOCKSTEP_MODEL_CRF_H
#define LOCKSTEP_MODEL_CRF_H

#include "model/ragged.h"

typedef struct lks_crf lks_crf;

lks_status lks_crf_create(lks_crf **crf, lks_params *params, const char *name, int tags);

/* Room for calls of at most `rows` sequences of at most `steps` items. */
lks_status lks_crf_allocate(lks_crf *crf, const lks_capacity *capacity, int rows, int steps);
void lks_crf_destroy(lks_crf *crf);

/* Number of the transitions; start and end are the next two. */
int lks_crf_param(const lks_crf *crf);

/* Loss of every sequence, and in training its gradients: of the parameters into
 * rows->gradients, summed over rows->segments.
 *
 *   words        the sequences; sequence i is row i
 *   rows         the rows as one time step each
 *   emissions    [T, B, tags]
 *   tags         [T, B]
 *   losses       [rows] out, by row; 0 for a sequence without items
 *   d_emissions  [T, B, tags] out, active items only; NULL: no gradients are wanted */
void lks_crf_run(lks_crf *crf, const lks_ragged *words, const lks_pass *rows,
                 const float *emissions, const int32_t *tags, float *losses,
                 float *d_emissions);

#endif
