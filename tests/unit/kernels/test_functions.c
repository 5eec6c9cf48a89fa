/* SPDX-License-Identifier: Apache-2.0 */
/* test_functions.c - the functions against libm in double, and the forms against
 * each other, over bit patterns taken from all floats. */
#include "base/floating_point.h"
#include "base/memory.h"
#include "check.h"
#include "kernels/functions.h"
#include "oracle_product.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { EXP, LOG, LOG1P, TANH, SIGMOID, FUNCTIONS };
enum { CHUNK = 4096 };

/* Distances between the bit patterns tried: odd, so that low bits vary.  All floats
 * were tried once, for one form; functions.h has the results. */
static const uint64_t ERROR_STRIDE = 2053;
static const uint64_t FORMS_STRIDE = 257;
static const uint64_t PLAIN_STRIDE = 8209; /* forms that call libm for each fma */

static double sigmoid(double x) {
  return 1.0 / (1.0 + exp(-x));
}

/* The promises of functions.h. */
static const struct {
  const char *name;
  double (*exact)(double);
  double ulp;
  double absolute;
} promises[FUNCTIONS] = {
    [EXP] = {"exp", exp, 0.91, INFINITY},           [LOG] = {"log", log, 0.94, INFINITY},
    [LOG1P] = {"log1p", log1p, 1.27, INFINITY},     [TANH] = {"tanh", tanh, 2.52, 9.0e-8},
    [SIGMOID] = {"sigmoid", sigmoid, 2.49, 9.0e-8},
};

static void call(const lks_kernels *kernels, int function, size_t n, const float *x, float *y) {
  switch (function) {
  case EXP: kernels->exp(n, x, y); break;
  case LOG: kernels->log(n, x, y); break;
  case LOG1P: kernels->log1p(n, x, y); break;
  case TANH: kernels->tanh(n, x, y); break;
  default: kernels->sigmoid(n, x, y); break;
  }
}

