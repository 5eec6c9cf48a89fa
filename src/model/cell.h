/* SPDX-License-Identifier: Apache-2.0 */
/* cell.h - what a recurrent cell is: the interface that unroll.c runs over time.
 *
 * A cell has `gates` blocks of H rows in weight_ih and weight_hh (the layout of
 * torch.nn), and a buffer of `blocks` x H sums for every item.  Sums are chains:
 * they start at the bias, go on over the inputs, then over the hidden units.
 * Blocks 0 .. gates-1 of the buffer get the hidden part; where the parts of the
 * input go is said by `parts`.
 *
 * To add a cell: one file with these fields and its equations, its pointwise kernels
 * (gates_<cell>_reference.c, _fast.c), its declaration and name below, its line in cell.c. */
#ifndef LOCKSTEP_MODEL_CELL_H
#define LOCKSTEP_MODEL_CELL_H

#include "kernels/kernels.h"

/* Blocks first .. first+count-1 of weight_ih go to the buffer's blocks from `block` on, which
 * is `first` for those that get the hidden part too. */
typedef struct {
  int first;
  int count;
  int block;
} lks_cell_part;

typedef struct {
  const char *name;
  int gates;          /* blocks of the weights: lstm 4, gru 3, rnn 1 */
  int blocks;         /* blocks of the buffer: lstm 4, gru 4, rnn 1 */
  bool has_cell;      /* carries a cell state beside the hidden state */
  bool passes_hidden; /* part of d_hidden passes round the product (gru) */
  int part_count;     /* REQUIRED: parts of the input projection, in order of weight blocks */
  lks_cell_part parts[2];
  int hidden_only;  /* block whose sum has no input part, started at its hidden bias; or -1 */
  int forget_block; /* block that forget_bias means, or -1; and its partner for chrono */
  int input_block;

  /* REQUIRED: one time step on rows, pointwise (kernels.h has the equations' order). */
  void (*forward)(const lks_kernels *kernels, const lks_gates_forward *step);
  void (*backward)(const lks_kernels *kernels, const lks_gates_backward *step);
} lks_cell;

extern const lks_cell lks_cell_lstm;
extern const lks_cell lks_cell_gru;
extern const lks_cell lks_cell_rnn_tanh;
extern const lks_cell lks_cell_rnn_relu;

/* The names of all cells, space-separated: the choices of [model] cell. */
#define LKS_CELL_NAMES "lstm gru rnn rnn-relu"

/* The cell called `name`, or NULL. */
const lks_cell *lks_cell_find(const char *name);

/* All cells, for suites that run over every one; *count of them. */
const lks_cell *const *lks_cell_all(int *count);

#endif
