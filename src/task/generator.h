/* generator.h - the network of the task `generate`: a text that belongs to a label, or that
 * a vector of numbers describes.
 *
 *   input of every step = vector of the symbol before + condition
 *   condition           = vector of the label, or W numbers + b
 *   -> dropout -> stack -> dropout -> softmax over the symbols
 *
 * Added to every input, the condition is heard all along, and the stack has the shape of a
 * language model's.  The line's end begins a text and ends it. */
#ifndef LOCKSTEP_TASK_GENERATOR_H
#define LOCKSTEP_TASK_GENERATOR_H

#include "task/task.h"

typedef struct {
  int symbols; /* of the text's vocabulary */
  int labels;  /* of the labels' vocabulary; 0: numbers are the condition */
  int numbers; /* of a vector */
  int text_field, condition_field;
  int end;   /* the symbol of the line's end */
  int units; /* of a symbol's vector and of the condition */
  bool tied; /* output weights are the symbols' vectors (units = hidden) */
  float smoothing;
  lks_recurrent_setup recurrent; /* without inputs; in one direction */
} lks_generator_setup;

typedef struct lks_generator lks_generator;

/* Declares the parameters in the order in which backward finishes them: output.*, rnn.*,
 * embedding.weight [symbols, units], labels.weight [labels, units] or condition.weight
 * [units, numbers] and condition.bias. */
lks_status lks_generator_create(lks_generator **generator, const lks_generator_setup *setup,
                                lks_params *params);
lks_status lks_generator_allocate(lks_generator *generator, const lks_capacity *capacity);
void lks_generator_destroy(lks_generator *generator);

/* Numbers of the output's weight and bias, of the vectors of symbols and of labels (-1: there
 * are none). */
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

/* What texts are generated for: one of the two. */
typedef struct {
  const int32_t *labels; /* [rows] */
  const float *numbers;  /* [rows, numbers] */
} lks_generator_condition;

/* Feeds one symbol to each row of `pass` (one step, no training): logits [rows, symbols] of
 * the next.  The rows' states are the generator's; lks_generator_begin clears them. */
void lks_generator_begin(lks_generator *generator);
void lks_generator_step(lks_generator *generator, const lks_pass *pass,
                        const lks_generator_condition *condition, const int32_t *symbols,
                        float *logits);

#endif
