/* SPDX-License-Identifier: Apache-2.0 */
/* bench_functions.c - functions of elements in the second cache, softmax and its loss by
 * rows, dropout. */
#include "base/fail.h"
#include "measure/bench_pointwise.h"

static void run_exp(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                    size_t last) {
  kernels->exp(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first));
}

static void run_log(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                    size_t last) {
  kernels->log(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first));
}

static void run_log1p(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                      size_t last) {
  kernels->log1p(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                 lks_pointwise_at(a, 1, first));
}

static void run_tanh(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                     size_t last) {
  kernels->tanh(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                lks_pointwise_at(a, 1, first));
}

static void run_sigmoid(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  kernels->sigmoid(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                   lks_pointwise_at(a, 1, first));
}

static void run_dropout(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  const lks_dropout dropout = {.key = lks_random_key_of(1),
                               .purpose = LKS_RANDOM_TEST,
                               .sample = (const uint32_t *)a->targets + first,
                               .drop = 0.5f};
  kernels->dropout(&dropout, (int)(last - first), a->kind->unit, lks_pointwise_at(a, 0, first),
                   lks_pointwise_at(a, 1, first));
}

static void run_softmax(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  for (size_t row = first; row < last; row++)
    kernels->softmax(a->kind->unit, lks_pointwise_at(a, 0, row), lks_pointwise_at(a, 1, row));
}

/* The losses go into the second array, a unit a row, of which one float is used. */
static void run_cross_entropy(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                              size_t first, size_t last) {
  for (size_t row = first; row < last; row++)
    kernels->cross_entropy(1, a->kind->unit, lks_pointwise_at(a, 0, row), (size_t)a->kind->unit,
                           a->targets + row, 0, true, lks_pointwise_at(a, 1, row));
}

static const lks_pointwise kinds[] = {
    {"exp", "in the second cache", 64, 1024, 2, {{1, -8, 8}, {1, 0, 0}}, run_exp},
    {"log", "in the second cache", 64, 1024, 2, {{1, 0.1f, 8}, {1, 0, 0}}, run_log},
    {"log1p", "in the second cache", 64, 1024, 2, {{1, 0, 8}, {1, 0, 0}}, run_log1p},
    {"tanh", "in the second cache", 64, 1024, 2, {{1, -4, 4}, {1, 0, 0}}, run_tanh},
    {"sigmoid", "in the second cache", 64, 1024, 2, {{1, -8, 8}, {1, 0, 0}}, run_sigmoid},
    {"dropout", "W2", 700, 650, 2, {{1, -1, 1}, {1, 0, 0}}, run_dropout},
    {"softmax", "10,000 words", 20, 10000, 2, {{1, -8, 8}, {1, 0, 0}}, run_softmax},
    {"cross entropy", "10,000 words", 20, 10000, 2, {{1, -8, 8}, {1, 0, 0}}, run_cross_entropy},
};

lks_status lks_bench_functions(const lks_kernel_bench *bench) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    LKS_TRY(lks_bench_pointwise(bench, &kinds[i]));
  return LKS_OK;
}
