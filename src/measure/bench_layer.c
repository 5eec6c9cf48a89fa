/* SPDX-License-Identifier: Apache-2.0 */
/* bench_layer.c - model/recurrent.h alone, on random numbers. */
#include "measure/bench_layer.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "measure/process.h"
#include "measure/quiet.h"
#include "measure/rounds.h"
#include "measure/workload.h"
#include "model/initialise.h"
#include "train/run_config.h"

#include <string.h>

enum { COLD_STEPS = 2 };

static const double round_seconds = 0.2;

/* One work's layers and what they work on. */
typedef struct {
  const lks_workload *work;
  const lks_cell *cell;
  int batch, steps, inputs, hidden, layers, directions;
  bool input_gradient;
  lks_params *params;
  lks_recurrent *recurrent;
  lks_segments *segments;
  float *values, *gradients; /* of the parameters */
  float *input, *d_input;    /* [T, B, I] */
  float *d_given, *d_output; /* [T, B, outputs]; backward spoils the second */
  int *active;               /* [T] */
  uint32_t *sample;          /* [B] */
  lks_pass pass;
  int repeats; /* steps of a round */
  lks_rounds rounds;
} layer;

static void destroy(layer *l) {
  lks_release(l->sample);
  lks_release(l->active);
  lks_release(l->d_output);
  lks_release(l->d_given);
  lks_release(l->d_input);
  lks_release(l->input);
  lks_release(l->gradients);
  lks_release(l->values);
  lks_segments_destroy(l->segments);
  lks_recurrent_destroy(l->recurrent);
  lks_params_destroy(l->params);
}

/* Sizes as the work's configuration has them. */
static lks_status read_sizes(layer *l, const lks_workload *work, lks_shards *shards) {
  lks_config *config;
  LKS_TRY(lks_workload_configure(work, NULL, 0, "none", &config));
  l->work = work;
  l->batch = (int)lks_config_integer(config, "train", "batch");
  l->steps = (int)lks_config_integer(config, "data", "window");
  l->hidden = (int)lks_config_integer(config, "model", "hidden");
  bool stacked = !work->unit && lks_config_integer(config, "model", "layers") > 1;
  l->layers = stacked ? (int)lks_config_integer(config, "model", "layers") : 1;
  l->inputs = work->unit ? (int)lks_config_integer(config, "model", "embedding") : work->width;
  l->input_gradient = !stacked;
  *shards = (lks_shards){.rows = l->batch, .present = l->batch};
  lks_status status = lks_run_config_shards(config, &shards->shards);
  lks_config_destroy(config);
  return status;
}

/* Uniform in [-1, 1). */
static void fill(float *values, size_t count, unsigned stream) {
  lks_random_key key = lks_random_key_of(1);
  uint32_t word[4] = {0};
  for (size_t i = 0; i < count; i++) {
    if (i % 4 == 0)
      lks_philox(key,
                 lks_random_counter_of(LKS_RANDOM_BENCH, stream, 0, 0, 0, (uint32_t)(i / 4)),
                 word);
    values[i] = 2 * lks_random_unit(word[i % 4]) - 1;
  }
}

static lks_status make_network(layer *l, const lks_bench_layer_setup *setup, int shards) {
  lks_recurrent_setup recurrent = {.prefix = "rnn",
                                   .cell = l->cell,
                                   .layers = l->layers,
                                   .inputs = l->inputs,
                                   .hidden = l->hidden,
                                   .bidirectional = setup->bidirectional};
  LKS_TRY(lks_params_create(&l->params));
  LKS_TRY(lks_recurrent_create(&l->recurrent, &recurrent, l->params));
  LKS_TRY(lks_allocate(&l->values, lks_params_value_count(l->params), sizeof(float)));
  LKS_TRY(lks_allocate(&l->gradients, lks_params_gradient_count(l->params), sizeof(float)));
  lks_params_bind(l->params, l->values);
  for (int i = 0; i < lks_params_count(l->params); i++)
    lks_initialise_uniform(l->params, i, lks_random_key_of(1), 0.1);
  lks_capacity capacity = {.rows = l->batch,
                           .steps = l->steps,
                           .items = l->batch * l->steps,
                           .shards = shards,
                           .training = true,
                           .threads = l->pass.threads,
                           .kernels = l->pass.kernels};
  return lks_recurrent_allocate(l->recurrent, &capacity);
}

