/* SPDX-License-Identifier: Apache-2.0 */
/* suites.c - runs lists of tests under CUnit. */
#include "check.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <string.h>

/* Whether one of the arguments is the name of the suite or of the test, or there are none. */
static bool is_wanted(int argc, char **argv, const char *suite, const char *test) {
  bool wanted = argc < 2;
  for (int i = 1; i < argc; i++)
    wanted = wanted || strcmp(suite, argv[i]) == 0 || strcmp(test, argv[i]) == 0;
  return wanted;
}

static bool add_suite(int argc, char **argv, const lks_test_suite *suite) {
  CU_pSuite added = CU_add_suite(suite->name, NULL, NULL);
  if (!added)
    return false;
  for (const lks_test *test = suite->tests; test->name; test++) {
    if (is_wanted(argc, argv, suite->name, test->name) &&
        !CU_add_test(added, test->name, test->run))
      return false;
  }
  return true;
}

int lks_run_suites(int argc, char **argv, const lks_test_suite *suites, size_t count) {
  if (CU_initialize_registry() != CUE_SUCCESS)
    return 2;
  for (size_t i = 0; i < count; i++) {
    if (!add_suite(argc, argv, &suites[i])) {
      (void)fprintf(stderr, "cannot add suite %s: %s\n", suites[i].name, CU_get_error_msg());
      return 2;
    }
  }
  CU_basic_set_mode(CU_BRM_VERBOSE);
  CU_ErrorCode code = CU_basic_run_tests();
  unsigned failed = CU_get_number_of_failures();
  unsigned ran = CU_get_number_of_tests_run();
  CU_cleanup_registry();
  if (ran == 0)
    (void)fprintf(stderr, "no test has run\n");
  return code == CUE_SUCCESS && failed == 0 && ran > 0 ? 0 : 1;
}
