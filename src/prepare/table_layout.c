/* SPDX-License-Identifier: Apache-2.0 */
/* table_layout.c - roles come from lists of names; what no list names is a target when no
 * list of targets is given, and left out else. */
#include "prepare/table_layout.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const use_names[LKS_USE_COUNT] = {
    [LKS_USE_NONE] = "--ignore",   [LKS_USE_TIME] = "--time",     [LKS_USE_GROUP] = "--group",
    [LKS_USE_STATIC] = "--static", [LKS_USE_TARGET] = "--target", [LKS_USE_PAST] = "--past",
    [LKS_USE_KNOWN] = "--known"};

/* Columns that a list named; the others have yet to be decided. */
typedef struct {
  lks_table_layout *layout;
  bool *named;             /* [count] */
  const char **names;      /* [count] of the columns, for suggestions */
  int next[LKS_USE_COUNT]; /* place of the next column of this use */
} assignment;

int lks_table_values(const lks_table_layout *layout) {
  return layout->count_of[LKS_USE_TARGET] + layout->count_of[LKS_USE_PAST] +
         layout->count_of[LKS_USE_KNOWN];
}

const char *lks_table_place(const lks_table_layout *layout, int64_t line,
                            char text[LKS_PLACE_BYTES]) {
  (void)snprintf(text, LKS_PLACE_BYTES, layout->has_lines ? "%.400s:%lld" : "%.400s: row %lld",
                 layout->path, (long long)line);
  return text;
}

/* ---- names ---- */

typedef struct {
  const char *name;
  size_t column;
} numbered_name;

static int compare_names(const void *left, const void *right) {
  const numbered_name *a = left, *b = right;
  int order = strcmp(a->name, b->name);
  return order != 0 ? order : (a->column > b->column) - (a->column < b->column);
}

static lks_status check_distinct(const lks_table_layout *layout) {
  numbered_name *sorted;
  char place[LKS_PLACE_BYTES];
  lks_status status = LKS_OK;
  LKS_TRY(lks_allocate(&sorted, layout->count, sizeof *sorted));
  for (size_t c = 0; c < layout->count; c++)
    sorted[c] = (numbered_name){layout->column[c].name, c};
  qsort(sorted, layout->count, sizeof *sorted, compare_names);
  for (size_t c = 1; c < layout->count && status == LKS_OK; c++)
    if (strcmp(sorted[c - 1].name, sorted[c].name) == 0)
      status = LKS_FAIL(LKS_DATA,
                        "%s: columns %zu and %zu are both called '%s'\n"
                        "  hint: give them different names, or --no-header",
                        lks_table_place(layout, 1, place), sorted[c - 1].column + 1,
                        sorted[c].column + 1, sorted[c].name);
  lks_release(sorted);
  return status;
}

static lks_status check_prints(const lks_table_layout *layout, size_t column,
                               const char *name) {
  char place[LKS_PLACE_BYTES];
  bool prints = lks_text_check_utf8(name, strlen(name)) == strlen(name);
  for (const char *letter = name; *letter != '\0'; letter++)
    prints = prints && (unsigned char)*letter >= ' ' && *letter != 127;
  if (!prints)
    return LKS_FAIL(LKS_DATA,
                    "%s: column %zu: expected a name in UTF-8 without control characters\n"
                    "  hint: iconv -f LATIN1 -t UTF-8, if it is an old file",
                    lks_table_place(layout, 1, place), column + 1);
  return LKS_OK;
}

/* A column without a name is called by its number. */
static lks_status copy_names(lks_table_layout *layout, const char *const *names) {
  char number[24];
  for (size_t c = 0; c < layout->count; c++) {
    (void)snprintf(number, sizeof number, "%zu", c + 1);
    LKS_TRY(check_prints(layout, c, names[c]));
    LKS_TRY(lks_copy_text(&layout->column[c].name, names[c][0] != '\0' ? names[c] : number));
  }
  return check_distinct(layout);
}

/* ---- roles ---- */

static lks_status find_column(const assignment *a, lks_column_use use, const char *name,
                              size_t *column) {
  char suggestion[512];
  for (*column = 0; *column < a->layout->count; (*column)++)
    if (strcmp(a->names[*column], name) == 0)
      return LKS_OK;
  lks_text_suggest(name, a->names, a->layout->count, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "%s: %s: there is no column '%s'%s", a->layout->path,
                  use_names[use], name, suggestion);
}

static void set_use(assignment *a, size_t c, lks_column_use use) {
  lks_table_column *column = &a->layout->column[c];
  column->use = use;
  column->place = a->next[use]++;
  a->layout->count_of[use]++;
  a->named[c] = true;
}

static lks_status assign_one(assignment *a, const char *name, lks_column_use use) {
  size_t c;
  LKS_TRY(find_column(a, use, name, &c));
  if (a->named[c])
    return LKS_FAIL(LKS_USAGE, "%s: column '%s' is given by %s and by %s", a->layout->path,
                    name, use_names[a->layout->column[c].use], use_names[use]);
  set_use(a, c, use);
  return LKS_OK;
}

