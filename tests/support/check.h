/* SPDX-License-Identifier: Apache-2.0 */
/* check.h - what every test program uses: checks that print what they compared,
 * and the list of tests with the main function that runs it.
 *
 * A check that fails prints both values, its place and, in a loop, the index,
 * and the test goes on: in parallel tests a rank that left early would make the
 * others wait.
 *
 *   static void addition_is_commutative(void) { CHECK_EQUAL(1 + 2, 2 + 1); }
 *   const lks_test sums_tests[] = {TEST(addition_is_commutative), TEST_END};
 *
 * at the end of test_sums.c, which one line of tests/CMakeLists.txt adds to its
 * program. */
#ifndef LOCKSTEP_TESTS_CHECK_H
#define LOCKSTEP_TESTS_CHECK_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

typedef struct {
  const char *name;
  void (*run)(void);
} lks_test;

typedef struct {
  const char *name;
  const lks_test *tests; /* up to TEST_END */
} lks_test_suite;

#define TEST(function)                                                                         \
  { #function, function }
#define TEST_END                                                                               \
  { NULL, NULL }

/* Runs all tests, or those that an argument names by test or by suite; returns
 * the exit code. */
int lks_run_suites(int argc, char **argv, const lks_test_suite *suites, size_t count);

/* Each returns whether it held. */
bool lks_check(bool holds, const char *text, const char *file, int line);
bool lks_check_equal(long long found, long long expected, const char *text, const char *file,
                     int line);
bool lks_check_close(double found, double expected, double tolerance, const char *text,
                     const char *tolerance_text, const char *file, int line);
bool lks_check_text(const char *found, const char *expected, const char *text, const char *file,
                    int line);
bool lks_check_contains(const char *text, const char *part, const char *file, int line);
bool lks_check_status(lks_status found, lks_status expected, const char *text, const char *file,
                      int line);
bool lks_check_failure(lks_status found, lks_status expected, const char *part,
                       const char *text, const char *file, int line);
bool lks_check_same_bits(const float *found, const float *expected, size_t count,
                         const char *text, const char *file, int line);
bool lks_check_all_close(const float *found, const float *expected, size_t count,
                         double tolerance, const char *text, const char *tolerance_text,
                         const char *file, int line);

#define CHECK(condition) lks_check((condition), #condition, __FILE__, __LINE__)
#define CHECK_EQUAL(found, expected)                                                           \
  lks_check_equal((long long)(found), (long long)(expected), #found, __FILE__, __LINE__)
/* |found - expected| <= tolerance */
#define CHECK_CLOSE(found, expected, tolerance)                                                \
  lks_check_close((double)(found), (double)(expected), (double)(tolerance), #found,            \
                  #tolerance, __FILE__, __LINE__)
#define CHECK_TEXT(found, expected)                                                            \
  lks_check_text((found), (expected), #found, __FILE__, __LINE__)
#define CHECK_CONTAINS(text, part) lks_check_contains((text), (part), __FILE__, __LINE__)
/* The call succeeds; otherwise its message is printed. */
#define CHECK_OK(call) lks_check_status((call), LKS_OK, #call, __FILE__, __LINE__)
/* The call fails with `status` and a message that contains `part`. */
#define CHECK_FAILS(call, status, part)                                                        \
  lks_check_failure((call), (status), (part), #call, __FILE__, __LINE__)
/* Arrays of f32: equal bits (0 and -0 differ), or close at every index. */
#define CHECK_SAME_BITS(found, expected, count)                                                \
  lks_check_same_bits((found), (expected), (count), #found, __FILE__, __LINE__)
#define CHECK_ALL_CLOSE(found, expected, count, tolerance)                                     \
  lks_check_all_close((found), (expected), (count), (double)(tolerance), #found, #tolerance,   \
                      __FILE__, __LINE__)

#endif
