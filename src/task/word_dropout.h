/* word_dropout.h - some words of the training data are read as unknown, so that words that
 * are really unknown find a vector that has learnt (Iyyer et al. 2015). */
#ifndef LOCKSTEP_TASK_WORD_DROPOUT_H
#define LOCKSTEP_TASK_WORD_DROPOUT_H

#include "model/pass.h"

/* In training, symbols [T, B] become `unknown` with probability `drop`: a function of
 * (seed, step, sample, time). */
void lks_word_dropout_apply(const lks_pass *pass, float drop, int32_t unknown,
                            int32_t *symbols);

#endif
