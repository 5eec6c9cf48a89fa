/* SPDX-License-Identifier: Apache-2.0 */
/* machine_peak.h - the limits that kernels are held against: multiply-adds in registers,
 * and bytes from and to memory. */
#ifndef LOCKSTEP_MEASURE_MACHINE_PEAK_H
#define LOCKSTEP_MEASURE_MACHINE_PEAK_H

#include "kernels/kernels.h"

typedef struct {
  double flops; /* a second */
  double bytes; /* a second: two arrays are read and one of them is written */
} lks_machine_peak;

/* The best of several turns on `threads` threads. */
lks_status lks_machine_peak_measure(const lks_kernels *kernels, int threads,
                                    lks_machine_peak *peak);

/* Keeps `threads` threads busy after a sleep, until the system has moved them to cores of
 * their own: that takes a tenth of a second, in which two that spin on one core take
 * turns of 4 ms. */
void lks_machine_warm_up(const lks_kernels *kernels, int threads);

#endif
