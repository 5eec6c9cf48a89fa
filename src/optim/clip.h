/* SPDX-License-Identifier: Apache-2.0 */
/* clip.h - the norm of the whole gradient and the factor that limits it. */
#ifndef LOCKSTEP_OPTIM_CLIP_H
#define LOCKSTEP_OPTIM_CLIP_H

#include "optim/method.h"

/* Euclidean norm of all gradients that optimizer->gradient points to: the sums of
 * squares of the tensors (f64, in the fixed tree of lks_sum_of_squares) are added
 * in the order of the tensors.
 *
 *   gradient  of lks_optimizer_step; one that lies elsewhere is made of several uses, and
 *             its squares are not among the gradient's */
double lks_clip_norm(const lks_optimizer *optimizer, const lks_gradient *gradient);

/* What a summed gradient is multiplied by: 1/terms makes it the mean, and
 * min(1, clip/norm) limits that mean to `clip` (Pascanu et al. 2013, algorithm 1).
 *
 *   norm   of the mean gradient
 *   clip   0: no limit */
float lks_clip_scale(double terms, double norm, double clip);

#endif
