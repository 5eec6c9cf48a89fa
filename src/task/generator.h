/* generator.h - the network of the task `generate`: a text that belongs to a label.
 *
 *   input of every step = vector of the symbol before + vector of the label
 *   -> dropout -> stack -> dropout -> softmax over the symbols
 *
 * Added to every input, the label is heard all along, and the stack has the shape of a
 * language model's.  The line's end begins a text and ends it. */
#ifndef LOCKSTEP_TASK_GENERATOR_H
#define LOCKSTEP_TASK_GENERATOR_H

#include "task/task.h"

typedef struct {
  int symbols, labels; /* sizes of the vocabularies */
  int text_field, label_field;
  int end;   /* the symbol of the line's end */
  int units; /* of a symbol's and of a label's vector */
  bool tied; /* output weights are the symbols' vectors (units = hidden) */
  float smoothing;
  lks_recurrent_setup recurrent; /* without inputs; in one direction */
} lks_generator_setup;

typedef struct lks_generator lks_generator;

/* Declares the parameters in the order in which backward finishes them: output.*, rnn.*,
 * embedding.weight [symbols, units], labels.weight [labels, units]. */
lks_status lks_generator_create(lks_generator **generator, const lks_generator_setup *setup,
                                lks_params *params);
lks_status lks_generator_allocate(lks_generator *generator, const lks_capacity *capacity);
void lks_generator_destroy(lks_generator *generator);

/* Numbers of the output's weight and bias, of the vectors of symbols and of labels. */
int lks_generator_output(const lks_generator *generator);
int lks_generator_output_bias(const lks_generator *generator);
int lks_generator_vectors(const lks_generator *generator);
int lks_generator_labels(const lks_generator *generator);
lks_recurrent *lks_generator_stack(const lks_generator *generator);

void lks_generator_pack(lks_generator *generator, const lks_kernels *kernels, int threads,
                        bool training);

/* Losses of call->row_pass's rows and gradients. */
void lks_generator_train(lks_generator *generator, const lks_task_call *call);

/* Without smoothing and gradients: losses [rows] in f64, summed over a row's symbols. */
void lks_generator_score(lks_generator *generator, const lks_task_call *call, double *losses);

/* Feeds one symbol to each row of `pass` (one step, no training), whose labels are
 * labels[rows]: logits [rows, symbols] of the next.  The rows' states are the generator's;
 * lks_generator_begin clears them. */
void lks_generator_begin(lks_generator *generator);
void lks_generator_step(lks_generator *generator, const lks_pass *pass, const int32_t *labels,
                        const int32_t *symbols, float *logits);

#endif
