/* SPDX-License-Identifier: Apache-2.0 */
/* test_optimizer.c - what all methods share: uses, norm, clipping, threads, state. */
#include "base/memory.h"
#include "check.h"
#include "optim/clip.h"
#include "optimizer_fixture.h"

#include <math.h>
#include <string.h>

static const char *const all_methods[] = {
    "optimizer.kind=sgd optimizer.weight_decay=0.01",
    "optimizer.kind=sgd optimizer.momentum=0.9",
    "optimizer.kind=sgd optimizer.momentum=0.9 optimizer.nesterov=yes",
    "optimizer.kind=adam optimizer.weight_decay=0.01",
    "optimizer.kind=adamw optimizer.weight_decay=0.01",
    "optimizer.kind=rmsprop optimizer.weight_decay=0.01",
    "optimizer.kind=rmsprop optimizer.momentum=0.9",
};
enum { METHODS = sizeof all_methods / sizeof all_methods[0] };

/* An f64 norm of some thousand squares, each sum rounded: 1e4 x 2^-53. */
static const double f64_norm = 1e-12;

static void threads_change_no_bit(void) {
  for (int m = 0; m < METHODS; m++) {
    optimizer_fixture one;
    optimizer_fixture_create(&one, all_methods[m], 2, 1);
    optimizer_fixture_run(&one, 0, 3);
    int most = m == 0 ? 3 : 2; /* more threads than cores are slow */
    for (int threads = 2; threads <= most; threads++) {
      optimizer_fixture many;
      optimizer_fixture_create(&many, all_methods[m], 2, threads);
      optimizer_fixture_run(&many, 0, 3);
      CHECK_SAME_BITS(many.values, one.values, lks_params_value_count(one.params));
      optimizer_fixture_destroy(&many);
    }
    optimizer_fixture_destroy(&one);
  }
}

static void every_table_gives_the_same_bits(void) {
  int tables = 0;
  const lks_kernels *const *all = lks_kernels_all(LKS_PRECISION_F32, &tables);
  for (int m = 0; m < METHODS; m++) {
    optimizer_fixture first;
    optimizer_fixture_create_on(&first, all[0], all_methods[m], 1, 1);
    optimizer_fixture_run(&first, 0, 3);
    for (int t = 1; t < tables; t++) {
      optimizer_fixture other;
      optimizer_fixture_create_on(&other, all[t], all_methods[m], 1, 1);
      optimizer_fixture_run(&other, 0, 3);
      CHECK_SAME_BITS(other.values, first.values, lks_params_value_count(first.params));
      optimizer_fixture_destroy(&other);
    }
    optimizer_fixture_destroy(&first);
  }
}

static void step_reports_norm_of_mean_gradient(void) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, "optimizer.kind=sgd optimizer.clip=0.125", 0, 2);
  optimizer_fixture_fill(&fixture, 1);
  long double squares = 0;
  for (size_t i = 0; i < lks_params_gradient_count(fixture.params); i++)
    squares += (long double)fixture.gradient[i] * (long double)fixture.gradient[i];
  double norm = 0;
  CHECK_OK(lks_optimizer_step(fixture.optimizer, &(lks_gradient){fixture.gradient, NULL, NULL},
                              5, 0.1, &norm));
  CHECK_CLOSE(norm, (double)(sqrtl(squares) / 5), f64_norm);
  CHECK(norm > 1);
  optimizer_fixture_destroy(&fixture);
}

static void given_squares_save_a_pass_and_change_no_bit(void) {
  for (int uses = 0; uses <= 3; uses += 3) {
    optimizer_fixture fixture[2];
    double norm[2], squares[FIXTURE_GRADIENT_MAX / LKS_NORM_BLOCK];
    for (int given = 0; given < 2; given++) {
      optimizer_fixture *f = &fixture[given];
      optimizer_fixture_create(f, "optimizer.kind=sgd optimizer.clip=0.125", uses, 2);
      optimizer_fixture_fill(f, 1);
      int tables;
      size_t blocks = lks_params_gradient_count(f->params) / LKS_NORM_BLOCK;
      lks_kernels_all(LKS_PRECISION_F32, &tables)[0]->norm_blocks(blocks, f->gradient, squares);
      CHECK_OK(lks_optimizer_step(f->optimizer,
                                  &(lks_gradient){f->gradient, given ? squares : NULL, NULL}, 5,
                                  0.1, &norm[given]));
    }
    CHECK(norm[0] == norm[1]);
    CHECK_SAME_BITS(fixture[0].values, fixture[1].values,
                    lks_params_value_count(fixture[0].params));
    /* They are really used: parameter 0 has one use. */
    squares[0] += 1e6;
    CHECK_OK(lks_optimizer_step(fixture[1].optimizer,
                                &(lks_gradient){fixture[1].gradient, squares, NULL}, 5, 0.1,
                                &norm[1]));
    CHECK(norm[1] > 200);
    for (int given = 0; given < 2; given++)
      optimizer_fixture_destroy(&fixture[given]);
  }
}

