/* SPDX-License-Identifier: Apache-2.0 */
/* run_config.c - keys that belong to no single layer below, and their meaning. */
#include "train/run_config.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"

#include <stdlib.h>
#include <string.h>

static const lks_key keys[] = {
    {"task", "kind", LKS_KEY_TEXT, "language-model", NULL, 1, 0, LKS_KEY_FIXED,
     "what is learned: language-model, forecast, translate, tag, classify, generate"},
    {"data", "file", LKS_KEY_PATH, NULL, NULL, 1, 0, LKS_KEY_FREE,
     "dataset, made by lockstep prepare; its content digest is what must stay the same"},
    {"data", "window", LKS_KEY_INTEGER, "35", NULL, 1, 1000000, LKS_KEY_FIXED,
     "time steps of a batch, or of the history that a forecast sees: gradients reach so far back"},
    {"data", "fold", LKS_KEY_INTEGER, "0", NULL, 0, 100000, LKS_KEY_FIXED,
     "train and test on this fold of [evaluate] walk_forward, from 1; 0: on the dataset's splits"},
    {"train", "batch", LKS_KEY_INTEGER, "20", NULL, 1, 1000000, LKS_KEY_FIXED,
     "rows of a global batch, whatever the number of ranks: streams, or windows"},
    {"train", "batch_tokens", LKS_KEY_INTEGER, "0", NULL, 0, 1e9, LKS_KEY_FIXED,
     "sequences: rows x longest of a global batch, instead of a number of rows; 0: batch rows"},
    {"data", "bucket", LKS_KEY_INTEGER, "0", NULL, 0, 1e6, LKS_KEY_FIXED,
     "sequences: sort so many batches by length together; 0: none, or 64 with batch_tokens"},
    {"train", "carry_state", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "rows are streams whose state goes on from batch to batch; no: shuffled windows"},
    {"train", "epochs", LKS_KEY_INTEGER, "10", NULL, 1, 1000000, LKS_KEY_FREE,
     "passes over the training split"},
    {"train", "steps", LKS_KEY_INTEGER, "0", NULL, 0, 4e9, LKS_KEY_FREE,
     "stop after so many steps of the whole run; 0: after the epochs"},
    {"train", "seed", LKS_KEY_INTEGER, "1", NULL, 0, 9007199254740992.0, LKS_KEY_FIXED,
     "decides first values, order and dropout"},
    {"train", "accumulate", LKS_KEY_INTEGER, "1", NULL, 1, 256, LKS_KEY_FREE,
     "work through a rank's rows in so many groups (a power of two): less memory, same bits"},
    {"train", "on_nonfinite", LKS_KEY_CHOICE, "stop", "stop skip", 1, 0, LKS_KEY_FIXED,
     "what to do when a loss or gradient is not finite"},
    {"train", "kernels", LKS_KEY_CHOICE, "auto", "auto reference portable avx2 avx512 openblas",
     1, 0, LKS_KEY_FREE, "kernel table; LOCKSTEP_KERNELS goes before it"},
    {"train", "precision", LKS_KEY_CHOICE, "f32", "f32 bf16 bf16-amx", 1, 0, LKS_KEY_FIXED,
     "of the operands of products, bf16-amx in the order of Intel's tiles; all else is f32"},
    {"evaluate", "valid", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FIXED,
     "score the validation split after every epoch, and at the end"},
    {"evaluate", "test", LKS_KEY_BOOL, "yes", NULL, 1, 0, LKS_KEY_FREE,
     "score the test split once, with the best model, when the run is finished"},
    {"evaluate", "streams", LKS_KEY_INTEGER, "0", NULL, 0, 1000000, LKS_KEY_FIXED,
     "streams that a split is cut into for scoring; 0: 1 for a text, whose state is carried "
     "through all of it, 256 for time series, 64 for sequences"},
    {"evaluate", "walk_forward", LKS_KEY_INTEGER, "0", NULL, 0, 100000, LKS_KEY_FIXED,
     "time series: train so many models that walk through the test split, one fold each"},
    {"distributed", "shards", LKS_KEY_INTEGER, "0", NULL, 0, LKS_SHARDS_MAX, LKS_KEY_FIXED,
     "parts of a batch that order the sums, a power of two; at least as many as ranks; 0: by size"},
    {"distributed", "reduction", LKS_KEY_CHOICE, "exact", "exact mpi", 1, 0, LKS_KEY_FREE,
     "sum over ranks: exact, or MPI_Allreduce without the promise"},
    {"distributed", "threads", LKS_KEY_INTEGER, "0", NULL, 0, 4096, LKS_KEY_FREE,
     "threads of a rank; 0: OMP_NUM_THREADS, or the cores it may use"},
    {"distributed", "timeout_seconds", LKS_KEY_REAL, "600", NULL, 1, 1e6, LKS_KEY_FREE,
     "how long ranks wait for one that does not arrive"},
    {"checkpoint", "every_steps", LKS_KEY_INTEGER, "0", NULL, 0, 4e9, LKS_KEY_FREE,
     "save after so many steps, beside the end of every epoch; 0: then only"},
    {"checkpoint", "keep", LKS_KEY_INTEGER, "3", NULL, 1, 1000000, LKS_KEY_FREE,
     "checkpoints that are kept, beside the first and the best"},
    {"log", "every_steps", LKS_KEY_INTEGER, "0", NULL, 0, 4e9, LKS_KEY_FREE,
     "steps between lines of metrics.jsonl; 0: twenty lines an epoch"},
};

