/* SPDX-License-Identifier: Apache-2.0 */
/* lanes.h - the end of a lane sum: 16 lanes folded 8, 4, 2, 1.  Private to this layer. */
#ifndef LOCKSTEP_KERNELS_LANES_H
#define LOCKSTEP_KERNELS_LANES_H

#include "kernels/kernels.h"

/* Both destroy the lanes. */
static inline float fold_lanes(float lane[LKS_LANES]) {
  for (int half = LKS_LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++)
      lane[j] += lane[j + half];
  return lane[0];
}

static inline double fold_lanes_f64(double lane[LKS_LANES]) {
  for (int half = LKS_LANES / 2; half > 0; half /= 2)
    for (int j = 0; j < half; j++)
      lane[j] += lane[j + half];
  return lane[0];
}

#endif
