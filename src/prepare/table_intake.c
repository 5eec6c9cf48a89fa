/* SPDX-License-Identifier: Apache-2.0 */
/* table_intake.c - series are found by name in a hash table; mostly it is the one of the
 * row before, or the one after that. */
#include "prepare/table_intake.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <string.h>

enum { SLOTS_FIRST = 64 };

int lks_table_intake_width(const lks_table_layout *layout, bool melt) {
  return lks_table_values(layout) - (melt ? layout->count_of[LKS_USE_TARGET] - 1 : 0);
}

/* ---- the series ---- */

/* FNV-1a */
static uint64_t hash_of(const char *name) {
  uint64_t hash = 14695981039346656037U;
  for (; *name != '\0'; name++)
    hash = (hash ^ (unsigned char)*name) * 1099511628211U;
  return hash;
}

/* The slot where the name is, or where it would be. */
static int64_t *slot_of(const lks_table_intake *intake, const char *name) {
  uint64_t mask = (uint64_t)intake->slot_count - 1;
  uint64_t at = hash_of(name) & mask;
  while (intake->slots[at] > 0 && strcmp(intake->series[intake->slots[at] - 1].name, name) != 0)
    at = (at + 1) & mask;
  return &intake->slots[at];
}

static lks_status grow_slots(lks_table_intake *intake) {
  int64_t count = intake->slot_count > 0 ? 2 * intake->slot_count : SLOTS_FIRST;
  lks_release(intake->slots);
  LKS_TRY(lks_allocate(&intake->slots, (size_t)count, sizeof *intake->slots));
  intake->slot_count = count;
  for (int64_t s = 0; s < intake->count; s++)
    *slot_of(intake, intake->series[s].name) = s + 1;
  return LKS_OK;
}

static lks_status add_series(lks_table_intake *intake, const char *name) {
  size_t statics = (size_t)intake->layout->count_of[LKS_USE_STATIC];
  if (intake->count == intake->capacity) {
    int64_t capacity = intake->capacity > 0 ? 2 * intake->capacity : 1;
    LKS_TRY(lks_reallocate(&intake->series, (size_t)intake->count, (size_t)capacity,
                           sizeof *intake->series));
    intake->capacity = capacity;
  }
  if (2 * (intake->count + 1) > intake->slot_count)
    LKS_TRY(grow_slots(intake));
  lks_intake_series *series = &intake->series[intake->count];
  LKS_TRY(lks_copy_text(&series->name, name));
  intake->count++;
  *slot_of(intake, name) = intake->count;
  LKS_TRY(lks_allocate(&series->statics, statics, sizeof *series->statics));
  for (size_t k = 0; k < statics; k++)
    series->statics[k] = NAN;
  return LKS_OK;
}

static bool is_called(const lks_table_intake *intake, int64_t series, const char *name) {
  return series < intake->count && strcmp(intake->series[series].name, name) == 0;
}

static lks_status find_series(lks_table_intake *intake, const char *name, int64_t *series) {
  *series = intake->last;
  if (is_called(intake, *series, name) || is_called(intake, ++*series, name)) {
    intake->last = *series;
    return LKS_OK;
  }
  if (intake->slot_count == 0 || *slot_of(intake, name) == 0)
    LKS_TRY(add_series(intake, name));
  *series = *slot_of(intake, name) - 1;
  intake->last = *series;
  return LKS_OK;
}

/* ---- life ---- */

static lks_status create(lks_table_intake *intake) {
  const lks_table_layout *layout = intake->layout;
  LKS_TRY(lks_allocate(&intake->melted, (size_t)intake->width, sizeof *intake->melted));
  for (int t = 0; intake->melt && t < layout->count_of[LKS_USE_TARGET]; t++)
    LKS_TRY(add_series(intake, layout->column[layout->value_column[t]].name));
  return LKS_OK;
}

lks_status lks_table_intake_create(lks_table_intake *intake, const lks_table_layout *layout,
                                   bool melt, bool numbered, lks_table_spool *spool) {
  *intake = (lks_table_intake){.layout = layout,
                               .melt = melt,
                               .numbered = numbered,
                               .spool = spool,
                               .width = lks_table_intake_width(layout, melt)};
  lks_status status = create(intake);
  if (status != LKS_OK)
    lks_table_intake_release(intake);
  return status;
}

void lks_table_intake_release(lks_table_intake *intake) {
  for (int64_t s = 0; s < intake->count; s++) {
    lks_release(intake->series[s].name);
    lks_release(intake->series[s].statics);
  }
  lks_release(intake->series);
  lks_release(intake->slots);
  lks_release(intake->melted);
  *intake = (lks_table_intake){.count = 0};
}

/* ---- rows ---- */

