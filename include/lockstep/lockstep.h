/* SPDX-License-Identifier: Apache-2.0 */
/* lockstep.h - lockstep as a library.
 *
 *   find_package(lockstep REQUIRED)
 *   target_link_libraries(program PRIVATE lockstep::lockstep)
 *
 * Headers are plain C11 and C++, and need no header of MPI, HDF5 or BLAS.  A
 * function that can fail returns an lks_status (status.h); the failure's message
 * belongs to the calling thread. */
#ifndef LOCKSTEP_LOCKSTEP_H
#define LOCKSTEP_LOCKSTEP_H

#include <lockstep/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the library, "0.1.0": part of what a run's digest depends on. */
LKS_API const char *lks_version(void);

#ifdef __cplusplus
}
#endif
#endif
