/* SPDX-License-Identifier: Apache-2.0 */
/* clip.c - at most one pass over the gradient for its norm; the factor itself costs no
 * pass, since every update kernel multiplies by it as it reads.
 *
 * Mean and limit are one f64 factor, rounded to f32 once: two factors would round
 * every element twice. */
#include "optim/clip.h"

#include "base/arithmetic.h"
#include "kernels/parallel.h"

double lks_clip_norm(const lks_optimizer *optimizer, const lks_gradient *given) {
  const lks_params *params = optimizer->params;
  const float *gradient = given->values;
  const double *squares = given->squares;
  double sum = 0;
  if (squares == NULL) {
    lks_norm_blocks(optimizer->kernels, optimizer->threads, lks_params_gradient_count(params),
                    gradient, given->marks, optimizer->squares);
    squares = optimizer->squares;
  }
  for (int p = 0; p < lks_params_count(params); p++) {
    const lks_param *param = lks_params_at(params, p);
    size_t padded = lks_optimizer_padded(param);
    if (optimizer->gradient[p] == gradient + param->offset)
      sum +=
          lks_sum_of_blocks(squares + param->offset / LKS_NORM_BLOCK, padded / LKS_NORM_BLOCK);
    else
      sum += lks_sum_of_squares(optimizer->kernels, optimizer->threads, padded,
                                optimizer->gradient[p], optimizer->blocks);
  }
  return lks_sqrt_f64(sum);
}

float lks_clip_scale(double terms, double norm, double clip) {
  double limit = clip > 0 && norm > clip ? clip / norm : 1;
  return (float)(1 / terms * limit);
}
