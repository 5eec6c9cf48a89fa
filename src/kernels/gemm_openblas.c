/* SPDX-License-Identifier: Apache-2.0 */
/* gemm_openblas.c - the products of the openblas table; the only file with cblas.h.
 *
 * OpenBLAS picks its code, and with it the rounding, by the shape of a call.  So every
 * call here has a shape that depends on the layer alone: a fixed number of rows (the
 * last ones padded with zeros), the columns of one panel, at most INNER_BLOCK terms, one
 * thread.  Hence the bits depend on neither batch, threads nor ranks; the kind of
 * processor and the library's version they do depend on, and lks_openblas_describe
 * names both.
 *
 * A row must also round alike wherever it stands in a call.  With our rows as the
 * columns of Fortran's C, the Haswell kernels (0.3.21) give the first and the last six
 * of twelve different bits; as its rows they are alike in calls of 16.  So the product
 * is computed transposed, in a buffer that is also the padding.
 *
 * Operands are not repacked: OpenBLAS packs for itself. */
#include "kernels/gemm_openblas.h"

#include "kernels/openblas.h"
#include "kernels/parallel.h"

#include <cblas.h>
#include <stdio.h>
#include <string.h>

enum {
  ROW_TILE = 16,     /* rows of a call of the product, on any processor */
  ROW_TILE_MAX = 48, /* on those where rows are known to be alike in larger calls */
  INNER_BLOCK = 384, /* terms of a call */
  GRADIENT_TILE = 96 /* result rows of a call of the weight gradient */
};

static int smaller(int a, int b) {
  return a < b ? a : b;
}

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

