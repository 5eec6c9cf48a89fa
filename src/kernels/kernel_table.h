/* SPDX-License-Identifier: Apache-2.0 */
/* kernel_table.h - the names of the kernels in each of their forms, and the lists
 * from which every table is made.  Private to this layer.
 *
 * A kernel is written twice: <kernel>_reference.c, plain loops, and <kernel>_fast.c,
 * over the vector type of isa.h.  kernels.cmake compiles each of them several times,
 * with LKS_FORM set to the name of the form, which becomes the suffix of every
 * symbol: LKS_KERNEL(product) is lks_product_avx512 in one object and
 * lks_product_reference_fma in another.
 *
 * To add a kernel: a slot in kernels.h, X(slot) in one list below, the two files
 * (their function is called LKS_KERNEL(slot)), and their names in kernels.cmake.
 * The declarations and all tables follow from the list. */
#ifndef LOCKSTEP_KERNELS_KERNEL_TABLE_H
#define LOCKSTEP_KERNELS_KERNEL_TABLE_H

#include "kernels/kernels.h"

/* Slots that the tables of openblas and of bf16 replace: they share a packed layout. */
#define LKS_PRODUCT_KERNELS(X)                                                                 \
  X(packed_floats)                                                                             \
  X(pack)                                                                                      \
  X(product)                                                                                   \
  X(packed_terms_floats)                                                                       \
  X(segmented_scratch_floats)                                                                  \
  X(pack_terms)                                                                                \
  X(segmented_product)

/* All the others. */
#define LKS_OTHER_KERNELS(X)                                                                   \
  X(segmented_sum)                                                                             \
  X(exp)                                                                                       \
  X(log)                                                                                       \
  X(log1p)                                                                                     \
  X(tanh)                                                                                      \
  X(sigmoid)                                                                                   \
  X(add)                                                                                       \
  X(dropout)                                                                                   \
  X(lstm_forward)                                                                              \
  X(lstm_backward)                                                                             \
  X(gru_forward)                                                                               \
  X(gru_backward)                                                                              \
  X(rnn_tanh_forward)                                                                          \
  X(rnn_tanh_backward)                                                                         \
  X(rnn_relu_forward)                                                                          \
  X(rnn_relu_backward)                                                                         \
  X(cross_entropy)                                                                             \
  X(softmax)                                                                                   \
  X(norm_blocks)                                                                               \
  X(add_blocks)                                                                                \
  X(sgd)                                                                                       \
  X(adam)                                                                                      \
  X(rmsprop)                                                                                   \
  X(average)                                                                                   \
  X(peak)

#define LKS_JOIN_EXPANDED(slot, form) lks_##slot##_##form
#define LKS_JOIN(slot, form) LKS_JOIN_EXPANDED(slot, form)
#define LKS_KERNEL(slot) LKS_JOIN(slot, LKS_FORM)

/* Slot initialiser of a table, and prototype: the type is the slot's own. */
#define LKS_ENTRY(slot) .slot = LKS_KERNEL(slot),
#define LKS_PROTOTYPE(slot) __typeof__(*((lks_kernels *)0)->slot) LKS_KERNEL(slot);

/* The same of the f32 form that a bf16 form takes all other kernels from; of an f32 form
 * it is the form itself. */
#define LKS_F32_KERNEL(slot) LKS_JOIN(slot, LKS_F32_FORM)
#define LKS_F32_ENTRY(slot) .slot = LKS_F32_KERNEL(slot),
#define LKS_F32_PROTOTYPE(slot) __typeof__(*((lks_kernels *)0)->slot) LKS_F32_KERNEL(slot);

LKS_PRODUCT_KERNELS(LKS_PROTOTYPE)
LKS_OTHER_KERNELS(LKS_PROTOTYPE)

/* The table of this form; fast forms also have one that multiplies by OpenBLAS. */
extern const lks_kernels LKS_KERNEL(kernels);
extern const lks_kernels LKS_KERNEL(kernels_with_openblas);

#endif
