/* SPDX-License-Identifier: Apache-2.0 */
/* bench_pointwise.h - a kernel that goes over arrays item by item: rows of a cell, rows
 * of logits, blocks of a norm. */
#ifndef LOCKSTEP_MEASURE_BENCH_POINTWISE_H
#define LOCKSTEP_MEASURE_BENCH_POINTWISE_H

#include "measure/bench_kernels.h"

enum { LKS_POINTWISE_ARRAYS = 6 };

typedef struct lks_pointwise lks_pointwise;

typedef struct {
  const lks_pointwise *kind;
  float *array[LKS_POINTWISE_ARRAYS]; /* [items, units x unit] */
  double *squares;                    /* [items] */
  int32_t *targets;                   /* [items] numbers below unit */
} lks_pointwise_arrays;

struct lks_pointwise {
  const char *kernel, *what;
  size_t items;
  int unit;  /* floats: H of a cell, the vocabulary of logits */
  int moved; /* units of an item that are read or written */
  struct {
    int units; /* an item; 0: no such array */
    float low, high;
  } array[LKS_POINTWISE_ARRAYS];
  /* Works on items first .. last-1. */
  void (*run)(const lks_kernels *kernels, const lks_pointwise_arrays *arrays, size_t first,
              size_t last);
};

/* Where an item of an array starts. */
float *lks_pointwise_at(const lks_pointwise_arrays *arrays, int array, size_t item);

/* Floats of items first .. last-1 of an array with one unit an item. */
size_t lks_pointwise_floats(const lks_pointwise_arrays *arrays, size_t first, size_t last);

/* Times it, and compares all arrays after one run with those of the plain loops. */
lks_status lks_bench_pointwise(const lks_kernel_bench *bench, const lks_pointwise *kind);

#endif
