/* SPDX-License-Identifier: Apache-2.0 */
/* self_test.c - tries the floating-point environment and compares the kernel tables.
 *
 * It takes milliseconds, so `doctor` can afford it on every rank; the thorough
 * comparisons are in tests/. */
#include "measure/self_test.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "base/random.h"
#include "kernels/parallel.h"

#include <string.h>

enum { THREADS_MAX = 1024, ROWS = 37, INNER = 129, COLUMNS = 70, RESULT = ROWS * COLUMNS };

typedef struct {
  int made;
  bool flushes[THREADS_MAX];
} thread_report;

static void try_thread(void *context, int part, int parts) {
  thread_report *report = context;
  volatile float small = 1e-30f, smaller = 1e-12f, denormal = 1e-40f, large = 1e10f;
  volatile float flushed = small * smaller;             /* FTZ */
  volatile float read = denormal * large;               /* DAZ */
  volatile float one = 1.0f, half_step = 5.9604645e-8f; /* 2^-24: a tie, rounds to even */
  volatile float rounded = one + half_step;
  if (part == 0)
    report->made = parts;
  if (part < THREADS_MAX)
    report->flushes[part] =
        lks_floating_point_is_set() && !(flushed > 0) && !(read > 0) && !(rounded > 1.0f);
}

void lks_self_test_threads(int threads, int *made, bool *flushes) {
  thread_report report = {0};
  lks_parallel(threads < THREADS_MAX ? threads : THREADS_MAX, try_thread, &report);
  *made = report.made;
  *flushes = true;
  for (int i = 0; i < report.made; i++)
    *flushes = *flushes && report.flushes[i];
}

/* The sample: matrices, and a result that is the product and three functions of it. */
typedef struct {
  float left[ROWS * INNER];
  float right[INNER * COLUMNS];
  float first[4 * RESULT]; /* of the first table */
  float other[4 * RESULT];
} sample;

static void fill(float *values, size_t count, unsigned layer) {
  lks_random_key key = lks_random_key_of(1);
  for (size_t i = 0; i < count; i++) {
    uint32_t word[4];
    lks_philox(key, lks_random_counter_of(LKS_RANDOM_TEST, layer, 0, 0, 0, (uint32_t)i), word);
    values[i] = 2 * lks_random_unit(word[0]) - 1;
  }
}

static lks_status compute(const lks_kernels *kernels, int threads, const sample *s,
                          float *out) {
  float *packed = NULL;
  LKS_TRY(lks_allocate(&packed, kernels->packed_floats(INNER, COLUMNS), sizeof *packed));
  unsigned saved = lks_floating_point_enter();
  lks_pack(kernels, threads, INNER, COLUMNS, (lks_operand){s->right, COLUMNS, 1}, packed);
  lks_product(kernels, threads, ROWS, INNER, COLUMNS, s->left, INNER, packed, NULL, 0, out,
              COLUMNS);
  kernels->exp(RESULT, out, out + RESULT);
  kernels->tanh(RESULT, out, out + 2 * RESULT);
  kernels->sigmoid(RESULT, out, out + 3 * RESULT);
  lks_floating_point_leave(saved);
  lks_release(packed);
  return LKS_OK;
}

/* Whether all tables of a precision agree, openblas apart. */
static lks_status compare(lks_precision precision, int threads, sample *s, bool *same) {
  int count = 0;
  const lks_kernels *const *tables = lks_kernels_all(precision, &count);
  LKS_TRY(compute(tables[0], threads, s, s->first));
  for (int i = 1; i < count; i++) {
    if (strcmp(tables[i]->name, "openblas") == 0)
      continue;
    LKS_TRY(compute(tables[i], 1, s, s->other));
    *same = *same && memcmp(s->first, s->other, sizeof s->first) == 0;
  }
  return LKS_OK;
}

lks_status lks_self_test_bits(int threads, bool *same) {
  lks_status status = LKS_OK;
  sample *s = NULL;
  LKS_TRY(lks_allocate(&s, 1, sizeof *s));
  fill(s->left, ROWS * INNER, 1);
  fill(s->right, INNER * COLUMNS, 2);
  *same = true;
  for (int p = 0; p < LKS_PRECISION_COUNT; p++)
    LKS_TRY_OR(cleanup, status, compare((lks_precision)p, threads, s, same));

cleanup:
  lks_release(s);
  return status;
}
