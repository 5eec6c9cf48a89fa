/* clock.h - time that only moves forward, and waiting. */
#ifndef LOCKSTEP_BASE_CLOCK_H
#define LOCKSTEP_BASE_CLOCK_H

#include <stddef.h>

/* Seconds since some fixed moment of this process's machine. */
double lks_clock_seconds(void);

/* Sleeps for about `seconds`. */
void lks_clock_sleep(double seconds);

/* The calendar time as "2026-11-22T21:24:29Z" in text[0..20]. */
void lks_clock_stamp(char text[21]);

/* Seconds as "1 h 02 min", "3 min 05 s", "4.2 s" in text. */
void lks_clock_describe(double seconds, char *text, size_t bytes);

#endif
