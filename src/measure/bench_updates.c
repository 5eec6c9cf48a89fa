/* SPDX-License-Identifier: Apache-2.0 */
/* bench_updates.c - what goes over all parameters, from memory: optimisers, the norm, the
 * average, sums of gradients. */
#include "base/fail.h"
#include "measure/bench_pointwise.h"

static void run_sgd(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                    size_t last) {
  const lks_sgd_step step = {.learning_rate = 1e-3f, .scale = 0.5f};
  kernels->sgd(&step, lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first), NULL);
}

static void run_momentum(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                         size_t first, size_t last) {
  const lks_sgd_step step = {.learning_rate = 1e-3f, .momentum = 0.5f, .scale = 0.5f};
  kernels->sgd(&step, lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 2, first));
}

static void run_adam(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                     size_t last) {
  const lks_adam_step step = {.step_size = 1e-3f,
                              .beta1 = 0.9f,
                              .beta2 = 0.999f,
                              .root_correction = 1,
                              .epsilon = 1e-8f,
                              .shrink = 1,
                              .scale = 0.5f};
  kernels->adam(&step, lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 2, first),
                lks_pointwise_at(a, 3, first));
}

static void run_rmsprop(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  const lks_rmsprop_step step = {
      .learning_rate = 1e-3f, .alpha = 0.99f, .epsilon = 1e-8f, .scale = 0.5f};
  kernels->rmsprop(&step, lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                   lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 3, first), NULL);
}

static void run_average(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                        size_t last) {
  kernels->average(0.125f, lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
                   lks_pointwise_at(a, 1, first));
}

static void run_norm(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                     size_t last) {
  kernels->norm_blocks(last - first, lks_pointwise_at(a, 0, first), a->squares + first);
}

static void run_add(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                    size_t last) {
  kernels->add(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 1, first));
}

static void run_add_blocks(const lks_kernels *kernels, const lks_pointwise_arrays *a,
                           size_t first, size_t last) {
  kernels->add_blocks(last - first, lks_pointwise_at(a, 0, first),
                      lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 2, first),
                      a->squares + first);
}

/* 64 MB an array: more than caches hold. */
enum { BLOCKS = 16384 };

static const char memory[] = "from memory";

static const lks_pointwise kinds[] = {
    {"sgd", memory, BLOCKS, 1024, 3, {{1, -1, 1}, {1, -1, 1}}, run_sgd},
    {"sgd, momentum",
     memory,
     BLOCKS,
     1024,
     5,
     {{1, -1, 1}, {1, -1, 1}, {1, -1, 1}},
     run_momentum},
    {"adam",
     memory,
     BLOCKS,
     1024,
     7,
     {{1, -1, 1}, {1, -1, 1}, {1, -1, 1}, {1, 0, 1}},
     run_adam},
    {"rmsprop", memory, BLOCKS, 1024, 5, {{1, -1, 1}, {1, -1, 1}, {0}, {1, 0, 1}}, run_rmsprop},
    {"average", memory, BLOCKS, 1024, 3, {{1, -1, 1}, {1, -1, 1}}, run_average},
    {"norm", memory, BLOCKS, 1024, 1, {{1, -1, 1}}, run_norm},
    {"add", memory, BLOCKS, 1024, 3, {{1, -1, 1}, {1, -1, 1}}, run_add},
    {"add, norm", memory, BLOCKS, 1024, 3, {{1, -1, 1}, {1, -1, 1}, {1, 0, 0}}, run_add_blocks},
};

lks_status lks_bench_updates(const lks_kernel_bench *bench) {
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    LKS_TRY(lks_bench_pointwise(bench, &kinds[i]));
  return LKS_OK;
}
