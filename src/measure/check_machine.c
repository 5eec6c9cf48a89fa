/* SPDX-License-Identifier: Apache-2.0 */
/* check_machine.c - kernels, arithmetic, HDF5, memory, folders and limits. */
#include "measure/findings.h"

#include <stdlib.h>
#include <string.h>

/* Below these a run of ordinary size may fail. */
static const double low_folder_bytes = 1e9;
static const double low_shared_bytes = 256e6;
static const int64_t low_open_files = 256;

/* The first rank on every host speaks for it; -1 after the last. */
static int next_host(const lks_findings *findings, int rank) {
  for (int next = rank + 1; next < findings->ranks; next++) {
    bool first = true;
    for (int before = 0; before < next; before++)
      first = first &&
              findings->machines[before].host_number != findings->machines[next].host_number;
    if (first)
      return next;
  }
  return -1;
}

void lks_check_kernels(lks_findings *findings) {
  const lks_machine *first = &findings->machines[0];
  const char *wanted = getenv("LOCKSTEP_KERNELS");
  for (int rank = 0; rank < findings->ranks; rank++) {
    const lks_machine *machine = &findings->machines[rank];
    if (machine->kernels[0] == '\0') {
      lks_findings_say(findings, LKS_FINDING_PROBLEM, "kernels", "rank %d on %s: %s", rank,
                       machine->host, machine->kernels_error);
      return;
    }
    if (strcmp(machine->kernels, first->kernels) != 0) {
      lks_findings_say(findings, LKS_FINDING_WARNING, "kernels",
                       "rank %d on %s runs %s and rank 0 %s: the same bits, but the slower one "
                       "sets the pace",
                       rank, machine->host, machine->kernels, first->kernels);
      return;
    }
  }
  bool openblas = strcmp(first->kernels, "openblas") == 0;
  lks_findings_say(
      findings, openblas ? LKS_FINDING_WARNING : LKS_FINDING_OK, "kernels",
      "%s, %s%s; this processor can run %s%s%s", first->kernels,
      wanted != NULL && wanted[0] != '\0' ? "as LOCKSTEP_KERNELS says" : "the fastest of ours",
      openblas ? ": its bits depend on the processor and the library" : "", first->kernels_list,
      first->processor[0] != '\0' ? ": " : "", first->processor);
}

/* Whether all ranks multiply a precision by `instruction`. */
static void check_precision(lks_findings *findings, lks_precision precision,
                            const char *instruction) {
  const char *name = lks_precision_name(precision);
  for (int rank = 0; rank < findings->ranks; rank++)
    if (!findings->machines[rank].by_instruction[precision]) {
      lks_findings_say(findings, LKS_FINDING_OK, name,
                       "rank %d on %s has no instruction for it that is faster than f32: the "
                       "same bits, at most as fast as f32",
                       rank, findings->machines[rank].host);
      return;
    }
  lks_findings_say(findings, LKS_FINDING_OK, name,
                   "%s multiplies it: [train] precision = %s is faster than f32", instruction,
                   name);
}

void lks_check_bf16(lks_findings *findings) {
  check_precision(findings, LKS_PRECISION_BF16, "AVX512-BF16");
  check_precision(findings, LKS_PRECISION_BF16_AMX, "AMX");
}

void lks_check_arithmetic(lks_findings *findings) {
  for (int rank = 0; rank < findings->ranks; rank++) {
    const lks_machine *machine = &findings->machines[rank];
    if (!machine->flushes) {
      lks_findings_say(findings, LKS_FINDING_PROBLEM, "arithmetic",
                       "rank %d on %s: a thread does not round to nearest with denormals "
                       "flushed, so its bits would differ",
                       rank, machine->host);
      return;
    }
    if (!machine->same_bits) {
      lks_findings_say(findings, LKS_FINDING_PROBLEM, "arithmetic",
                       "rank %d on %s: kernel tables disagree on a sample; please report it "
                       "with this output",
                       rank, machine->host);
      return;
    }
  }
  lks_findings_say(findings, LKS_FINDING_OK, "arithmetic",
                   "every thread flushes denormals, all tables give the same bits");
}

