/* classifier.h - the network of the task `classify`: a class for every text.
 *
 *   words and the line's end -> vectors -> dropout -> stack -> pooling -> dropout -> dense
 *   loss of a row = weight of its class x cross-entropy
 *
 * Dense and loss run on the rows as one time step each. */
#ifndef LOCKSTEP_TASK_CLASSIFIER_H
#define LOCKSTEP_TASK_CLASSIFIER_H

#include "model/pooling.h"
#include "task/task.h"

typedef struct {
  int words, classes; /* sizes of the vocabularies */
  int word_field, class_field;
  int unknown;          /* the word that a dropped one is read as */
  int end;              /* the symbol behind the last word: no text is empty */
  int units;            /* of a word's vector */
  int words_most;       /* that are read of a text, from its beginning */
  float word_drop;      /* share of words that are read as unknown in training */
  float embedding_drop; /* dropout of the words' vectors */
  float smoothing;      /* of the loss, towards the uniform distribution */
  const float *weights; /* [classes] of the loss; borrowed */
  lks_pooling_kind pooling;
  int attention_units;
  lks_recurrent_setup recurrent; /* without inputs */
} lks_classifier_setup;

typedef struct lks_classifier lks_classifier;

/* Declares the parameters in the order in which backward finishes them. */
lks_status lks_classifier_create(lks_classifier **classifier, const lks_classifier_setup *setup,
                                 lks_params *params);
lks_status lks_classifier_allocate(lks_classifier *classifier, const lks_capacity *capacity);
void lks_classifier_destroy(lks_classifier *classifier);

/* Number of the vectors of words; the stack. */
int lks_classifier_words(const lks_classifier *classifier);
lks_recurrent *lks_classifier_stack(const lks_classifier *classifier);

void lks_classifier_pack(lks_classifier *classifier, const lks_kernels *kernels, int threads,
                         bool training);

/* Losses of call->row_pass's rows and gradients. */
void lks_classifier_train(lks_classifier *classifier, const lks_task_call *call);

/* Scores of the classes [rows, classes] before the softmax, until the next call. */
const float *lks_classifier_run(lks_classifier *classifier, const lks_task_call *call);

#endif
