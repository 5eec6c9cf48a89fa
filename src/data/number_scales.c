/* SPDX-License-Identifier: Apache-2.0 */
/* number_scales.c - numbers of vectors on the scale of the training split. */
#include "data/number_scales.h"

#include "base/fail.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* The model is bytes, which may lie anywhere. */
static lks_number_scale scale_at(const void *model, size_t i) {
  lks_number_scale scale;
  memcpy(&scale, (const uint8_t *)model + i * sizeof scale, sizeof scale);
  return scale;
}

bool lks_number_scales_check(const void *model, size_t bytes, size_t count) {
  if (bytes == 0)
    return true;
  if (bytes != count * sizeof(lks_number_scale))
    return false;
  for (size_t i = 0; i < count; i++) {
    const lks_number_scale scale = scale_at(model, i);
    if (!isfinite(scale.centre) || !isfinite(scale.scale) || scale.scale <= 0)
      return false;
  }
  return true;
}

lks_status lks_number_scales_apply(const void *model, size_t count, float *numbers) {
  for (size_t i = 0; model != NULL && i < count; i++) {
    const lks_number_scale scale = scale_at(model, i);
    const double number = (double)numbers[i];
    numbers[i] = (float)((number - scale.centre) / scale.scale);
    if (!isfinite(numbers[i]))
      return LKS_FAIL(LKS_DATA,
                      "number %zu: %g is too far from those of the training split, whose mean "
                      "is %g and whose standard deviation is %g",
                      i + 1, number, scale.centre, scale.scale);
  }
  return LKS_OK;
}
