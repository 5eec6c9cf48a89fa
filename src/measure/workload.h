/* workload.h - the works whose speed is followed from version to version.
 *
 * A work is an INI file in measure/workloads/, a run configuration without a dataset, and
 * the size of the data, which are made up (workload_data.h).  The program carries the
 * files' texts. */
#ifndef LOCKSTEP_MEASURE_WORKLOAD_H
#define LOCKSTEP_MEASURE_WORKLOAD_H

#include "config/config.h"

/* What workloads.cmake makes of the INI files; the last one's name is NULL. */
typedef struct {
  const char *name;
  const char *ini;
} lks_workload_text;

extern const lks_workload_text lks_workload_texts[];

typedef struct {
  const char *name;    /* "W1" */
  const char *summary; /* "words, small" */
  const char *unit;    /* of a text: "word" or "character"; NULL: a table of one series */
  int width;           /* symbols of the text, columns of the table */
  const char *kind;    /* of sequences: "pairs", "tags"; else NULL */
  const char *ragged;  /* of sequences: the work that this is the ragged twin of, or NULL */
} lks_workload;

enum { LKS_WORKLOADS_MAX = 16 };

/* All works; *count of them. */
const lks_workload *lks_workload_all(int *count);

/* The works of a list "W1,W3" in its order, all for NULL.  Fails with LKS_USAGE when a
 * name is not among them, or given twice. */
lks_status lks_workload_select(const char *names, const lks_workload *works[LKS_WORKLOADS_MAX],
                               int *count);

/* Puts behind every work of sequences its ragged twin ("W5r" behind "W5"): the same with
 * samples of unequal length, whose mean is the dense work's.  Fails with LKS_USAGE when
 * there is none. */
lks_status lks_workload_add_ragged(const lks_workload *works[LKS_WORKLOADS_MAX], int *count);

/* The work's configuration changed by `sets`, with its data in the file `data`. */
lks_status lks_workload_configure(const lks_workload *work, const char *const *sets,
                                  size_t set_count, const char *data, lks_config **config);

#endif