/* What may be wrong with a time that is not after the last one. */
static const char *hint_of_time(const lks_table_intake *intake, const lks_intake_series *series,
                                const lks_table_row *row) {
  bool stands_twice = row->time == series->last_time;
  if (row->time - row->offset > series->last_time - series->last_offset)
    return "the clock was set back between these lines; times in UTC, like "
           "2016-07-31T13:00Z, always go on";
  if (intake->layout->group < 0 && !intake->melt)
    return stands_twice ? "of a table of many series, --group COL names each row's series"
                        : "rows are sorted by time; of a table of many series, --group COL "
                          "names each row's series";
  return stands_twice ? "a series has one row for each time"
                      : "rows are sorted by time, those of a series at least";
}

static lks_status fail_time(const lks_table_intake *intake, const lks_intake_series *series,
                            const lks_table_row *row) {
  const lks_table_layout *layout = intake->layout;
  const lks_frequency frequency = {intake->numbered ? LKS_STEP_ROW : LKS_STEP_SECONDS, 1};
  char place[LKS_PLACE_BYTES], last[64], found[64];
  lks_calendar_print(frequency, series->last_time, last, sizeof last);
  lks_calendar_print(frequency, row->time, found, sizeof found);
  lks_table_place(layout, row->line, place);
  const char *column = layout->column[layout->time].name;
  const char *hint = hint_of_time(intake, series, row);
  if (row->time == series->last_time)
    return LKS_FAIL(LKS_DATA,
                    "%s: column '%s': the time %s stands twice, on line %lld as well\n"
                    "  hint: %s",
                    place, column, found, (long long)series->last_line, hint);
  return LKS_FAIL(LKS_DATA,
                  "%s: column '%s': expected a time after %s of line %lld, found %s\n"
                  "  hint: %s",
                  place, column, last, (long long)series->last_line, found, hint);
}

/* Notes the time of a row of `series`: 0, 1, ... where there is no column for it. */
static lks_status take_time(lks_table_intake *intake, lks_intake_series *series,
                            const lks_table_row *row, int64_t *time) {
  bool timed = intake->layout->time >= 0;
  *time = timed ? row->time : series->rows;
  if (series->rows == 0) {
    series->first_time = *time;
    series->first_line = row->line;
  } else if (timed && *time <= series->last_time) {
    return fail_time(intake, series, row);
  } else {
    lks_grid_add(&intake->grid, series->first_time, series->last_time, *time, row->line);
  }
  series->last_time = *time;
  series->last_line = row->line;
  series->last_offset = row->offset;
  series->rows++;
  return LKS_OK;
}

static lks_status take_statics(const lks_table_intake *intake, lks_intake_series *series,
                               const lks_table_row *row) {
  const lks_table_layout *layout = intake->layout;
  char place[LKS_PLACE_BYTES];
  for (int k = 0; k < layout->count_of[LKS_USE_STATIC]; k++) {
    double found = row->statics[k], known = series->statics[k];
    if (isnan(found) || found == known)
      continue;
    if (!isnan(known))
      return LKS_FAIL(LKS_DATA,
                      "%s: column '%s': expected %.10g as in the rows of series '%s' before, "
                      "found %.10g\n  hint: a static value does not change within a series; "
                      "--known or --past are for values that do",
                      lks_table_place(layout, row->line, place),
                      layout->column[layout->static_column[k]].name, known, series->name,
                      found);
    series->statics[k] = found;
  }
  return LKS_OK;
}

static lks_status add_to(lks_table_intake *intake, int64_t number, const lks_table_row *row,
                         double *value) {
  lks_intake_series *series = &intake->series[number];
  lks_spool_row spooled = {.line = row->line, .value = value};
  LKS_TRY(take_time(intake, series, row, &spooled.time));
  LKS_TRY(take_statics(intake, series, row));
  LKS_TRY(lks_spool_append(intake->spool, number, &spooled));
  return LKS_OK;
}

lks_status lks_table_intake_add(lks_table_intake *intake, const lks_table_row *row) {
  int targets = intake->layout->count_of[LKS_USE_TARGET];
  if (intake->rows == 0 || row->offset < intake->least_offset)
    intake->least_offset = row->offset;
  if (intake->rows == 0 || row->offset > intake->most_offset)
    intake->most_offset = row->offset;
  intake->rows++;
  if (!intake->melt) {
    int64_t number;
    LKS_TRY(find_series(intake, row->group, &number));
    return add_to(intake, number, row, row->value);
  }
  memcpy(intake->melted + 1, row->value + targets,
         (size_t)(intake->width - 1) * sizeof *row->value);
  for (int t = 0; t < targets; t++) {
    intake->melted[0] = row->value[t];
    LKS_TRY(add_to(intake, t, row, intake->melted));
  }
  return LKS_OK;
}
