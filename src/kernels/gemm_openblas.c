/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_openblas.c - the products of the openblas table; the only file with cblas.h.
 *
 * OpenBLAS picks its code, and with it the rounding, by the shape of a call.  So every
 * call here has a shape that depends on the layer alone: ROW_TILE rows (the last ones
 * padded with zeros), the columns of one panel, at most INNER_BLOCK terms, one thread.
 * Hence the bits depend on neither batch, threads nor ranks; the kind of processor and
 * the library's version they do depend on, and lks_openblas_describe names both.
 *
 * Operands are not repacked: OpenBLAS packs for itself. */
#include "kernels/gemm_openblas.h"

#include "kernels/parallel.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

enum {
  ROW_TILE = 32,      /* rows of a call of the product */
  INNER_BLOCK = 384,  /* terms of a call */
  GRADIENT_TILE = 96  /* result rows of a call of the weight gradient */
};

static int smaller(int a, int b) { return a < b ? a : b; }

/* For OpenBLAS built on pthreads; built on OpenMP it takes the calling thread's number
 * of threads at each call (below) and changes that number here. */
void lks_openblas_prepare(void) {
  const int threads = lks_parallel_threads();
  openblas_set_num_threads(1);
  (void)lks_parallel_set_threads(threads);
}

void lks_openblas_describe(char *text, size_t bytes) {
  snprintf(text, bytes, "openblas (bits depend on processor and library: %s, %s)",
           openblas_get_corename(), openblas_get_config());
}

size_t lks_packed_floats_openblas(int inner, int columns) {
  return (size_t)inner * (size_t)columns;
}

void lks_pack_openblas(int inner, int columns, lks_operand source, float *packed, int first,
                       int last) {
  const int end = smaller(last * LKS_OPENBLAS_PANEL, columns);
  for (int k = 0; k < inner; k++)
    for (int n = first * LKS_OPENBLAS_PANEL; n < end; n++)
      packed[(size_t)k * (size_t)columns + (size_t)n] =
        source.data[(size_t)k * source.row_stride + (size_t)n * source.column_stride];
}

/* out [ROW_TILE, width] += left [ROW_TILE, inner] x right [inner, width], in blocks of
 * inner.  Only `rows` rows of left and out exist. */
static void product_tile(int rows, int inner, int width, const float *left, size_t left_stride,
                         const float *right, int right_stride, float *out, size_t out_stride) {
  float padded_left[ROW_TILE * INNER_BLOCK], padded_out[ROW_TILE * LKS_OPENBLAS_PANEL];
  const bool padded = rows < ROW_TILE;
  for (int k = 0; k < inner; k += INNER_BLOCK) {
    const int terms = smaller(inner - k, INNER_BLOCK);
    if (padded) {
      memset(padded_left, 0, sizeof padded_left);
      memset(padded_out, 0, sizeof padded_out);
      for (int m = 0; m < rows; m++) {
        memcpy(padded_left + m * INNER_BLOCK, left + (size_t)m * left_stride + k,
               (size_t)terms * sizeof *left);
        memcpy(padded_out + m * LKS_OPENBLAS_PANEL, out + (size_t)m * out_stride,
               (size_t)width * sizeof *out);
      }
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, ROW_TILE, width, terms, 1.0f,
                padded ? padded_left : left + k, padded ? INNER_BLOCK : (int)left_stride,
                right + (size_t)k * (size_t)right_stride, right_stride, 1.0f,
                padded ? padded_out : out, padded ? LKS_OPENBLAS_PANEL : (int)out_stride);
    for (int m = 0; padded && m < rows; m++)
      memcpy(out + (size_t)m * out_stride, padded_out + m * LKS_OPENBLAS_PANEL,
             (size_t)width * sizeof *out);
  }
}

void lks_product_openblas(int rows, int inner, int columns, const float *left, size_t left_stride,
                          const float *packed, const float *start, size_t start_stride, float *out,
                          size_t out_stride, int first, int last) {
  const int column = first * LKS_OPENBLAS_PANEL;
  const int end = smaller(last * LKS_OPENBLAS_PANEL, columns);
  const int threads = lks_parallel_set_threads(1);
  for (int m = 0; m < rows; m++)
    for (int n = column; n < end; n++)
      out[(size_t)m * out_stride + (size_t)n] =
        start != NULL ? start[(size_t)m * start_stride + (size_t)n] : 0.0f;
  for (int n = column; n < end; n += LKS_OPENBLAS_PANEL)
    for (int m = 0; m < rows; m += ROW_TILE)
      product_tile(smaller(rows - m, ROW_TILE), inner, smaller(end - n, LKS_OPENBLAS_PANEL),
                   left + (size_t)m * left_stride, left_stride, packed + n, columns,
                   out + (size_t)m * out_stride + n, out_stride);
  (void)lks_parallel_set_threads(threads);
}

