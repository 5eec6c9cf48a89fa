/* SPDX-License-Identifier: Apache-2.0 */
/* run_folder.c - small text files, replaced whole or appended line by line. */
#include "train/run_folder.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "io/sealed_file.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static lks_status path_in(const char *folder, const char *name, lks_text *path) {
  return lks_text_print(path, "%s/%s", folder, name);
}

static lks_status open_file(const lks_run_folder *folder, const char *name, const char *mode,
                            FILE **file) {
  lks_text path = {0};
  LKS_TRY(path_in(folder->path, name, &path));
  *file = fopen(path.data, mode);
  lks_status status = LKS_OK;
  if (!*file)
    status =
        LKS_FAIL(LKS_IO, "%s: cannot be written: %s\n  hint: choose another folder with --run",
                 path.data, strerror(errno));
  lks_text_release(&path);
  return status;
}

bool lks_run_has_begun(const char *run) {
  lks_text path = {0};
  if (path_in(run, "config.ini", &path) != LKS_OK)
    return false;
  bool has = access(path.data, F_OK) == 0;
  lks_text_release(&path);
  return has;
}

static lks_status check_place(const lks_run_folder *folder, bool resume) {
  bool is_run = lks_run_has_begun(folder->path);
  lks_text fold = {0};
  LKS_TRY(path_in(folder->path, "fold-1", &fold));
  bool has_folds = lks_run_has_begun(fold.data);
  lks_text_release(&fold);
  if (has_folds)
    return LKS_FAIL(
        LKS_USAGE,
        "%s holds the folds of a walk-forward\n  hint: go on with it by --resume and "
        "the INI file that it was begun with, or choose another folder with --run",
        folder->path);
  if (is_run && !resume)
    return LKS_FAIL(LKS_USAGE,
                    "%s holds a run already\n  hint: continue it with --resume, or choose "
                    "another folder with --run",
                    folder->path);
  if (!is_run && resume)
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected a run to resume, found no config.ini\n  hint: name the run's "
                    "folder with --run, or start it without --resume",
                    folder->path);
  return LKS_OK;
}

lks_status lks_run_folder_open(lks_run_folder *folder, const char *path, bool resume,
                               bool writes) {
  lks_text checkpoints = {0};
  memset(folder, 0, sizeof *folder);
  LKS_TRY(lks_copy_text(&folder->path, path));
  LKS_TRY(lks_text_print(&checkpoints, "%s/checkpoints", path));
  folder->checkpoints = checkpoints.data;
  if (!writes)
    return LKS_OK;
  LKS_TRY(check_place(folder, resume));
  LKS_TRY(lks_folder_make(folder->checkpoints));
  LKS_TRY(open_file(folder, "metrics.jsonl", "a", &folder->metrics));
  LKS_TRY(open_file(folder, "log.txt", "a", &folder->log));
  lks_log_to(folder->log);
  return LKS_OK;
}

void lks_run_folder_close(lks_run_folder *folder) {
  if (folder->log) {
    lks_log_to(NULL);
    fclose(folder->log);
  }
  if (folder->metrics)
    fclose(folder->metrics);
  lks_release(folder->checkpoints);
  lks_release(folder->path);
  memset(folder, 0, sizeof *folder);
}

static lks_status replace(const char *folder, const char *name, const char *data,
                          size_t bytes) {
  lks_text path = {0};
  LKS_TRY(path_in(folder, name, &path));
  lks_status status = lks_file_replace(path.data, data, bytes);
  lks_text_release(&path);
  return status;
}

lks_status lks_run_folder_write_config(const lks_run_folder *folder, const lks_config *config) {
  lks_text text = {0};
  lks_status status;
  if (!folder->metrics)
    return LKS_OK;
  LKS_TRY_OR(cleanup, status, lks_config_expand(config, false, &text));
  LKS_TRY_OR(cleanup, status, replace(folder->path, "config.ini", text.data, text.bytes));
cleanup:
  lks_text_release(&text);
  return status;
}

