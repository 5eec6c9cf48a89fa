/* SPDX-License-Identifier: Apache-2.0 */
/* test_methods.c - every method against its textbook formula in f64, which shares no
 * line with the kernels, and against weights that PyTorch found. */
#include "../../golden/optimizer_golden.h"

#include "base/memory.h"
#include "check.h"
#include "optimizer_fixture.h"

#include <math.h>
#include <string.h>

/* Weights stay below 4 and 10 steps round each of them about 4 times: 40 x 4 x 2^-24
 * is 1e-5 if all err to one side; they do not. */
static const double ten_steps_in_f32 = 4e-6;

enum { ORACLE_STEPS = 10 };

/* The method under test; betas and rate are exact in f32. */
typedef struct {
  const char *settings;
  bool adam;
  bool rmsprop;
  double momentum;
  bool nesterov;
  double added_decay;     /* joins the gradient */
  double decoupled_decay; /* taken off the weight */
} oracle;

static const double rate = 0.0625;
static const double terms = 8;
static const double beta1 = 0.875;
static const double beta2 = 0.9921875;
static const double epsilon = 0x1p-10;

/* One weight through all steps: the formulas as in the papers. */
static double follow(const oracle *method, const optimizer_fixture *fixture, int p, size_t i,
                     double weight, const float *gradients) {
  double velocity = 0;
  double first = 0;
  double second = 0;
  bool decays = p != FIXTURE_PARAMS - 1;
  for (int step = 0; step < ORACLE_STEPS; step++) {
    size_t place = lks_params_at(fixture->params, p)->offset + i;
    size_t stride = lks_params_gradient_count(fixture->params);
    double g = (double)gradients[(size_t)step * stride + place] / terms;
    g += decays ? method->added_decay * weight : 0;
    if (method->adam) {
      first = beta1 * first + (1 - beta1) * g;
      second = beta2 * second + (1 - beta2) * g * g;
      double first_unbiased = first / (1 - pow(beta1, step + 1));
      double second_unbiased = second / (1 - pow(beta2, step + 1));
      weight -= decays ? rate * method->decoupled_decay * weight : 0;
      weight -= rate * first_unbiased / (sqrt(second_unbiased) + epsilon);
    } else if (method->rmsprop) {
      second = beta2 * second + (1 - beta2) * g * g;
      velocity = method->momentum * velocity + g / (sqrt(second) + epsilon);
      weight -= rate * velocity;
    } else {
      velocity = method->momentum * velocity + g;
      weight -= rate * (method->nesterov ? g + method->momentum * velocity : velocity);
    }
  }
  return weight;
}

static void check_against_formula(const oracle *method) {
  optimizer_fixture fixture;
  optimizer_fixture_create(&fixture, method->settings, 0, 1);
  size_t stride = lks_params_gradient_count(fixture.params);
  size_t count = lks_params_value_count(fixture.params);
  float *gradients = NULL;
  float *start = NULL;
  CHECK_OK(lks_allocate(&gradients, ORACLE_STEPS * stride, sizeof(float)));
  CHECK_OK(lks_allocate(&start, count, sizeof(float)));
  memcpy(start, fixture.values, count * sizeof(float));
  for (int step = 0; step < ORACLE_STEPS; step++) {
    optimizer_fixture_fill(&fixture, (uint32_t)step);
    memcpy(gradients + (size_t)step * stride, fixture.gradient, stride * sizeof(float));
  }
  optimizer_fixture_run(&fixture, 0, ORACLE_STEPS);

  for (int p = 0; p < FIXTURE_PARAMS; p++) {
    const lks_param *param = lks_params_at(fixture.params, p);
    double worst = 0;
    for (size_t i = 0; i < param->count; i++) {
      size_t place = param->offset + i;
      double expected = follow(method, &fixture, p, i, (double)start[place], gradients);
      worst = fmax(worst, fabs((double)fixture.values[place] - expected));
    }
    CHECK_CLOSE(worst, 0, ten_steps_in_f32);
  }
  lks_release(start);
  lks_release(gradients);
  optimizer_fixture_destroy(&fixture);
}

static void sgd_follows_its_formula(void) {
  check_against_formula(&(oracle){.settings = "optimizer.kind=sgd"});
}

static void sgd_adds_decay_to_the_gradient(void) {
  check_against_formula(&(oracle){.settings = "optimizer.kind=sgd optimizer.weight_decay=0.25",
                                  .added_decay = 0.25});
}

static void momentum_follows_its_formula(void) {
  check_against_formula(
      &(oracle){.settings = "optimizer.kind=sgd optimizer.momentum=0.875", .momentum = 0.875});
}

