/* SPDX-License-Identifier: Apache-2.0 */
/* bf16.h - rounding a float to bf16: its sign, its exponent, 7 of its 23 bits.
 *
 * To nearest, ties to even, denormals to zeros of their sign, a NaN to a NaN: what
 * VCVTNE2PS2BF16 does, in any floating-point environment.  Private to this layer. */
#ifndef LOCKSTEP_KERNELS_BF16_H
#define LOCKSTEP_KERNELS_BF16_H

#include <stdint.h>
#include <string.h>

/* The bf16 in the upper half, zeros in the lower one: the bits of a float. */
static inline uint32_t bf16_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  const uint32_t magnitude = bits & 0x7fffffffu;
  uint32_t rounded = bits + 0x7fffu + (bits >> 16 & 1u);
  rounded = magnitude > 0x7f800000u ? bits | 0x00400000u : rounded;
  rounded = magnitude < 0x00800000u ? bits & 0x80000000u : rounded;
  return rounded & 0xffff0000u;
}

static inline float bf16_round(float x) {
  const uint32_t bits = bf16_bits(x);
  float rounded;
  memcpy(&rounded, &bits, sizeof rounded);
  return rounded;
}

#endif
