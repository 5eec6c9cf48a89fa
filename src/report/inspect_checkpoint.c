/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_checkpoint.c - a checkpoint's place in its run, its parameters and, when
 * asked for, the rest of the training state. */
#include "base/fail.h"
#include "base/text.h"
#include "checkpoint/checkpoint.h"
#include "report/inspect_parts.h"

#include <string.h>

static const char parameters_group[] = "parameters/";

/* Values that are shown without --state. */
static const char *const brief_values[] = {"version", "task", "step", "epoch",
                                           "dataset_digest"};

/* What a visit collects: the file has tensors first, the reader wants values first. */
typedef struct {
  lks_text values;
  lks_text parameters;
  lks_text others;
  int64_t parameter_count;
  int64_t parameter_tensors;
  bool state;
} collection;

static lks_status visit_tensor(void *context, const char *name, lks_type type,
                               const lks_shape *shape) {
  collection *found = context;
  size_t prefix = sizeof parameters_group - 1;
  char extents[96];
  lks_shape_describe(shape, extents, sizeof extents);
  if (strncmp(name, parameters_group, prefix) == 0) {
    found->parameter_tensors++;
    found->parameter_count += (int64_t)lks_shape_count(shape);
    return lks_text_print(&found->parameters, "  %-32s %s\n", name + prefix, extents);
  }
  return lks_text_print(&found->others, "  %-48s %s %s\n", name, lks_type_text(type), extents);
}

static bool is_brief(const char *name) {
  for (size_t i = 0; i < sizeof brief_values / sizeof brief_values[0]; i++)
    if (strcmp(name, brief_values[i]) == 0)
      return true;
  return false;
}

/* Texts of several lines, the configuration for one, are indented below their name. */
static lks_status add_lines(lks_text *text, const char *lines) {
  while (*lines != '\0') {
    size_t bytes = strcspn(lines, "\n");
    LKS_TRY(lks_text_print(text, "%s%.*s\n", bytes > 0 ? "    " : "", (int)bytes, lines));
    lines += bytes + (lines[bytes] == '\n');
  }
  return LKS_OK;
}

static lks_status add_scalar(lks_text *text, const lks_named_value *value) {
  switch (value->kind) {
  case LKS_VALUE_INTEGER: return lks_text_print(text, "%lld\n", (long long)value->integer);
  case LKS_VALUE_REAL: return lks_text_print(text, "%.17g\n", value->real);
  case LKS_VALUE_TEXT: return lks_text_print(text, "%s\n", value->text);
  }
  return LKS_OK;
}

static lks_status visit_value(void *context, const lks_named_value *value) {
  collection *found = context;
  const char *label = strcmp(value->name, "dataset_digest") == 0 ? "dataset" : value->name;
  if (is_brief(value->name)) {
    LKS_TRY(lks_text_print(&found->values, "%-*s", LKS_INSPECT_LABEL, label));
    return add_scalar(&found->values, value);
  }
  if (!found->state)
    return LKS_OK;
  if (value->kind == LKS_VALUE_TEXT && strchr(value->text, '\n') != NULL) {
    LKS_TRY(lks_text_print(&found->others, "  %s\n", value->name));
    return add_lines(&found->others, value->text);
  }
  LKS_TRY(lks_text_print(&found->others, "  %-48s ", value->name));
  return add_scalar(&found->others, value);
}

static void print_collection(const collection *found, const lks_inspect_setup *setup,
                             const char *hex) {
  FILE *out = setup->out;
  char count[32];
  lks_inspect_row(out, "checkpoint", "%s", setup->path);
  lks_inspect_row(out, "digest", "%s", hex);
  fputs(found->values.data != NULL ? found->values.data : "", out);
  lks_inspect_count(found->parameter_count, count);
  lks_inspect_row(out, "parameters", "%s in %lld tensors", count,
                  (long long)found->parameter_tensors);
  fputs(found->parameters.data != NULL ? found->parameters.data : "", out);
  if (setup->state) {
    fputs("state\n", out);
    fputs(found->others.data != NULL ? found->others.data : "  none\n", out);
  }
}

lks_status lks_inspect_checkpoint(const lks_inspect_setup *setup) {
  lks_status status = LKS_OK;
  lks_digest digest;
  char hex[LKS_DIGEST_HEX];
  collection found = {.state = setup->state};
  LKS_TRY_OR(cleanup, status, lks_checkpoint_check(setup->path));
  LKS_TRY_OR(cleanup, status,
             lks_checkpoint_visit(setup->path, visit_tensor, visit_value, &found));
  LKS_TRY_OR(cleanup, status, lks_checkpoint_file_digest(setup->path, false, &digest));
  lks_digest_to_hex(&digest, hex);
  print_collection(&found, setup, hex);

cleanup:
  lks_text_release(&found.values);
  lks_text_release(&found.parameters);
  lks_text_release(&found.others);
  return status;
}
