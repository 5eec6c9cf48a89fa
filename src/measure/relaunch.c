/* SPDX-License-Identifier: Apache-2.0 */
/* relaunch.c - what launch/run does, for an installed program without its scripts.
 *
 * The command line is read from /proc: parsing has reordered main's. */
#include "measure/relaunch.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WORDS_OWN = 32 }; /* room for mpirun's own options */

static int topology_of(int processor, const char *what) {
  char path[128];
  int value = -1;
  snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/%s", processor, what);
  FILE *file = fopen(path, "r");
  if (file == NULL)
    return -1;
  if (fscanf(file, "%d", &value) != 1)
    value = -1;
  fclose(file);
  return value;
}

/* Two hardware threads of one core share its multipliers: they count once. */
static int physical_cores(void) {
  cpu_set_t allowed;
  int count = 0, package[CPU_SETSIZE], core[CPU_SETSIZE];
  if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
    return 1;
  for (size_t p = 0; p < CPU_SETSIZE; p++) {
    if (!CPU_ISSET(p, &allowed))
      continue;
    package[count] = topology_of((int)p, "physical_package_id");
    core[count] = topology_of((int)p, "core_id");
    bool is_new = true;
    for (int i = 0; i < count && core[count] >= 0; i++)
      is_new = is_new && (package[i] != package[count] || core[i] != core[count]);
    count += is_new;
  }
  return count > 0 ? count : 1;
}

int lks_relaunch_cores(void) {
  const char *given = getenv("LOCKSTEP_CORES");
  int64_t cores = 0;
  if (given && lks_text_to_integer(given, &cores) && cores > 0 && cores <= INT_MAX)
    return (int)cores;
  return physical_cores();
}

/* What mpirun is to be told. */
typedef struct {
  const char **words;
  size_t count;
} command;

static void add(command *c, const char *word) {
  c->words[c->count++] = word;
}

/* A variable of every rank; what the user has set stays. */
static void pass_on(command *c, const char *name, const char *value, bool always) {
  const char *before = getenv(name);
  if (always || !before || !*before)
    (void)setenv(name, value, 1);
  add(c, "-x");
  add(c, name);
}

static void add_policy(command *c, bool fits, const char *mapping, const char *threads) {
  if (fits) { /* a rank owns `threads` cores, and its threads keep to one each */
    add(c, "--map-by");
    add(c, mapping);
    add(c, "--bind-to");
    add(c, "core");
  } else { /* one that waits must not spin on a core that another needs */
    add(c, "--oversubscribe");
    add(c, "--bind-to");
    add(c, "none");
  }
  pass_on(c, "OMP_NUM_THREADS", threads, true);
  pass_on(c, "OMP_PROC_BIND", fits ? "close" : "false", false);
  pass_on(c, "OMP_PLACES", "cores", false);
  pass_on(c, "OMP_WAIT_POLICY", fits ? "active" : "passive", false);
  /* Large buffers of MPI stay mapped: returned after every call, they would be faulted in
   * anew at each step. */
  pass_on(c, "MALLOC_MMAP_MAX_", "0", false);
  pass_on(c, "MALLOC_TRIM_THRESHOLD_", "4294967296", false);
  if (geteuid() == 0) { /* mpirun asks root to confirm; containers often have no one else */
    (void)setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 1);
    (void)setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 1);
  }
}

/* The words of this process's command line, each ending in a zero byte. */
static lks_status read_words(lks_text *words) {
  char piece[4096];
  size_t bytes;
  lks_status status = LKS_OK;
  FILE *file = fopen("/proc/self/cmdline", "r");
  if (file == NULL)
    return LKS_FAIL(LKS_COMM, "/proc/self/cmdline: %s\n  hint: start mpirun yourself",
                    strerror(errno));
  while (status == LKS_OK && (bytes = fread(piece, 1, sizeof piece, file)) > 0)
    status = lks_text_add(words, piece, bytes);
  fclose(file);
  return status;
}

static size_t count_words(const lks_text *words) {
  size_t count = 0;
  for (size_t i = 0; i < words->bytes; i++)
    count += words->data[i] == '\0';
  return count;
}

lks_status lks_relaunch(int ranks, int threads) {
  lks_status status;
  char program[PATH_MAX], ranks_text[16], threads_text[16], mapping[32];
  lks_text words = {0};
  command c = {NULL, 0};
  int cores = lks_relaunch_cores();
  if (threads == 0)
    threads = cores / ranks > 0 ? cores / ranks : 1;
  snprintf(ranks_text, sizeof ranks_text, "%d", ranks);
  snprintf(threads_text, sizeof threads_text, "%d", threads);
  snprintf(mapping, sizeof mapping, "slot:PE=%d", threads);
  ssize_t bytes = readlink("/proc/self/exe", program, sizeof program - 1);
  program[bytes > 0 ? bytes : 0] = '\0';
  LKS_TRY_OR(cleanup, status, read_words(&words));
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&c.words, count_words(&words) + WORDS_OWN, sizeof *c.words));
  add(&c, "mpirun");
  add(&c, "-n");
  add(&c, ranks_text);
  add_policy(&c, (int64_t)ranks * threads <= cores, mapping, threads_text);
  add(&c, program);
  const char *end = words.data + words.bytes;
  for (const char *word = words.data; word < end; word += strlen(word) + 1)
    if (word != words.data) /* the program's own name */
      add(&c, word);
  (void)execvp("mpirun", (char *const *)(uintptr_t)c.words);
  status = LKS_FAIL(
      LKS_COMM, "cannot start mpirun: %s\n  hint: install openmpi-bin, or leave --ranks out",
      strerror(errno));
cleanup:
  lks_release(c.words);
  lks_text_release(&words);
  return status;
}