static lks_status make_arrays(layer *l, const lks_shards *shards) {
  size_t items = (size_t)l->batch * (size_t)l->steps, inputs = items * (size_t)l->inputs;
  size_t outputs = items * (size_t)lks_recurrent_outputs(l->recurrent);
  lks_subtree whole = {0, shards->shards};
  LKS_TRY(lks_segments_create(&l->segments, (int)items, shards->shards));
  lks_segments_fill(l->segments, shards, &whole, 1, l->steps, NULL);
  LKS_TRY(lks_allocate(&l->input, inputs, sizeof(float)));
  if (l->input_gradient)
    LKS_TRY(lks_allocate(&l->d_input, inputs, sizeof(float)));
  LKS_TRY(lks_allocate(&l->d_given, outputs, sizeof(float)));
  LKS_TRY(lks_allocate(&l->d_output, outputs, sizeof(float)));
  LKS_TRY(lks_allocate(&l->active, (size_t)l->steps, sizeof *l->active));
  LKS_TRY(lks_allocate(&l->sample, (size_t)l->batch, sizeof *l->sample));
  fill(l->input, inputs, 1);
  fill(l->d_given, outputs, 2);
  for (int t = 0; t < l->steps; t++)
    l->active[t] = l->batch;
  return LKS_OK;
}

static double lap(double *since) {
  double now = lks_clock_seconds(), passed = now - *since;
  *since = now;
  return passed;
}

static void make_step(layer *l, double parts[LKS_PART_COUNT]) {
  const lks_pass *pass = &l->pass;
  size_t outputs =
      (size_t)l->batch * (size_t)l->steps * (size_t)lks_recurrent_outputs(l->recurrent);
  memcpy(l->d_output, l->d_given, outputs * sizeof *l->d_output);
  double since = lks_clock_seconds();
  lks_recurrent_pack(l->recurrent, pass->kernels, pass->threads, true);
  parts[LKS_PART_PACK] += lap(&since);
  (void)lks_recurrent_forward(l->recurrent, pass, l->input, NULL, NULL);
  parts[LKS_PART_FORWARD] += lap(&since);
  lks_recurrent_backward(l->recurrent, pass, l->d_output, NULL, NULL, l->d_input);
  parts[LKS_PART_BACKWARD] += lap(&since);
}

/* Copying d_output is not part of the time. */
static lks_round make_steps(layer *l, int steps) {
  lks_round round = {0};
  double faults = lks_process_page_faults();
  for (int i = 0; i < steps; i++)
    make_step(l, round.parts);
  for (int p = 0; p < LKS_PART_COUNT; p++) {
    round.parts[p] /= steps;
    round.seconds += round.parts[p];
  }
  round.page_faults = (lks_process_page_faults() - faults) / steps;
  return round;
}

static lks_status open_layer(layer *l, const lks_workload *work, const lks_cell *cell,
                             const lks_bench_layer_setup *setup) {
  lks_shards shards;
  l->cell = cell;
  l->directions = setup->bidirectional ? 2 : 1;
  l->rounds.wanted = setup->rounds;
  LKS_TRY(read_sizes(l, work, &shards));
  l->pass = (lks_pass){.threads = setup->threads,
                       .rows = l->batch,
                       .steps = l->steps,
                       .training = true,
                       .gradients = &l->gradients};
  LKS_TRY(lks_kernels_find(setup->kernels, LKS_PRECISION_F32, &l->pass.kernels));
  if (l->pass.threads == 0)
    l->pass.threads = lks_parallel_threads();
  LKS_TRY(make_network(l, setup, shards.shards));
  LKS_TRY(make_arrays(l, &shards));
  l->pass.active = l->active;
  l->pass.segments = l->segments;
  l->pass.sample = l->sample;
  (void)make_steps(l, COLD_STEPS);
  double seconds = make_steps(l, 1).seconds;
  l->repeats = seconds > round_seconds ? 1 : (int)(round_seconds / seconds + 0.5);
  return LKS_OK;
}

static lks_status run_round(layer *l, double wait) {
  double share;
  LKS_TRY(lks_quiet_wait(NULL, wait, &share));
  (void)make_steps(l, 1);
  lks_cpu_sample before = lks_cpu_sample_take(NULL);
  lks_round round = make_steps(l, l->repeats);
  lks_cpu_sample after = lks_cpu_sample_take(NULL);
  LKS_TRY(lks_cpu_others(NULL, &before, &after, &round.others));
  lks_rounds_add(&l->rounds, &round);
  return LKS_OK;
}

