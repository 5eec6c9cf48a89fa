/* floating_point.h - the floating-point environment in which bits are decided:
 * round to nearest, denormals flushed (FTZ) and read as zero (DAZ).
 *
 * OpenMP workers inherit whatever their creator had, and a library may be
 * called with any environment: enter on every way in, leave on the way out. */
#ifndef LOCKSTEP_BASE_FLOATING_POINT_H
#define LOCKSTEP_BASE_FLOATING_POINT_H

#include <stdbool.h>

/* Sets the environment; returns the caller's, for lks_floating_point_leave. */
unsigned lks_floating_point_enter(void);

/* Restores what lks_floating_point_enter returned. */
void lks_floating_point_leave(unsigned saved);

/* Whether the calling thread is in the environment. */
bool lks_floating_point_is_set(void);

#endif
