/* SPDX-License-Identifier: Apache-2.0 */
/* inspect.c - finds out what a path is, and asks the part that knows about it.
 *
 * The seal at the start of a file tells its kind, so that HDF5 opens nothing that
 * was not checked. */
#include "report/inspect.h"

#include "base/fail.h"
#include "base/memory.h"
#include "checkpoint/checkpoint.h"
#include "io/sealed_file.h"
#include "report/inspect_parts.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

typedef enum { KIND_DATASET, KIND_CHECKPOINT, KIND_RUN, KIND_FOLDS } path_kind;

void lks_inspect_row(FILE *out, const char *label, const char *format, ...) {
  fprintf(out, "%-*s", LKS_INSPECT_LABEL, label);
  va_list arguments;
  va_start(arguments, format);
  vfprintf(out, format, arguments);
  va_end(arguments);
  fputc('\n', out);
}

void lks_inspect_count(int64_t count, char text[32]) {
  char digits[24];
  int length = snprintf(digits, sizeof digits, "%lld", (long long)count);
  char *end = text;
  for (int i = 0; i < length; i++) {
    if (i > 0 && (length - i) % 3 == 0 && digits[i - 1] != '-')
      *end++ = ',';
    *end++ = digits[i];
  }
  *end = '\0';
}

static bool is_folder_in(const char *path, const char *name) {
  char inner[4096];
  struct stat found;
  snprintf(inner, sizeof inner, "%s/%s", path, name);
  return stat(inner, &found) == 0 && S_ISDIR(found.st_mode);
}

static lks_status find_kind(const char *path, path_kind *kind) {
  struct stat found;
  if (stat(path, &found) != 0)
    return LKS_FAIL(LKS_DATA,
                    "%s: %s\n  hint: expected a dataset, a checkpoint or a run's folder", path,
                    strerror(errno));
  if (S_ISDIR(found.st_mode)) {
    if (is_folder_in(path, "checkpoints"))
      *kind = KIND_RUN;
    else if (is_folder_in(path, "fold-1"))
      *kind = KIND_FOLDS;
    else
      return LKS_FAIL(LKS_DATA, "%s: expected a run's folder, found one without checkpoints/",
                      path);
  } else if (lks_sealed_is_kind(path, LKS_FILE_DATASET)) {
    *kind = KIND_DATASET;
  } else if (lks_sealed_is_kind(path, LKS_FILE_CHECKPOINT)) {
    *kind = KIND_CHECKPOINT;
  } else {
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a dataset or a checkpoint of lockstep, found another file\n"
                    "  hint: lockstep prepare makes datasets, lockstep train makes checkpoints",
                    path);
  }
  return LKS_OK;
}

/* "digest HEX" of a checkpoint, or of a run's newest one. */
static lks_status print_digest(const lks_inspect_setup *setup, path_kind kind) {
  lks_status status = LKS_OK;
  char *path = NULL;
  lks_digest digest;
  char hex[LKS_DIGEST_HEX];
  if (kind == KIND_RUN) {
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/checkpoints", setup->path);
    LKS_TRY_OR(cleanup, status, lks_checkpoint_newest(folder, &path));
  } else {
    LKS_TRY_OR(cleanup, status, lks_copy_text(&path, setup->path));
  }
  LKS_TRY_OR(cleanup, status, lks_checkpoint_file_digest(path, setup->full, &digest));
  lks_digest_to_hex(&digest, hex);
  fprintf(setup->out, "digest %s\n", hex);

cleanup:
  lks_release(path);
  return status;
}

/* The folds of a walk-forward: each is a run of its own, and so is told about alone. */
static lks_status inspect_folds(const lks_inspect_setup *setup) {
  char path[4096], name[32];
  if (!setup->digest)
    lks_inspect_run_state(setup->path, setup->out);
  for (int fold = 1;; fold++) {
    snprintf(name, sizeof name, "fold-%d", fold);
    if (!is_folder_in(setup->path, name))
      return LKS_OK;
    snprintf(path, sizeof path, "%s/%s", setup->path, name);
    lks_inspect_setup one = *setup;
    one.path = path;
    if (setup->digest)
      fprintf(setup->out, "%s ", name);
    else
      fputc('\n', setup->out);
    LKS_TRY(lks_inspect_run(&one));
  }
}

lks_status lks_inspect_run(const lks_inspect_setup *setup) {
  path_kind kind;
  LKS_TRY(find_kind(setup->path, &kind));
  if (setup->digest && kind == KIND_DATASET)
    return lks_inspect_dataset_digest(setup);
  if (setup->digest && kind != KIND_FOLDS)
    return print_digest(setup, kind);
  switch (kind) {
  case KIND_DATASET: return lks_inspect_dataset(setup);
  case KIND_CHECKPOINT: return lks_inspect_checkpoint(setup);
  case KIND_RUN: return lks_inspect_run_folder(setup);
  case KIND_FOLDS: return inspect_folds(setup);
  }
  return LKS_OK;
}
