/* SPDX-License-Identifier: Apache-2.0 */
/* test_select.c - finding a table. */
#include "check.h"
#include "kernels/kernels.h"

#include <string.h>

static void no_name_finds_the_fastest_of_ours(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(LKS_PRECISION_F32, &count);
  const char *const names[] = {NULL, "", "auto"};
  for (int i = 0; i < 3; i++) {
    const lks_kernels *found = NULL;
    CHECK_OK(lks_kernels_find(names[i], LKS_PRECISION_F32, &found));
    CHECK(found == all[0]);
  }
  CHECK(strcmp(all[0]->name, "openblas") != 0);
}

static void every_table_is_found_by_its_name(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(LKS_PRECISION_F32, &count);
  CHECK(count >= 3);
  for (int i = 0; i < count; i++) {
    const lks_kernels *found = NULL;
    CHECK_OK(lks_kernels_find(all[i]->name, LKS_PRECISION_F32, &found));
    CHECK(found == all[i]);
  }
}

static void reference_portable_and_openblas_run_everywhere(void) {
  const lks_kernels *found;
  CHECK_OK(lks_kernels_find("reference", LKS_PRECISION_F32, &found));
  CHECK_OK(lks_kernels_find("portable", LKS_PRECISION_F32, &found));
  CHECK_OK(lks_kernels_find("openblas", LKS_PRECISION_F32, &found));
}

static void unknown_name_is_refused_with_the_list(void) {
  const lks_kernels *found;
  CHECK_FAILS(lks_kernels_find("avx1024", LKS_PRECISION_F32, &found), LKS_USAGE,
              "found 'avx1024'");
  CHECK_CONTAINS(lks_error_message(), "avx512, avx2, portable, reference or openblas");
}

static void description_says_what_the_bits_rest_on(void) {
  const lks_kernels *found;
  char text[256];
  CHECK_OK(lks_kernels_find("portable", LKS_PRECISION_F32, &found));
  lks_kernels_describe(found, text, sizeof text);
  CHECK_TEXT(text, "portable (same bits as every table but openblas)");
  CHECK_OK(lks_kernels_find("openblas", LKS_PRECISION_F32, &found));
  lks_kernels_describe(found, text, sizeof text);
  CHECK_CONTAINS(text, "OpenBLAS");
  CHECK_OK(lks_kernels_find("portable", LKS_PRECISION_BF16, &found));
  lks_kernels_describe(found, text, sizeof text);
  CHECK_TEXT(text, "portable, products of bf16 as rounded f32 (same bits as every table of "
                   "bf16)");
}

static void check_tables_of_its_own(lks_precision precision) {
  const char *const names[] = {NULL, "avx512", "avx2", "portable", "reference"};
  for (int i = 0; i < 5; i++) {
    const lks_kernels *f32, *own;
    if (lks_kernels_find(names[i], LKS_PRECISION_F32, &f32) != LKS_OK) {
      CHECK_FAILS(lks_kernels_find(names[i], precision, &own), LKS_USAGE, "cannot");
      continue;
    }
    CHECK_OK(lks_kernels_find(names[i], precision, &own));
    CHECK_EQUAL(f32->precision, LKS_PRECISION_F32);
    CHECK_EQUAL(own->precision, precision);
    CHECK_TEXT(own->name, f32->name);
    CHECK(own->product != f32->product && own->tanh == f32->tanh);
  }
}

static void short_precisions_have_tables_of_their_own(void) {
  check_tables_of_its_own(LKS_PRECISION_BF16);
  check_tables_of_its_own(LKS_PRECISION_BF16_AMX);
}

static void openblas_has_no_products_of_bf16(void) {
  const lks_kernels *found;
  CHECK_FAILS(lks_kernels_find("openblas", LKS_PRECISION_BF16_AMX, &found), LKS_USAGE,
              "expected kernels with products of bf16-amx, found 'openblas'");
  CHECK_FAILS(lks_kernels_find("openblas", LKS_PRECISION_BF16, &found), LKS_USAGE,
              "expected kernels with products of bf16, found 'openblas'");
  CHECK_CONTAINS(lks_error_message(), "precision = f32");
}

static void a_precision_is_found_by_its_name(void) {
  lks_precision precision = LKS_PRECISION_F32;
  CHECK_OK(lks_precision_find("bf16", &precision));
  CHECK_EQUAL(precision, LKS_PRECISION_BF16);
  CHECK_OK(lks_precision_find(lks_precision_name(LKS_PRECISION_F32), &precision));
  CHECK_EQUAL(precision, LKS_PRECISION_F32);
  CHECK_OK(lks_precision_find("bf16-amx", &precision));
  CHECK_EQUAL(precision, LKS_PRECISION_BF16_AMX);
  CHECK_FAILS(lks_precision_find("f16", &precision), LKS_USAGE,
              "expected f32, bf16 or bf16-amx, found 'f16'");
}

static void panels_cover_the_columns(void) {
  int count;
  const lks_kernels *const *all = lks_kernels_all(LKS_PRECISION_F32, &count);
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
    TEST(short_precisions_have_tables_of_their_own),
    TEST(openblas_has_no_products_of_bf16),
    TEST(a_precision_is_found_by_its_name),
    TEST(panels_cover_the_columns),
    TEST_END,
};
