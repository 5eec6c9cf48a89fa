/* SPDX-License-Identifier: Apache-2.0 */
/* exchange_state.h - the inside of an exchange, and the ways of summing. */
#ifndef LOCKSTEP_COMM_EXCHANGE_STATE_H
#define LOCKSTEP_COMM_EXCHANGE_STATE_H

#include "comm/exchange.h"
#include "comm/exchange_plan.h"
#include "comm/window.h"

typedef struct lks_remote lks_remote;

struct lks_exchange {
  lks_comm *comm; /* borrowed; outlives this */
  size_t count;
  lks_reduction reduction;
  const lks_sum_tools *tools; /* of `lent`, or NULL */
  lks_sum_tools lent;
  int *rooms;            /* [ranks] partial buffers of each */
  lks_window *window;    /* a share is a rank's partials, marks; the common part is result,
                            squares, marks */
  float **partials;      /* [rooms of this rank] */
  float *result;         /* [count] shared by the host, or partials[0], or total */
  double *squares;       /* [count / LKS_BLOCK_FLOATS] of the result, shared; or NULL */
  uint8_t *marks;        /* [count / LKS_BLOCK_FLOATS] of this rank's partials */
  uint8_t **host_marks;  /* [host ranks] those of each */
  uint8_t *result_marks; /* [count / LKS_BLOCK_FLOATS] of the result, shared; or NULL */
  float *total;          /* [count] this rank's own result, for LKS_REDUCTION_MPI */
  lks_exchange_plan *plan;
  lks_remote *remote; /* NULL on one host */
};

/* The partial that a term of this host names. */
const float *lks_exchange_term(const lks_exchange *exchange, const lks_term *term);

/* Sums as the plan says, into `result`; in the floating-point environment.
 * With one rank, on one host, between hosts, by the library.         Collective. */
lks_status lks_exchange_alone(lks_exchange *exchange);
lks_status lks_exchange_on_host(lks_exchange *exchange);
lks_status lks_exchange_between_hosts(lks_exchange *exchange);
lks_status lks_exchange_by_library(lks_exchange *exchange);

/* sum[0 .. count) = the program over this host's terms `first` and on, from float
 * `at` of the buffer. */
void lks_exchange_add_terms(const lks_exchange *exchange, const lks_tree_program *program,
                            int first, size_t at, float *sum, size_t count);

/* This rank's part of the buffer among the ranks of its host. */
lks_slice lks_exchange_host_slice(const lks_exchange *exchange);

/* Buffers for messages between hosts. */
lks_status lks_remote_create(lks_remote **remote, const lks_comm *comm);
void lks_remote_destroy(lks_remote *remote);

#endif
