/* SPDX-License-Identifier: Apache-2.0 */
/* shape.c - extents of arrays. */
#include "tensor/shape.h"

#include "base/arithmetic.h"
#include "base/fail.h"

#include <stdio.h>
#include <string.h>

lks_shape lks_shape_1(size_t a) {
  return (lks_shape){1, {a}};
}

lks_shape lks_shape_2(size_t a, size_t b) {
  return (lks_shape){2, {a, b}};
}

lks_shape lks_shape_3(size_t a, size_t b, size_t c) {
  return (lks_shape){3, {a, b, c}};
}

size_t lks_shape_count(const lks_shape *shape) {
  size_t count = 1;
  bool fits = true;
  for (int axis = 0; axis < shape->axes; axis++)
    fits = fits && lks_size_multiply(count, shape->extent[axis], &count);
  LKS_ASSERT(fits);
  return count;
}

bool lks_shape_is_equal(const lks_shape *a, const lks_shape *b) {
  if (a->axes != b->axes)
    return false;
  for (int axis = 0; axis < a->axes; axis++) {
    if (a->extent[axis] != b->extent[axis])
      return false;
  }
  return true;
}

void lks_shape_describe(const lks_shape *shape, char *text, size_t bytes) {
  (void)snprintf(text, bytes, "[");
  for (int axis = 0; axis < shape->axes; axis++) {
    size_t used = strlen(text);
    (void)snprintf(text + used, bytes - used, "%s%zu", axis ? ", " : "", shape->extent[axis]);
  }
  size_t used = strlen(text);
  (void)snprintf(text + used, bytes - used, "]");
}