lks_status lks_run_config_create(lks_config **config, const lks_task_kind *kind) {
  lks_status status;
  lks_config *c;
  *config = NULL;
  LKS_TRY(lks_config_create(&c));
  LKS_TRY_OR(cleanup, status, lks_config_register(c, keys, sizeof keys / sizeof *keys));
  LKS_TRY_OR(cleanup, status, lks_config_default(c, "task", "kind", kind->name));
  LKS_TRY_OR(cleanup, status, kind->register_keys(c));
  LKS_TRY_OR(cleanup, status, lks_optimizer_register(c));
  LKS_TRY_OR(cleanup, status, lks_schedule_register(c));
  *config = c;
  return LKS_OK;
cleanup:
  lks_config_destroy(c);
  return status;
}

/* The task that the last "task.kind=" among the assignments names, or NULL. */
static const char *kind_set(const char *const *sets, size_t set_count) {
  static const char prefix[] = "task.kind=";
  for (size_t i = set_count; i-- > 0;)
    if (strncmp(sets[i], prefix, sizeof prefix - 1) == 0)
      return sets[i] + sizeof prefix - 1;
  return NULL;
}

/* A configuration with the keys of the task that `peeked` or an assignment names. */
static lks_status create_for(lks_config **config, const char *peeked, const char *const *sets,
                             size_t set_count) {
  const lks_task_kind *kind;
  const char *name = kind_set(sets, set_count);
  if (!name)
    name = peeked ? peeked : "language-model";
  LKS_TRY(lks_task_find(name, &kind));
  return lks_run_config_create(config, kind);
}

static lks_status finish(lks_config *config, const char *name, const char *const *sets,
                         size_t set_count) {
  int shards = 0;
  for (size_t i = 0; i < set_count; i++)
    LKS_TRY(lks_config_set(config, sets[i]));
  LKS_TRY(lks_config_check(config, name));
  LKS_TRY(lks_run_config_shards(config, &shards));
  int accumulate = (int)lks_config_integer(config, "train", "accumulate");
  if (!lks_is_power_of_two(accumulate) || accumulate > shards)
    return LKS_FAIL(
        LKS_USAGE,
        "[train] accumulate: expected a power of two that is at most the %d shards, "
        "found %d\n  hint: groups are made of whole shards; see [distributed] shards",
        shards, accumulate);
  return LKS_OK;
}

lks_status lks_run_config_read(lks_config **config, const char *path, const char *const *sets,
                               size_t set_count) {
  lks_status status;
  char *kind = NULL;
  *config = NULL;
  LKS_TRY(lks_config_peek(path, "task", "kind", &kind));
  LKS_TRY_OR(cleanup, status, create_for(config, kind, sets, set_count));
  LKS_TRY_OR(cleanup, status, lks_config_read(*config, path));
  LKS_TRY_OR(cleanup, status, finish(*config, path, sets, set_count));
cleanup:
  lks_release(kind);
  if (status != LKS_OK) {
    lks_config_destroy(*config);
    *config = NULL;
  }
  return status;
}

lks_status lks_run_config_parse(lks_config **config, const char *text, const char *name,
                                const char *const *sets, size_t set_count) {
  lks_status status;
  char *kind = NULL;
  *config = NULL;
  LKS_TRY(lks_config_peek_text(text, name, "task", "kind", &kind));
  LKS_TRY_OR(cleanup, status, create_for(config, kind, sets, set_count));
  LKS_TRY_OR(cleanup, status, lks_config_read_text(*config, text, name));
  LKS_TRY_OR(cleanup, status, finish(*config, name, sets, set_count));
cleanup:
  lks_release(kind);
  if (status != LKS_OK) {
    lks_config_destroy(*config);
    *config = NULL;
  }
  return status;
}

lks_status lks_run_config_kind(const lks_config *config, const lks_task_kind **kind) {
  return lks_task_find(lks_config_text(config, "task", "kind"), kind);
}

lks_status lks_run_config_kernels(const lks_config *config, const lks_kernels **kernels) {
  const char *name = getenv("LOCKSTEP_KERNELS");
  if (!name || !*name)
    name = lks_config_text(config, "train", "kernels");
  lks_precision precision;
  LKS_TRY(lks_precision_find(lks_config_text(config, "train", "precision"), &precision));
  return lks_kernels_find(name, precision, kernels);
}

int lks_run_config_threads(const lks_config *config) {
  int threads = (int)lks_config_integer(config, "distributed", "threads");
  return threads > 0 ? threads : lks_parallel_threads();
}

lks_status lks_run_config_shards(const lks_config *config, int *shards) {
  return lks_run_config_shards_of(config, (int)lks_config_integer(config, "train", "batch"),
                                  (double)lks_config_integer(config, "data", "window"), shards);
}

lks_status lks_run_config_shards_of(const lks_config *config, int batch, double steps,
                                    int *shards) {
  int given = (int)lks_config_integer(config, "distributed", "shards");
  if (given > 0 && !lks_is_power_of_two(given))
    return LKS_FAIL(LKS_USAGE,
                    "[distributed] shards: expected a power of two, found %d\n  hint: %d or %d "
                    "would do; 0 chooses by the size of the batch",
                    given, lks_power_of_two_below(given), 2 * lks_power_of_two_below(given));
  *shards = given > 0 ? given : lks_shards_default(batch, steps);
  return LKS_OK;
}
