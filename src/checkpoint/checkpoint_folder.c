/* SPDX-License-Identifier: Apache-2.0 */
/* checkpoint_folder.c - which checkpoints a run keeps, and from which it goes on.
 *
 * The step is in the name with twelve digits, so that a listing of the folder is in
 * order.  Only names of exactly this form are ours to delete. */
#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "checkpoint/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STEP_DIGITS = 12 };

static const char prefix[] = "step-";
static const char suffix[] = ".h5";
static const char unfinished[] = ".h5.tmp-";

lks_status lks_checkpoint_path(const char *folder, int64_t step, char **path) {
  size_t bytes = strlen(folder) + sizeof prefix + sizeof suffix + 24;
  LKS_TRY(lks_allocate(path, bytes, 1));
  (void)snprintf(*path, bytes, "%s/%s%0*" PRId64 "%s", folder, prefix, STEP_DIGITS, step,
                 suffix);
  return LKS_OK;
}

/* The step in "step-000000000042.h5", or -1. */
static int64_t step_of(const char *name) {
  int64_t step = 0;
  const char *digit = name + sizeof prefix - 1;
  if (strncmp(name, prefix, sizeof prefix - 1) != 0)
    return -1;
  for (int i = 0; i < STEP_DIGITS; i++) {
    if (digit[i] < '0' || digit[i] > '9')
      return -1;
    step = 10 * step + (digit[i] - '0');
  }
  return strcmp(digit + STEP_DIGITS, suffix) == 0 ? step : -1;
}

typedef struct {
  int64_t *step; /* newest first */
  size_t count;
  size_t room;
} step_list;

static lks_status add_step(step_list *steps, int64_t step) {
  if (steps->count == steps->room) {
    size_t room = 2 * steps->room + 16;
    LKS_TRY(lks_reallocate(&steps->step, steps->room, room, sizeof *steps->step));
    steps->room = room;
  }
  steps->step[steps->count++] = step;
  return LKS_OK;
}

/* Newest first. */
static int compare_steps(const void *a, const void *b) {
  const int64_t *first = a, *second = b;
  return (*first < *second) - (*first > *second);
}

static lks_status list_steps(const char *folder, step_list *steps) {
  struct dirent *entry;
  lks_status status = LKS_OK;
  DIR *listing = opendir(folder);
  if (!listing)
    return LKS_FAIL(LKS_IO, "%s: cannot list the folder: %s", folder, strerror(errno));
  while (status == LKS_OK && (entry = readdir(listing)) != NULL)
    if (step_of(entry->d_name) >= 0)
      status = add_step(steps, step_of(entry->d_name));
  (void)closedir(listing);
  if (steps->count > 1)
    qsort(steps->step, steps->count, sizeof *steps->step, compare_steps);
  return status;
}

/* A file that is gone already is as good as deleted. */
static lks_status delete_step(const char *folder, int64_t step) {
  char *path;
  lks_status status = LKS_OK;
  LKS_TRY(lks_checkpoint_path(folder, step, &path));
  if (unlink(path) != 0 && errno != ENOENT)
    status = LKS_FAIL(LKS_IO, "%s: cannot delete the file: %s", path, strerror(errno));
  lks_release(path);
  return status;
}

/* Whether another process, by now gone, began this file. */
static bool is_left_over(const char *name) {
  const char *place = strstr(name, unfinished);
  char *end;
  long process;
  if (!place)
    return false;
  process = strtol(place + sizeof unfinished - 1, &end, 10);
  return *end == 0 && process > 0 && process != (long)getpid();
}

/* A name that cannot be deleted now is tried again at the next save. */
static lks_status delete_left_over(const char *folder) {
  struct dirent *entry;
  DIR *listing = opendir(folder);
  if (!listing)
    return LKS_FAIL(LKS_IO, "%s: cannot list the folder: %s", folder, strerror(errno));
  while ((entry = readdir(listing)) != NULL)
    if (is_left_over(entry->d_name))
      (void)unlinkat(dirfd(listing), entry->d_name, 0);
  (void)closedir(listing);
  return LKS_OK;
}

lks_status lks_checkpoint_prune(const char *folder, int keep, int64_t step) {
  step_list steps = {.step = NULL};
  lks_status status;
  int kept = 0;
  LKS_ASSERT(keep >= 1);
  LKS_TRY_OR(cleanup, status, list_steps(folder, &steps));
  for (size_t i = 0; i < steps.count; i++) {
    bool is_kept = steps.step[i] <= step && kept < keep;
    kept += is_kept;
    if (!is_kept && steps.step[i] != 0)
      LKS_TRY_OR(cleanup, status, delete_step(folder, steps.step[i]));
  }
  LKS_TRY_OR(cleanup, status, delete_left_over(folder));
cleanup:
  lks_release(steps.step);
  return status;
}

/* *path stays NULL when the checkpoint is damaged, which is told in a warning. */
static lks_status try_step(const char *folder, int64_t step, char **path) {
  lks_status status;
  LKS_TRY(lks_checkpoint_path(folder, step, path));
  status = lks_checkpoint_check(*path);
  if (status == LKS_OK)
    return LKS_OK;
  if (status == LKS_DATA || status == LKS_IO) {
    lks_log(LKS_LOG_WARNING, "passing over a checkpoint: %s", lks_error_message());
    status = LKS_OK;
  }
  lks_release(*path);
  *path = NULL;
  return status;
}

lks_status lks_checkpoint_newest(const char *folder, char **path) {
  step_list steps = {.step = NULL};
  lks_status status;
  *path = NULL;
  LKS_TRY_OR(cleanup, status, list_steps(folder, &steps));
  for (size_t i = 0; i < steps.count && !*path; i++)
    LKS_TRY_OR(cleanup, status, try_step(folder, steps.step[i], path));
  if (!*path && steps.count == 0)
    status = LKS_FAIL(LKS_DATA, "%s: expected a checkpoint %s…%s, found none", folder, prefix,
                      suffix);
  else if (!*path)
    status = LKS_FAIL(LKS_DATA,
                      "%s: expected a checkpoint that is whole, found %zu damaged ones\n"
                      "  hint: lockstep inspect FILE tells what is wrong with each",
                      folder, steps.count);
cleanup:
  lks_release(steps.step);
  return status;
}
