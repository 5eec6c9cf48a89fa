/* SPDX-License-Identifier: Apache-2.0 */
/* comm_mpi.c - messages by MPI, and who the ranks are.  The only file that knows
 * mpi.h.
 *
 * MPI is started for one thread (the I/O thread makes no MPI call).  All traffic
 * runs on a communicator of our own that returns errors, with ranks ordered by
 * (host, rank on the host): the sum then finds a host's shards side by side. */
#include "base/fail.h"
#include "base/memory.h"
#include "base/text.h"
#include "comm/group.h"

#include <mpi.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A sum is cut into pieces: beyond some 16 MB the library's internal buffer comes
 * fresh from the system each time, which costs ten times the sum. */
enum { SUM_FLOATS_MAX = 4 << 20 };

typedef struct {
  MPI_Comm group; /* ours, in our order; MPI_COMM_NULL until made */
  bool started;   /* whether we have to finalise MPI */
} link_to_mpi;

_Static_assert(sizeof(MPI_Request) <= sizeof(lks_request), "room for a request");

static lks_status check(int code, const char *call) {
  if (code == MPI_SUCCESS)
    return LKS_OK;
  char text[MPI_MAX_ERROR_STRING + 1] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return LKS_FAIL(LKS_COMM, "%s failed: %s", call, text);
}

static lks_status mpi_send(void *link, int rank, lks_tag tag, const void *data, size_t bytes,
                           lks_request *request) {
  MPI_Request started;
  LKS_TRY(check(MPI_Isend(data, (int)bytes, MPI_BYTE, rank, (int)tag,
                          ((link_to_mpi *)link)->group, &started),
                "MPI_Isend"));
  memcpy(request->handle, &started, sizeof started);
  return LKS_OK;
}

static lks_status mpi_receive(void *link, int rank, lks_tag tag, void *data, size_t bytes,
                              lks_request *request) {
  MPI_Request started;
  LKS_TRY(check(MPI_Irecv(data, (int)bytes, MPI_BYTE, rank, (int)tag,
                          ((link_to_mpi *)link)->group, &started),
                "MPI_Irecv"));
  memcpy(request->handle, &started, sizeof started);
  return LKS_OK;
}

static lks_status mpi_test(void *link, lks_request *request, bool *done) {
  (void)link;
  MPI_Request polled;
  int flag = 0;
  memcpy(&polled, request->handle, sizeof polled);
  LKS_TRY(check(MPI_Test(&polled, &flag, MPI_STATUS_IGNORE), "MPI_Test"));
  memcpy(request->handle, &polled, sizeof polled);
  *done = flag != 0;
  return LKS_OK;
}

static void mpi_cancel(void *link, lks_request *request) {
  (void)link;
  MPI_Request given_up;
  memcpy(&given_up, request->handle, sizeof given_up);
  if (given_up == MPI_REQUEST_NULL)
    return;
  MPI_Cancel(&given_up);
  MPI_Request_free(&given_up);
}

static void mpi_progress(void *link) {
  int flag = 0;
  MPI_Iprobe(MPI_ANY_SOURCE, LKS_TAG_CALL, ((link_to_mpi *)link)->group, &flag,
             MPI_STATUS_IGNORE);
}

static lks_status mpi_sum(void *link, const float *mine, float *total, size_t count) {
  for (size_t at = 0; at < count; at += SUM_FLOATS_MAX) {
    size_t floats = count - at < SUM_FLOATS_MAX ? count - at : SUM_FLOATS_MAX;
    const void *from = mine == total ? MPI_IN_PLACE : mine + at;
    LKS_TRY(check(MPI_Allreduce(from, total + at, (int)floats, MPI_FLOAT, MPI_SUM,
                                ((link_to_mpi *)link)->group),
                  "MPI_Allreduce"));
  }
  return LKS_OK;
}

static void mpi_abort(void *link, int code) {
  MPI_Comm group = ((link_to_mpi *)link)->group;
  MPI_Abort(group == MPI_COMM_NULL ? MPI_COMM_WORLD : group, code);
}

static void mpi_close(void *link) {
  link_to_mpi *own = link;
  if (own->group != MPI_COMM_NULL)
    MPI_Comm_free(&own->group);
  if (own->started)
    MPI_Finalize();
  lks_release(own);
}

static const lks_transport transport = {.send = mpi_send,
                                        .receive = mpi_receive,
                                        .test = mpi_test,
                                        .cancel = mpi_cancel,
                                        .progress = mpi_progress,
                                        .sum = mpi_sum,
                                        .abort = mpi_abort,
                                        .close = mpi_close};

static lks_status start(link_to_mpi *link) {
  int is_running = 0, provided = MPI_THREAD_SINGLE;
  LKS_TRY(check(MPI_Initialized(&is_running), "MPI_Initialized"));
  if (is_running)
    return LKS_OK;
  LKS_TRY(
      check(MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &provided), "MPI_Init_thread"));
  link->started = true;
  if (provided < MPI_THREAD_FUNNELED)
    return LKS_FAIL(LKS_COMM, "this MPI library does not allow other threads in the program\n"
                              "  hint: build it with MPI_THREAD_FUNNELED or better");
  return LKS_OK;
}

/* Library and version, from "Open MPI v4.1.4, package: …". */
static void name_library(char name[LKS_TRANSPORT_NAME_BYTES]) {
  char text[MPI_MAX_LIBRARY_VERSION_STRING] = "";
  int length = 0;
  MPI_Get_library_version(text, &length);
  text[strcspn(text, ",\n")] = '\0';
  char *version = strstr(text, " v");
  if (version)
    memmove(version + 1, version + 2, strlen(version + 2) + 1);
  snprintf(name, LKS_TRANSPORT_NAME_BYTES, "%.*s", LKS_TRANSPORT_NAME_BYTES - 1, text);
}

