/* SPDX-License-Identifier: Apache-2.0 */
/* records.c - a rank's last words, in a file that outlives it.
 *
 * The file is mapped: a note costs a store, and what was stored is in the file
 * however the process ends.  Ranks of the same host look at the board instead;
 * other hosts see the file, through the shared file system, some seconds later. */
#include "comm/records.h"

#include "base/clock.h"
#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "comm/group.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { LKS_RECORD_BYTES = 192 };

static const double write_seconds = 1.0;

static const char *const phase_texts[] = {[LKS_PHASE_START] = "start",
                                          [LKS_PHASE_INPUT] = "input",
                                          [LKS_PHASE_FORWARD] = "forward",
                                          [LKS_PHASE_BACKWARD] = "backward",
                                          [LKS_PHASE_SUM] = "sum",
                                          [LKS_PHASE_UPDATE] = "update",
                                          [LKS_PHASE_EVALUATE] = "evaluate",
                                          [LKS_PHASE_SAVE] = "save",
                                          [LKS_PHASE_END] = "end"};

const char *lks_phase_text(lks_phase phase) {
  bool is_known = (int)phase >= 0 && phase <= LKS_PHASE_END;
  return is_known ? phase_texts[phase] : "unknown";
}

static lks_phase phase_of(const char *text) {
  int phase = 0;
  while (phase < LKS_PHASE_END && strcmp(text, phase_texts[phase]) != 0)
    phase++;
  return (lks_phase)phase;
}

static lks_place *own_place(const lks_comm *comm) {
  return &comm->places[lks_comm_host_rank(comm)];
}

/* The line is padded with spaces, so that a shorter one leaves no rest of a longer. */
static void write_line(lks_comm *comm, double now) {
  char stamp[21], line[LKS_RECORD_BYTES + 1];
  const lks_place *place = own_place(comm);
  lks_clock_stamp(stamp);
  snprintf(line, sizeof line,
           "rank %d host %.63s pid %ld step %lld phase %s calls %llu time %s", comm->rank,
           lks_comm_host_name(comm), (long)getpid(),
           (long long)atomic_load_explicit(&place->step, memory_order_relaxed),
           lks_phase_text((lks_phase)atomic_load_explicit(&place->phase, memory_order_relaxed)),
           (unsigned long long)comm->calls, stamp);
  size_t bytes = strlen(line);
  memset(line + bytes, ' ', LKS_RECORD_BYTES - bytes);
  line[LKS_RECORD_BYTES - 1] = '\n';
  memcpy(comm->record.line, line, LKS_RECORD_BYTES);
  comm->record.written = now;
}

static lks_status fail_file(const char *what, const char *path) {
  return LKS_FAIL(LKS_IO,
                  "cannot %s %s: %s\n  hint: the run folder must be writable on every "
                  "host",
                  what, path, strerror(errno));
}

static lks_status make_folder(const char *path) {
  if (mkdir(path, 0777) != 0 && errno != EEXIST)
    return fail_file("make the folder", path);
  return LKS_OK;
}

static lks_status map_line(lks_comm *comm, const char *path) {
  int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (file < 0)
    return fail_file("open", path);
  /* Reserved, so that a full disk fails here and not as a signal in a step. */
  int code = ftruncate(file, LKS_RECORD_BYTES) == 0 ? posix_fallocate(file, 0, LKS_RECORD_BYTES)
                                                    : errno;
  void *line = code == 0 || code == EOPNOTSUPP || code == EINVAL
                   ? mmap(NULL, LKS_RECORD_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
                   : MAP_FAILED;
  if (line == MAP_FAILED) {
    errno = code ? code : errno;
    lks_status status = fail_file("map", path);
    close(file);
    return status;
  }
  close(file);
  comm->record.line = line;
  return LKS_OK;
}

lks_status lks_records_open(lks_comm *comm, const char *folder) {
  lks_text path = {0};
  lks_status status = LKS_OK;
  lks_records_close(comm);
  LKS_TRY_OR(cleanup, status, lks_copy_text(&comm->record.folder, folder));
  LKS_TRY_OR(cleanup, status, lks_text_print(&path, "%s/ranks", folder));
  LKS_TRY_OR(cleanup, status, make_folder(path.data));
  LKS_TRY_OR(cleanup, status, lks_text_print(&path, "/%d", comm->rank));
  LKS_TRY_OR(cleanup, status, map_line(comm, path.data));
  write_line(comm, lks_clock_seconds());
cleanup:
  lks_text_release(&path);
  return status;
}

void lks_records_note(lks_comm *comm, int64_t step, lks_phase phase) {
  lks_place *place = own_place(comm);
  double now = lks_clock_seconds();
  atomic_store_explicit(&place->step, step, memory_order_relaxed);
  atomic_store_explicit(&place->phase, (int)phase, memory_order_relaxed);
  atomic_store_explicit(&place->seen_ms, (int64_t)(1e3 * now), memory_order_relaxed);
  if (comm->record.line && now - comm->record.written >= write_seconds)
    write_line(comm, now);
}

void lks_records_refresh(lks_comm *comm) {
  if (!comm->record.line)
    return;
  write_line(comm, lks_clock_seconds());
  msync(comm->record.line, LKS_RECORD_BYTES, MS_SYNC); /* a network file system sees it now */
}

void lks_records_close(lks_comm *comm) {
  lks_record *record = &comm->record;
  if (record->line) {
    atomic_store_explicit(&own_place(comm)->phase, LKS_PHASE_END, memory_order_relaxed);
    write_line(comm, lks_clock_seconds());
    munmap(record->line, LKS_RECORD_BYTES);
  }
  lks_release(record->folder);
  *record = (lks_record){0};
}

/* Seconds since a stamp like 2026-11-22T21:24:29Z. */
static double seconds_since(const char *stamp) {
  struct tm date = {0};
  if (!strptime(stamp, "%Y-%m-%dT%H:%M:%SZ", &date))
    return 0.0;
  return difftime(time(NULL), timegm(&date));
}

static bool parse_line(const char *line, lks_record_view *view) {
  char phase[16] = "", stamp[32] = "";
  long long process = 0, step = 0;
  unsigned long long calls = 0;
  int found =
      sscanf(line, "rank %d host %63s pid %lld step %lld phase %15s calls %llu time %31s",
             &view->rank, view->host, &process, &step, phase, &calls, stamp);
  view->process = process;
  view->step = step;
  view->phase = phase_of(phase);
  view->calls = calls;
  view->seconds_ago = seconds_since(stamp);
  return found == 7;
}

bool lks_records_read(const lks_comm *comm, int rank, lks_record_view *view) {
  char path[4096], line[LKS_RECORD_BYTES + 1] = "";
  if (!comm->record.folder)
    return false;
  snprintf(path, sizeof path, "%s/ranks/%d", comm->record.folder, rank);
  FILE *file = fopen(path, "r");
  if (!file)
    return false;
  bool is_read = fgets(line, sizeof line, file) && parse_line(line, view);
  fclose(file);
  return is_read && view->rank == rank;
}
