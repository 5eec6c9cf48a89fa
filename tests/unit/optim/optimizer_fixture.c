/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_fixture.c - numbers come from Philox, so a step's gradient is the same
 * in every run that a test compares. */
#include "optimizer_fixture.h"

#include "base/arithmetic.h"
#include "base/memory.h"
#include "base/random.h"
#include "check.h"
#include "optim/schedule.h"

#include <stdio.h>
#include <string.h>

static const double fixture_terms = 8; /* tokens that a gradient is the sum over */
static const double fixture_rate = 0.0625;

lks_config *optim_config_create(const char *settings) {
  lks_config *config = NULL;
  CHECK_OK(lks_config_create(&config));
  CHECK_OK(lks_optimizer_register(config));
  CHECK_OK(lks_schedule_register(config));
  char copy[512];
  (void)snprintf(copy, sizeof copy, "%s", settings);
  char *rest = NULL;
  for (char *one = strtok_r(copy, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest))
    CHECK_OK(lks_config_set(config, one));
  return config;
}

static float number(lks_random_purpose purpose, uint32_t step, uint32_t place) {
  uint32_t random[4];
  lks_philox(lks_random_key_of(7), lks_random_counter_of(purpose, 0, 0, step, place, 0),
             random);
  return 2 * lks_random_unit(random[0]) - 1;
}

static void fill(float *range, size_t count, uint32_t step, uint32_t place) {
  for (size_t i = 0; i < count; i++)
    range[i] = number(LKS_RANDOM_TEST, step, place + (uint32_t)i);
}

void optimizer_fixture_create(optimizer_fixture *fixture, const char *settings, int extra_uses,
                              int threads) {
  const lks_kernels *kernels = NULL;
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &kernels));
  optimizer_fixture_create_on(fixture, kernels, settings, extra_uses, threads);
}

void optimizer_fixture_create_on(optimizer_fixture *fixture, const lks_kernels *kernels,
                                 const char *settings, int extra_uses, int threads) {
  static const lks_shape shapes[FIXTURE_PARAMS] = {{2, {37, 31}}, {2, {5, 41}}, {1, {1025}}};
  *fixture = (optimizer_fixture){.config = optim_config_create(settings)};
  CHECK_OK(lks_params_create(&fixture->params));
  for (int p = 0; p < FIXTURE_PARAMS; p++) {
    char name[24];
    int index = 0;
    (void)snprintf(name, sizeof name, "weight_%d", p);
    CHECK_OK(lks_params_add(fixture->params, name, shapes[p],
                            p == FIXTURE_PARAMS - 1 ? LKS_PARAM_NO_DECAY : 0, &index));
  }
  for (int use = 0; use < extra_uses; use++) {
    int number_of_use = 0;
    CHECK_OK(lks_params_add_use(fixture->params, 1 + use % 2, &number_of_use));
  }
  CHECK_OK(
      lks_allocate(&fixture->values, lks_params_value_count(fixture->params), sizeof(float)));
  CHECK_OK(lks_allocate(&fixture->gradient, lks_params_gradient_count(fixture->params),
                        sizeof(float)));
  lks_params_bind(fixture->params, fixture->values);
  for (int p = 0; p < FIXTURE_PARAMS; p++) {
    const lks_param *param = lks_params_at(fixture->params, p);
    fill(fixture->values + param->offset, param->count, UINT32_MAX, (uint32_t)param->offset);
  }
  CHECK_OK(lks_optimizer_create(&fixture->optimizer, fixture->config, fixture->params, kernels,
                                threads));
}

void optimizer_fixture_destroy(optimizer_fixture *fixture) {
  lks_optimizer_destroy(fixture->optimizer);
  lks_release(fixture->gradient);
  lks_release(fixture->values);
  lks_params_destroy(fixture->params);
  lks_config_destroy(fixture->config);
}

void optimizer_fixture_fill(optimizer_fixture *fixture, uint32_t step) {
  for (int p = 0; p < FIXTURE_PARAMS; p++) {
    const lks_param *param = lks_params_at(fixture->params, p);
    fill(fixture->gradient + param->offset, param->count, step, (uint32_t)param->offset);
  }
  for (int u = 0; u < lks_params_use_count(fixture->params); u++) {
    const lks_param_use *use = lks_params_use_at(fixture->params, u);
    size_t count = lks_params_at(fixture->params, use->param)->count;
    fill(fixture->gradient + use->offset, count, step, (uint32_t)use->offset);
  }
}

void optimizer_fixture_run(optimizer_fixture *fixture, uint32_t first, int steps) {
  for (uint32_t step = first; step < first + (uint32_t)steps; step++) {
    double norm = 0;
    optimizer_fixture_fill(fixture, step);
    CHECK_OK(lks_optimizer_step(fixture->optimizer,
                                &(lks_gradient){fixture->gradient, NULL, NULL}, fixture_terms,
                                fixture_rate, &norm));
  }
}