/* Operations of the products: input, hidden, and twice the same backward. */
static double operations(const layer *l) {
  double sum = 0, items = (double)l->steps * l->batch;
  for (int k = 0; k < l->layers; k++) {
    int inputs = k == 0 ? l->inputs : l->directions * l->hidden;
    sum += 3 * 2.0 * items * l->cell->gates * l->hidden * (inputs + l->hidden) * l->directions;
  }
  return sum;
}

static void print_json(FILE *out, layer *l) {
  lks_rounds_summary s = lks_rounds_sum_up(&l->rounds);
  fprintf(out, "{\"work\": \"%s\", \"cell\": \"%s\", \"layers\": %d, \"directions\": %d, ",
          l->work->name, l->cell->name, l->layers, l->directions);
  fprintf(out, "\"batch\": %d, \"window\": %d, \"inputs\": %d, \"hidden\": %d, ", l->batch,
          l->steps, l->inputs, l->hidden);
  fprintf(out, "\"gflops\": %.6g, \"median_seconds\": %.6g, \"min_seconds\": %.6g, ",
          operations(l) / s.median / 1e9, s.median, s.minimum);
  fprintf(out, "\"max_seconds\": %.6g, \"spread\": %.4g, \"page_faults\": %.4g, ", s.maximum,
          s.spread, s.page_faults);
  fprintf(out, "\"threads\": %d, \"kernels\": \"%s\", \"disturbed\": %.4g, ", l->pass.threads,
          l->pass.kernels->name, s.others);
  fprintf(out, "\"phases\": {\"pack\": %.6g, \"forward\": %.6g, \"backward\": %.6g}}\n",
          s.parts[LKS_PART_PACK], s.parts[LKS_PART_FORWARD], s.parts[LKS_PART_BACKWARD]);
}

static void print_head(FILE *out) {
  fprintf(out, "%-4s %-4s %4s %5s %6s %6s %6s %8s %9s %9s %9s %9s %9s %6s %7s %-9s %6s\n",
          "work", "cell", "dirs", "batch", "window", "inputs", "hidden", "GFLOP/s", "ms", "min",
          "pack", "forward", "backward", "spread", "threads", "kernels", "others");
}

static void print_row(FILE *out, layer *l) {
  lks_rounds_summary s = lks_rounds_sum_up(&l->rounds);
  fprintf(out, "%-4s %-4s %4d %5d %6d %6d %6d %8.1f %9.3f %9.3f %9.3f %9.3f %9.3f",
          l->work->name, l->cell->name, l->directions, l->batch, l->steps, l->inputs, l->hidden,
          operations(l) / s.median / 1e9, 1e3 * s.median, 1e3 * s.minimum,
          1e3 * s.parts[LKS_PART_PACK], 1e3 * s.parts[LKS_PART_FORWARD],
          1e3 * s.parts[LKS_PART_BACKWARD]);
  fprintf(out, " %4.0f %% %7d %-9s %4.0f %%\n", 100 * s.spread, l->pass.threads,
          l->pass.kernels->name, 100 * s.others);
}

/* Works take turns. */
static lks_status run_rounds(layer *layers, int count, double wait) {
  for (bool more = true; more;) {
    more = false;
    for (int i = 0; i < count; i++) {
      if (lks_rounds_are_done(&layers[i].rounds))
        continue;
      LKS_TRY(run_round(&layers[i], wait));
      more = more || !lks_rounds_are_done(&layers[i].rounds);
    }
  }
  return LKS_OK;
}

lks_status lks_bench_layer(const lks_bench_layer_setup *setup) {
  lks_status status;
  const lks_workload *works[LKS_WORKLOADS_MAX];
  layer *layers = NULL;
  int count = 0;
  const lks_cell *cell = lks_cell_find(setup->cell);
  if (!cell)
    return LKS_FAIL(LKS_USAGE, "--cell: expected one of " LKS_CELL_NAMES ", found '%s'",
                    setup->cell);
  LKS_TRY(lks_workload_select(setup->works, works, &count));
  LKS_TRY(lks_allocate(&layers, (size_t)count, sizeof *layers));
  for (int i = 0; i < count; i++)
    LKS_TRY_OR(cleanup, status, open_layer(&layers[i], works[i], cell, setup));
  LKS_TRY_OR(cleanup, status, run_rounds(layers, count, setup->wait));
  if (!setup->json)
    print_head(setup->out);
  for (int i = 0; i < count; i++)
    (setup->json ? print_json : print_row)(setup->out, &layers[i]);
cleanup:
  for (int i = 0; i < count; i++)
    destroy(&layers[i]);
  lks_release(layers);
  return status;
}
