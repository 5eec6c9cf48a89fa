/* SPDX-License-Identifier: Apache-2.0 */
/* test_updates.c - the optimisers' arithmetic and the blocks of a norm: the documented
 * order replayed bit for bit, and the textbook equations in double. */
#include "base/memory.h"
#include "check.h"
#include "oracle_product.h"

#include <math.h>
#include <string.h>

static const size_t sizes[] = {1, 3, 15, 16, 17, 64, 65, 200, 1000};
enum { SIZES = sizeof sizes / sizeof *sizes, N = 1000, GUARD = N, STEPS = 5 };

/* Five steps of a few roundings each on weights below 2. */
static const double UPDATE_TOLERANCE = 2e-6;

/* Moments are squares in Adam: never negative. */
typedef struct {
  float *gradient, *weights, *first, *second;
} arrays;

static arrays make_arrays(void) {
  arrays a = {lks_test_numbers(N + 1, 3.0f, 1), lks_test_numbers(N + 1, 1.0f, 2),
              lks_test_numbers(N + 1, 0.1f, 3), lks_test_numbers(N + 1, 0.1f, 4)};
  for (int i = 0; i < N; i++)
    a.second[i] = fabsf(a.second[i]);
  return a;
}

static void release_arrays(arrays *a) {
  lks_release(a->gradient);
  lks_release(a->weights);
  lks_release(a->first);
  lks_release(a->second);
}

static void check_same(const arrays *found, const arrays *expected) {
  CHECK_SAME_BITS(found->weights, expected->weights, N + 1);
  CHECK_SAME_BITS(found->first, expected->first, N + 1);
  CHECK_SAME_BITS(found->second, expected->second, N + 1);
}

static const lks_sgd_step sgd_steps[] = {
    {.learning_rate = 0.1f, .scale = 0.25f},
    {.learning_rate = 0.1f, .momentum = 0.9f, .weight_decay = 0.01f, .scale = 0.3f},
    {.learning_rate = 0.1f, .momentum = 0.9f, .scale = 1.0f, .nesterov = true},
};

static void replay_sgd(const lks_sgd_step *s, size_t n, arrays *a, bool with_velocity) {
  for (size_t i = 0; i < n; i++) {
    const float scaled = a->gradient[i] * s->scale;
    const float g = fmaf(s->weight_decay, a->weights[i], scaled);
    float u = g;
    if (with_velocity) {
      a->first[i] = fmaf(s->momentum, a->first[i], g);
      u = s->nesterov ? fmaf(s->momentum, a->first[i], g) : a->first[i];
    }
    a->weights[i] = fmaf(-s->learning_rate, u, a->weights[i]);
  }
}

static void sgd_is_the_documented_order(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < 3; s++)
      for (int i = 0; i < SIZES; i++) {
        arrays expected = make_arrays(), found = make_arrays();
        const bool with_velocity = s > 0;
        replay_sgd(&sgd_steps[s], sizes[i], &expected, with_velocity);
        tables[t]->sgd(&sgd_steps[s], sizes[i], found.gradient, found.weights,
                       with_velocity ? found.first : NULL);
        check_same(&found, &expected);
        release_arrays(&expected);
        release_arrays(&found);
      }
}

static void sgd_follows_momentum_in_double(void) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  for (int s = 1; s < 3; s++) {
    const lks_sgd_step *step = &sgd_steps[s];
    const double momentum = (double)step->momentum;
    arrays a = make_arrays();
    double w[N], v[N];
    for (int i = 0; i < N; i++) {
      w[i] = (double)a.weights[i];
      v[i] = (double)a.first[i];
    }
    for (int k = 0; k < STEPS; k++) {
      kernels->sgd(step, N, a.gradient, a.weights, a.first);
      for (int i = 0; i < N; i++) {
        const double g =
            (double)a.gradient[i] * (double)step->scale + (double)step->weight_decay * w[i];
        v[i] = momentum * v[i] + g;
        w[i] -= (double)step->learning_rate * (step->nesterov ? g + momentum * v[i] : v[i]);
      }
    }
    for (int i = 0; i < N; i++)
      CHECK_CLOSE(a.weights[i], w[i], UPDATE_TOLERANCE);
    release_arrays(&a);
  }
}

static const lks_adam_step adam_steps[] = {
    {0.01f, 0.9f, 0.999f, 1.5f, 1e-8f, 0.0f, 1.0f, 0.25f},
    {0.01f, 0.9f, 0.98f, 2.0f, 1e-6f, 0.1f, 1.0f, 1.0f},
    {0.01f, 0.8f, 0.999f, 3.0f, 1e-8f, 0.0f, 0.99f, 0.5f},
};

