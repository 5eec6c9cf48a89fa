/* SPDX-License-Identifier: Apache-2.0 */
/* task.c - the table of tasks. */
#include "task/task.h"

#include "base/fail.h"

#include <string.h>

static const lks_task_kind *const kinds[] = {
    &lks_task_language_model, &lks_task_forecast, &lks_task_translate, &lks_task_tag,
    &lks_task_classify,       &lks_task_generate,
};

enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

const lks_task_kind *const *lks_task_all(int *count) {
  *count = KIND_COUNT;
  return kinds;
}

lks_status lks_task_find(const char *name, const lks_task_kind **kind) {
  const char *names[KIND_COUNT];
  char suggestion[256];
  for (int i = 0; i < KIND_COUNT; i++) {
    names[i] = kinds[i]->name;
    *kind = kinds[i];
    if (strcmp(kinds[i]->name, name) == 0)
      return LKS_OK;
  }
  *kind = NULL;
  lks_text_suggest(name, names, KIND_COUNT, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "[task] kind: unknown task '%s'%s", name, suggestion);
}