size_t lks_packed_terms_floats_openblas(int terms, int columns) {
  return lks_packed_floats_openblas(terms, columns);
}

/* The packed columns of left, and partial sums of a tile by one panel. */
size_t lks_segmented_scratch_floats_openblas(int terms, int right_columns) {
  (void)right_columns;
  return ((size_t)terms + (LKS_SEGMENT_STACK_MAX + 1) * (size_t)LKS_OPENBLAS_PANEL) *
         GRADIENT_TILE;
}

void lks_pack_terms_openblas(const lks_segments *segments, const float *right, size_t right_stride,
                             int columns, float *packed, int first, int last) {
  const int column = first * LKS_OPENBLAS_PANEL;
  const int end = smaller(last * LKS_OPENBLAS_PANEL, columns);
  for (int t = 0; t < segments->terms && column < end; t++)
    memcpy(packed + (size_t)t * (size_t)columns + column,
           right + (size_t)segments->item[t] * right_stride + column,
           (size_t)(end - column) * sizeof *packed);
}

/* A tile of the result stands at a multiple of GRADIENT_TILE rows whatever the slice;
 * rows outside the slice are zeros. */
static void pack_left(const lks_segmented *product, int tile, int first, int last, float *packed) {
  const lks_segments *segments = product->segments;
  const int begin = first > tile ? first : tile, end = smaller(last, tile + GRADIENT_TILE);
  memset(packed, 0, (size_t)segments->terms * GRADIENT_TILE * sizeof *packed);
  for (int t = 0; t < segments->terms; t++)
    memcpy(packed + (size_t)t * GRADIENT_TILE + (begin - tile),
           product->left + (size_t)segments->item[t] * product->left_stride + begin,
           (size_t)(end - begin) * sizeof *packed);
}

/* sum [GRADIENT_TILE, width] = left^T [GRADIENT_TILE, terms] x right [terms, width]. */
static void segment_sum(int terms, int width, const float *left, const float *right,
                        int right_stride, float *sum) {
  memset(sum, 0, sizeof *sum * GRADIENT_TILE * LKS_OPENBLAS_PANEL);
  for (int t = 0; t < terms; t += INNER_BLOCK)
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, GRADIENT_TILE, width,
                smaller(terms - t, INNER_BLOCK), 1.0f, left + (size_t)t * GRADIENT_TILE,
                GRADIENT_TILE, right + (size_t)t * (size_t)right_stride, right_stride, 1.0f, sum,
                LKS_OPENBLAS_PANEL);
}

/* Rows first … last-1 of one tile by the panel that starts at `column`. */
static void gradient_tile(const lks_segmented *product, int tile, int first, int last, int column,
                          const float *left, float *stack) {
  const lks_segments *segments = product->segments;
  const int width = smaller(product->right_columns - column, LKS_OPENBLAS_PANEL);
  const size_t sum_floats = (size_t)GRADIENT_TILE * LKS_OPENBLAS_PANEL;
  const float *right = product->packed + column;
  const int begin = first > tile ? first : tile, end = smaller(last, tile + GRADIENT_TILE);
  for (int o = 0; o < segments->outputs; o++) {
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      const int terms = segments->term_count[s];
      segment_sum(terms, width, left, right, product->right_columns,
                  stack + (size_t)depth++ * sum_floats);
      left += (size_t)terms * GRADIENT_TILE;
      right += (size_t)terms * (size_t)product->right_columns;
      for (int i = 0; i < segments->additions[s]; i++, depth--)
        for (size_t n = 0; n < sum_floats; n++)
          stack[(size_t)(depth - 2) * sum_floats + n] +=
            stack[(size_t)(depth - 1) * sum_floats + n];
    }
    for (int m = begin; depth > 0 && m < end; m++)
      memcpy(product->outputs[o] + product->offset + (size_t)m * product->stride + column,
             stack + (size_t)(m - tile) * LKS_OPENBLAS_PANEL, (size_t)width * sizeof *stack);
  }
}

void lks_segmented_product_openblas(const lks_segmented *product, int first, int last,
                                    float *scratch) {
  float *left = scratch + (LKS_SEGMENT_STACK_MAX + 1) * (size_t)LKS_OPENBLAS_PANEL * GRADIENT_TILE;
  const int threads = lks_parallel_set_threads(1);
  for (int tile = first / GRADIENT_TILE * GRADIENT_TILE; tile < last; tile += GRADIENT_TILE) {
    pack_left(product, tile, first, last, left);
    for (int n = 0; n < product->right_columns; n += LKS_OPENBLAS_PANEL)
      gradient_tile(product, tile, first, last, n, left, scratch);
  }
  (void)lks_parallel_set_threads(threads);
}
