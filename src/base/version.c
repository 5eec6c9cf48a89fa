/* SPDX-License-Identifier: Apache-2.0 */
/* version.c - the version, which stands in the top CMakeLists.txt alone. */
#include <lockstep/lockstep.h>

const char *lks_version(void) {
  return LOCKSTEP_VERSION;
}
