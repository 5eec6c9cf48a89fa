/* SPDX-License-Identifier: Apache-2.0 */
/* dropout.c - one kernel call a time step, time steps split among the threads. */
#include "model/dropout.h"

#include <string.h>

typedef struct {
  const lks_span *span;
  const lks_dropout_setup *setup;
  unsigned site;
  int units;
  const float *x;
  float *y;
} job;

static void body(void *context, int part, int parts) {
  const job *j = context;
  const lks_pass *pass = j->span->pass;
  int first, last;
  lks_parallel_slice(j->span->last - j->span->first, 1, part, parts, &first, &last);
  bool drops = pass->training && j->setup->drop > 0;
  for (int t = j->span->first + first; t < j->span->first + last; t++) {
    size_t at = (size_t)t * (size_t)pass->rows * (size_t)j->units;
    if (!drops) {
      memcpy(j->y + at, j->x + at, (size_t)pass->active[t] * (size_t)j->units * sizeof(float));
      continue;
    }
    lks_dropout dropout = {
        .key = pass->key,
        .purpose = j->setup->variational ? LKS_RANDOM_VARIATIONAL : LKS_RANDOM_DROPOUT,
        .layer = j->site,
        .step = pass->step,
        .time = j->setup->variational ? 0 : (uint32_t)t,
        .sample = pass->sample,
        .drop = j->setup->drop,
    };
    pass->kernels->dropout(&dropout, pass->active[t], j->units, j->x + at, j->y + at);
  }
}

void lks_dropout_apply_span(const lks_span *span, const lks_dropout_setup *setup, unsigned site,
                            int units, const float *x, float *y) {
  const lks_pass *pass = span->pass;
  if (x == y && !(pass->training && setup->drop > 0))
    return;
  lks_parallel(pass->threads, body, &(job){span, setup, site, units, x, y});
}

void lks_dropout_apply(const lks_pass *pass, const lks_dropout_setup *setup, unsigned site,
                       int units, const float *x, float *y) {
  lks_span span = lks_span_whole(pass);
  lks_dropout_apply_span(&span, setup, site, units, x, y);
}
