/* SPDX-License-Identifier: Apache-2.0 */
/* floating_point.c - the control register of SSE and AVX arithmetic (MXCSR).
 *
 * Saving, setting and restoring it costs about 10 ns. */
#include "base/floating_point.h"

#include <xmmintrin.h>

/* Intel 64 manual, volume 1, section 10.2.3. */
enum {
  FLUSH_TO_ZERO = 1 << 15,
  ROUNDING = 3 << 13, /* both bits clear: to nearest */
  EXCEPTION_MASKS = 0x3F << 7,
  DENORMALS_ARE_ZERO = 1 << 6,
  CONTROL = FLUSH_TO_ZERO | ROUNDING | EXCEPTION_MASKS | DENORMALS_ARE_ZERO,
  WANTED = FLUSH_TO_ZERO | EXCEPTION_MASKS | DENORMALS_ARE_ZERO
};

unsigned lks_floating_point_enter(void) {
  unsigned saved = _mm_getcsr();
  _mm_setcsr((saved & ~(unsigned)CONTROL) | (unsigned)WANTED);
  return saved;
}

void lks_floating_point_leave(unsigned saved) {
  _mm_setcsr(saved);
}

bool lks_floating_point_is_set(void) {
  return (_mm_getcsr() & (unsigned)CONTROL) == (unsigned)WANTED;
}