static void replay_adam(const lks_adam_step *s, size_t n, arrays *a) {
  for (size_t i = 0; i < n; i++) {
    float w = a->weights[i], g = a->gradient[i] * s->scale;
    if (s->shrink != 1.0f)
      w *= s->shrink;
    if (s->weight_decay != 0.0f)
      g = fmaf(s->weight_decay, w, g);
    const float beta1_m = s->beta1 * a->first[i], beta2_v = s->beta2 * a->second[i];
    a->first[i] = fmaf(1.0f - s->beta1, g, beta1_m);
    const float part = (1.0f - s->beta2) * g;
    a->second[i] = fmaf(part, g, beta2_v);
    const float root = fmaf(sqrtf(a->second[i]), s->root_correction, s->epsilon);
    a->weights[i] = fmaf(-s->step_size, a->first[i] / root, w);
  }
}

static void adam_is_the_documented_order(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < 3; s++)
      for (int i = 0; i < SIZES; i++) {
        arrays expected = make_arrays(), found = make_arrays();
        replay_adam(&adam_steps[s], sizes[i], &expected);
        tables[t]->adam(&adam_steps[s], sizes[i], found.gradient, found.weights, found.first,
                        found.second);
        check_same(&found, &expected);
        release_arrays(&expected);
        release_arrays(&found);
      }
}

/* Kingma and Ba 2015, algorithm 1, from moments of zero; the corrections are its own. */
static void adam_follows_its_paper_in_double(void) {
  int count;
  const lks_kernels *kernels = lks_kernels_all(LKS_PRECISION_F32, &count)[0];
  const double rate = 0.01, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;
  arrays a = make_arrays();
  double w[N], m[N] = {0.0}, v[N] = {0.0};
  memset(a.first, 0, N * sizeof(float));
  memset(a.second, 0, N * sizeof(float));
  for (int i = 0; i < N; i++)
    w[i] = (double)a.weights[i];
  for (int k = 1; k <= STEPS; k++) {
    const double correction1 = 1 - pow(beta1, k), correction2 = 1 - pow(beta2, k);
    const lks_adam_step step = {.step_size = (float)(rate / correction1),
                                .beta1 = (float)beta1,
                                .beta2 = (float)beta2,
                                .root_correction = (float)(1 / sqrt(correction2)),
                                .epsilon = (float)epsilon,
                                .shrink = 1.0f,
                                .scale = 1.0f / (float)k};
    kernels->adam(&step, N, a.gradient, a.weights, a.first, a.second);
    for (int i = 0; i < N; i++) {
      const double g = (double)a.gradient[i] / k;
      m[i] = beta1 * m[i] + (1 - beta1) * g;
      v[i] = beta2 * v[i] + (1 - beta2) * g * g;
      w[i] -= rate * (m[i] / correction1) / (sqrt(v[i] / correction2) + epsilon);
    }
  }
  for (int i = 0; i < N; i++)
    CHECK_CLOSE(a.weights[i], w[i], UPDATE_TOLERANCE);
  release_arrays(&a);
}

static void replay_rmsprop(const lks_rmsprop_step *s, size_t n, arrays *a, float *buffer) {
  for (size_t i = 0; i < n; i++) {
    float g = a->gradient[i] * s->scale;
    if (s->weight_decay != 0.0f)
      g = fmaf(s->weight_decay, a->weights[i], g);
    const float kept = s->alpha * a->second[i], part = (1.0f - s->alpha) * g;
    a->second[i] = fmaf(part, g, kept);
    const float root = sqrtf(a->second[i]) + s->epsilon;
    float move = g / root;
    if (buffer != NULL)
      move = buffer[i] = fmaf(s->momentum, buffer[i], move);
    a->weights[i] = fmaf(-s->learning_rate, move, a->weights[i]);
  }
}

