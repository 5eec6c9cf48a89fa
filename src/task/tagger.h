/* SPDX-License-Identifier: Apache-2.0 */
/* tagger.h - the network of the task `tag`: a tag for every word (Lample et al. 2016).
 *
 *   letters of a word -> vectors -> LSTM in both directions -> its two last states
 *   word -> vector, joined with those states -> dropout -> stack -> dropout -> dense
 *   -> CRF, or a softmax for every word by itself
 *
 * Letters of all words of a call are a ragged of their own: a word costs what it is long. */
#ifndef LOCKSTEP_TASK_TAGGER_H
#define LOCKSTEP_TASK_TAGGER_H

#include "task/task.h"

typedef struct {
  int words, letters, tags; /* sizes of the vocabularies */
  int word_field, letter_field, tag_field;
  int unknown;       /* the word that a dropped one is read as */
  int space;         /* the letter that ends a word */
  int units;         /* of a word's vector */
  int letter_units;  /* of a letter's vector */
  int letter_hidden; /* of either direction; 0: words are not spelt */
  int letters_most;  /* of a word; the rest of a longer one is not read */
  float word_drop;   /* share of words that are read as unknown in training */
  bool is_crf;
  lks_recurrent_setup recurrent; /* without inputs */
} lks_tagger_setup;

typedef struct lks_tagger lks_tagger;

/* Declares the parameters in the order in which backward finishes them. */
lks_status lks_tagger_create(lks_tagger **tagger, const lks_tagger_setup *setup,
                             lks_params *params);
lks_status lks_tagger_allocate(lks_tagger *tagger, const lks_capacity *capacity);
void lks_tagger_destroy(lks_tagger *tagger);

/* Numbers of the vectors of words and of letters (-1: none); the stack. */
int lks_tagger_words(const lks_tagger *tagger);
int lks_tagger_letters(const lks_tagger *tagger);
lks_recurrent *lks_tagger_stack(const lks_tagger *tagger);

void lks_tagger_pack(lks_tagger *tagger, const lks_kernels *kernels, int threads,
                     bool training);

/* Losses of call->row_pass's rows and gradients. */
void lks_tagger_train(lks_tagger *tagger, const lks_task_call *call);

/* Scores of all tags for the words of the rows, for lks_tagger_decode. */
void lks_tagger_run(lks_tagger *tagger, const lks_task_call *call);

/* After lks_tagger_run: losses [rows] of the tags that the call has. */
void lks_tagger_losses(lks_tagger *tagger, const lks_task_call *call, float *losses);

/* After lks_tagger_run: the best tags of every row, row by row.
 *
 *   may_follow  [tags + 1, tags], see decode/viterbi.h; NULL: all may
 *   bias        [tags] the same; NULL: none
 *   tags        [words of the call] out */
void lks_tagger_decode(lks_tagger *tagger, const lks_task_call *call, const bool *may_follow,
                       const float *bias, int32_t *tags);

#endif
