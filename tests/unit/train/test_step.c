/* SPDX-License-Identifier: Apache-2.0 */
/* test_step.c - buffers that a rank needs, and that steps allocate nothing. */
#include "base/memory.h"
#include "check.h"
#include "comm/comm.h"
#include "prepare/prepare_text.h"
#include "temporary_folder.h"
#include "train/step.h"
#include "train/train.h"

#include <stdio.h>
#include <string.h>

static void groups_need_at_most_a_stack_of_buffers(void) {
  CHECK_EQUAL(lks_step_partials(16, 1, 0, 16), 1);
  CHECK_EQUAL(lks_step_partials(16, 1, 5, 16), 3);  /* [5] [6, 8) [8, 16) */
  CHECK_EQUAL(lks_step_partials(16, 1, 3, 13), 4);  /* [3] [4, 8) [8, 12) [12] */
  CHECK_EQUAL(lks_step_partials(16, 16, 0, 16), 5); /* log2 16 + 1 */
  CHECK_EQUAL(lks_step_partials(16, 4, 0, 16), 3);
  CHECK_EQUAL(lks_step_partials(64, 64, 0, 32), 6);
}

enum { FIRST_STEP = 3 };

typedef struct {
  size_t at_first; /* allocations after step FIRST_STEP */
  size_t most;     /* allocations after the last one seen */
  int64_t seen;
} allocation_watch;

static void note(void *context, const lks_progress_state *state) {
  allocation_watch *watch = context;
  if (strcmp(state->phase, "train") != 0)
    return;
  if (state->done == FIRST_STEP)
    watch->at_first = lks_allocation_count();
  watch->most = lks_allocation_count();
  watch->seen = state->done;
}

/* A text of lines of words that do not all look alike. */
static void write_text(const char *path) {
  FILE *file = fopen(path, "w");
  CHECK(file != NULL);
  if (!file)
    return;
  for (int i = 0; i < 900; i++)
    fprintf(file, "w%d w%d of w%d%s", i % 37, i % 11, i % 53, i % 3 ? " " : "\n");
  fclose(file);
}

static void train_watched(const char *extra, allocation_watch *watch) {
  lks_temporary_folder folder;
  char text[512], data[600], ini[512], run[512], file_set[640], last_line[256];
  lks_comm *comm;
  bool stopped;
  lks_temporary_folder_create(&folder);
  snprintf(text, sizeof text, "%s", lks_temporary_path(&folder, "text.txt"));
  snprintf(data, sizeof data, "%s", lks_temporary_path(&folder, "data.h5"));
  snprintf(ini, sizeof ini, "%s", lks_temporary_path(&folder, "run.ini"));
  snprintf(run, sizeof run, "%s", lks_temporary_path(&folder, "run"));
  write_text(text);
  lks_prepare_text prepare = {.train = text, .vocab_count = 1, .out = data, .quiet = true};
  CHECK_OK(lks_prepare_text_run(&prepare));
  FILE *file = fopen(ini, "w");
  CHECK(file != NULL);
  if (file)
    fclose(file);
  snprintf(file_set, sizeof file_set, "data.file=%s", data);
  const char *sets[] = {file_set,
                        "data.window=5",
                        "train.batch=6",
                        "model.hidden=9",
                        "model.dropout=0.2",
                        "optimizer.kind=adam",
                        "train.epochs=1",
                        "distributed.shards=4",
                        "log.every_steps=1000000",
                        extra};
  lks_progress progress = {.update = note, .context = watch};
  lks_train_setup setup = {.config_path = ini,
                           .run_folder = run,
                           .sets = sets,
                           .set_count = sizeof sets / sizeof *sets,
                           .progress = &progress};
  CHECK_OK(lks_comm_create(&comm, false));
  CHECK_OK(lks_train_run(comm, &setup, &stopped, last_line));
  lks_comm_destroy(comm, LKS_OK);
  lks_temporary_folder_destroy(&folder);
}

static void nothing_is_allocated_in_a_step(void) {
  const char *extras[] = {"train.carry_state=yes", "train.carry_state=no", "train.accumulate=4",
                          "distributed.threads=2", "model.cell=gru"};
  for (size_t i = 0; i < sizeof extras / sizeof *extras; i++) {
    allocation_watch watch = {0};
    train_watched(extras[i], &watch);
    CHECK(watch.seen > 2 * FIRST_STEP);
    CHECK_EQUAL(watch.most, watch.at_first);
  }
}

const lks_test step_tests[] = {
    TEST(groups_need_at_most_a_stack_of_buffers),
    TEST(nothing_is_allocated_in_a_step),
    TEST_END,
};