void lks_check_hdf5(lks_findings *findings) {
  const lks_machine *first = &findings->machines[0];
  for (int rank = 1; rank < findings->ranks; rank++)
    if (strcmp(findings->machines[rank].hdf5, first->hdf5) != 0) {
      lks_findings_say(
          findings, LKS_FINDING_WARNING, "hdf5", "rank %d on %s has %s, rank 0 has %s", rank,
          findings->machines[rank].host, findings->machines[rank].hdf5, first->hdf5);
      return;
    }
  lks_findings_say(findings, LKS_FINDING_OK, "hdf5", "%s", first->hdf5);
}

void lks_check_folder(lks_findings *findings) {
  const lks_machine *first = &findings->machines[0];
  for (int rank = 1; rank < findings->ranks; rank++)
    if (strcmp(findings->machines[rank].folder, first->folder) != 0)
      lks_findings_say(findings, LKS_FINDING_WARNING, "folder",
                       "rank %d on %s works in %s, rank 0 in %s; relative paths differ", rank,
                       findings->machines[rank].host, findings->machines[rank].folder,
                       first->folder);
  double gigabytes = (double)first->folder_free_bytes / 1e9;
  const char *note = "";
  if (lks_comm_hosts(findings->comm) > 1 && !first->is_network)
    note = "; several hosts need one that all of them see";
  if (!first->is_writable)
    lks_findings_say(findings, LKS_FINDING_PROBLEM, "folder",
                     "%s (%s) cannot be written; runs are kept under it unless --run names "
                     "another",
                     first->folder, first->file_system);
  else
    lks_findings_say(findings,
                     (double)first->folder_free_bytes < low_folder_bytes || note[0] != '\0'
                         ? LKS_FINDING_WARNING
                         : LKS_FINDING_OK,
                     "folder", "%s: %s%s, %.1f GB free%s", first->folder, first->file_system,
                     first->is_network ? " (network)" : "", gigabytes, note);
}

void lks_check_memory(lks_findings *findings) {
  for (int rank = next_host(findings, -1); rank >= 0; rank = next_host(findings, rank)) {
    const lks_machine *machine = &findings->machines[rank];
    lks_findings_say(findings, LKS_FINDING_OK, "memory", "%s: %.1f GB, %.1f GB available",
                     machine->host, (double)machine->memory_bytes / 1e9,
                     (double)machine->memory_free_bytes / 1e9);
    if (findings->ranks > 1 && (double)machine->shared_bytes < low_shared_bytes)
      lks_findings_say(findings, LKS_FINDING_WARNING, "memory",
                       "%s: %.0f MB free in /dev/shm, through which ranks of a host exchange "
                       "gradients; a container gets more by --shm-size=1g",
                       machine->host, (double)machine->shared_bytes / 1e6);
  }
}

void lks_check_limits(lks_findings *findings) {
  for (int rank = 0; rank < findings->ranks; rank++) {
    const lks_machine *machine = &findings->machines[rank];
    bool few_files = machine->open_files >= 0 && machine->open_files < low_open_files;
    if (!few_files && machine->file_bytes < 0 && machine->address_bytes < 0)
      continue;
    lks_findings_say(findings, LKS_FINDING_WARNING, "limits",
                     "rank %d on %s: %s; ulimit -a shows them all", rank, machine->host,
                     few_files                  ? "few open files (ulimit -n)"
                     : machine->file_bytes >= 0 ? "files may not grow beyond a size (ulimit -f)"
                                                : "memory is limited (ulimit -v)");
    return;
  }
  lks_findings_say(findings, LKS_FINDING_OK, "limits", "none that matters");
}
