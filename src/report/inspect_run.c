/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_run.c - a run's folder: its state, and its newest checkpoint. */
#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "report/inspect_parts.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

enum { PATH_BYTES = 4096 };

static const char suffix[] = ".h5";

/* The first word of RUN/state; "unknown" when there is no such file. */
static void read_state(const char *run, char *state, size_t bytes) {
  char path[PATH_BYTES];
  snprintf(path, sizeof path, "%s/state", run);
  snprintf(state, bytes, "unknown");
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return;
  if (fgets(state, (int)bytes, file) != NULL)
    state[strcspn(state, " \r\n")] = '\0';
  fclose(file);
}

static int is_checkpoint(const struct dirent *entry) {
  size_t bytes = strlen(entry->d_name);
  return bytes >= sizeof suffix &&
         strcmp(entry->d_name + bytes + 1 - sizeof suffix, suffix) == 0;
}

/* "step-….h5", "best.h5" in a text, and whether the best is among them. */
static lks_status list_checkpoints(const char *folder, lks_text *text, int *count, bool *best) {
  lks_status status = LKS_OK;
  struct dirent **entries = NULL;
  int found = scandir(folder, &entries, is_checkpoint, alphasort);
  *count = found < 0 ? 0 : found;
  *best = false;
  for (int i = 0; i < *count; i++) {
    *best = *best || strcmp(entries[i]->d_name, "best.h5") == 0;
    if (status == LKS_OK)
      status = lks_text_print(text, "  %s\n", entries[i]->d_name);
    free(entries[i]);
  }
  free(entries);
  return status;
}

/* Its score goes by the metric of the task; the lower, the better. */
static lks_status print_best(const char *folder, FILE *out) {
  char path[PATH_BYTES + sizeof "/best.h5"];
  lks_named_value step = {.name = "best_step"}, score = {.name = "best_score"};
  score.kind = LKS_VALUE_REAL;
  snprintf(path, sizeof path, "%s/best.h5", folder);
  LKS_TRY(lks_checkpoint_check(path));
  LKS_TRY(lks_checkpoint_read_value(path, &step));
  LKS_TRY(lks_checkpoint_read_value(path, &score));
  lks_inspect_row(out, "best", "step %lld, score %.6g", (long long)step.integer, score.real);
  return LKS_OK;
}

/* The newest checkpoint is told about as such a file is. */
static lks_status print_newest(const lks_inspect_setup *setup, const char *folder) {
  lks_status status = LKS_OK;
  char *newest = NULL;
  LKS_TRY_OR(cleanup, status, lks_checkpoint_newest(folder, &newest));
  lks_inspect_setup checkpoint = *setup;
  checkpoint.path = newest;
  LKS_TRY_OR(cleanup, status, lks_inspect_checkpoint(&checkpoint));

cleanup:
  lks_release(newest);
  return status;
}

void lks_inspect_run_state(const char *run, FILE *out) {
  char state[64];
  read_state(run, state, sizeof state);
  lks_inspect_row(out, "run", "%s", run);
  lks_inspect_row(out, "state", "%s", state);
}

lks_status lks_inspect_run_folder(const lks_inspect_setup *setup) {
  lks_status status = LKS_OK;
  char folder[PATH_BYTES];
  lks_text names = {0};
  int count = 0;
  bool best = false;
  snprintf(folder, sizeof folder, "%s/checkpoints", setup->path);
  LKS_TRY_OR(cleanup, status, list_checkpoints(folder, &names, &count, &best));
  lks_inspect_run_state(setup->path, setup->out);
  lks_inspect_row(setup->out, "checkpoints", "%d", count);
  fputs(names.data != NULL ? names.data : "", setup->out);
  if (best)
    LKS_TRY_OR(cleanup, status, print_best(folder, setup->out));
  if (count > 0)
    LKS_TRY_OR(cleanup, status, print_newest(setup, folder));

cleanup:
  lks_text_release(&names);
  return status;
}