/* Blocks of +0 without a mark: passed over where the method lets them rest, else not. */
static void marks_change_no_bit(void) {
  for (int m = 0; m < METHODS; m++) {
    optimizer_fixture fixture[2];
    double norm[2];
    for (int marked = 0; marked < 2; marked++) {
      optimizer_fixture *f = &fixture[marked];
      uint8_t marks[FIXTURE_GRADIENT_MAX / LKS_PARAMS_GRAIN] = {0};
      optimizer_fixture_create(f, all_methods[m], 1, 2);
      for (uint32_t step = 0; step < 3; step++) {
        optimizer_fixture_fill(f, step);
        for (size_t b = 0; b < lks_params_gradient_count(f->params) / LKS_PARAMS_GRAIN; b++) {
          marks[b] = (b + step) % 3 != 0;
          if (!marks[b])
            memset(f->gradient + b * LKS_PARAMS_GRAIN, 0, LKS_PARAMS_GRAIN * sizeof(float));
        }
        CHECK_OK(lks_optimizer_step(f->optimizer,
                                    &(lks_gradient){f->gradient, NULL, marked ? marks : NULL},
                                    5, 0.1, &norm[marked]));
      }
    }
    CHECK(norm[0] == norm[1]);
    CHECK_SAME_BITS(fixture[0].values, fixture[1].values,
                    lks_params_value_count(fixture[0].params));
    for (int marked = 0; marked < 2; marked++)
      optimizer_fixture_destroy(&fixture[marked]);
  }
}

/* What lies in a block without a mark is not looked at, where the method lets it rest. */
static void sgd_passes_over_blocks_without_a_mark(void) {
  optimizer_fixture f;
  uint8_t marks[FIXTURE_GRADIENT_MAX / LKS_PARAMS_GRAIN] = {0, 1};
  float before[2 * LKS_PARAMS_GRAIN];
  double norm;
  optimizer_fixture_create(&f, "optimizer.kind=sgd", 0, 2);
  CHECK(lks_params_value_count(f.params) >= 2 * LKS_PARAMS_GRAIN);
  optimizer_fixture_fill(&f, 0);
  memcpy(before, f.values, sizeof before);
  CHECK_OK(
      lks_optimizer_step(f.optimizer, &(lks_gradient){f.gradient, NULL, marks}, 1, 0.1, &norm));
  CHECK_SAME_BITS(f.values, before, LKS_PARAMS_GRAIN);
  CHECK(memcmp(f.values + LKS_PARAMS_GRAIN, before + LKS_PARAMS_GRAIN,
               LKS_PARAMS_GRAIN * sizeof(float)) != 0);
  optimizer_fixture_destroy(&f);
}

static void clip_scale_is_the_mean_up_to_the_limit(void) {
  CHECK(lks_clip_scale(4, 5, 0) == 0.25f);
  CHECK(lks_clip_scale(4, 5, 5) == 0.25f);
  CHECK(lks_clip_scale(4, 5, nextafter(5, 6)) == 0.25f);
  CHECK(lks_clip_scale(4, 5, 5.03) == 0.25f);
  CHECK(lks_clip_scale(4, 5, 2.5) == 0.125f);
  CHECK(lks_clip_scale(1, 5, 5 * (1 - 0x1p-24)) < 1);
  CHECK(lks_clip_scale(3, 1, 2) == (float)(1.0 / 3));
  CHECK(lks_clip_scale(3, 0, 2) == (float)(1.0 / 3));
}

static void clip_scale_is_rounded_once(void) {
  int rounded_twice = 0;
  for (int terms = 3; terms < 300; terms += 2) {
    float once = (float)(1.0 / terms * (5.0 / 7));
    CHECK(lks_clip_scale(terms, 7, 5) == once);
    rounded_twice += (float)(1.0 / terms) * (float)(5.0 / 7) != once;
  }
  CHECK(rounded_twice > 0); /* so the terms above tell the two apart */
}