static void rmsprop_is_the_documented_order(void) {
  static const lks_rmsprop_step steps[] = {
      {.learning_rate = 0.01f, .alpha = 0.99f, .epsilon = 1e-8f, .scale = 0.25f},
      {.learning_rate = 0.02f,
       .alpha = 0.9f,
       .momentum = 0.9f,
       .epsilon = 1e-6f,
       .weight_decay = 0.1f,
       .scale = 1.0f},
  };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++)
    for (int s = 0; s < 2; s++)
      for (int i = 0; i < SIZES; i++) {
        arrays expected = make_arrays(), found = make_arrays();
        replay_rmsprop(&steps[s], sizes[i], &expected, s == 1 ? expected.first : NULL);
        tables[t]->rmsprop(&steps[s], sizes[i], found.gradient, found.weights, found.second,
                           s == 1 ? found.first : NULL);
        check_same(&found, &expected);
        release_arrays(&expected);
        release_arrays(&found);
      }
}

static void average_is_the_documented_order(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++)
    for (int i = 0; i < SIZES; i++) {
      arrays expected = make_arrays(), found = make_arrays();
      for (size_t j = 0; j < sizes[i]; j++) {
        const float way = expected.weights[j] - expected.first[j];
        expected.first[j] = fmaf(0.125f, way, expected.first[j]);
      }
      tables[t]->average(0.125f, sizes[i], found.weights, found.first);
      check_same(&found, &expected);
      release_arrays(&expected);
      release_arrays(&found);
    }
}

static void norm_blocks_add_in_the_documented_order(void) {
  enum { BLOCKS = 3 };
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  float *x = lks_test_numbers(BLOCKS * 1024, 1e3f, 11);
  for (int t = 0; t < count; t++) {
    double found[BLOCKS + 1] = {[BLOCKS] = 5.0};
    tables[t]->norm_blocks(BLOCKS, x, found);
    for (int b = 0; b < BLOCKS; b++) {
      double lane[16] = {0.0};
      for (int i = 0; i < 1024; i++)
        lane[i & 15] += (double)x[b * 1024 + i] * (double)x[b * 1024 + i]; /* exact product */
      for (int half = 8; half > 0; half /= 2)
        for (int j = 0; j < half; j++)
          lane[j] += lane[j + half];
      CHECK(found[b] == lane[0]);
    }
    CHECK(found[BLOCKS] == 5.0);
  }
  lks_release(x);
}

static void added_blocks_are_the_sum_and_its_norm_blocks(void) {
  enum { BLOCKS = 3, LENGTH = BLOCKS * LKS_NORM_BLOCK, BEHIND = 16 };
  static _Alignas(64) float found[LENGTH + BEHIND];
  static float expected[LENGTH];
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  float *a = lks_test_numbers(LENGTH, 1e3f, 12), *b = lks_test_numbers(LENGTH, 1.0f, 13);
  for (int i = 0; i < LENGTH; i++)
    expected[i] = a[i] + b[i];
  for (int t = 0; t < count; t++) {
    double squares[BLOCKS + 1] = {[BLOCKS] = 5.0}, own[BLOCKS];
    for (int i = 0; i < BEHIND; i++)
      found[LENGTH + i] = 7.0f;
    tables[t]->add_blocks(BLOCKS, a, b, found, squares);
    tables[t]->norm_blocks(BLOCKS, expected, own);
    CHECK_SAME_BITS(found, expected, LENGTH);
    CHECK(memcmp(squares, own, sizeof own) == 0);
    CHECK(squares[BLOCKS] == 5.0);
    for (int i = 0; i < BEHIND; i++)
      CHECK(found[LENGTH + i] == 7.0f);
  }
  lks_release(b);
  lks_release(a);
}

/* Every chain goes to 1/2, where it stays. */
static void peak_counts_what_it_does(void) {
  const lks_kernels *tables[EXACT_TABLES_MAX];
  const int count = lks_test_exact_tables(tables);
  for (int t = 0; t < count; t++) {
    float sum = 0.0f, again = 0.0f;
    const double operations = tables[t]->peak(50, &sum);
    CHECK(tables[t]->peak(150, &again) == 3 * operations);
    const double chains = 2 * (double)sum, each = operations / 50 / 2 / chains;
    CHECK(again == sum && chains >= 1 && chains == floor(chains));
    CHECK(each >= 1 && each == floor(each)); /* lanes of a chain */
  }
}

const lks_test updates_tests[] = {
    TEST(sgd_is_the_documented_order),
    TEST(sgd_follows_momentum_in_double),
    TEST(adam_is_the_documented_order),
    TEST(adam_follows_its_paper_in_double),
    TEST(rmsprop_is_the_documented_order),
    TEST(average_is_the_documented_order),
    TEST(norm_blocks_add_in_the_documented_order),
    TEST(peak_counts_what_it_does),
    TEST(added_blocks_are_the_sum_and_its_norm_blocks),
    TEST_END,
};
