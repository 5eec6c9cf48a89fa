/* table_split.h - where training, validation and test lie in a series: in this order, one
 * after another, by shares of its rows, by numbers of rows, or by times. */
#ifndef LOCKSTEP_PREPARE_TABLE_SPLIT_H
#define LOCKSTEP_PREPARE_TABLE_SPLIT_H

#include "base/calendar.h"
#include "data/dataset.h"
#include "prepare/prepare_table.h"
#include "text/time_text.h"

typedef struct {
  bool by_rows, by_time;          /* neither: by shares */
  int64_t share[LKS_SPLIT_COUNT]; /* billionths */
  int64_t rows[LKS_SPLIT_COUNT];
  int64_t from[LKS_SPLIT_COUNT]; /* time of the first row; INT64_MAX: there is no such row */
} lks_table_split;

/* From the setup; its times are in `format`, or written as 2016-07-31.  Fails with
 * LKS_USAGE for contradictions, shares outside [0, 1), and what is no time. */
lks_status lks_table_split_parse(lks_table_split *split, const lks_prepare_table *setup,
                                 lks_time_format format);

/* Rows of each split of a series of `rows` rows from `start` on; those behind the last
 * split are left over. */
void lks_table_split_cut(const lks_table_split *split, lks_frequency frequency, int64_t start,
                         int64_t rows, int64_t rows_of[LKS_SPLIT_COUNT]);

/* Whether the split was asked for. */
bool lks_table_split_wants(const lks_table_split *split, lks_split which);

#endif
