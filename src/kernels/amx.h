/* SPDX-License-Identifier: Apache-2.0 */
/* amx.h - whether this process may use AMX-BF16.  Private to this layer. */
#ifndef LOCKSTEP_KERNELS_AMX_H
#define LOCKSTEP_KERNELS_AMX_H

#include <stdbool.h>

/* Whether the processor has the tiles and their product of bf16, and the kernel lets this
 * process use them, which is asked for here, for all threads. */
bool lks_amx_is_usable(void);

#endif
