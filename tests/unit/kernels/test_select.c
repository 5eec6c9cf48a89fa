/* SPDX-License-Identifier: Apache-2.0 */
/* test_select.c - finding a table. */
#include "check.h"
#include "kernels/kernels.h"

#include <string.h>

static void no_name_finds_the_fastest_of_ours(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(&count);
  const char *const names[] = {NULL, "", "auto"};
  for (int i = 0; i < 3; i++) {
    const lks_kernels *found = NULL;
    CHECK_OK(lks_kernels_find(names[i], &found));
    CHECK(found == all[0]);
  }
  CHECK(strcmp(all[0]->name, "openblas") != 0);
}

static void every_table_is_found_by_its_name(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(&count);
  CHECK(count >= 3);
  for (int i = 0; i < count; i++) {
    const lks_kernels *found = NULL;
    CHECK_OK(lks_kernels_find(all[i]->name, &found));
    CHECK(found == all[i]);
  }
}

static void reference_portable_and_openblas_run_everywhere(void) {
  const lks_kernels *found;
  CHECK_OK(lks_kernels_find("reference", &found));
  CHECK_OK(lks_kernels_find("portable", &found));
  CHECK_OK(lks_kernels_find("openblas", &found));
}

static void unknown_name_is_refused_with_the_list(void) {
  const lks_kernels *found;
  CHECK_FAILS(lks_kernels_find("avx1024", &found), LKS_USAGE, "found 'avx1024'");
  CHECK_CONTAINS(lks_error_message(), "avx512, avx2, portable, reference or openblas");
}

static void description_says_what_the_bits_rest_on(void) {
  const lks_kernels *found;
  char text[256];
  CHECK_OK(lks_kernels_find("portable", &found));
  lks_kernels_describe(found, text, sizeof text);
  CHECK_TEXT(text, "portable (same bits as every table but openblas)");
  CHECK_OK(lks_kernels_find("openblas", &found));
  lks_kernels_describe(found, text, sizeof text);
  CHECK_CONTAINS(text, "OpenBLAS");
}

static void panels_cover_the_columns(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(&count);
  for (int i = 0; i < count; i++) {
    const int panel = all[i]->panel;
    CHECK_EQUAL(lks_kernels_panels(all[i], 1), 1);
    CHECK_EQUAL(lks_kernels_panels(all[i], panel), 1);
    CHECK_EQUAL(lks_kernels_panels(all[i], panel + 1), 2);
  }
}

const lks_test select_tests[] = {
    TEST(no_name_finds_the_fastest_of_ours),
    TEST(every_table_is_found_by_its_name),
    TEST(reference_portable_and_openblas_run_everywhere),
    TEST(unknown_name_is_refused_with_the_list),
    TEST(description_says_what_the_bits_rest_on),
    TEST(panels_cover_the_columns),
    TEST_END,
};
