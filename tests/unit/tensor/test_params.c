/* SPDX-License-Identifier: Apache-2.0 */
/* test_params.c - where parameters and their gradients lie. */
#include "base/memory.h"
#include "check.h"
#include "tensor/params.h"

#include <stdio.h>

static void parameters_start_on_the_grain_in_order(void) {
  lks_params *params = NULL;
  int weight = -1;
  int bias = -1;
  int last = -1;
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(
      lks_params_add(params, "weight", lks_shape_2(30, 50), LKS_PARAM_SPARSE_ROWS, &weight));
  CHECK_OK(lks_params_add(params, "bias", lks_shape_1(7), LKS_PARAM_NO_DECAY, &bias));
  CHECK_OK(lks_params_add(params, "last", lks_shape_1(1024), 0, &last));
  CHECK_EQUAL(lks_params_count(params), 3);
  CHECK_EQUAL(lks_params_at(params, weight)->offset, 0);
  CHECK_EQUAL(lks_params_at(params, weight)->count, 1500);
  CHECK_EQUAL(lks_params_at(params, weight)->flags, LKS_PARAM_SPARSE_ROWS);
  CHECK_EQUAL(lks_params_at(params, bias)->offset, 2048);
  CHECK_EQUAL(lks_params_at(params, last)->offset, 3072);
  CHECK_EQUAL(lks_params_value_count(params), 4096);
  CHECK_EQUAL(lks_params_gradient_count(params), 4096);
  lks_params_destroy(params);
}

static void names_are_found_and_must_be_new(void) {
  lks_params *params = NULL;
  int index = -1;
  CHECK_OK(lks_params_create(&params));
  for (int i = 0; i < 40; i++) {
    char name[32];
    (void)snprintf(name, sizeof name, "weight_ih_l%d", i);
    CHECK_OK(lks_params_add(params, name, lks_shape_1(1), 0, &index));
    CHECK_EQUAL(index, i);
  }
  CHECK_EQUAL(lks_params_find(params, "weight_ih_l17"), 17);
  CHECK_EQUAL(lks_params_find(params, "weight_hh_l17"), -1);
  CHECK_FAILS(lks_params_add(params, "weight_ih_l3", lks_shape_1(1), 0, &index), LKS_SHAPE,
              "two parameters are called 'weight_ih_l3'");
  CHECK_EQUAL(lks_params_count(params), 40);
  lks_params_destroy(params);
}

static void extra_uses_lie_behind_the_values(void) {
  lks_params *params = NULL;
  int tied = -1;
  int other = -1;
  int use[2] = {-1, -1};
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_params_add(params, "tied", lks_shape_2(100, 30), 0, &tied));
  CHECK_OK(lks_params_add_use(params, tied, &use[0]));
  CHECK_OK(lks_params_add(params, "other", lks_shape_1(5), 0, &other));
  CHECK_OK(lks_params_add_use(params, other, &use[1]));
  CHECK_EQUAL(lks_params_value_count(params), 3072 + 1024);
  CHECK_EQUAL(lks_params_use_count(params), 2);
  CHECK_EQUAL(lks_params_use_at(params, use[0])->offset, 4096);
  CHECK_EQUAL(lks_params_use_at(params, use[0])->param, tied);
  CHECK_EQUAL(lks_params_use_at(params, use[1])->offset, 4096 + 3072);
  CHECK_EQUAL(lks_params_gradient_count(params), 4096 + 3072 + 1024);
  lks_params_destroy(params);
}

static void views_point_into_the_bound_buffer(void) {
  lks_params *params = NULL;
  int index[2] = {-1, -1};
  static float values[2048];
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_params_add(params, "a", lks_shape_1(3), 0, &index[0]));
  CHECK_OK(lks_params_add(params, "b", lks_shape_1(3), 0, &index[1]));
  CHECK(lks_params_view(params, index[1]) == NULL);
  lks_params_bind(params, values);
  CHECK(lks_params_values(params) == values);
  CHECK(lks_params_view(params, index[1]) == values + 1024);
  lks_params_destroy(params);
  lks_params_destroy(NULL);
}

/* Every allocation in turn is made to fail; the list stays usable. */
static void failed_allocations_are_reported_and_leave_no_trace(void) {
  for (size_t n = 1; n < 60; n++) {
    lks_params *params = NULL;
    lks_allocation_fail_at(n);
    if (lks_params_create(&params) == LKS_OK) {
      int added = 0;
      int index = -1;
      for (int i = 0; i < 20; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "p%d", i);
        added += lks_params_add(params, name, lks_shape_1(10), 0, &index) == LKS_OK;
      }
      CHECK_EQUAL(lks_params_count(params), added);
      CHECK_EQUAL(lks_params_value_count(params), 1024 * added);
      CHECK(added >= 19);
    }
    lks_params_destroy(params);
  }
  lks_allocation_fail_at(0);
}

const lks_test params_tests[] = {
    TEST(parameters_start_on_the_grain_in_order),
    TEST(names_are_found_and_must_be_new),
    TEST(extra_uses_lie_behind_the_values),
    TEST(views_point_into_the_bound_buffer),
    TEST(failed_allocations_are_reported_and_leave_no_trace),
    TEST_END,
};
