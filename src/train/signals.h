/* SPDX-License-Identifier: Apache-2.0 */
/* signals.h - SIGINT, SIGTERM and SIGUSR1 ask for a checkpoint and an orderly end.
 *
 * A signal reaches ranks unevenly; the handler only notes it, and the step's own
 * sum tells every rank.  A second SIGINT or SIGTERM ends the process at once. */
#ifndef LOCKSTEP_TRAIN_SIGNALS_H
#define LOCKSTEP_TRAIN_SIGNALS_H

#include <stdbool.h>

/* Takes over the three signals; lks_signals_leave gives them back, but for a SIGUSR1 that
 * has asked: Slurm may send it twice, and the second must not end what is ending.  Pairs
 * nest: the outermost takes over and gives back. */
void lks_signals_enter(void);
void lks_signals_leave(void);

/* Whether this process was asked to stop. */
bool lks_signals_stop_asked(void);

#endif