lks_status lks_run_state_write(lks_comm *comm, const char *run, const char *state) {
  char line[32];
  lks_status status = LKS_OK;
  int bytes = snprintf(line, sizeof line, "%s\n", state);
  if (lks_comm_rank(comm) == 0)
    status = replace(run, "state", line, (size_t)bytes);
  return lks_comm_agree(comm, status);
}

bool lks_run_state_is(const char *run, const char *state) {
  char found[32] = "";
  lks_text path = {0};
  FILE *file = path_in(run, "state", &path) == LKS_OK ? fopen(path.data, "r") : NULL;
  if (file) {
    if (fgets(found, sizeof found, file))
      found[strcspn(found, "\n")] = '\0';
    fclose(file);
  }
  lks_text_release(&path);
  return strcmp(found, state) == 0;
}

/* Lines of `file` up to `step`, in `kept`. */
static lks_status keep_lines(FILE *file, int64_t step, lks_text *kept) {
  char *line = NULL;
  size_t capacity = 0;
  ssize_t bytes;
  lks_status status = LKS_OK;
  while (status == LKS_OK && (bytes = getline(&line, &capacity, file)) > 0) {
    const char *at = strstr(line, "\"step\":");
    if (line[bytes - 1] == '\n' && at && strtoll(at + 7, NULL, 10) <= step)
      status = lks_text_add(kept, line, (size_t)bytes);
  }
  free(line);
  return status;
}

lks_status lks_run_folder_rewind(lks_run_folder *folder, int64_t step) {
  lks_status status;
  lks_text kept = {0};
  FILE *file = NULL;
  if (!folder->metrics)
    return LKS_OK;
  LKS_TRY_OR(cleanup, status, open_file(folder, "metrics.jsonl", "r", &file));
  LKS_TRY_OR(cleanup, status, keep_lines(file, step, &kept));
  LKS_TRY_OR(cleanup, status,
             replace(folder->path, "metrics.jsonl", kept.data ? kept.data : "", kept.bytes));
  fclose(folder->metrics);
  folder->metrics = NULL;
  LKS_TRY_OR(cleanup, status, open_file(folder, "metrics.jsonl", "a", &folder->metrics));
cleanup:
  if (file)
    fclose(file);
  lks_text_release(&kept);
  return status;
}

/* ,"name":value; JSON has no NaN: null. */
static void write_number(FILE *file, const char *name, double value) {
  if (isfinite(value))
    fprintf(file, ",\"%s\":%.9g", name, value);
  else
    fprintf(file, ",\"%s\":null", name);
}

lks_status lks_run_folder_write_metrics(const lks_run_folder *folder,
                                        const lks_metrics_line *line) {
  FILE *file = folder->metrics;
  if (!file)
    return LKS_OK;
  fprintf(file, "{\"step\":%lld,\"epoch\":%lld,\"split\":\"%s\"", (long long)line->step,
          (long long)line->epoch, line->split);
  write_number(file, "loss", line->loss);
  for (int i = 0; i < line->score_count; i++)
    write_number(file, line->scores[i].name, line->scores[i].value);
  if (isfinite(line->learning_rate)) {
    write_number(file, "learning_rate", line->learning_rate);
    write_number(file, "grad_norm", line->grad_norm);
    write_number(file, "tokens_per_second", line->tokens_per_second);
    write_number(file, "compute_seconds", line->compute_seconds);
    write_number(file, "sum_seconds", line->sum_seconds);
    write_number(file, "update_seconds", line->update_seconds);
    write_number(file, "input_seconds", line->input_seconds);
  }
  fputs("}\n", file);
  if (fflush(file) != 0)
    return LKS_FAIL(LKS_IO, "%s/metrics.jsonl: cannot be written: %s", folder->path,
                    strerror(errno));
  return LKS_OK;
}
