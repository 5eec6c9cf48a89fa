/* SPDX-License-Identifier: Apache-2.0 */
/* amx.c - Linux gives the 8 KiB of tile registers to a process that asks for them
 * (Documentation/arch/x86/xstate.rst). */
#include "kernels/amx.h"

#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  ARCH_REQUEST_STATE = 0x1023, /* ARCH_REQ_XCOMP_PERM */
  TILE_STATE = 18,             /* XFEATURE_XTILEDATA */
  FEATURES = 7                 /* leaf of CPUID; of its register EDX … */
};
#define HAS_BF16 (1u << 22)
#define HAS_TILES (1u << 24)

bool lks_amx_is_usable(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid_count(FEATURES, 0, &a, &b, &c, &d))
    return false;
  if ((d & HAS_BF16) == 0 || (d & HAS_TILES) == 0)
    return false;
  return syscall(SYS_arch_prctl, ARCH_REQUEST_STATE, TILE_STATE) == 0;
}
