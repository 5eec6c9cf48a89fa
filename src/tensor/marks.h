/* marks.h - which blocks of a gradient may hold anything but +0.
 *
 * A step touches few rows of the gradient of an embedding.  Whoever walks through a whole
 * gradient passes over the blocks that nobody marked, and the result has the same bits.
 * Marks are a byte a block of LKS_PARAMS_GRAIN floats, 0 or 1: a block whose mark is 0
 * holds +0 alone.  NULL stands for marks that are all 1. */
#ifndef LOCKSTEP_TENSOR_MARKS_H
#define LOCKSTEP_TENSOR_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool lks_marks_has(const uint8_t *marks, size_t block) {
  return marks == NULL || marks[block] != 0;
}

/* The end, at most `last`, of the blocks from `first` on whose marks are alike. */
static inline size_t lks_marks_run(const uint8_t *marks, size_t first, size_t last) {
  size_t end = marks == NULL ? last : first + 1;
  while (end < last && marks[end] == marks[first])
    end++;
  return end;
}

#endif
