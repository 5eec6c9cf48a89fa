/* SPDX-License-Identifier: Apache-2.0 */
/* translation.h - the network of the task translate, and what its files share:
 *
 *   keys    = encoder(embedding of the source and its end)
 *   h_0,c_0 = the encoder's final states, layer by layer, both directions side by side
 *   y_t     = decoder(embedding of the last target symbol, keys)       (model/decoder.h)
 *   P       = softmax(W y_t + b)
 *
 * Targets begin with the symbol that ends them.  Private to translat*.c. */
#ifndef LOCKSTEP_TASK_TRANSLATION_H
#define LOCKSTEP_TASK_TRANSLATION_H

#include "decode/beam.h"
#include "metrics/bleu.h"
#include "model/decoder.h"
#include "model/embedding.h"
#include "model/softmax_head.h"
#include "task/task.h"
#include "text/tokenizer.h"
#include "data/sequences.h"

enum {
  LKS_TRANSLATION_LOSS, /* a row's sums: the loss, its terms, and the counts of BLEU */
  LKS_TRANSLATION_TERMS,
  LKS_TRANSLATION_BLEU,
  LKS_TRANSLATION_SUMS = LKS_TRANSLATION_BLEU + LKS_BLEU_COUNTS
};

/* A side of the pairs, in the order of its pass. */
typedef struct {
  int field; /* of the dataset */
  const lks_vocabulary *vocabulary;
  lks_token_kind tokens; /* what symbols are */
  int unknown, end;
  lks_embedding *embedding;
  unsigned dropout_site;
  lks_ragged *ragged;
  int *lengths;      /* [B] with the end */
  int32_t *symbols;  /* [T, B] what is embedded */
  float *embedded;   /* [T, B, E] */
  float *d_embedded; /* [T, B, E] */
} lks_translation_side;

/* Rows of the search, one time step. */
typedef struct {
  int *active;              /* [1] */
  int *source;              /* [rows] */
  lks_cell_state *state[2]; /* [layers] of [rows, H], the last step's and this one's */
  float *fed[2];            /* [rows, H] */
  float *embedded;          /* [rows, E] */
  int most_sources;         /* between rows of the attention */
  const lks_pass *rows;     /* of the call under way */
} lks_translation_search;

typedef struct {
  lks_task task;
  const lks_config *config;  /* borrowed; outlives this */
  int layers, hidden, units; /* L, H, E */
  bool bidirectional;
  lks_dropout_setup dropout;
  double sampling; /* share of the target's symbols that the network says itself */
  lks_translation_side source, target;
  lks_recurrent *encoder;
  lks_decoder *decoder;
  lks_softmax_head *head;

  int32_t *targets;      /* [T, B] */
  int *source_of;        /* [B] position of a target's source */
  float *losses;         /* [T, B], or in term order */
  double *row_losses;    /* [B] */
  float *d_output;       /* [T, B, H] */
  float *d_keys;         /* [S, B, H] */
  lks_cell_state *final; /* [L x directions] the encoder's, or their gradients */
  lks_cell_state *first; /* [L] the decoder's, or their gradients */
  float *logits;         /* [B, V] of scheduled sampling */

  lks_beam *beam;
  int *limits;   /* [B] of the search */
  int32_t *said; /* [longest translation] */
  lks_translation_search search;
} lks_translation;

/* Fills in the passes of a call's rows and runs the encoder; the targets too where the call
 * has them. */
void lks_translation_encode(lks_translation *translation, const lks_task_call *call);
void lks_translation_take_targets(lks_translation *translation, const lks_task_call *call);

void lks_translation_train(lks_task *task, const lks_task_call *call);

/* Losses of the targets of encoded rows, teacher-forced: adds to the rows' sums. */
void lks_translation_add_losses(lks_translation *translation, const lks_task_call *call);

/* Room for the search; translations of the encoded rows, into translation->beam. */
lks_status lks_translation_allocate_search(lks_translation *translation,
                                           const lks_capacity *capacity);
void lks_translation_release_search(lks_translation *translation);
void lks_translation_search_rows(lks_translation *translation, const lks_task_call *call);

void lks_translation_score(lks_task *task, const lks_task_call *call);
lks_status lks_translation_answer(lks_task *task, const lks_task_call *call,
                                  const char *const *lines, lks_text *answers);

#endif
