/* SPDX-License-Identifier: Apache-2.0 */
/* run_config.h - the configuration of a run: which keys there are, and where they
 * come from. */
#ifndef LOCKSTEP_TRAIN_RUN_CONFIG_H
#define LOCKSTEP_TRAIN_RUN_CONFIG_H

#include "task/task.h"

/* A configuration with the keys of training, optimiser and task `kind`. */
lks_status lks_run_config_create(lks_config **config, const lks_task_kind *kind);

/* Reads an INI file and assignments; the file's [task] kind says which keys there
 * are.  Everything is checked. */
lks_status lks_run_config_read(lks_config **config, const char *path, const char *const *sets,
                               size_t set_count);

/* The same from expanded text, as a checkpoint holds it. */
lks_status lks_run_config_parse(lks_config **config, const char *text, const char *name,
                                const char *const *sets, size_t set_count);

/* The task that [task] kind names. */
lks_status lks_run_config_kind(const lks_config *config, const lks_task_kind **kind);

/* The kernels: LOCKSTEP_KERNELS, or [train] kernels, of [train] precision. */
lks_status lks_run_config_kernels(const lks_config *config, const lks_kernels **kernels);

/* Threads of this rank: [distributed] threads, or the machine's default. */
int lks_run_config_threads(const lks_config *config);

/* Shards of a training batch: [distributed] shards, or the default for its size: [train]
 * batch rows of [data] window steps, or those that are given. */
lks_status lks_run_config_shards(const lks_config *config, int *shards);
lks_status lks_run_config_shards_of(const lks_config *config, int batch, double steps,
                                    int *shards);

#endif