static float float_of(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static uint32_t bits_of(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

/* The next patterns from *next; returns how many. */
static size_t fill_patterns(float x[CHUNK], uint64_t *next, uint64_t stride) {
  size_t n = 0;
  for (; n < CHUNK && *next < (uint64_t)1 << 32; n++, *next += stride)
    x[n] = float_of((uint32_t)*next);
  return n;
}

/* Error in units of the last place of f32, 0 where both are the same special value
 * or the result lies where denormals are flushed. */
static double ulps(double exact, double found) {
  const double smallest = 0x1p-126;
  if (isnan(exact) || isnan(found))
    return isnan(exact) && isnan(found) ? 0.0 : INFINITY;
  if (exact == found || (fabs(exact) >= 0x1.ffffffp127 && isinf(found)))
    return 0.0;
  if (fabs(exact) < smallest)
    return found == 0.0 || fabs(found) == smallest ? 0.0 : INFINITY;
  int exponent;
  frexp(exact, &exponent);
  return fabs(found - exact) / ldexp(1.0, exponent - 24);
}

static void check_errors(int function) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  const unsigned saved = lks_floating_point_enter();
  float x[CHUNK], y[CHUNK];
  double worst = 0.0, worst_absolute = 0.0, at = 0.0;
  for (uint64_t next = 0; next < (uint64_t)1 << 32;) {
    const size_t n = fill_patterns(x, &next, ERROR_STRIDE);
    call(kernels, function, n, x, y);
    for (size_t i = 0; i < n; i++) {
      const double exact = promises[function].exact((double)x[i]);
      const double error = ulps(exact, (double)y[i]);
      if (error > worst) {
        worst = error;
        at = (double)x[i];
      }
      if (isfinite(exact))
        worst_absolute = fmax(worst_absolute, fabs((double)y[i] - exact));
    }
  }
  lks_floating_point_leave(saved);
  if (!CHECK(worst <= promises[function].ulp))
    printf("%s: %.3f ulp at %a\n", promises[function].name, worst, at);
  CHECK(worst_absolute <= promises[function].absolute);
}

static void exp_keeps_its_error_bound(void) {
  check_errors(EXP);
}
static void log_keeps_its_error_bound(void) {
  check_errors(LOG);
}
static void log1p_keeps_its_error_bound(void) {
  check_errors(LOG1P);
}
static void tanh_keeps_its_error_bound(void) {
  check_errors(TANH);
}
static void sigmoid_keeps_its_error_bound(void) {
  check_errors(SIGMOID);
}

/* Bits are equal for NaN too, so memcmp does. */
static bool same_on(const lks_kernels *one, const lks_kernels *other, uint64_t stride) {
  float x[CHUNK], y[CHUNK], z[CHUNK];
  for (int function = 0; function < FUNCTIONS; function++)
    for (uint64_t next = 0; next < (uint64_t)1 << 32;) {
      const size_t n = fill_patterns(x, &next, stride);
      call(one, function, n, x, y);
      call(other, function, n, x, z);
      if (memcmp(y, z, n * sizeof *y) != 0) {
        CHECK_TEXT(other->name, promises[function].name); /* says which */
        return CHECK_SAME_BITS(z, y, n);
      }
    }
  return true;
}

static void all_forms_give_the_same_bits_for_any_argument(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const unsigned saved = lks_floating_point_enter();
  for (int t = 1; t < count; t++) /* the last two are the plain ones */
    CHECK(same_on(tables[0], tables[t], t < count - 2 ? FORMS_STRIDE : PLAIN_STRIDE));
  lks_floating_point_leave(saved);
}

/* Around these something changes: special values, roundings of the exponent, bounds. */
static void all_forms_give_the_same_bits_around_the_borders(void) {
  static const float borders[] = {
      0.0f,      0x1p-126f,       1.0f,     0.5f,     0.75f,    1.5f,     2.0f,       88.72284f,
      88.37626f, 87.33655f,       89.0f,    104.0f,   88.0f,    9.1f,     4.55f,      17.4f,
      0x1p24f,   0x1.fffffep127f, 0.34657f, 0.17328f, INFINITY, 0x1p127f, 0x1.8p127f,
  };
  enum { AROUND = 512 };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const unsigned saved = lks_floating_point_enter();
  float x[4 * AROUND], y[4 * AROUND], z[4 * AROUND];
  for (size_t b = 0; b < sizeof borders / sizeof *borders; b++) {
    for (uint32_t i = 0; i < 2 * AROUND; i++) {
      x[2 * i] = float_of(bits_of(borders[b]) + i - AROUND);
      x[2 * i + 1] = float_of((bits_of(borders[b]) + i - AROUND) ^ SIGN_BIT);
    }
    for (int function = 0; function < FUNCTIONS; function++) {
      call(tables[0], function, sizeof x / sizeof *x, x, y);
      for (int t = 1; t < count; t++) {
        call(tables[t], function, sizeof x / sizeof *x, x, z);
        CHECK_SAME_BITS(z, y, sizeof x / sizeof *x);
      }
    }
  }
  lks_floating_point_leave(saved);
}

static void special_values_are_those_of_the_contract(void) {
  static const struct {
    int function;
    float x, y;
  } cases[] = {
      {EXP, 0.0f, 1.0f},
      {EXP, 0x1p-130f, 1.0f},
      {EXP, INFINITY, INFINITY},
      {EXP, 88.7229f, INFINITY},
      {EXP, -87.3366f, 0.0f},
      {EXP, -INFINITY, 0.0f},
      {LOG, 1.0f, 0.0f},
      {LOG, 0.0f, -INFINITY},
      {LOG, -0.0f, -INFINITY},
      {LOG, 0x1p-130f, -INFINITY}, /* a denormal counts as zero */
      {LOG, INFINITY, INFINITY},
      {LOG, -1.0f, NAN},
      {LOG, -INFINITY, NAN},
      {LOG1P, 0.0f, 0.0f},
      {LOG1P, 0x1p-126f, 0x1p-126f},
      {LOG1P, 0x1p-130f, 0.0f},
      {LOG1P, -1.0f, -INFINITY},
      {LOG1P, -1.5f, NAN},
      {LOG1P, INFINITY, INFINITY},
      {LOG1P, -INFINITY, NAN},
      {TANH, 0.0f, 0.0f},
      {TANH, -0.0f, -0.0f},
      {TANH, 0x1p-126f, 0x1p-126f},
      {TANH, 9.1f, 1.0f},
      {TANH, -INFINITY, -1.0f},
      {SIGMOID, 0.0f, 0.5f},
      {SIGMOID, 17.4f, 1.0f},
      {SIGMOID, INFINITY, 1.0f},
      {SIGMOID, -INFINITY, 0.0f},
  };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  const unsigned saved = lks_floating_point_enter();
  for (int t = 0; t < count; t++)
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
      float y;
      call(tables[t], cases[i].function, 1, &cases[i].x, &y);
      if (isnan(cases[i].y))
        CHECK(isnan(y));
      else
        CHECK_SAME_BITS(&y, &cases[i].y, 1);
    }
  lks_floating_point_leave(saved);
}

