/* SPDX-License-Identifier: Apache-2.0 */
/* viterbi.h - the best path of tags through a row of scores (Viterbi 1967).
 *
 * Of equal paths the one whose tags have the smaller numbers from the end on is taken. */
#ifndef LOCKSTEP_DECODE_VITERBI_H
#define LOCKSTEP_DECODE_VITERBI_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
  int tags;
  const float *transitions; /* [tags, tags] from, to; NULL: all 0 */
  const float *start;       /* [tags]; NULL: all 0 */
  const float *end;
  const bool
      *may_follow;   /* [tags + 1, tags] from, to; row `tags` is the start; NULL: all may */
  const float *bias; /* [tags] added to the emissions of every item; NULL: all 0 */
} lks_viterbi_setup;

/* Room for `steps` items in scratch: bytes. */
size_t lks_viterbi_scratch_bytes(int tags, int steps);

/* path[steps] = the path with the largest sum of emissions, transitions, start and end
 * among those that are allowed; returns that sum.  Allocates nothing.
 *
 *   emissions  tag k of item t is emissions[t x stride + k] */
double lks_viterbi_path(const lks_viterbi_setup *setup, int steps, const float *emissions,
                        size_t stride, void *scratch, int32_t *path);

#endif
