/* SPDX-License-Identifier: Apache-2.0 */
/* test_bench_kernels.c - a row says what the bench found: the same bits, or how far off. */
#include "check.h"
#include "measure/bench_pointwise.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { TEXT_BYTES = 1024 };

static void run_add(const lks_kernels *kernels, const lks_pointwise_arrays *a, size_t first,
                    size_t last) {
  kernels->add(lks_pointwise_floats(a, first, last), lks_pointwise_at(a, 0, first),
               lks_pointwise_at(a, 1, first), lks_pointwise_at(a, 2, first));
}

static const lks_pointwise sums = {
    "add", "small", 300, 40, 3, {{1, 1, 2}, {1, 1, 2}, {1, 0, 0}}, run_add};

/* Half a unit off at the end of a slice. */
static void add_wrongly(size_t n, const float *a, const float *b, float *y) {
  for (size_t i = 0; i < n; i++)
    y[i] = a[i] + b[i] + (i == n - 1 ? 0.5f : 0.0f);
}

/* The row of `kernels` beside the plain loops, against a peak of 1 GB/s. */
static void measure(const lks_kernels *kernels, bool json, char *text) {
  lks_bench_setup setup = {.rounds = 3, .json = json, .out = fmemopen(text, TEXT_BYTES, "w")};
  lks_kernel_bench bench = {.setup = &setup, .ours = kernels, .threads = 2, .peak = {1e9, 1e9}};
  CHECK_OK(lks_kernels_find("reference", LKS_PRECISION_F32, &bench.reference));
  text[0] = '\0';
  if (CHECK(setup.out != NULL)) {
    CHECK_OK(lks_bench_pointwise(&bench, &sums));
    fclose(setup.out);
  }
}

static void same_bits_differ_by_nothing(void) {
  const lks_kernels *kernels;
  char text[TEXT_BYTES];
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  measure(kernels, true, text);
  CHECK_CONTAINS(text, "{\"kernel\": \"add\", \"what\": \"small\", \"size\": \"300,40\", ");
  CHECK_CONTAINS(text, "\"threads\": 2, ");
  CHECK_CONTAINS(text, "\"unit\": \"GB/s\", ");
  CHECK_CONTAINS(text, "\"error\": 0}\n");
  measure(kernels, false, text);
  CHECK_CONTAINS(text, "300,40");
}

static void wrong_elements_show(void) {
  const lks_kernels *right;
  char text[TEXT_BYTES];
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &right));
  lks_kernels wrong = *right;
  wrong.add = add_wrongly;
  measure(&wrong, true, text);
  CHECK_CONTAINS(text, "\"error\": 0.5}\n");
}

/* Time, rate and share belong together: 300 x 40 x 3 floats a run. */
static void rate_is_bytes_by_seconds(void) {
  const lks_kernels *kernels;
  char text[TEXT_BYTES];
  double seconds = 0, rate = 0, share = 0;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  measure(kernels, true, text);
  const char *at = strstr(text, "\"median_seconds\": ");
  CHECK(at && sscanf(at, "\"median_seconds\": %lf", &seconds) == 1);
  at = strstr(text, "\"rate\": ");
  CHECK(at && sscanf(at, "\"rate\": %lf", &rate) == 1);
  at = strstr(text, "\"share\": ");
  CHECK(at && sscanf(at, "\"share\": %lf", &share) == 1);
  CHECK_CLOSE(rate * seconds * 1e9 / (300 * 40 * 3 * 4.0), 1, 1e-4); /* six digits printed */
  CHECK_CLOSE(share / rate, 1, 1e-3);                                /* four of them */
}

static void errors_know_bits_and_numbers(void) {
  const float zeros[] = {0.0f, -0.0f}, other[] = {-0.0f, 0.0f}, odd[] = {0.0f, NAN};
  CHECK(lks_kernel_bench_error(0.25, zeros, zeros, 2) == 0.25);
  CHECK(lks_kernel_bench_error(0, zeros, other, 2) == 0);
  CHECK(isinf(lks_kernel_bench_error(0, zeros, odd, 2)));
  CHECK(lks_kernel_bench_error(0, odd, odd, 2) == 0);
}

const lks_test bench_kernels_tests[] = {
    TEST(same_bits_differ_by_nothing), TEST(wrong_elements_show),
    TEST(rate_is_bytes_by_seconds), TEST(errors_know_bits_and_numbers), TEST_END};
