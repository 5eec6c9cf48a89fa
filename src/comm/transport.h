/* SPDX-License-Identifier: Apache-2.0 */
/* transport.h - what a way of moving bytes between ranks has to offer.
 *
 * Messages only, and none of them waits: a request is started here and polled by
 * wait.h, so that every wait has a hook and a deadline.  Messages from one rank
 * to another with one tag arrive in the order in which they were sent.
 *
 * A program that runs alone has no transport. */
#ifndef LOCKSTEP_COMM_TRANSPORT_H
#define LOCKSTEP_COMM_TRANSPORT_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>

/* Longest message: far below what an int can count, long enough to be fast. */
enum { LKS_MESSAGE_BYTES_MAX = 1 << 26 };

typedef enum {
  LKS_TAG_CALL = 1, /* collective calls of comm.h */
  LKS_TAG_PARTIAL,  /* partial sums on the way to the owner of a slice */
  LKS_TAG_RESULT    /* results on the way back */
} lks_tag;

/* A message under way; room for any library's handle. */
typedef struct {
  unsigned char handle[16];
} lks_request;

typedef struct {
  /* Starts a message; `data` stays untouched until the request is done. */
  lks_status (*send)(void *link, int rank, lks_tag tag, const void *data, size_t bytes,
                     lks_request *request);
  lks_status (*receive)(void *link, int rank, lks_tag tag, void *data, size_t bytes,
                        lks_request *request);

  /* Whether the request is done; moves all messages on. */
  lks_status (*test)(void *link, lks_request *request, bool *done);

  /* Gives up a request; the data of a message that was sent stays in use. */
  void (*cancel)(void *link, lks_request *request);

  /* Moves messages on while this rank waits for something else. */
  void (*progress)(void *link);

  /* total[count] = sum over all ranks of mine[count], in the library's own
   * order; `mine` may be `total`.  Waits inside the library. */
  lks_status (*sum)(void *link, const float *mine, float *total, size_t count);

  /* Ends all ranks with `code`; may return before this one has ended. */
  void (*abort)(void *link, int code);

  /* Leaves in good order. */
  void (*close)(void *link);
} lks_transport;

#endif
