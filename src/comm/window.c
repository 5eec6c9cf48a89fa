/* SPDX-License-Identifier: Apache-2.0 */
/* window.c - shared memory without a name.
 *
 * The first rank of a host makes an anonymous file (memfd) that the others open
 * through /proc: nothing can be left behind by a crash, and the size of /dev/shm,
 * 64 MB in many containers, is no limit.  Each rank reserves its own part, so that
 * memory lies near its processor and its lack is an error, not a signal. */
#include "comm/window.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct lks_window {
  int ranks;      /* of this host */
  size_t *offset; /* [ranks + 2] of the shares, of the common part, of the end */
  char *memory;   /* mapped, or allocated when this is the host's only rank */
  int file;       /* -1 when closed */
};

/* How the others find the file of a host's first rank. */
typedef struct {
  int64_t process;
  int64_t file;
} address;

static size_t page_bytes(void) {
  return (size_t)sysconf(_SC_PAGESIZE);
}

static lks_status lay_out(lks_window *window, lks_comm *comm, size_t mine, size_t common) {
  size_t *shares = NULL;
  LKS_TRY(lks_allocate(&shares, (size_t)comm->size, sizeof *shares));
  lks_status status = lks_comm_gather_equal(comm, &mine, sizeof mine, shares);
  size_t *offset = window->offset;
  for (int r = 0; status == LKS_OK && r < window->ranks; r++)
    offset[r + 1] =
        offset[r] + lks_round_up(shares[comm->host_first[comm->host] + r], page_bytes());
  offset[window->ranks + 1] = offset[window->ranks] + lks_round_up(common, page_bytes());
  lks_release(shares);
  return status;
}

static lks_status fail_system(const char *what, size_t bytes) {
  return LKS_FAIL(LKS_NO_MEMORY,
                  "%s of %.1f MB shared memory failed: %s\n  hint: fewer ranks on a host, or "
                  "cuts at larger subtrees of shards, need less",
                  what, (double)bytes / 1e6, strerror(errno));
}

static lks_status make_file(lks_window *window) {
  size_t bytes = window->offset[window->ranks + 1];
  window->file = memfd_create("lockstep-window", MFD_CLOEXEC);
  if (window->file < 0 || ftruncate(window->file, (off_t)bytes) != 0)
    return fail_system("creation", bytes);
  return LKS_OK;
}

static lks_status open_file(lks_window *window, address first) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%lld/fd/%lld", (long long)first.process,
           (long long)first.file);
  window->file = open(path, O_RDWR | O_CLOEXEC);
  if (window->file < 0)
    return LKS_FAIL(LKS_COMM,
                    "cannot open the shared memory of this host's first rank (%s): %s\n  hint: "
                    "ranks of one host must run in one container, as one user",
                    path, strerror(errno));
  return LKS_OK;
}

/* Reserves [begin, end) in memory near this rank. */
static lks_status reserve(lks_window *window, size_t begin, size_t end) {
  if (begin == end)
    return LKS_OK;
  int code = posix_fallocate(window->file, (off_t)begin, (off_t)(end - begin));
  while (code == EINTR)
    code = posix_fallocate(window->file, (off_t)begin, (off_t)(end - begin));
  errno = code;
  return code == 0 ? LKS_OK : fail_system("reservation", end - begin);
}

static lks_status map(lks_window *window, int host_rank) {
  size_t bytes = window->offset[window->ranks + 1];
  void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, window->file, 0);
  if (memory == MAP_FAILED)
    return fail_system("mapping", bytes);
  window->memory = memory;
  LKS_TRY(reserve(window, window->offset[host_rank], window->offset[host_rank + 1]));

  /* The common part is reserved by all ranks in equal parts. */
  size_t common = window->offset[window->ranks], pages = (bytes - common) / page_bytes();
  size_t ranks = (size_t)window->ranks, own = (size_t)host_rank;
  return reserve(window, common + pages * own / ranks * page_bytes(),
                 common + pages * (own + 1) / ranks * page_bytes());
}

/* Every step may fail on one rank alone, so all agree on it before the next. */
static lks_status share_file(lks_window *window, lks_comm *comm) {
  int host_rank = lks_comm_host_rank(comm), first = comm->host_first[comm->host];
  bool is_alone = window->ranks == 1;
  address *all = NULL, mine = {0};
  lks_status status = lks_allocate(&all, (size_t)comm->size, sizeof *all);
  if (status == LKS_OK && host_rank == 0)
    status = is_alone ? lks_allocate(&window->memory, window->offset[2], 1) : make_file(window);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
  mine = (address){.process = getpid(), .file = window->file};
  LKS_TRY_OR(cleanup, status, lks_comm_gather_equal(comm, &mine, sizeof mine, all));
  if (host_rank > 0)
    status = open_file(window, all[first]);
  if (status == LKS_OK && !is_alone)
    status = map(window, host_rank);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
cleanup:
  lks_release(all);
  return status;
}

lks_status lks_window_create(lks_window **window, lks_comm *comm, size_t mine, size_t common) {
  *window = NULL;
  lks_window *made = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  lks_status status = LKS_OK;
  made->file = -1;
  made->ranks = lks_comm_host_size(comm);
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&made->offset, (size_t)made->ranks + 2, sizeof *made->offset));
  LKS_TRY_OR(cleanup, status, lay_out(made, comm, mine, common));
  LKS_TRY_OR(cleanup, status, share_file(made, comm));
  if (made->file >= 0)
    close(made->file);
  made->file = -1;
  int own = lks_comm_host_rank(comm);
  lks_window_touch(made->memory + made->offset[own], made->offset[own + 1] - made->offset[own]);
  lks_window_touch(lks_window_common(made), common);
  *window = made;
  return LKS_OK;
cleanup:
  lks_window_destroy(made);
  return status;
}

void lks_window_destroy(lks_window *window) {
  if (!window)
    return;
  if (window->ranks == 1)
    lks_release(window->memory);
  else if (window->memory)
    munmap(window->memory, window->offset[window->ranks + 1]);
  if (window->file >= 0)
    close(window->file);
  lks_release(window->offset);
  lks_release(window);
}

void *lks_window_share(const lks_window *window, int host_rank) {
  return window->memory + window->offset[host_rank];
}

void *lks_window_common(const lks_window *window) {
  return window->memory + window->offset[window->ranks];
}

void lks_window_touch(const void *memory, size_t bytes) {
  const volatile char *page = memory;
  for (size_t at = 0; at < bytes; at += page_bytes())
    (void)page[at];
}
