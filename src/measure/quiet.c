/* SPDX-License-Identifier: Apache-2.0 */
#include "measure/quiet.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

const double lks_quiet_share = 0.06;

/* Long enough for a few ticks of the kernel. */
static const double sample_seconds = 0.2;

static double seconds_of(struct timeval time) {
  return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

/* "cpu  user nice system idle iowait irq softirq steal …", in ticks. */
static double busy_seconds(void) {
  unsigned long long user = 0, nice = 0, system = 0, steal = 0;
  FILE *file = fopen("/proc/stat", "r");
  if (file == NULL)
    return 0;
  int found =
      fscanf(file, "cpu %llu %llu %llu %*u %*u %*u %*u %llu", &user, &nice, &system, &steal);
  fclose(file);
  if (found < 3)
    return 0;
  return (double)(user + nice + system + steal) / (double)sysconf(_SC_CLK_TCK);
}

lks_cpu_sample lks_cpu_sample_take(const lks_comm *comm) {
  struct rusage usage = {0};
  (void)getrusage(RUSAGE_SELF, &usage);
  return (lks_cpu_sample){
      .host = comm ? lks_comm_host(comm) : 0,
      .own = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime),
      .busy = busy_seconds(),
      .wall = lks_clock_seconds(),
  };
}

/* The largest share of a host, from what each rank saw pass. */
static double largest_share(const lks_cpu_sample *passed, int ranks, int hosts) {
  double largest = 0;
  for (int host = 0; host < hosts; host++) {
    double own = 0, busy = 0, wall = 0;
    for (int r = 0; r < ranks; r++)
      if (passed[r].host == host) {
        own += passed[r].own;
        busy = passed[r].busy;
        wall = passed[r].wall;
      }
    double share = wall > 0 ? (busy - own) / wall : 0;
    largest = share > largest ? share : largest;
  }
  return largest;
}

lks_status lks_cpu_others(lks_comm *comm, const lks_cpu_sample *before,
                          const lks_cpu_sample *after, double *share) {
  lks_status status;
  size_t ranks = comm ? (size_t)lks_comm_size(comm) : 1, *sizes = NULL;
  lks_cpu_sample *all = NULL;
  lks_cpu_sample passed = {.host = after->host,
                           .own = after->own - before->own,
                           .busy = after->busy - before->busy,
                           .wall = after->wall - before->wall};
  if (!comm) {
    *share = largest_share(&passed, 1, 1);
    return LKS_OK;
  }
  LKS_TRY_OR(cleanup, status, lks_allocate(&all, ranks, sizeof *all));
  LKS_TRY_OR(cleanup, status, lks_allocate(&sizes, ranks, sizeof *sizes));
  for (size_t r = 0; r < ranks; r++)
    sizes[r] = sizeof passed;
  LKS_TRY_OR(cleanup, status, lks_comm_gather_all(comm, &passed, sizes, all));
  *share = largest_share(all, (int)ranks, lks_comm_hosts(comm));
cleanup:
  lks_release(sizes);
  lks_release(all);
  return status;
}

lks_status lks_quiet_wait(lks_comm *comm, double seconds, double *share) {
  *share = 0;
  int samples = (int)ceil(seconds / sample_seconds);
  for (int i = 0; i < samples; i++) {
    lks_cpu_sample before = lks_cpu_sample_take(comm);
    lks_clock_sleep(sample_seconds);
    lks_cpu_sample after = lks_cpu_sample_take(comm);
    LKS_TRY(lks_cpu_others(comm, &before, &after, share));
    if (*share < lks_quiet_share)
      return LKS_OK;
  }
  return LKS_OK;
}