/* One step of plain sgd on gradient (3, 4) in one parameter, summed over `terms`. */
static void step_from_zero(const char *settings, float factor, double terms, float weights[2]) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, settings, 0, 1);
  memset(fixture.values, 0, lks_params_value_count(fixture.params) * sizeof(float));
  fixture.gradient[0] = 3 * factor;
  fixture.gradient[1] = 4 * factor;
  double norm = 0;
  CHECK_OK(lks_optimizer_step(fixture.optimizer, &(lks_gradient){fixture.gradient, NULL, NULL},
                              terms, 1, &norm));
  CHECK(norm == 5 * (double)factor / terms);
  weights[0] = fixture.values[0];
  weights[1] = fixture.values[1];
  optimizer_fixture_destroy(&fixture);
}

static void gradients_are_shortened_only_above_the_limit(void) {
  static const float whole[] = {-3, -4};
  static const float half[] = {-1.5F, -2};
  float weights[2];
  step_from_zero("optimizer.kind=sgd", 1, 1, weights);
  CHECK_SAME_BITS(weights, whole, 2);
  step_from_zero("optimizer.kind=sgd optimizer.clip=5", 1, 1, weights);
  CHECK_SAME_BITS(weights, whole, 2);
  step_from_zero("optimizer.kind=sgd optimizer.clip=5", 16, 16, weights);
  CHECK_SAME_BITS(weights, whole, 2);
  step_from_zero("optimizer.kind=sgd optimizer.clip=5", 2, 1, weights);
  CHECK_SAME_BITS(weights, whole, 2);
  step_from_zero("optimizer.kind=sgd optimizer.clip=2.5", 1, 1, weights);
  CHECK_SAME_BITS(weights, half, 2);
}

static void uses_are_added_in_order_before_the_norm(void) {
  optimizer_fixture tied;
  optimizer_fixture plain;
  optimizer_fixture_create(&tied, "optimizer.clip=0.5", 3, 2);
  optimizer_fixture_create(&plain, "optimizer.clip=0.5", 0, 1);
  optimizer_fixture_fill(&tied, 3);
  size_t plain_count = lks_params_gradient_count(plain.params);
  memcpy(plain.gradient, tied.gradient, plain_count * sizeof(float));
  for (int u = 0; u < lks_params_use_count(tied.params); u++) {
    const lks_param_use *use = lks_params_use_at(tied.params, u);
    const lks_param *param = lks_params_at(plain.params, use->param);
    for (size_t i = 0; i < param->count; i++)
      plain.gradient[param->offset + i] += tied.gradient[use->offset + i];
  }

  static float before[FIXTURE_GRADIENT_MAX];
  size_t count = lks_params_gradient_count(tied.params);
  CHECK(count <= FIXTURE_GRADIENT_MAX);
  memcpy(before, tied.gradient, count * sizeof(float));
  double tied_norm = 0;
  double plain_norm = 0;
  CHECK_OK(lks_optimizer_step(tied.optimizer, &(lks_gradient){tied.gradient, NULL, NULL}, 4,
                              0.1, &tied_norm));
  CHECK_OK(lks_optimizer_step(plain.optimizer, &(lks_gradient){plain.gradient, NULL, NULL}, 4,
                              0.1, &plain_norm));
  CHECK(tied_norm == plain_norm);
  CHECK_SAME_BITS(tied.values, plain.values, lks_params_value_count(plain.params));
  CHECK_SAME_BITS(tied.gradient, before, count);
  optimizer_fixture_destroy(&plain);
  optimizer_fixture_destroy(&tied);
}

static void padding_stays_zero(void) {
  for (int m = 0; m < METHODS; m++) {
    optimizer_fixture fixture;
    optimizer_fixture_create(&fixture, all_methods[m], 1, 2);
    optimizer_fixture_run(&fixture, 0, 3);
    size_t end = 0;
    int nonzero = 0;
    for (int p = 0; p < FIXTURE_PARAMS; p++) {
      const lks_param *param = lks_params_at(fixture.params, p);
      for (size_t i = end; i < param->offset; i++)
        nonzero += fixture.values[i] != 0;
      end = param->offset + param->count;
    }
    CHECK_EQUAL(nonzero, 0);
    optimizer_fixture_destroy(&fixture);
  }
}

