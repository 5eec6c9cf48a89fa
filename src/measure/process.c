/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/process.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/* "VmHWM:   123456 kB" of /proc/self/status; 0 when it is not there. */
static double status_bytes(const char *key) {
  char line[128];
  unsigned long long kilobytes = 0;
  size_t bytes = strlen(key);
  FILE *file = fopen("/proc/self/status", "r");
  if (file == NULL)
    return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (strncmp(line, key, bytes) == 0 && sscanf(line + bytes, ": %llu", &kilobytes) == 1)
      break;
  fclose(file);
  return 1024.0 * (double)kilobytes;
}

double lks_process_bytes(void) {
  return status_bytes("VmRSS");
}

double lks_process_peak_bytes(void) {
  return status_bytes("VmHWM");
}

void lks_process_reset_peak(void) {
  FILE *file = fopen("/proc/self/clear_refs", "w");
  if (file == NULL)
    return;
  fputs("5\n", file);
  fclose(file);
}

double lks_process_page_faults(void) {
  struct rusage usage = {0};
  (void)getrusage(RUSAGE_SELF, &usage);
  return (double)usage.ru_minflt;
}
