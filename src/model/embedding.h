/* SPDX-License-Identifier: Apache-2.0 */
/* embedding.h - a row of numbers for every symbol.
 *
 * The gradient touches only the rows of the symbols that a step saw.  A shard
 * without the symbol counts as +0 in the tree, as a dense gradient would have it,
 * so the result is the same on any number of ranks; rows that nobody saw stay
 * zero and are cleared only after they were touched.  The blocks with rows that the
 * last call touched are marked, those without are not. */
#ifndef LOCKSTEP_MODEL_EMBEDDING_H
#define LOCKSTEP_MODEL_EMBEDDING_H

#include "model/pass.h"

typedef struct lks_embedding lks_embedding;

/* Declares NAME [vocab, units], or, when `tied` is not negative, one more use of
 * that parameter (of the same shape). */
lks_status lks_embedding_create(lks_embedding **embedding, lks_params *params, const char *name,
                                int vocab, int units, int tied);
lks_status lks_embedding_allocate(lks_embedding *embedding, const lks_capacity *capacity);
void lks_embedding_destroy(lks_embedding *embedding);

/* The parameter's number. */
int lks_embedding_param(const lks_embedding *embedding);

/* output [T, B, units] = rows of the active symbols [T, B]. */
void lks_embedding_forward(const lks_embedding *embedding, const lks_pass *pass,
                           const int32_t *symbols, float *output);

/* Gradient of the table from d_output [T, B, units].
 *
 *   buffers  gradient buffers this rank ever hands in; those rows that the last call
 *            touched are cleared in all of them first */
void lks_embedding_backward(lks_embedding *embedding, const lks_pass *pass,
                            const int32_t *symbols, const float *d_output,
                            float *const *buffers, int buffer_count);

#endif
