/* SPDX-License-Identifier: Apache-2.0 */
/* test_workload.c - every work is what PyTorch's module of its size is, and its data fill
 * whole batches. */
#include "check.h"
#include "data/sequences.h"
#include "measure/bench_work.h"
#include "measure/workload.h"
#include "measure/workload_data.h"
#include "train/session.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Sizes as torch.nn counts them: LSTM has two biases a gate.
 *
 *   Embedding(V, E)   V E
 *   LSTM(I, H)        a layer 4H (I + H) + 8H
 *   Linear(I, O)      O (I + 1) */
typedef struct {
  const char *name;
  int64_t symbols, inputs, hidden, layers, outputs;
  int64_t more;       /* W5: the source's embedding, its encoder, attention, combination;
                         W7: the other direction and its part of the output */
  int64_t parameters; /* by hand */
} module;

static const module modules[] = {
    {"W1", 10000, 200, 200, 2, 10000, 0, 4653200},
    {"W2", 10000, 650, 650, 2, 10000, 0, 19780400},
    {"W3", 65, 512, 512, 2, 65, 0, 4269121},
    {"W4", 0, 8, 128, 2, 24, 0, 205848},
    {"W5", 10000, 256, 512, 1, 10000, 2560000 + 1052672 + 262144 + 524288, 13666064},
    {"W6", 0, 1024, 1024, 1, 1, 0, 8397825},
    {"W7", 10000, 128, 256, 1, 9, 395264 + 9 * 256, 2075145},
};

static int64_t count_of(const module *m) {
  int64_t count = m->symbols * m->inputs + m->outputs * (m->hidden + 1) + m->more;
  for (int64_t l = 0; l < m->layers; l++)
    count += 4 * m->hidden * ((l == 0 ? m->inputs : m->hidden) + m->hidden) + 8 * m->hidden;
  return count;
}

static int64_t count_parameters(const lks_task *task) {
  int64_t count = 0;
  for (int i = 0; i < lks_params_count(task->params); i++)
    count += (int64_t)lks_params_at(task->params, i)->count;
  return count;
}

typedef struct {
  int64_t parameters, batches;
  int last_rows, rows;
} facts;

/* Opens a work as the benchmark does, short of a step. */
static facts open_work(const lks_workload *work) {
  facts found = {0};
  lks_comm *comm = NULL;
  lks_io_thread *io = NULL;
  lks_workload_data data;
  lks_config *config = NULL;
  lks_session *session = NULL;
  lks_stepper stepper = {0};
  CHECK_OK(lks_comm_create(&comm, false));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_OK(lks_workload_data_create(&data, work, comm));
  if (CHECK_OK(lks_workload_configure(work, NULL, 0, data.path, &config)) &&
      CHECK_OK(lks_workload_data_write(&data, work, config, io)) &&
      CHECK_OK(lks_session_open_with(&session, config, io)) &&
      CHECK_OK(lks_stepper_open(&stepper, session, comm))) {
    found.parameters = count_parameters(session->task);
    found.batches = stepper.batches;
    found.rows = lks_batcher_full_rows(stepper.batcher);
    found.last_rows = lks_batcher_row_count(stepper.batcher, 1);
  }
  lks_stepper_close(&stepper);
  lks_session_close(session);
  CHECK(access(data.path, F_OK) == 0);
  lks_workload_data_remove(&data);
  CHECK(access(data.path, F_OK) != 0); /* now the folder's name */
  lks_io_thread_destroy(io);
  lks_comm_destroy(comm, LKS_OK);
  return found;
}

static void every_work_has_the_parameters_of_its_module(void) {
  int count = 0;
  const lks_workload *works = lks_workload_all(&count);
  CHECK_EQUAL(count, sizeof modules / sizeof *modules);
  for (int i = 0; i < count; i++) {
    facts found = open_work(&works[i]);
    CHECK_TEXT(works[i].name, modules[i].name);
    CHECK_EQUAL(modules[i].parameters, count_of(&modules[i]));
    CHECK_EQUAL(found.parameters, modules[i].parameters);
    CHECK_EQUAL(found.last_rows, works[i].kind ? 0 : found.rows); /* sequences: no other plan */
    CHECK(found.batches >= 40); /* more than a default run makes */
  }
}

static void works_are_selected_by_name(void) {
  const lks_workload *works[LKS_WORKLOADS_MAX];
  int count = 0, all = 0;
  lks_workload_all(&all);
  CHECK_OK(lks_workload_select("W6,W1", works, &count));
  CHECK_EQUAL(count, 2);
  CHECK_TEXT(works[0]->name, "W6");
  CHECK_TEXT(works[1]->name, "W1");
  CHECK_OK(lks_workload_select(NULL, works, &count));
  CHECK_EQUAL(count, all);
}

static void ragged_twins_stand_behind_their_works(void) {
  const lks_workload *works[LKS_WORKLOADS_MAX];
  int count = 0;
  CHECK_OK(lks_workload_select("W1,W5,W7", works, &count));
  CHECK_OK(lks_workload_add_ragged(works, &count));
  CHECK_EQUAL(count, 5);
  CHECK_TEXT(works[2]->name, "W5r");
  CHECK_TEXT(works[4]->name, "W7r");
  CHECK_OK(lks_workload_select("W1", works, &count));
  CHECK_FAILS(lks_workload_add_ragged(works, &count), LKS_USAGE, "whose rows are sequences");
}

