/* SPDX-License-Identifier: Apache-2.0 */
/* language_model.h - the next symbol of a text from those before it.
 *
 *   embedding -> dropout -> recurrent stack -> dropout -> softmax over the vocabulary
 *
 * Many-to-many, aligned.  Scores: perplexity = exp(mean nats) for words, and
 * nats_per_character (with bits_per_character) for characters. */
#ifndef LOCKSTEP_TASK_LANGUAGE_MODEL_H
#define LOCKSTEP_TASK_LANGUAGE_MODEL_H

#include "task/task.h"

/* Feeds one symbol to every row (pass: one step, no training) and gives the scores
 * of the next: logits [rows, vocab].  For generation. */
void lks_language_model_step(lks_task *task, const lks_pass *pass, const int32_t *symbols,
                             const lks_cell_state *states, float *logits);

#endif
