/* SPDX-License-Identifier: Apache-2.0 */
/* clock.c - the monotonic clock, so that no correction of the calendar makes a
 * wait endless or a rate negative. */
#include "base/clock.h"

#include <stdio.h>
#include <time.h>

double lks_clock_seconds(void) {
  struct timespec now;
  (void)clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void lks_clock_sleep(double seconds) {
  if (!(seconds > 0))
    return;
  struct timespec left;
  left.tv_sec = (time_t)seconds;
  left.tv_nsec = (long)((seconds - (double)left.tv_sec) * 1e9);
  /* A signal may be the very news that is waited for: return early then. */
  (void)nanosleep(&left, NULL);
}

void lks_clock_stamp(char text[21]) {
  time_t now = time(NULL);
  struct tm parts;
  (void)gmtime_r(&now, &parts);
  if (strftime(text, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    text[0] = '\0';
}

void lks_clock_describe(double seconds, char *text, size_t bytes) {
  if (seconds < 0)
    seconds = 0;
  if (seconds < 59.95) {
    (void)snprintf(text, bytes, "%.1f s", seconds);
    return;
  }
  long long whole = (long long)(seconds + 0.5);
  if (whole < 3600)
    (void)snprintf(text, bytes, "%lld min %02lld s", whole / 60, whole % 60);
  else
    (void)snprintf(text, bytes, "%lld h %02lld min", whole / 3600, whole / 60 % 60);
}
