/* SPDX-License-Identifier: Apache-2.0 */
/* agree.c - one rank's failure becomes everyone's, and differences are found.
 *
 * A rank must not leave past a collective call, or the others wait for it.  So
 * all meet here with what they came to, and leave together. */
#include "base/digest.h"
#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"

#include <stdio.h>

enum { MESSAGE_BYTES = 1024, HEX_SHOWN = 12 };

static lks_status tell(lks_comm *comm, int failed, lks_status status) {
  char message[MESSAGE_BYTES] = "";
  if (comm->rank == failed)
    snprintf(message, sizeof message, "%s", lks_error_message());
  LKS_TRY(lks_comm_broadcast(comm, failed, message, sizeof message));
  comm->agreed = status;
  if (comm->rank == failed)
    return status;
  return LKS_FAIL(LKS_PEER, "[rank %d] %s", failed, message);
}

lks_status lks_comm_agree(lks_comm *comm, lks_status status) {
  if (comm->size == 1)
    return comm->agreed = status;
  unsigned char mine = (unsigned char)status, *all = NULL;
  comm->agreed = LKS_OK; /* a rank that fails before all have told leaves by an abort */
  LKS_TRY(lks_allocate(&all, (size_t)comm->size, 1));
  lks_status shared = lks_comm_gather_equal(comm, &mine, 1, all);
  int failed = 0;
  while (shared == LKS_OK && failed < comm->size && all[failed] == LKS_OK)
    failed++;
  lks_status found = failed < comm->size ? (lks_status)all[failed] : LKS_OK;
  lks_release(all);
  LKS_TRY(shared);
  return found == LKS_OK ? LKS_OK : tell(comm, failed, found);
}

static lks_status fail_differing(lks_comm *comm, const char *what, const lks_digest *all,
                                 int r) {
  char first[LKS_DIGEST_HEX], other[LKS_DIGEST_HEX];
  lks_digest_to_hex(&all[0], first);
  lks_digest_to_hex(&all[r], other);
  comm->agreed = comm->rank == 0 ? LKS_USAGE : LKS_PEER;
  return LKS_FAIL(comm->agreed,
                  "%s differs between ranks: rank 0 on host %s has %.*s…, rank %d on host %s "
                  "has %.*s…\n  hint: start the same program with the same configuration and "
                  "data on every host",
                  what, comm->host_names[0], HEX_SHOWN, first, r,
                  comm->host_names[lks_comm_host_of(comm, r)], HEX_SHOWN, other);
}

lks_status lks_comm_check_equal(lks_comm *comm, const char *what, const void *data,
                                size_t bytes) {
  lks_digest mine, *all = NULL;
  if (comm->size == 1)
    return LKS_OK;
  LKS_TRY(lks_comm_agree(comm, lks_digest_of(data, bytes, &mine)));
  LKS_TRY(lks_allocate(&all, (size_t)comm->size, sizeof mine));
  lks_status status = lks_comm_gather_equal(comm, &mine, sizeof mine, all);
  for (int r = 1; status == LKS_OK && r < comm->size; r++)
    if (lks_digest_compare(&all[0], &all[r]) != 0)
      status = fail_differing(comm, what, all, r);
  lks_release(all);
  return status;
}
