/* SPDX-License-Identifier: Apache-2.0 */
/* test_shape.c - extents. */
#include "check.h"
#include "tensor/shape.h"

static void count_is_the_product_of_the_extents(void) {
  lks_shape shape = lks_shape_3(5, 7, 11);
  CHECK_EQUAL(lks_shape_count(&shape), 5 * 7 * 11);
  shape.axes = 0;
  CHECK_EQUAL(lks_shape_count(&shape), 1);
}

static void shapes_are_equal_when_all_extents_are(void) {
  lks_shape a = lks_shape_2(800, 200);
  lks_shape b = lks_shape_2(800, 201);
  lks_shape c = lks_shape_3(800, 200, 1);
  CHECK(lks_shape_is_equal(&a, &a));
  CHECK(!lks_shape_is_equal(&a, &b));
  CHECK(!lks_shape_is_equal(&a, &c));
}

static void description_lists_the_extents(void) {
  char text[64];
  lks_shape matrix = lks_shape_2(800, 200);
  lks_shape vector = lks_shape_1(7);
  lks_shape_describe(&matrix, text, sizeof text);
  CHECK_TEXT(text, "[800, 200]");
  lks_shape_describe(&vector, text, sizeof text);
  CHECK_TEXT(text, "[7]");
}

static void description_is_cut_at_the_end_of_the_text(void) {
  char text[6];
  lks_shape matrix = lks_shape_2(800, 200);
  lks_shape_describe(&matrix, text, sizeof text);
  CHECK_TEXT(text, "[800,");
}

const lks_test shape_tests[] = {
    TEST(count_is_the_product_of_the_extents),
    TEST(shapes_are_equal_when_all_extents_are),
    TEST(description_lists_the_extents),
    TEST(description_is_cut_at_the_end_of_the_text),
    TEST_END,
};
