/* SPDX-License-Identifier: Apache-2.0 */
/* layout.h - the names inside a checkpoint file, and how it is opened.
 *
 *   /                 attributes "format" and "version"
 *   /GROUP/NAME       a tensor, one array each
 *   /values           attributes: the integers, reals and texts of the state
 *
 * datasets/format.md describes it for readers in other languages. */
#ifndef LOCKSTEP_CHECKPOINT_LAYOUT_H
#define LOCKSTEP_CHECKPOINT_LAYOUT_H

#include "checkpoint/checkpoint.h"

#define LKS_LAYOUT_FORMAT "lockstep checkpoint"
#define LKS_LAYOUT_VALUES "values"
#define LKS_LAYOUT_PARAMETERS "parameters"

enum { LKS_LAYOUT_VERSION = 1 };

/* Checks the seal of `path`, then opens it and checks format and version. */
lks_status lks_layout_open(lks_hdf5_file **file, const char *path);

/* Reads the value called value->name, which must be of value->kind. */
lks_status lks_layout_read_value(lks_hdf5_file *file, lks_named_value *value);

/* Calls visit for every value, in name order. */
lks_status lks_layout_visit_values(lks_hdf5_file *file,
                                   lks_status (*visit)(void *context,
                                                       const lks_named_value *value),
                                   void *context);

#endif