static void gradient_that_is_not_finite_changes_nothing(void) {
  static const float bad[] = {NAN, INFINITY, -INFINITY};
  for (int b = 0; b < 3; b++) {
    optimizer_fixture hit;
    optimizer_fixture spared;
    optimizer_fixture_create(&hit, "optimizer.kind=adam optimizer.clip=1", 1, 2);
    optimizer_fixture_create(&spared, "optimizer.kind=adam optimizer.clip=1", 1, 2);
    optimizer_fixture_run(&hit, 0, 2);
    optimizer_fixture_run(&spared, 0, 2);
    optimizer_fixture_fill(&hit, 2);
    hit.gradient[lks_params_use_at(hit.params, 0)->offset + 3] = bad[b];
    double norm = 0;
    CHECK_OK(lks_optimizer_step(hit.optimizer, &(lks_gradient){hit.gradient, NULL, NULL}, 8,
                                0.1, &norm));
    CHECK(!isfinite(norm));
    CHECK_EQUAL(lks_optimizer_steps(hit.optimizer), 2);
    optimizer_fixture_run(&hit, 3, 2);
    optimizer_fixture_run(&spared, 3, 2);
    CHECK_SAME_BITS(hit.values, spared.values, lks_params_value_count(hit.params));
    optimizer_fixture_destroy(&spared);
    optimizer_fixture_destroy(&hit);
  }
}

static void restored_state_continues_identically(void) {
  for (int m = 0; m < METHODS; m++) {
    optimizer_fixture whole;
    optimizer_fixture first;
    optimizer_fixture second;
    optimizer_fixture_create(&whole, all_methods[m], 1, 1);
    optimizer_fixture_create(&first, all_methods[m], 1, 1);
    optimizer_fixture_create(&second, all_methods[m], 1, 2);
    size_t bytes = lks_params_value_count(whole.params) * sizeof(float);
    optimizer_fixture_run(&whole, 0, 6);
    optimizer_fixture_run(&first, 0, 3);
    memcpy(second.values, first.values, bytes);
    for (int i = 0; i < lks_optimizer_state_count(first.optimizer); i++)
      memcpy(lks_optimizer_state(second.optimizer, i), lks_optimizer_state(first.optimizer, i),
             bytes);
    lks_optimizer_set_steps(second.optimizer, lks_optimizer_steps(first.optimizer));
    optimizer_fixture_run(&second, 3, 3);
    CHECK_SAME_BITS(second.values, whole.values, bytes / sizeof(float));
    CHECK_EQUAL(lks_optimizer_steps(second.optimizer), 6);
    optimizer_fixture_destroy(&second);
    optimizer_fixture_destroy(&first);
    optimizer_fixture_destroy(&whole);
  }
}

static void state_is_named_and_only_kept_where_needed(void) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, "optimizer.kind=sgd", 0, 1);
  CHECK_EQUAL(lks_optimizer_state_count(fixture.optimizer), 0);
  optimizer_fixture_destroy(&fixture);
  optimizer_fixture_create(&fixture, "optimizer.kind=sgd optimizer.momentum=0.5", 0, 1);
  CHECK_EQUAL(lks_optimizer_state_count(fixture.optimizer), 1);
  CHECK_TEXT(lks_optimizer_state_name(fixture.optimizer, 0), "velocity");
  optimizer_fixture_destroy(&fixture);
  optimizer_fixture_create(&fixture, "optimizer.kind=adamw", 0, 1);
  CHECK_EQUAL(lks_optimizer_state_count(fixture.optimizer), 2);
  CHECK_TEXT(lks_optimizer_state_name(fixture.optimizer, 0), "first_moment");
  CHECK_TEXT(lks_optimizer_state_name(fixture.optimizer, 1), "second_moment");
  optimizer_fixture_destroy(&fixture);
  optimizer_fixture_create(&fixture, "optimizer.kind=rmsprop", 0, 1);
  CHECK_EQUAL(lks_optimizer_state_count(fixture.optimizer), 1);
  CHECK_TEXT(lks_optimizer_state_name(fixture.optimizer, 0), "mean_square");
  optimizer_fixture_destroy(&fixture);
  optimizer_fixture_create(&fixture, "optimizer.kind=rmsprop optimizer.momentum=0.5", 0, 1);
  CHECK_EQUAL(lks_optimizer_state_count(fixture.optimizer), 2);
  CHECK_TEXT(lks_optimizer_state_name(fixture.optimizer, 1), "velocity");
  optimizer_fixture_destroy(&fixture);
}

/* Marks as an embedding leaves them, here of block 1 of weight_0 and of the extra use of
 * weight_1 alone, spare the work and nothing else. */
