/* SPDX-License-Identifier: Apache-2.0 */
/* isa.h - the vector type that <kernel>_fast.c is written over.
 *
 * kernels.cmake names one of isa_avx512.h, isa_avx2.h and isa_portable.h in
 * LKS_ISA_HEADER; all three define the same types and functions, so a fast kernel
 * holds no #if.  A portable vector is one float, and the compiler may vectorise the
 * loops; every operation is IEEE exact there, so the forms agree bit for bit.
 *
 *   vec    WIDTH floats           ivec  WIDTH 32-bit integers
 *   vmask  WIDTH truth values     wide  WIDTH / WIDE_PARTS doubles
 *
 * WIDTH divides LKS_LANES: LANE_VECTORS vectors hold the lanes of a lane sum.
 * vec_max(a, b) is a > b ? a : b and vec_min(a, b) is a < b ? a : b, as the
 * processor has them: where either is NaN, or both are zeros, b comes out.
 * vec_fnma(a, b, c) is c - a b, rounded once.  ivec_multiply gives the lower and the
 * upper half of the product.  ivec_transpose makes of four vectors, in every group of
 * four lanes, a 4 x 4 matrix transposed: v[j] then starts with lane j of v[0] … v[3].
 * vec_scale(a, n, biased) is a 2^n, rounded once, for whole n in -252 … 254; the lower
 * 16 bits of `biased` hold n + 254, which serves forms without an instruction for it.
 * vec_stream stores past the caches, to an address that is a multiple of a vector; only
 * after vec_streamed do other threads see it no later than what is stored from then on.
 * The *_first forms touch `n` elements, 1 <= n <= WIDTH; a load sets the rest to 0. */
#ifndef LOCKSTEP_KERNELS_ISA_H
#define LOCKSTEP_KERNELS_ISA_H

#include "kernels/kernel_table.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define LKS_INLINE static inline __attribute__((always_inline))

#include LKS_ISA_HEADER

enum { LANE_VECTORS = LKS_LANES / WIDTH };

#endif
