/* process.h - memory and page faults of this process, as Linux counts them. */
#ifndef LOCKSTEP_MEASURE_PROCESS_H
#define LOCKSTEP_MEASURE_PROCESS_H

/* Bytes in memory now, and the most since the start or the last reset. */
double lks_process_bytes(void);
double lks_process_peak_bytes(void);

/* Lets the peak begin anew at what is in memory now; nothing happens where the kernel
 * does not allow it. */
void lks_process_reset_peak(void);

/* Pages that were given to this process without reading from a disk. */
double lks_process_page_faults(void);

#endif