static void marked_uses_are_not_passed_over(void) {
  optimizer_fixture plain, marked;
  uint8_t marks[FIXTURE_GRADIENT_MAX / LKS_PARAMS_GRAIN] = {0};
  double norms[2];
  optimizer_fixture_create(&plain, "optimizer.kind=sgd optimizer.clip=0.5", 1, 2);
  optimizer_fixture_create(&marked, "optimizer.kind=sgd optimizer.clip=0.5", 1, 2);
  size_t use = lks_params_use_at(plain.params, 0)->offset;
  CHECK_EQUAL(lks_params_use_at(plain.params, 0)->param, 1);
  for (size_t i = 0; i < 40; i++) {
    plain.gradient[LKS_PARAMS_GRAIN + i] = marked.gradient[LKS_PARAMS_GRAIN + i] = (float)i / 8;
    plain.gradient[use + i] = marked.gradient[use + i] = 1 - (float)i / 16;
  }
  marks[1] = marks[use / LKS_PARAMS_GRAIN] = 1;
  CHECK_OK(lks_optimizer_step(plain.optimizer, &(lks_gradient){plain.gradient, NULL, NULL}, 8,
                              0.25, &norms[0]));
  CHECK_OK(lks_optimizer_step(marked.optimizer, &(lks_gradient){marked.gradient, NULL, marks},
                              8, 0.25, &norms[1]));
  CHECK(norms[0] > 0 && norms[0] == norms[1]);
  CHECK_SAME_BITS(marked.values, plain.values, lks_params_value_count(plain.params));
  optimizer_fixture_destroy(&plain);
  optimizer_fixture_destroy(&marked);
}

static void step_allocates_nothing(void) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, "optimizer.kind=adam", 2, 2);
  size_t before = lks_allocation_count();
  optimizer_fixture_run(&fixture, 0, 2);
  CHECK_EQUAL(lks_allocation_count(), before);
  optimizer_fixture_destroy(&fixture);
}

static void create_survives_every_failed_allocation(void) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, "optimizer.kind=adam", 1, 1);
  const lks_kernels *kernels = NULL;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  for (size_t n = 1; n <= 6; n++) {
    lks_optimizer *optimizer = NULL;
    lks_allocation_fail_at(n);
    CHECK_EQUAL(lks_optimizer_create(&optimizer, fixture.config, fixture.params, kernels, 1),
                LKS_NO_MEMORY);
    CHECK(optimizer == NULL);
  }
  lks_allocation_fail_at(0);
  optimizer_fixture_destroy(&fixture);
}

static void nesterov_without_momentum_is_refused(void) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, "optimizer.kind=sgd", 0, 1);
  lks_config *config = optim_config_create("optimizer.kind=sgd optimizer.nesterov=yes");
  const lks_kernels *kernels = NULL;
  lks_optimizer *optimizer = NULL;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  CHECK_FAILS(lks_optimizer_create(&optimizer, config, fixture.params, kernels, 1), LKS_USAGE,
              "expected momentum above 0");
  CHECK(optimizer == NULL);
  lks_config_destroy(config);
  optimizer_fixture_destroy(&fixture);
}

static void keys_refuse_values_out_of_range(void) {
  static const char *const refused[] = {
      "optimizer.kind=adamv",      "optimizer.learning_rate=-1", "optimizer.momentum=1",
      "optimizer.beta1=1",         "optimizer.beta2=-0.1",       "optimizer.epsilon=0",
      "optimizer.weight_decay=-1", "optimizer.clip=-1",          "optimizer.alpha=1",
      "optimizer.average=1",       "optimizer.average=-0.1",
  };
  lks_config *config = optim_config_create("");
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++)
    CHECK_FAILS(lks_config_set(config, refused[i]), LKS_USAGE, "[optimizer]");
  lks_config_destroy(config);
}

const lks_test optimizer_tests[] = {
    TEST(threads_change_no_bit),
    TEST(marked_uses_are_not_passed_over),
    TEST(every_table_gives_the_same_bits),
    TEST(step_reports_norm_of_mean_gradient),
    TEST(given_squares_save_a_pass_and_change_no_bit),
    TEST(marks_change_no_bit),
    TEST(sgd_passes_over_blocks_without_a_mark),
    TEST(clip_scale_is_the_mean_up_to_the_limit),
    TEST(clip_scale_is_rounded_once),
    TEST(gradients_are_shortened_only_above_the_limit),
    TEST(uses_are_added_in_order_before_the_norm),
    TEST(padding_stays_zero),
    TEST(gradient_that_is_not_finite_changes_nothing),
    TEST(restored_state_continues_identically),
    TEST(state_is_named_and_only_kept_where_needed),
    TEST(step_allocates_nothing),
    TEST(create_survives_every_failed_allocation),
    TEST(nesterov_without_momentum_is_refused),
    TEST(keys_refuse_values_out_of_range),
    TEST_END,
};