/* The ranks that share memory with this one.  LOCKSTEP_RANKS_PER_HOST = k makes k
 * ranks after each other pretend to be a host, so that one machine can test what
 * several hosts do. */
static lks_status split_host(int pretended, MPI_Comm *host) {
  int rank = 0;
  LKS_TRY(check(MPI_Comm_rank(MPI_COMM_WORLD, &rank), "MPI_Comm_rank"));
  if (pretended > 0)
    return check(MPI_Comm_split(MPI_COMM_WORLD, rank / pretended, rank, host),
                 "MPI_Comm_split");
  return check(
      MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, rank, MPI_INFO_NULL, host),
      "MPI_Comm_split_type");
}

static int pretended_ranks_per_host(void) {
  const char *text = getenv("LOCKSTEP_RANKS_PER_HOST");
  int64_t value = 0;
  return text && lks_text_to_integer(text, &value) && value > 0 && value < 1 << 20 ? (int)value
                                                                                   : 0;
}

/* Sorts the ranks by (lowest world rank of the host, world rank); a rank's host is
 * known by the lowest world rank on it. */
static lks_status make_group(link_to_mpi *link, int pretended, int *host_key) {
  MPI_Comm host = MPI_COMM_NULL;
  LKS_TRY(split_host(pretended, &host));
  LKS_TRY(check(MPI_Comm_rank(MPI_COMM_WORLD, host_key), "MPI_Comm_rank"));
  LKS_TRY(check(MPI_Bcast(host_key, 1, MPI_INT, 0, host), "MPI_Bcast"));
  LKS_TRY(check(MPI_Comm_free(&host), "MPI_Comm_free"));
  LKS_TRY(check(MPI_Comm_split(MPI_COMM_WORLD, 0, *host_key, &link->group), "MPI_Comm_split"));
  return check(MPI_Comm_set_errhandler(link->group, MPI_ERRORS_RETURN),
               "MPI_Comm_set_errhandler");
}

static lks_status name_hosts(lks_comm *comm, MPI_Comm group, int pretended) {
  char(*names)[LKS_HOST_NAME_BYTES] = NULL;
  char mine[LKS_HOST_NAME_BYTES] = "";
  LKS_TRY(lks_allocate(&names, (size_t)comm->size, sizeof *names));
  gethostname(mine, sizeof mine - 1);
  lks_status status =
      check(MPI_Allgather(mine, sizeof mine, MPI_CHAR, names, sizeof mine, MPI_CHAR, group),
            "MPI_Allgather");
  for (int h = 0; status == LKS_OK && h < comm->hosts; h++) {
    const char *name = names[comm->host_first[h]];
    if (pretended > 0) /* several hosts of one name */
      snprintf(comm->host_names[h], LKS_HOST_NAME_BYTES, "%.48s.%d", name, h);
    else
      memcpy(comm->host_names[h], name, LKS_HOST_NAME_BYTES);
  }
  lks_release(names);
  return status;
}

/* Which ranks are on which host, from the keys of make_group. */
static lks_status find_hosts(lks_comm *comm, MPI_Comm group, int host_key) {
  int *keys = NULL;
  LKS_TRY(lks_allocate(&keys, (size_t)comm->size, sizeof *keys));
  lks_status status =
      check(MPI_Allgather(&host_key, 1, MPI_INT, keys, 1, MPI_INT, group), "MPI_Allgather");
  for (int r = 0; status == LKS_OK && r < comm->size; r++)
    if (r == 0 || keys[r] != keys[r - 1])
      comm->host_first[comm->hosts++] = r;
  comm->host_first[comm->hosts] = comm->size;
  lks_release(keys);
  return status;
}

/* A program built for one MPI library and started by the mpirun of another finds
 * itself alone, as often as it was started. */
static lks_status check_size(int size) {
  const char *text = getenv("PMI_SIZE");
  int64_t started = 1;
  if (size == 1 && text && lks_text_to_integer(text, &started) && started > 1)
    return LKS_FAIL(LKS_COMM,
                    "%d ranks were started, but MPI sees only one\n  hint: start the program "
                    "with the mpirun of the MPI library it was built with",
                    (int)started);
  return LKS_OK;
}

lks_status lks_comm_open_mpi(lks_comm *comm) {
  link_to_mpi *link = NULL;
  LKS_TRY(lks_allocate(&link, 1, sizeof *link));
  link->group = MPI_COMM_NULL;
  comm->link = link;
  comm->transport = &transport;
  LKS_TRY(start(link));
  int host_key = 0, pretended = pretended_ranks_per_host();
  LKS_TRY(make_group(link, pretended, &host_key));
  LKS_TRY(check(MPI_Comm_size(link->group, &comm->size), "MPI_Comm_size"));
  LKS_TRY(check(MPI_Comm_rank(link->group, &comm->rank), "MPI_Comm_rank"));
  LKS_TRY(check_size(comm->size));
  name_library(comm->transport_name);
  size_t size = (size_t)comm->size;
  LKS_TRY(lks_allocate(&comm->host_first, size + 1, sizeof *comm->host_first));
  LKS_TRY(lks_allocate(&comm->host_names, size, sizeof *comm->host_names));
  LKS_TRY(find_hosts(comm, link->group, host_key));
  return name_hosts(comm, link->group, pretended);
}
