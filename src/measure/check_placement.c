/* SPDX-License-Identifier: Apache-2.0 */
/* check_placement.c - ranks, cores and threads: who runs where, and do they fit?
 *
 * Two threads on one core wait for each other at every barrier, so oversubscription
 * costs far more than its share; idle cores cost only what they could have done. */
#include "measure/findings.h"

#include <string.h>

/* A host's ranks together. */
typedef struct {
  cpu_set_t cores; /* of any of its ranks */
  int core_count;
  int threads;
  int ranks;
  int first_rank; /* -1: no rank is there */
} host_load;

static host_load load_of(const lks_findings *findings, int host) {
  host_load load = {.first_rank = -1};
  for (int rank = 0; rank < findings->ranks; rank++) {
    const lks_machine *machine = &findings->machines[rank];
    if (machine->host_number != host)
      continue;
    if (load.first_rank < 0)
      load.first_rank = rank;
    CPU_OR(&load.cores, &load.cores, &machine->cores);
    load.threads += machine->threads;
    load.ranks++;
  }
  load.core_count = CPU_COUNT(&load.cores);
  return load;
}

/* "0-3,8" in text. */
static void describe_cores(const cpu_set_t *cores, char *text, size_t bytes) {
  text[0] = '\0';
  for (size_t core = 0; core < CPU_SETSIZE; core++) {
    if (!CPU_ISSET(core, cores))
      continue;
    size_t last = core;
    while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, cores))
      last++;
    size_t used = strlen(text);
    snprintf(text + used, bytes - used, last > core ? "%s%zu-%zu" : "%s%zu",
             used > 0 ? "," : "", core, last);
    core = last;
  }
}

static const char *plural(int count) {
  return count == 1 ? "" : "s";
}

void lks_check_ranks(lks_findings *findings) {
  int hosts = lks_comm_hosts(findings->comm);
  lks_findings_say(findings, LKS_FINDING_OK, "ranks", "%d rank%s on %d host%s, %s",
                   findings->ranks, plural(findings->ranks), hosts, plural(hosts),
                   lks_comm_transport(findings->comm));
}

void lks_check_binding(lks_findings *findings) {
  for (int host = 0; host < lks_comm_hosts(findings->comm); host++) {
    host_load load = load_of(findings, host);
    if (load.first_rank < 0)
      continue;
    const lks_machine *first = &findings->machines[load.first_rank];
    char cores[256];
    describe_cores(&load.cores, cores, sizeof cores);
    bool bound = first->core_count < first->cores_online;
    if (load.core_count < first->cores_online)
      lks_findings_say(findings, LKS_FINDING_WARNING, "binding",
                       "%s: %d rank%s may run on %d of %d cores (%s); --bind-to none, or "
                       "--map-by slot:PE=CORES, gives them the others",
                       first->host, load.ranks, plural(load.ranks), load.core_count,
                       first->cores_online, cores);
    else
      lks_findings_say(findings, LKS_FINDING_OK, "binding", "%s: all %d cores (%s), %s",
                       first->host, load.core_count, cores,
                       bound ? "each rank bound to its own" : "ranks not bound");
  }
}

void lks_check_threads(lks_findings *findings) {
  for (int rank = 0; rank < findings->ranks; rank++) {
    const lks_machine *machine = &findings->machines[rank];
    if (machine->threads_made < machine->threads)
      lks_findings_say(findings, LKS_FINDING_PROBLEM, "threads",
                       "rank %d asked for %d threads and got %d; is there a limit on "
                       "processes (ulimit -u)?",
                       rank, machine->threads, machine->threads_made);
  }
  for (int host = 0; host < lks_comm_hosts(findings->comm); host++) {
    host_load load = load_of(findings, host);
    if (load.first_rank < 0)
      continue;
    const lks_machine *first = &findings->machines[load.first_rank];
    int fair = load.core_count / load.ranks > 1 ? load.core_count / load.ranks : 1;
    if (load.threads > load.core_count)
      lks_findings_say(findings, LKS_FINDING_WARNING, "threads",
                       "%s: %d threads of %d rank%s on %d core%s wait for each other; "
                       "OMP_NUM_THREADS=%d fits",
                       first->host, load.threads, load.ranks, plural(load.ranks),
                       load.core_count, plural(load.core_count), fair);
    else
      lks_findings_say(findings, LKS_FINDING_OK, "threads", "%s: %d a rank, %d on %d core%s",
                       first->host, first->threads, load.threads, load.core_count,
                       plural(load.core_count));
  }
}
