/* SPDX-License-Identifier: Apache-2.0 */
/* span_product.c - the time steps of all rows at once, the others one by one. */
#include "model/span_product.h"

/* Rows that lie one behind another from `item` on. */
static void run(const lks_pass *pass, const lks_item_product *p, size_t item, int rows) {
  lks_product(pass->kernels, pass->threads, rows, p->inner, p->columns,
              p->left + item * p->left_stride, p->left_stride, p->packed,
              p->start ? p->start + item * p->start_stride : NULL, p->start_stride,
              p->out + item * p->out_stride, p->out_stride);
}

void lks_span_product(const lks_span *span, const lks_item_product *p) {
  const lks_pass *pass = span->pass;
  int t = span->first, full = t;
  while (full < span->last && pass->active[full] == pass->rows)
    full++;
  if (full > t)
    run(pass, p, (size_t)t * (size_t)pass->rows, (full - t) * pass->rows);
  for (t = full; t < span->last && pass->active[t] > 0; t++)
    run(pass, p, (size_t)t * (size_t)pass->rows, pass->active[t]);
}
