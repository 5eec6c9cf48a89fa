/* table_layout.h - what each column of a table is for, and where its values go. */
#ifndef LOCKSTEP_PREPARE_TABLE_LAYOUT_H
#define LOCKSTEP_PREPARE_TABLE_LAYOUT_H

#include "prepare/prepare_table.h"

#include <stdint.h>

typedef enum {
  LKS_USE_NONE, /* left out */
  LKS_USE_TIME,
  LKS_USE_GROUP,
  LKS_USE_STATIC,
  LKS_USE_TARGET,
  LKS_USE_PAST,
  LKS_USE_KNOWN
} lks_column_use;

enum { LKS_USE_COUNT = LKS_USE_KNOWN + 1 };

typedef struct {
  char *name;
  lks_column_use use;
  int place; /* among the values of a row (targets, then past, then known), or among the
                statics; -1 */
} lks_table_column;

typedef struct {
  const char *path; /* borrowed: of the input */
  bool has_lines;   /* rows are lines of a text, else of an array */
  size_t count;
  lks_table_column *column; /* [count] */
  int time, group;          /* columns; -1: there is none */
  int count_of[LKS_USE_COUNT];
  int *value_column;  /* [lks_table_values()] the column of each place */
  int *static_column; /* [count_of[LKS_USE_STATIC]] */
} lks_table_layout;

/* Takes the roles from the setup; `time` is the column that seems to be the time, -1 for
 * none.  Fails with LKS_USAGE, naming the closest column, when there is no such column or
 * one is given two roles, with LKS_DATA when two columns are called the same or no target
 * is left. */
lks_status lks_table_layout_create(lks_table_layout *layout, const lks_prepare_table *setup,
                                   const char *const *names, size_t count, int time,
                                   bool has_lines);
void lks_table_layout_release(lks_table_layout *layout);

/* Values of a row: targets, past and known. */
int lks_table_values(const lks_table_layout *layout);

/* "FILE:17", or "FILE: row 17" of an array, in text. */
enum { LKS_PLACE_BYTES = 512 };
const char *lks_table_place(const lks_table_layout *layout, int64_t line,
                            char text[LKS_PLACE_BYTES]);

#endif