static void nesterov_follows_its_formula(void) {
  check_against_formula(&(oracle){
      .settings = "optimizer.kind=sgd optimizer.momentum=0.875 optimizer.nesterov=yes",
      .momentum = 0.875,
      .nesterov = true});
}

#define RMSPROP_SETTINGS                                                                       \
  "optimizer.kind=rmsprop optimizer.alpha=0.9921875 optimizer.epsilon=0.0009765625"

/* Divided by a root that begins near 0, steps are up to 11 times the rate, and weights reach
 * 8 where those of other methods stay below 2; errors are below 1e-6 still. */
static void rmsprop_follows_its_formula(void) {
  check_against_formula(&(oracle){.settings = RMSPROP_SETTINGS, .rmsprop = true});
  check_against_formula(&(oracle){.settings = RMSPROP_SETTINGS " optimizer.weight_decay=0.25",
                                  .rmsprop = true,
                                  .added_decay = 0.25});
  check_against_formula(&(oracle){.settings = RMSPROP_SETTINGS " optimizer.momentum=0.5",
                                  .rmsprop = true,
                                  .momentum = 0.5});
}

#define ADAM_SETTINGS                                                                          \
  "optimizer.beta1=0.875 optimizer.beta2=0.9921875 optimizer.epsilon=0.0009765625"

static void adam_follows_its_formula(void) {
  check_against_formula(
      &(oracle){.settings = "optimizer.kind=adam " ADAM_SETTINGS, .adam = true});
}

static void adam_adds_decay_to_the_gradient(void) {
  check_against_formula(
      &(oracle){.settings = "optimizer.kind=adam optimizer.weight_decay=0.25 " ADAM_SETTINGS,
                .adam = true,
                .added_decay = 0.25});
}

static void adamw_takes_decay_off_the_weights(void) {
  check_against_formula(
      &(oracle){.settings = "optimizer.kind=adamw optimizer.weight_decay=0.25 " ADAM_SETTINGS,
                .adam = true,
                .decoupled_decay = 0.25});
}

/* The start and the gradients of make_optimizer_golden.py. */
static float golden_weight(int i) {
  return (float)((i * 37) % 129 - 64) / 64;
}

static float golden_gradient(int i, int step) {
  return (float)((i * 53 + step * 29 + i * step * 7) % 127 - 63) / 64;
}

static void check_against_golden(const optimizer_golden *golden) {
  lks_config *config = optim_config_create(golden->settings);
  lks_params *params = NULL;
  lks_optimizer *optimizer = NULL;
  const lks_kernels *kernels = NULL;
  int index = 0;
  static float values[LKS_PARAMS_GRAIN];
  static float gradient[LKS_PARAMS_GRAIN];
  memset(values, 0, sizeof values);
  memset(gradient, 0, sizeof gradient);
  CHECK_OK(lks_params_create(&params));
  CHECK_OK(lks_params_add(params, "weight", lks_shape_1(GOLDEN_WEIGHTS), 0, &index));
  lks_params_bind(params, values);
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  CHECK_OK(lks_optimizer_create(&optimizer, config, params, kernels, 1));
  for (int i = 0; i < GOLDEN_WEIGHTS; i++)
    values[i] = golden_weight(i);
  for (int step = 0; step < GOLDEN_STEPS; step++) {
    double norm = 0;
    for (int i = 0; i < GOLDEN_WEIGHTS; i++)
      gradient[i] = golden_gradient(i, step);
    CHECK_OK(
        lks_optimizer_step(optimizer, &(lks_gradient){gradient, NULL, NULL}, 1, 0.0625, &norm));
  }
  for (int i = 0; i < GOLDEN_WEIGHTS; i++)
    CHECK_CLOSE(values[i], golden->weights[i], ten_steps_in_f32);
  lks_optimizer_destroy(optimizer);
  lks_params_destroy(params);
  lks_config_destroy(config);
}

static void every_method_agrees_with_pytorch(void) {
  for (size_t i = 0; i < sizeof optimizer_goldens / sizeof optimizer_goldens[0]; i++)
    check_against_golden(&optimizer_goldens[i]);
}

const lks_test methods_tests[] = {
    TEST(sgd_follows_its_formula),          TEST(sgd_adds_decay_to_the_gradient),
    TEST(momentum_follows_its_formula),     TEST(nesterov_follows_its_formula),
    TEST(rmsprop_follows_its_formula),      TEST(adam_follows_its_formula),
    TEST(adam_adds_decay_to_the_gradient),  TEST(adamw_takes_decay_off_the_weights),
    TEST(every_method_agrees_with_pytorch), TEST_END,
};
