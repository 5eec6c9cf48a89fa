/* SPDX-License-Identifier: Apache-2.0 */
/* machine.c - reads affinity, memory, limits and the file system of this process.
 *
 * What cannot be found out stays zero or empty: a check then says so or is silent. */
#include "measure/machine.h"

#include "base/fail.h"
#include "io/hdf5_file.h"
#include "kernels/parallel.h"
#include "measure/self_test.h"

#include <errno.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Kinds that <linux/magic.h> does not list, as their own sources give them. */
enum { MAGIC_LUSTRE = 0x0BD00BD0, MAGIC_GPFS = 0x47504653, MAGIC_BEEGFS = 0x19830326 };

typedef struct {
  uint32_t magic;
  const char *name;
  bool is_network;
} file_system;

static const file_system file_systems[] = {
    {EXT4_SUPER_MAGIC, "ext4", false},
    {XFS_SUPER_MAGIC, "xfs", false},
    {BTRFS_SUPER_MAGIC, "btrfs", false},
    {TMPFS_MAGIC, "tmpfs", false},
    {OVERLAYFS_SUPER_MAGIC, "overlay", false},
    {NFS_SUPER_MAGIC, "nfs", true},
    {SMB_SUPER_MAGIC, "smb", true},
    {CIFS_SUPER_MAGIC, "cifs", true},
    {CEPH_SUPER_MAGIC, "ceph", true},
    {AFS_SUPER_MAGIC, "afs", true},
    {V9FS_MAGIC, "9p", true},
    {FUSE_SUPER_MAGIC, "fuse", true},
    {MAGIC_LUSTRE, "lustre", true},
    {MAGIC_GPFS, "gpfs", true},
    {MAGIC_BEEGFS, "beegfs", true},
};

static void read_processor(lks_machine *machine) {
  char line[256];
  FILE *file = fopen("/proc/cpuinfo", "r");
  if (file == NULL)
    return;
  while (fgets(line, sizeof line, file) != NULL) {
    char *value = strstr(line, ": ");
    if (strncmp(line, "model name", 10) != 0 || value == NULL)
      continue;
    value[strcspn(value, "\n")] = '\0';
    snprintf(machine->processor, sizeof machine->processor, "%.63s", value + 2);
    break;
  }
  fclose(file);
}

/* What can be had without swapping: /proc says it better than sysinfo. */
static uint64_t available_memory(void) {
  char line[128];
  unsigned long long kilobytes = 0;
  FILE *file = fopen("/proc/meminfo", "r");
  if (file == NULL)
    return 0;
  while (fgets(line, sizeof line, file) != NULL)
    if (sscanf(line, "MemAvailable: %llu kB", &kilobytes) == 1)
      break;
  fclose(file);
  return (uint64_t)kilobytes * 1024;
}

uint64_t lks_machine_available_memory(uint64_t *total) {
  struct sysinfo info;
  *total = sysinfo(&info) == 0 ? (uint64_t)info.totalram * info.mem_unit : 0;
  return available_memory();
}

static void read_memory(lks_machine *machine) {
  machine->memory_free_bytes = lks_machine_available_memory(&machine->memory_bytes);
  struct statvfs shared;
  if (statvfs("/dev/shm", &shared) == 0)
    machine->shared_bytes = (uint64_t)shared.f_bavail * shared.f_frsize;
}

static void read_folder(lks_machine *machine) {
  struct statfs kind;
  struct statvfs space;
  if (getcwd(machine->folder, sizeof machine->folder) == NULL)
    snprintf(machine->folder, sizeof machine->folder, "(%s)", strerror(errno));
  machine->is_writable = access(".", W_OK) == 0;
  if (statvfs(".", &space) == 0)
    machine->folder_free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
  if (statfs(".", &kind) != 0)
    return;
  snprintf(machine->file_system, sizeof machine->file_system, "0x%x", (uint32_t)kind.f_type);
  for (size_t i = 0; i < sizeof file_systems / sizeof file_systems[0]; i++)
    if ((uint32_t)kind.f_type == file_systems[i].magic) {
      snprintf(machine->file_system, sizeof machine->file_system, "%s", file_systems[i].name);
      machine->is_network = file_systems[i].is_network;
    }
}

static int64_t limit_of(enum __rlimit_resource resource) {
  struct rlimit limit;
  if (getrlimit(resource, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
    return -1;
  return (int64_t)limit.rlim_cur;
}

static void read_kernels(lks_machine *machine) {
  int count = 0;
  const lks_kernels *const *tables = lks_kernels_all(LKS_PRECISION_F32, &count);
  for (int i = 0; i < count; i++) {
    size_t used = strlen(machine->kernels_list);
    snprintf(machine->kernels_list + used, sizeof machine->kernels_list - used, "%s%s",
             i > 0 ? ", " : "", tables[i]->name);
  }
  const lks_kernels *chosen = NULL;
  for (int p = 0; p < LKS_PRECISION_COUNT; p++)
    if (lks_kernels_find(NULL, (lks_precision)p, &chosen) == LKS_OK)
      machine->by_instruction[p] = !chosen->emulated;
  if (lks_kernels_find(getenv("LOCKSTEP_KERNELS"), LKS_PRECISION_F32, &chosen) == LKS_OK)
    snprintf(machine->kernels, sizeof machine->kernels, "%s", chosen->name);
  else
    snprintf(machine->kernels_error, sizeof machine->kernels_error, "%s", lks_error_message());
}

lks_status lks_machine_read(lks_machine *machine, const lks_comm *comm) {
  *machine = (lks_machine){.host_number = lks_comm_host(comm)};
  snprintf(machine->host, sizeof machine->host, "%s", lks_comm_host_name(comm));
  if (sched_getaffinity(0, sizeof machine->cores, &machine->cores) == 0)
    machine->core_count = CPU_COUNT(&machine->cores);
  machine->cores_online = (int)sysconf(_SC_NPROCESSORS_ONLN);
  machine->threads = lks_parallel_threads();
  machine->open_files = limit_of(RLIMIT_NOFILE);
  machine->file_bytes = limit_of(RLIMIT_FSIZE);
  machine->address_bytes = limit_of(RLIMIT_AS);
  lks_hdf5_version(machine->hdf5, sizeof machine->hdf5);
  read_processor(machine);
  read_memory(machine);
  read_folder(machine);
  read_kernels(machine);
  lks_self_test_threads(machine->threads, &machine->threads_made, &machine->flushes);
  return lks_self_test_bits(machine->threads, &machine->same_bits);
}