const char *lks_openblas_core(const char **better) {
  const char *const without_avx[] = {"Prescott", "Core2", "Penryn", "Nehalem", "Barcelona"};
  const char *core = openblas_get_corename();
  *better = NULL;
  for (size_t i = 0; i < sizeof without_avx / sizeof *without_avx; i++)
    if (strcmp(core, without_avx[i]) == 0 && __builtin_cpu_supports("avx2"))
      *better = __builtin_cpu_supports("avx512f") ? "SkylakeX" : "Haswell";
  return core;
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

static int rows_of_a_call(void) {
  const char *const alike[] = {"SkylakeX", "Cooperlake", "Sandybridge", "Nehalem"};
  for (size_t i = 0; i < sizeof alike / sizeof *alike; i++)
    if (strcmp(openblas_get_corename(), alike[i]) == 0)
      return ROW_TILE_MAX;
  return ROW_TILE;
}

/* One tile of the product: out [rows, width] = start + left [rows, inner] x right. */
typedef struct {
  int rows, inner, width;
  const float *left;
  size_t left_stride;
  const float *right; /* [inner, width] */
  int right_stride;
  const float *start; /* NULL: +0 */
  size_t start_stride;
  float *out;
  size_t out_stride;
} tile_task;

/* sums [width, height] += right^T x left^T, in calls of INNER_BLOCK terms. */
static void add_products(int height, const tile_task *task, float *sums) {
  float padded[ROW_TILE_MAX * INNER_BLOCK];
  const bool whole = task->rows == height;
  if (!whole)
    memset(padded, 0, sizeof padded);
  for (int k = 0; k < task->inner; k += INNER_BLOCK) {
    const int terms = smaller(task->inner - k, INNER_BLOCK);
    for (int m = 0; !whole && m < task->rows; m++)
      memcpy(padded + m * INNER_BLOCK, task->left + (size_t)m * task->left_stride + k,
             (size_t)terms * sizeof *padded);
    cblas_sgemm(CblasColMajor, CblasTrans, CblasTrans, height, task->width, terms, 1.0f,
                whole ? task->left + k : padded, whole ? (int)task->left_stride : INNER_BLOCK,
                task->right + (size_t)k * (size_t)task->right_stride, task->right_stride, 1.0f,
                sums, height);
  }
}

static void run_tile(int height, const tile_task *task) {
  float sums[LKS_OPENBLAS_PANEL * ROW_TILE_MAX];
  memset(sums, 0, sizeof *sums * (size_t)(task->width * height));
  for (int m = 0; task->start != NULL && m < task->rows; m++)
    for (int n = 0; n < task->width; n++)
      sums[n * height + m] = task->start[(size_t)m * task->start_stride + (size_t)n];
  add_products(height, task, sums);
  for (int m = 0; m < task->rows; m++)
    for (int n = 0; n < task->width; n++)
      task->out[(size_t)m * task->out_stride + (size_t)n] = sums[n * height + m];
}

void lks_product_openblas(int rows, int inner, int columns, const float *left,
                          size_t left_stride, const float *packed, const float *start,
                          size_t start_stride, float *out, size_t out_stride, int first,
                          int last) {
  const int end = smaller(last * LKS_OPENBLAS_PANEL, columns), height = rows_of_a_call();
  const int threads = lks_parallel_set_threads(1);
  for (int n = first * LKS_OPENBLAS_PANEL; n < end; n += LKS_OPENBLAS_PANEL)
    for (int m = 0; m < rows; m += height) {
      const size_t row = (size_t)m, column = (size_t)n;
      const tile_task task = {
          .rows = smaller(rows - m, height),
          .inner = inner,
          .width = smaller(end - n, LKS_OPENBLAS_PANEL),
          .left = left + row * left_stride,
          .left_stride = left_stride,
          .right = packed + column,
          .right_stride = columns,
          .start = start != NULL ? start + row * start_stride + column : NULL,
          .start_stride = start_stride,
          .out = out + row * out_stride + column,
          .out_stride = out_stride,
      };
      run_tile(height, &task);
    }
  (void)lks_parallel_set_threads(threads);
}

size_t lks_packed_terms_floats_openblas(int terms, int columns) {
  return lks_packed_floats_openblas(terms, columns);
}

/* The packed columns of left, and partial sums of a tile by one panel. */
size_t lks_segmented_scratch_floats_openblas(int terms, int columns) {
  (void)columns;
  return ((size_t)terms + (LKS_SEGMENT_STACK_MAX + 1) * (size_t)LKS_OPENBLAS_PANEL) *
         GRADIENT_TILE;
}

void lks_pack_terms_openblas(const lks_segments *segments, const float *right,
                             size_t right_stride, int columns, float *packed, int first,
                             int last) {
  const int column = first * LKS_OPENBLAS_PANEL;
  const int end = smaller(last * LKS_OPENBLAS_PANEL, columns);
  for (int t = 0; t < segments->terms && column < end; t++)
    memcpy(packed + (size_t)t * (size_t)columns + column,
           right + (size_t)segments->item[t] * right_stride + column,
           (size_t)(end - column) * sizeof *packed);
}

/* sum [GRADIENT_TILE, width] = left^T [GRADIENT_TILE, terms] x right [terms, width]. */
static void segment_sum(int terms, int width, const float *left, const float *right,
                        int right_stride, float *sum) {
  memset(sum, 0, sizeof *sum * GRADIENT_TILE * LKS_OPENBLAS_PANEL);
  for (int t = 0; t < terms; t += INNER_BLOCK)
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, GRADIENT_TILE, width,
                smaller(terms - t, INNER_BLOCK), 1.0f, left + (size_t)t * GRADIENT_TILE,
                GRADIENT_TILE, right + (size_t)t * (size_t)right_stride, right_stride, 1.0f,
                sum, LKS_OPENBLAS_PANEL);
}

/* Rows begin … end-1 of the result, in the tile that starts at a multiple of GRADIENT_TILE
 * whatever the slice, and left packed for them: the tile's other rows are zeros. */
typedef struct {
  const lks_segmented *product;
  int tile, begin, end;
  const float *left; /* [terms, GRADIENT_TILE] */
} left_tile;

static void pack_left(const left_tile *tile, float *packed) {
  const lks_segmented *product = tile->product;
  const lks_segments *segments = product->segments;
  memset(packed, 0, (size_t)segments->terms * GRADIENT_TILE * sizeof *packed);
  for (int t = 0; t < segments->terms; t++)
    memcpy(packed + (size_t)t * GRADIENT_TILE + (tile->begin - tile->tile),
           product->left + (size_t)segments->item[t] * product->left_stride + tile->begin,
           (size_t)(tile->end - tile->begin) * sizeof *packed);
}

/* The two topmost of `depth` sums of `floats` each are added, `times` times. */
static int add_topmost(int times, size_t floats, float *stack, int depth) {
  for (int i = 0; i < times; i++, depth--)
    for (size_t n = 0; n < floats; n++)
      stack[(size_t)(depth - 2) * floats + n] += stack[(size_t)(depth - 1) * floats + n];
  return depth;
}

