/* SPDX-License-Identifier: Apache-2.0 */
/* workload.c - the table of works. */
#include "measure/workload.h"

#include "base/fail.h"
#include "base/memory.h"
#include "train/run_config.h"

#include <stdio.h>
#include <string.h>

static const lks_workload works[] = {
    {"W1", "words, 2 x 200", "word", 10000, NULL, NULL},
    {"W2", "words, 2 x 650, dropout", "word", 10000, NULL, NULL},
    {"W3", "characters, 2 x 512", "character", 65, NULL, NULL},
    {"W4", "forecast, 2 x 128", NULL, 8, NULL, NULL},
    {"W5", "translation, 1 x 512", "word", 10000, "pairs", NULL},
    {"W6", "forecast, 1 x 1024", NULL, 1024, NULL, NULL},
    {"W7", "tags, both directions, 256", "word", 10000, "tags", NULL},
};
static const lks_workload ragged_works[] = {
    {"W5r", "translation, unequal lengths", "word", 10000, "pairs", "W5"},
    {"W7r", "tags, unequal lengths", "word", 10000, "tags", "W7"},
};
enum {
  WORKS = sizeof works / sizeof *works,
  RAGGED_WORKS = sizeof ragged_works / sizeof *ragged_works,
  NAME_BYTES = 32
};

const lks_workload *lks_workload_all(int *count) {
  *count = WORKS;
  return works;
}

static lks_status fail_unknown(const char *name) {
  const char *names[WORKS];
  char text[200];
  for (int i = 0; i < WORKS; i++)
    names[i] = works[i].name;
  lks_text_suggest(name, names, WORKS, text, sizeof text);
  return LKS_FAIL(LKS_USAGE, "--work: unknown work '%s'%s", name, text);
}

static lks_status find(const char *name, const lks_workload **work) {
  for (int i = 0; i < WORKS; i++)
    if (strcmp(name, works[i].name) == 0) {
      *work = &works[i];
      return LKS_OK;
    }
  return fail_unknown(name);
}

/* One name of the list, `bytes` long. */
static lks_status add(const char *name, size_t bytes, const lks_workload **selected,
                      int *count) {
  char text[NAME_BYTES];
  const lks_workload *work;
  snprintf(text, sizeof text, "%.*s", (int)(bytes < NAME_BYTES ? bytes : NAME_BYTES), name);
  LKS_TRY(find(text, &work));
  for (int i = 0; i < *count; i++)
    if (selected[i] == work)
      return LKS_FAIL(LKS_USAGE, "--work: %s is named twice", work->name);
  selected[(*count)++] = work;
  return LKS_OK;
}

lks_status lks_workload_select(const char *names,
                               const lks_workload *selected[LKS_WORKLOADS_MAX], int *count) {
  *count = 0;
  if (!names) {
    for (; *count < WORKS; ++*count)
      selected[*count] = &works[*count];
    return LKS_OK;
  }
  for (;;) {
    size_t bytes = strcspn(names, ",");
    LKS_TRY(add(names, bytes, selected, count));
    if (names[bytes] == '\0')
      return LKS_OK;
    names += bytes + 1;
  }
}

lks_status lks_workload_add_ragged(const lks_workload *selected[LKS_WORKLOADS_MAX],
                                   int *count) {
  const lks_workload *dense[LKS_WORKLOADS_MAX];
  int dense_count = *count;
  memcpy(dense, selected, sizeof dense);
  *count = 0;
  for (int i = 0; i < dense_count; i++) {
    selected[(*count)++] = dense[i];
    for (int r = 0; r < RAGGED_WORKS; r++)
      if (strcmp(ragged_works[r].ragged, dense[i]->name) == 0)
        selected[(*count)++] = &ragged_works[r];
  }
  if (*count > dense_count)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE,
                  "--ragged: expected a work whose rows are sequences, found none\n  hint: "
                  "--work W5,W7");
}

static const char *ini_of(const lks_workload *work) {
  const char *name = work->ragged ? work->ragged : work->name;
  for (const lks_workload_text *text = lks_workload_texts; text->name; text++)
    if (strcmp(text->name, name) == 0)
      return text->ini;
  LKS_ASSERT(false); /* every work has its INI file */
  return NULL;
}

/* The data are made up, and fit the task. */
static lks_status check_sets(const char *const *sets, size_t set_count) {
  static const char *const own[] = {"data.file=", "task.kind="};
  for (size_t i = 0; i < set_count; i++)
    for (size_t k = 0; k < sizeof own / sizeof *own; k++)
      if (strncmp(sets[i], own[k], strlen(own[k])) == 0)
        return LKS_FAIL(LKS_USAGE,
                        "--set %s: task and data of a work are its own\n  hint: lockstep train "
                        "writes the speed of a run of yours into its metrics.jsonl",
                        sets[i]);
  return LKS_OK;
}

lks_status lks_workload_configure(const lks_workload *work, const char *const *sets,
                                  size_t set_count, const char *data, lks_config **config) {
  lks_status status;
  const char **all = NULL;
  lks_text file = {0};
  *config = NULL;
  LKS_TRY(check_sets(sets, set_count));
  LKS_TRY_OR(cleanup, status, lks_allocate(&all, set_count + 1, sizeof *all));
  LKS_TRY_OR(cleanup, status, lks_text_print(&file, "data.file=%s", data));
  for (size_t i = 0; i < set_count; i++)
    all[i] = sets[i];
  all[set_count] = file.data;
  LKS_TRY_OR(cleanup, status,
             lks_run_config_parse(config, ini_of(work), work->name, all, set_count + 1));
cleanup:
  lks_text_release(&file);
  lks_release(all);
  return status;
}
