/* SPDX-License-Identifier: Apache-2.0 */
/* comm_alone.c - a group of one: no transport, and no MPI library is started. */
#include "base/fail.h"
#include "base/memory.h"
#include "comm/group.h"

#include <stdio.h>
#include <unistd.h>

lks_status lks_comm_open_alone(lks_comm *comm) {
  comm->size = 1;
  comm->hosts = 1;
  snprintf(comm->transport_name, sizeof comm->transport_name, "alone");
  LKS_TRY(lks_allocate(&comm->host_first, 2, sizeof *comm->host_first));
  LKS_TRY(lks_allocate(&comm->host_names, 1, sizeof *comm->host_names));
  comm->host_first[1] = 1;
  if (gethostname(comm->host_names[0], LKS_HOST_NAME_BYTES - 1) != 0)
    snprintf(comm->host_names[0], LKS_HOST_NAME_BYTES, "localhost");
  return LKS_OK;
}