/* Lengths differ, and their mean is the dense work's within the error of 4,000 draws. */
static void ragged_lengths_have_the_mean_of_the_dense_ones(void) {
  const lks_workload *works[LKS_WORKLOADS_MAX];
  int count = 0;
  lks_config *config = NULL;
  lks_io_thread *io = NULL;
  lks_comm *comm = NULL;
  lks_workload_data data;
  lks_dataset *dataset = NULL;
  CHECK_OK(lks_workload_select("W5", works, &count));
  CHECK_OK(lks_workload_add_ragged(works, &count));
  CHECK_OK(lks_comm_create(&comm, false));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_OK(lks_workload_data_create(&data, works[1], comm));
  if (CHECK_OK(lks_workload_configure(works[1], NULL, 0, data.path, &config)) &&
      CHECK_OK(lks_workload_data_write(&data, works[1], config, io)) &&
      CHECK_OK(lks_dataset_open(&dataset, data.path, io))) {
    const lks_sequence_table *table = lks_dataset_sequences(dataset);
    double samples = (double)table->samples[LKS_SPLIT_TRAIN];
    for (int f = 0; f < 2; f++) {
      const int64_t *offsets = table->field[f].offsets[LKS_SPLIT_TRAIN];
      double mean = (double)offsets[(int64_t)samples] / samples;
      CHECK_CLOSE(mean, lks_config_integer(config, "data", "window"), 0.5);
      CHECK(table->field[f].longest[LKS_SPLIT_TRAIN] > 2 * mean);
    }
  }
  lks_dataset_close(dataset);
  lks_workload_data_remove(&data);
  lks_config_destroy(config);
  lks_io_thread_destroy(io);
  lks_comm_destroy(comm, LKS_OK);
}

static void works_that_there_are_not_are_refused(void) {
  const lks_workload *works[LKS_WORKLOADS_MAX];
  int count = 0;
  CHECK_FAILS(lks_workload_select("W8", works, &count), LKS_USAGE, "unknown work 'W8'");
  CHECK_FAILS(lks_workload_select("W1,", works, &count), LKS_USAGE, "unknown work ''");
  CHECK_FAILS(
      lks_workload_select("a-name-that-is-longer-than-any-name-of-a-work", works, &count),
      LKS_USAGE, "unknown work 'a-name-that-is-longer-than-any");
  CHECK_FAILS(lks_workload_select("W1,W1", works, &count), LKS_USAGE, "W1 is named twice");
}

static void a_work_keeps_its_task_and_data(void) {
  int count = 0;
  const lks_workload *works = lks_workload_all(&count);
  lks_config *config = NULL;
  const char *set = "task.kind=forecast";
  CHECK_FAILS(lks_workload_configure(&works[0], &set, 1, "none.h5", &config), LKS_USAGE,
              "--set task.kind=forecast: task and data of a work are its own");
  set = "train.batch=40";
  if (CHECK_OK(lks_workload_configure(&works[0], &set, 1, "none.h5", &config)))
    CHECK_EQUAL(lks_config_integer(config, "train", "batch"), 40);
  lks_config_destroy(config);
}

static const lks_work_setup tiny = {
    .sets = (const char *const[]){"model.hidden=8", "data.window=3", "train.batch=4"},
    .set_count = 3,
    .threads = 1,
    .steps = 3,
    .rounds = 1,
};

static void rounds_are_made_of_real_steps(void) {
  lks_comm *comm = NULL;
  lks_io_thread *io = NULL;
  lks_bench_work work;
  int count = 0;
  double others;
  CHECK_OK(lks_comm_create(&comm, false));
  CHECK_OK(lks_io_thread_create(&io));
  if (CHECK_OK(lks_bench_work_open(&work, &lks_workload_all(&count)[0], &tiny, io, comm))) {
    int64_t before = lks_optimizer_steps(work.stepper.optimizer);
    CHECK_EQUAL(before, work.number);
    CHECK_OK(lks_bench_work_round(&work, &tiny, &others));
    CHECK_EQUAL(work.number - before, 1 + tiny.steps); /* the first one is not timed */
    CHECK_EQUAL(lks_optimizer_steps(work.stepper.optimizer), work.number);
    CHECK_CLOSE(lks_bench_work_tokens(&work), 12, 0);
    lks_rounds_summary sum = lks_rounds_sum_up(&work.rounds);
    double parts = 0;
    for (int p = 0; p < LKS_PART_COUNT; p++)
      parts += sum.parts[p];
    CHECK(parts > 0 && parts <= sum.median);
  }
  lks_bench_work_close(&work);
  lks_io_thread_destroy(io);
  lks_comm_destroy(comm, LKS_OK);
}

static void a_bad_key_leaves_nothing_behind(void) {
  lks_comm *comm = NULL;
  lks_io_thread *io = NULL;
  lks_bench_work work;
  int count = 0;
  const char *set = "model.hiden=8";
  lks_work_setup setup = tiny;
  setup.sets = &set;
  setup.set_count = 1;
  CHECK_OK(lks_comm_create(&comm, false));
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_FAILS(lks_bench_work_open(&work, &lks_workload_all(&count)[0], &setup, io, comm),
              LKS_USAGE, "unknown key 'hiden' in [model]; did you mean 'hidden'?");
  lks_bench_work_close(&work);
  lks_io_thread_destroy(io);
  lks_comm_destroy(comm, LKS_OK);
}

const lks_test workload_tests[] = {TEST(every_work_has_the_parameters_of_its_module),
                                   TEST(works_are_selected_by_name),
                                   TEST(ragged_twins_stand_behind_their_works),
                                   TEST(ragged_lengths_have_the_mean_of_the_dense_ones),
                                   TEST(works_that_there_are_not_are_refused),
                                   TEST(a_work_keeps_its_task_and_data),
                                   TEST(rounds_are_made_of_real_steps),
                                   TEST(a_bad_key_leaves_nothing_behind),
                                   TEST_END};