/* The tile by the panel of a right that starts at `column`. */
static void gradient_tile(const left_tile *tile, const lks_gradient_right *side, int column,
                          float *stack) {
  const lks_segmented *product = tile->product;
  const lks_segments *segments = product->segments;
  const int width = smaller(side->columns - column, LKS_OPENBLAS_PANEL);
  const size_t sum_floats = (size_t)GRADIENT_TILE * LKS_OPENBLAS_PANEL;
  const float *left = tile->left, *right = side->packed + column;
  for (int o = 0; o < segments->outputs; o++) {
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      const int terms = segments->term_count[s];
      segment_sum(terms, width, left, right, side->columns,
                  stack + (size_t)depth++ * sum_floats);
      left += (size_t)terms * GRADIENT_TILE;
      right += (size_t)terms * (size_t)side->columns;
      depth = add_topmost(segments->additions[s], sum_floats, stack, depth);
    }
    for (int m = tile->begin; depth > 0 && m < tile->end; m++)
      memcpy(product->outputs[o] + side->offset + (size_t)m * side->stride + column,
             stack + (size_t)(m - tile->tile) * LKS_OPENBLAS_PANEL,
             (size_t)width * sizeof *stack);
  }
}

static void bias_tile(const left_tile *tile, float *stack) {
  const lks_segmented *product = tile->product;
  const lks_segments *segments = product->segments;
  const float *left = tile->left;
  for (int o = 0; o < segments->outputs; o++) {
    int depth = 0;
    for (int s = segments->output_first[o]; s < segments->output_first[o + 1]; s++) {
      float *sum = stack + (size_t)depth++ * GRADIENT_TILE;
      memset(sum, 0, GRADIENT_TILE * sizeof *sum);
      for (int t = 0; t < segments->term_count[s]; t++, left += GRADIENT_TILE)
        for (int m = 0; m < GRADIENT_TILE; m++)
          sum[m] += left[m];
      depth = add_topmost(segments->additions[s], GRADIENT_TILE, stack, depth);
    }
    if (depth > 0)
      memcpy(product->outputs[o] + product->bias + tile->begin,
             stack + (tile->begin - tile->tile),
             (size_t)(tile->end - tile->begin) * sizeof *stack);
  }
}

void lks_segmented_product_openblas(const lks_segmented *product, int first, int last,
                                    float *scratch) {
  float *left =
      scratch + (LKS_SEGMENT_STACK_MAX + 1) * (size_t)LKS_OPENBLAS_PANEL * GRADIENT_TILE;
  const int threads = lks_parallel_set_threads(1);
  for (int m = first / GRADIENT_TILE * GRADIENT_TILE; m < last; m += GRADIENT_TILE) {
    const left_tile tile = {product, m, first > m ? first : m, smaller(last, m + GRADIENT_TILE),
                            left};
    pack_left(&tile, left);
    for (int i = 0; i < product->rights; i++)
      for (int n = 0; n < product->right[i].columns; n += LKS_OPENBLAS_PANEL)
        gradient_tile(&tile, &product->right[i], n, scratch);
    if (product->bias != LKS_NO_BIAS)
      bias_tile(&tile, scratch);
  }
  (void)lks_parallel_set_threads(threads);
}

typedef struct {
  bool by_terms;
  int rows, inner, columns;
  const float *left, *right;
  float *out;
} plain_call;

static void plain_body(void *context, int part, int parts) {
  const plain_call *call = context;
  int first_row = 0, last_row = call->rows, first = 0, last = call->columns;
  if (call->rows >= ROW_TILE_MAX * parts)
    lks_parallel_slice(call->rows, 1, part, parts, &first_row, &last_row);
  else
    lks_parallel_slice(call->columns, LKS_LANES, part, parts, &first, &last);
  if (first_row == last_row || first == last)
    return;
  const int threads = lks_parallel_set_threads(1);
  const size_t stride = (size_t)(call->by_terms ? 1 : call->inner);
  cblas_sgemm(CblasRowMajor, call->by_terms ? CblasTrans : CblasNoTrans, CblasNoTrans,
              last_row - first_row, last - first, call->inner, 1.0f,
              call->left + (size_t)first_row * stride,
              call->by_terms ? call->rows : call->inner, call->right + first, call->columns,
              0.0f, call->out + (size_t)first_row * (size_t)call->columns + first,
              call->columns);
  (void)lks_parallel_set_threads(threads);
}

void lks_openblas_multiply(int threads, bool by_terms, int rows, int inner, int columns,
                           const float *left, const float *right, float *out) {
  plain_call call = {by_terms, rows, inner, columns, left, right, out};
  lks_parallel(threads, plain_body, &call);
}
