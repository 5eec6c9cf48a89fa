/* SPDX-License-Identifier: Apache-2.0 */
/* check.c - the checks, reported to CUnit.
 *
 * CUnit's own macros print no values, so the checks here print and then count
 * through CU_assertImplementation, never fatally. */
#include "check.h"

#include <CUnit/CUnit.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { REPORT_BYTES = 1024 };

/* Counts a check; prints the report of one that failed. */
static bool count(bool holds, const char *file, int line, const char *format, ...) {
  static char report[REPORT_BYTES]; /* CUnit keeps no copy until the suite ends */
  (void)CU_assertImplementation(holds ? CU_TRUE : CU_FALSE, (unsigned)line, "check", file, "",
                                CU_FALSE);
  if (!holds) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(report, sizeof report, format, arguments);
    va_end(arguments);
    (void)fprintf(stderr, "%s:%d: %s\n", file, line, report);
  }
  return holds;
}

bool lks_check(bool holds, const char *text, const char *file, int line) {
  return count(holds, file, line, "expected: %s", text);
}

bool lks_check_equal(long long found, long long expected, const char *text, const char *file,
                     int line) {
  return count(found == expected, file, line, "%s: expected %lld, found %lld", text, expected,
               found);
}

bool lks_check_close(double found, double expected, double tolerance, const char *text,
                     const char *tolerance_text, const char *file, int line) {
  bool close = found == expected || fabs(found - expected) <= tolerance;
  return count(close, file, line,
               "%s: expected %.17g, found %.17g; |difference| %.3g > %s = %.3g", text, expected,
               found, fabs(found - expected), tolerance_text, tolerance);
}

bool lks_check_text(const char *found, const char *expected, const char *text, const char *file,
                    int line) {
  bool equal = found && strcmp(found, expected) == 0;
  return count(equal, file, line, "%s: expected \"%s\", found \"%s\"", text, expected,
               found ? found : "(null)");
}

bool lks_check_contains(const char *text, const char *part, const char *file, int line) {
  return count(strstr(text, part) != NULL, file, line, "expected \"%s\" in \"%s\"", part, text);
}

bool lks_check_status(lks_status found, lks_status expected, const char *text, const char *file,
                      int line) {
  return count(found == expected, file, line, "%s: expected %s, found %s%s%s", text,
               lks_status_text(expected), lks_status_text(found), found ? ": " : "",
               found ? lks_error_message() : "");
}

bool lks_check_failure(lks_status found, lks_status expected, const char *part,
                       const char *text, const char *file, int line) {
  return lks_check_status(found, expected, text, file, line) &&
         lks_check_contains(lks_error_message(), part, file, line);
}

bool lks_check_same_bits(const float *found, const float *expected, size_t count_of_values,
                         const char *text, const char *file, int line) {
  for (size_t i = 0; i < count_of_values; i++) {
    uint32_t a = 0;
    uint32_t b = 0;
    memcpy(&a, &found[i], sizeof a);
    memcpy(&b, &expected[i], sizeof b);
    if (a != b)
      return count(false, file, line, "%s[%zu of %zu]: expected %a, found %a", text, i,
                   count_of_values, (double)expected[i], (double)found[i]);
  }
  return count(true, file, line, "");
}

bool lks_check_all_close(const float *found, const float *expected, size_t count_of_values,
                         double tolerance, const char *text, const char *tolerance_text,
                         const char *file, int line) {
  for (size_t i = 0; i < count_of_values; i++) {
    double difference = fabs((double)found[i] - (double)expected[i]);
    if (!(difference <= tolerance))
      return count(false, file, line,
                   "%s[%zu of %zu]: expected %.9g, found %.9g; |difference| %.3g > %s = %.3g",
                   text, i, count_of_values, (double)expected[i], (double)found[i], difference,
                   tolerance_text, tolerance);
  }
  return count(true, file, line, "");
}