static void nan_stays_nan(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  static const uint32_t patterns[] = {0x7fc00000u, 0xffc00000u, 0x7fc12345u, 0x7f800001u,
                                      0xffffffffu};
  for (int t = 0; t < count; t++)
    for (int function = 0; function < FUNCTIONS; function++)
      for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        const float x = float_of(patterns[i]);
        float y;
        call(tables[t], function, 1, &x, &y);
        CHECK(isnan(y));
      }
}

static void tanh_is_odd(void) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  float *x = lks_test_numbers(CHUNK, 10.0f, 3);
  float y[CHUNK], z[CHUNK];
  kernels->tanh(CHUNK, x, y);
  for (int i = 0; i < CHUNK; i++)
    x[i] = -x[i];
  kernels->tanh(CHUNK, x, z);
  for (int i = 0; i < CHUNK; i++)
    z[i] = -z[i];
  CHECK_SAME_BITS(z, y, CHUNK);
  lks_release(x);
}

/* Any length from any start, in place: the whole array's bits, nothing else touched. */
static void elements_have_the_same_bits_wherever_they_stand(void) {
  enum { N = 70 };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  float *x = lks_test_numbers(N, 5.0f, 7);
  for (int t = 0; t < count; t++)
    for (int function = 0; function < FUNCTIONS; function++) {
      float whole[N], part[N];
      call(tables[t], function, N, x, whole);
      for (size_t n = 0; n <= 40; n++) {
        const size_t first = n % 7;
        memcpy(part, x, sizeof part);
        call(tables[t], function, n, part + first, part + first);
        CHECK_SAME_BITS(part, x, first);
        CHECK_SAME_BITS(part + first, whole + first, n);
        CHECK_SAME_BITS(part + first + n, x + first + n, N - first - n);
      }
    }
  lks_release(x);
}

static void add_adds(void) {
  static const size_t sizes[] = {1, 3, 15, 16, 17, 64, 65, 200, 1000};
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  float *a = lks_test_numbers(1001, 2.0f, 1);
  float *b = lks_test_numbers(1001, 3.0f, 2);
  for (int t = 0; t < count; t++)
    for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      float expected[1001], y[1001];
      memcpy(y, a, sizeof y);
      memcpy(expected, a, sizeof expected);
      for (size_t i = 0; i < sizes[s]; i++)
        expected[i] = a[i] + b[i];
      tables[t]->add(sizes[s], y, b, y);
      CHECK_SAME_BITS(y, expected, 1001);
    }
  lks_release(a);
  lks_release(b);
}

const lks_test functions_tests[] = {
    TEST(exp_keeps_its_error_bound),
    TEST(log_keeps_its_error_bound),
    TEST(log1p_keeps_its_error_bound),
    TEST(tanh_keeps_its_error_bound),
    TEST(sigmoid_keeps_its_error_bound),
    TEST(all_forms_give_the_same_bits_for_any_argument),
    TEST(all_forms_give_the_same_bits_around_the_borders),
    TEST(special_values_are_those_of_the_contract),
    TEST(nan_stays_nan),
    TEST(tanh_is_odd),
    TEST(elements_have_the_same_bits_wherever_they_stand),
    TEST(add_adds),
    TEST_END,
};
