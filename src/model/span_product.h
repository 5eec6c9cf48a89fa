/* SPDX-License-Identifier: Apache-2.0 */
/* span_product.h - a product over the active items of a span: the cost of ragged rows is
 * that of their items. */
#ifndef LOCKSTEP_MODEL_SPAN_PRODUCT_H
#define LOCKSTEP_MODEL_SPAN_PRODUCT_H

#include "model/pass.h"

/* Arrays of items [T, B, …] and what lies between their items. */
typedef struct {
  int inner, columns;
  const float *left; /* [T, B, left_stride] */
  size_t left_stride;
  const float *packed; /* right operand [inner, columns] */
  const float *start;  /* [T, B, start_stride], or with stride 0 one row; NULL: +0 */
  size_t start_stride;
  float *out; /* [T, B, out_stride]; may be start */
  size_t out_stride;
} lks_item_product;

/* out = left x right from start, for the items of the span that are active. */
void lks_span_product(const lks_span *span, const lks_item_product *product);

#endif
