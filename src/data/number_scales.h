/* number_scales.h - the scales of a field of numbers: what its `model` holds.
 *
 * A network learns best from numbers of about -1 to 1, so a dataset holds
 * (x - centre) / scale of every number x, computed in f64 and rounded once. */
#ifndef LOCKSTEP_DATA_NUMBER_SCALES_H
#define LOCKSTEP_DATA_NUMBER_SCALES_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

/* Of one number of a vector; the field's model is an array of them, or empty where numbers
 * are as they were given. */
typedef struct {
  double centre, scale; /* finite; scale > 0 */
} lks_number_scale;

/* Whether `bytes` bytes at `model` are the scales of `count` numbers, or none. */
bool lks_number_scales_check(const void *model, size_t bytes, size_t count);

/* Puts numbers [count] on their scales; `model` NULL: leaves them.  Fails with LKS_DATA when
 * one is too far from its centre for f32. */
lks_status lks_number_scales_apply(const void *model, size_t count, float *numbers);

#endif
