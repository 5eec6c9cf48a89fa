/* shape.h - names for dimensions, and the extents of an array.
 *
 * One word a dimension, everywhere:
 *
 *   batch B (rows)   steps T   inputs I   hidden H   gates G   outputs O
 *   vocab V          layers L
 *
 * Sequences are time-major: [T, B, units].  Gate order is i f g o for the LSTM
 * and r z n for the GRU, as in torch.nn. */
#ifndef LOCKSTEP_TENSOR_SHAPE_H
#define LOCKSTEP_TENSOR_SHAPE_H

#include <stdbool.h>
#include <stddef.h>

enum { LKS_AXES_MAX = 4 };

typedef struct {
  int axes;
  size_t extent[LKS_AXES_MAX];
} lks_shape;

lks_shape lks_shape_1(size_t a);
lks_shape lks_shape_2(size_t a, size_t b);
lks_shape lks_shape_3(size_t a, size_t b, size_t c);
size_t lks_shape_count(const lks_shape *shape);
bool lks_shape_is_equal(const lks_shape *a, const lks_shape *b);

/* "[800, 200]" in text. */
void lks_shape_describe(const lks_shape *shape, char *text, size_t bytes);

#endif