/* The list is NULL, or names separated by commas. */
static lks_status assign_list(assignment *a, const char *list, lks_column_use use) {
  char *copy;
  lks_status status = LKS_OK;
  if (list == NULL)
    return LKS_OK;
  LKS_TRY(lks_copy_text(&copy, list));
  for (char *rest = copy; rest != NULL && status == LKS_OK;)
    status = assign_one(a, strsep(&rest, ","), use);
  lks_release(copy);
  return status;
}

static lks_status assign_all(assignment *a, const lks_prepare_table *setup, int time) {
  LKS_TRY(assign_list(a, setup->ignore, LKS_USE_NONE));
  if (setup->time != NULL)
    LKS_TRY(assign_one(a, setup->time, LKS_USE_TIME));
  if (setup->group != NULL)
    LKS_TRY(assign_one(a, setup->group, LKS_USE_GROUP));
  LKS_TRY(assign_list(a, setup->statics, LKS_USE_STATIC));
  LKS_TRY(assign_list(a, setup->target, LKS_USE_TARGET));
  LKS_TRY(assign_list(a, setup->past, LKS_USE_PAST));
  LKS_TRY(assign_list(a, setup->known, LKS_USE_KNOWN));
  if (setup->time == NULL && !setup->no_time && time >= 0 && !a->named[time])
    set_use(a, (size_t)time, LKS_USE_TIME);
  for (size_t c = 0; c < a->layout->count; c++)
    if (!a->named[c])
      set_use(a, c, setup->target == NULL ? LKS_USE_TARGET : LKS_USE_NONE);
  return LKS_OK;
}

/* Places count through targets, past and known; and the way back. */
static lks_status set_places(lks_table_layout *layout) {
  const int *count_of = layout->count_of;
  LKS_TRY(lks_allocate(&layout->value_column, (size_t)lks_table_values(layout),
                       sizeof *layout->value_column));
  LKS_TRY(lks_allocate(&layout->static_column, (size_t)count_of[LKS_USE_STATIC],
                       sizeof *layout->static_column));
  for (size_t c = 0; c < layout->count; c++) {
    lks_table_column *column = &layout->column[c];
    if (column->use == LKS_USE_PAST)
      column->place += count_of[LKS_USE_TARGET];
    if (column->use == LKS_USE_KNOWN)
      column->place += count_of[LKS_USE_TARGET] + count_of[LKS_USE_PAST];
    if (column->use >= LKS_USE_TARGET)
      layout->value_column[column->place] = (int)c;
    if (column->use == LKS_USE_STATIC)
      layout->static_column[column->place] = (int)c;
    if (column->use == LKS_USE_TIME)
      layout->time = (int)c;
    if (column->use == LKS_USE_GROUP)
      layout->group = (int)c;
  }
  return LKS_OK;
}

static lks_status create(lks_table_layout *layout, const lks_prepare_table *setup,
                         const char *const *names, int time) {
  assignment a = {.layout = layout};
  lks_status status;
  LKS_TRY(lks_allocate(&layout->column, layout->count, sizeof *layout->column));
  LKS_TRY(copy_names(layout, names));
  LKS_TRY_OR(cleanup, status, lks_allocate(&a.named, layout->count, sizeof *a.named));
  LKS_TRY_OR(cleanup, status, lks_allocate(&a.names, layout->count, sizeof *a.names));
  for (size_t c = 0; c < layout->count; c++)
    a.names[c] = layout->column[c].name;
  LKS_TRY_OR(cleanup, status, assign_all(&a, setup, time));
  if (layout->count_of[LKS_USE_TARGET] == 0)
    status = LKS_FAIL(LKS_DATA,
                      "%s: expected a target among the columns, found none\n"
                      "  hint: --target COL names what is to be forecast",
                      layout->path);
  else
    status = set_places(layout);
cleanup:
  lks_release(a.names);
  lks_release(a.named);
  return status;
}

lks_status lks_table_layout_create(lks_table_layout *layout, const lks_prepare_table *setup,
                                   const char *const *names, size_t count, int time,
                                   bool has_lines) {
  *layout = (lks_table_layout){
      .path = setup->input, .has_lines = has_lines, .count = count, .time = -1, .group = -1};
  lks_status status = create(layout, setup, names, time);
  if (status != LKS_OK)
    lks_table_layout_release(layout);
  return status;
}

void lks_table_layout_release(lks_table_layout *layout) {
  for (size_t c = 0; layout->column != NULL && c < layout->count; c++)
    lks_release(layout->column[c].name);
  lks_release(layout->column);
  lks_release(layout->value_column);
  lks_release(layout->static_column);
  *layout = (lks_table_layout){.count = 0};
}
