/* SPDX-License-Identifier: Apache-2.0 */
/* tagger_parts.h - what tagger.c and tagger_words.c share; private to the tagger. */
#ifndef LOCKSTEP_TASK_TAGGER_PARTS_H
#define LOCKSTEP_TASK_TAGGER_PARTS_H

#include "model/crf.h"
#include "model/dense.h"
#include "model/embedding.h"
#include "model/softmax_head.h"
#include "task/tagger.h"

struct lks_tagger {
  lks_tagger_setup setup;
  const lks_params *params; /* borrowed */
  int joined_units;         /* of a word's vector and its two spelt states */
  unsigned last_site;       /* of dropout, above the stack */
  lks_crf *crf;             /* with `output`; or … */
  lks_dense *output;
  lks_softmax_head *head; /* … this */
  lks_recurrent *stack;
  lks_embedding *word_vectors;
  lks_recurrent *speller; /* NULL: words are not spelt */
  lks_embedding *letter_vectors;

  /* Sentences: T words of B rows. */
  lks_ragged *sentences;
  int *lengths;          /* [rows] */
  int32_t *word_symbols; /* [T, B] */
  int32_t *tag_symbols;  /* [T, B] */
  float *word_input;     /* [T, B, units]; backward: its gradient */
  float *joined;         /* [T, B, joined_units] */
  float *top;            /* [T, B, outputs] of the stack after dropout; NULL without */
  float *d_top;
  float *d_joined;
  float *emissions; /* [T, B, tags] */
  float *d_emissions;
  float *item_losses; /* softmax: [terms] */
  double *row_losses; /* softmax: [rows] */
  float *logits;      /* softmax: [tags] */
  char *scratch;      /* [threads] of scratch_bytes, of Viterbi */
  size_t scratch_bytes;

  /* Letters of the words, a sequence each. */
  lks_ragged *letters;
  int *letter_lengths;     /* [words] */
  int *letter_owners;      /* [words] row of each */
  int32_t *letter_offsets; /* [words + 1] in the values of the field */
  int32_t *letter_symbols; /* [T, words] */
  float *letter_input;     /* [T, words, letter_units] */
  float *d_letter_input;
  lks_cell_state spelt[2]; /* [words, letter_hidden] last states, by position */
  lks_cell_state d_spelt[2];
};

/* Puts the words, tags and letters of the call's rows into the order of their passes. */
void lks_tagger_order(lks_tagger *tagger, const lks_task_call *call);

/* joined = word_input beside the spelt states of the word, of all active items. */
void lks_tagger_join(lks_tagger *tagger, const lks_pass *pass);

/* The way back: d_joined into word_input (now its gradient) and d_spelt. */
void lks_tagger_part(lks_tagger *tagger, const lks_pass *pass);

#endif
