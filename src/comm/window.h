/* SPDX-License-Identifier: Apache-2.0 */
/* window.h - memory that all ranks of a host see.
 *
 * A share per rank, and a common part.  All of it is zero at first, and in
 * memory: a page that is touched for the first time inside a step would cost
 * more than the sum itself. */
#ifndef LOCKSTEP_COMM_WINDOW_H
#define LOCKSTEP_COMM_WINDOW_H

#include "comm/comm.h"

typedef struct lks_window lks_window;

/* `mine` bytes for this rank, which may differ from rank to rank, and `common`
 * bytes for the host, equal on its ranks.  Shares start on a page.  Collective. */
lks_status lks_window_create(lks_window **window, lks_comm *comm, size_t mine, size_t common);
void lks_window_destroy(lks_window *window);

/* The share of a rank of this host, and the common part. */
void *lks_window_share(const lks_window *window, int host_rank);
void *lks_window_common(const lks_window *window);

/* Reads a byte of every page, so that this process has them mapped. */
void lks_window_touch(const void *memory, size_t bytes);

#endif
