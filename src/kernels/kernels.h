/* kernels.h - the table of every routine that decides bits.
 *
 * A kernel takes plain arrays and sizes, knows no object, allocates nothing and
 * cannot fail.  It runs on the calling thread, on a slice that the caller names;
 * parallel.h makes the threads.  All tables but `openblas` give the same bits:
 *
 *   reference  plain loops, the readable twin
 *   avx512, avx2, portable   one source, <kernel>_fast.c, compiled once each
 *   openblas   OpenBLAS for the products, everything else the fastest of ours
 *
 * and so do all tables of precision bf16, and all of bf16-amx: each another set of the
 * first four names.
 *
 * Arithmetic (normative): f32, round to nearest, denormals flushed.  A "chain"
 * over k is s = fma(a_k, b_k, s) for k ascending from a start value.  A "lane
 * sum" puts term i into virtual lane i mod 16, lanes start at +0, and folds the
 * lanes 8, 4, 2, 1 (lane j += lane j+8, …).  Strides count elements.
 *
 * Precision bf16 (normative): `product` and `segmented_product` first round the elements
 * of both operands to bf16, which has the exponents of f32 and 8 bits of its significand:
 * to nearest, ties to even; a denormal becomes a zero of its sign, a NaN stays a NaN.
 * Their chains are those above, in f32, over the rounded numbers; a chain of an odd
 * number of terms goes on with one more, +0 x +0, which makes a +0 of a sum of -0.  All
 * else is f32: start values, sums between segments, and every other kernel.
 *
 * That is what AVX512-BF16 computes where a word of 32 bits holds terms 2j and 2j+1, the
 * earlier one in its upper half, and +0 fills up the last word.  Intel's manual (volume
 * 2, VDPBF16PS) defines the instruction by
 *   srcdest += upper half of src1 x upper half of src2, then
 *   srcdest += lower half of src1 x lower half of src2,
 * each an f32 fma that counts denormals as zeros on the way in and out and rounds to
 * nearest even whatever MXCSR says; a Zen 5 does the same.  Where the instruction is
 * missing two fmas give the same bits in the environment above.
 *
 * Precision bf16-amx (normative): the same rounding, and all terms of a chain in blocks of
 * LKS_AMX_TERMS from its first one, +0 x +0 filling up the last block.  Of each block
 *   e = chain over its terms 0, 2, 4, … from +0,  o = chain over 1, 3, 5, … from +0,
 *   s = s + (e + o)
 * with s the chain's value, from its start value on.  That is what AMX-BF16 computes
 * (Intel's manual, volume 2, TDPBF16PS), an instruction of Intel's servers since Sapphire
 * Rapids that multiplies 16 times as much as an fma; a Sapphire Rapids does the same, also
 * with denormals.  It is a precision of its own since no rounding of the sums of bf16 can
 * be had from it. */
#ifndef LOCKSTEP_KERNELS_KERNELS_H
#define LOCKSTEP_KERNELS_KERNELS_H

#include "base/random.h"
#include "tensor/segments.h"

#include <lockstep/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  LKS_LANES = 16,           /* virtual lanes of a sum along a vector */
  LKS_NORM_BLOCK = 1024,    /* elements of a block of a norm */
  LKS_SOFTMAX_BLOCK = 1024, /* elements of a block of a softmax sum */
  LKS_RIGHTS_MAX = 2,       /* weights of a segmented product */
  LKS_AMX_TERMS = 32        /* terms of a block of precision bf16-amx */
};

#define LKS_NO_BIAS SIZE_MAX

/* Matrix operand in memory: element (i, j) is data[i x row_stride + j x column_stride]. */
typedef struct {
  const float *data;
  size_t row_stride;
  size_t column_stride;
} lks_operand;

/* A weight of a segmented product: what left was multiplied by. */
typedef struct {
  const float *right; /* [items, right_stride] */
  size_t right_stride;
  int columns;   /* of right, and of the weight */
  float *packed; /* [packed_terms_floats]: right, by pack_terms */
  size_t offset; /* of the weight in a gradient buffer */
  size_t stride; /* of the weight's rows there */
} lks_gradient_right;

/* The gradients of the weights and the bias over one left operand. */
typedef struct {
  const lks_segments *segments;
  const float *left; /* [items, left_stride]: its columns are the rows of the weights */
  size_t left_stride;
  size_t bias;           /* where in a gradient buffer the bias starts, or LKS_NO_BIAS */
  float *const *outputs; /* [segments->outputs] gradient buffers */
  int rights;            /* of right */
  lks_gradient_right right[LKS_RIGHTS_MAX];
} lks_segmented;

/* Cell states of one time step on rows of a batch.  s(x) is the sigmoid; the gates
 * are blocks of H columns, in: the sums over inputs and hidden units, biases included.
 *
 *   lstm  [i f g o]: s(i), s(f), tanh(g), s(o) replace the sums;
 *         c' = fma(f, c, i g);  t = tanh(c');  h' = o t
 *   gru   [r z a x], a the hidden and x the input part of the new gate, with b_hn in
 *         a and b_in in x, so that the hidden product is the first three blocks: r and
 *         z become s(r), s(z), a stays, x becomes n = tanh(fma(r, a, x));
 *         h' = fma(z, h - n, n)
 *   rnn   [a]: h' = tanh(a), or a below 0 ? 0 : a; the gates stay */
typedef struct {
  int rows;                 /* of this slice: all arrays start at its first row … */
  int units;                /* … and its first unit; how many units it has */
  int hidden;               /* H: what is between blocks, and between rows of a state */
  float *gates;             /* [rows, gates_stride] in: sums; out: activations */
  size_t gates_stride;      /* at least lstm 4H, gru 4H, rnn H */
  const float *hidden_prev; /* [rows, H] gru */
  const float *cell_prev;   /* [rows, H] lstm */
  float *cell_next;         /* [rows, H] lstm; may be cell_prev */
  float *cell_tanh;         /* [rows, H] lstm: tanh of cell_next, kept for backward */
  float *hidden_next;       /* [rows, H]; may be hidden_prev */
} lks_gates_forward;

/* The gradients of the sums replace the activations, in the same blocks; the order
 * of the operations is that of the formulas.  With dh = d_hidden:
 *
 *   lstm  dc = fma(dh o, 1 - t^2, d_cell);  d_cell = dc f;
 *         di = (dc g) i(1-i);  df = (dc c) f(1-f);  dg = (dc i) (1 - g^2);
 *         do = (dh t) o(1-o)
 *   gru   dx = (dh (1 - z)) (1 - n^2);  da = dx r;  dr = (dx a) r(1-r);
 *         dz = (dh (h - n)) z(1-z);  d_hidden_prev = dh z
 *   rnn   da = dh (1 - h'^2), or h' > 0 ? dh : 0
 *
 * with 1 - y^2 = fma(-y, y, 1) and y(1-y) = fma(-y, y, y). */
typedef struct {
  int rows; /* as in lks_gates_forward */
  int units;
  int hidden;
  float *gates; /* [rows, gates_stride] in: activations; out: gradients of the sums */
  size_t gates_stride;
  const float *hidden_prev; /* [rows, H] gru */
  const float *hidden_next; /* [rows, H] rnn */
  const float *cell_prev;   /* [rows, H] lstm */
  const float *cell_tanh;   /* [rows, H] lstm */
  const float *d_hidden;    /* [rows, H] gradient of hidden_next, all paths added */
  float *d_cell;            /* [rows, H] lstm: in: of cell_next from later; out: of cell_prev */
  float *d_hidden_prev;     /* [rows, H] gru: out: the part that passes round the product */
} lks_gates_backward;

typedef struct {
  float learning_rate;
  float momentum;
  float weight_decay;
  float scale; /* gradient is multiplied by this first (mean over tokens, clipping) */
  bool nesterov;
} lks_sgd_step;

typedef struct {
  float step_size;       /* learning rate / (1 - beta1^t) */
  float beta1, beta2;    /* decay of the moments */
  float root_correction; /* 1 / sqrt(1 - beta2^t) */
  float epsilon;
  float weight_decay; /* Adam: added to the gradient */
  float shrink;       /* AdamW: weights are first multiplied by 1 - lr x decay; else 1 */
  float scale;
} lks_adam_step;

typedef struct {
  float learning_rate;
  float alpha; /* share of the mean squared gradient that a step keeps */
  float momentum;
  float epsilon;
  float weight_decay;
  float scale;
} lks_rmsprop_step;

/* Where a dropout mask is: see random.h. */
typedef struct {
  lks_random_key key;
  lks_random_purpose purpose;
  unsigned layer;
  uint32_t step;
  uint32_t time;          /* 0 for variational masks */
  const uint32_t *sample; /* [rows] */
  float drop;             /* probability of a zero, in [0, 1) */
} lks_dropout;

/* What the operands of products are rounded to, and how their products are added. */
typedef enum {
  LKS_PRECISION_F32,
  LKS_PRECISION_BF16,
  LKS_PRECISION_BF16_AMX,
  LKS_PRECISION_COUNT
} lks_precision;
const char *lks_precision_name(lks_precision precision);

/* The precision called `name`: f32, bf16 or bf16-amx.  Fails with LKS_USAGE. */
lks_status lks_precision_find(const char *name, lks_precision *precision);

typedef struct lks_kernels {
  const char *name;
  bool is_exact; /* bits depend on no shape or slice: all but openblas */
  lks_precision precision;
  bool emulated; /* bf16, bf16-amx by the instructions of f32: as fast as f32 at most */

  /* ---- products: packed right operand ------------------------------------ */

  int panel; /* columns of a panel; a product is cut into ceil(columns / panel) panels */

  /* Floats of a packed operand [inner, columns], all panels. */
  size_t (*packed_floats)(int inner, int columns);

  /* Packs panels first .. last-1 of source [inner, columns]. */
  void (*pack)(int inner, int columns, lks_operand source, float *packed, int first, int last);

  /* out[m, n] = chain over k of left[m, k] x right[k, n] from start[m, n], for all
   * m < rows and the columns of panels first .. last-1.
   *
   *   start  NULL: +0.  start_stride 0: one row for all (a bias).  May be `out`. */
  void (*product)(int rows, int inner, int columns, const float *left, size_t left_stride,
                  const float *packed, const float *start, size_t start_stride, float *out,
                  size_t out_stride, int first, int last);

  /* ---- sums over rows: segments.h ----------------------------------------- */

  /* Floats of `columns` columns packed in term order; floats of one thread's scratch for
   * rights of `columns` columns together. */
  size_t (*packed_terms_floats)(int terms, int columns);
  size_t (*segmented_scratch_floats)(int terms, int columns);

  /* Packs panels first .. last-1 of the items' columns in term order. */
  void (*pack_terms)(const lks_segments *segments, const float *right, size_t right_stride,
                     int columns, float *packed, int first, int last);

  /* Weight gradients, result rows first .. last-1 (columns of left):
   * outputs[o][offset + m x stride + n] = tree over the segments of output o of
   * the chain over their terms of left[item, m] x right[item, n] from +0; and for the
   * bias outputs[o][bias + m], the same as by segmented_sum.
   * Overwrites; an output without a segment is left alone. */
  void (*segmented_product)(const lks_segmented *product, int first, int last, float *scratch);

  /* The same with right = 1: outputs[o][offset + m]. */
  void (*segmented_sum)(const lks_segments *segments, const float *left, size_t left_stride,
                        int first, int last, float *const *outputs, size_t offset);

  /* ---- elementwise --------------------------------------------------------- */

  /* y = f(x), n elements; y may be x.  Errors in functions.h. */
  void (*exp)(size_t n, const float *x, float *y);
  void (*log)(size_t n, const float *x, float *y);
  void (*log1p)(size_t n, const float *x, float *y);
  void (*tanh)(size_t n, const float *x, float *y);
  void (*sigmoid)(size_t n, const float *x, float *y);

  /* y = a + b; y may be a or b. */
  void (*add)(size_t n, const float *a, const float *b, float *y);

  /* y[r, u] = x[r, u] x mask, mask 0 or 1/(1-drop) (rounded once), for rows x units.
   * Unit u of row r is dropped when its word of the counter (layer, block u/4, step,
   * sample[r], time), word u mod 4, taken as a number in [0, 1), is below `drop`.
   * y may be x.  The backward pass is the same call on the gradient. */
  void (*dropout)(const lks_dropout *dropout, int rows, int units, const float *x, float *y);

  /* ---- cells: one time step, pointwise ------------------------------------- */

  void (*lstm_forward)(const lks_gates_forward *step);
  void (*lstm_backward)(const lks_gates_backward *step);
  void (*gru_forward)(const lks_gates_forward *step);
  void (*gru_backward)(const lks_gates_backward *step);
  void (*rnn_tanh_forward)(const lks_gates_forward *step);
  void (*rnn_tanh_backward)(const lks_gates_backward *step);
  void (*rnn_relu_forward)(const lks_gates_forward *step);
  void (*rnn_relu_backward)(const lks_gates_backward *step);

  /* ---- along a vector ------------------------------------------------------ */

  /* Softmax cross-entropy of rows [rows, stride], `vocab` classes.  With
   * M = max x (exact), e_i = exp(x_i - M), S = block sums (a lane sum per
   * LKS_SOFTMAX_BLOCK elements, blocks added in order from +0):
   *   loss = log S + (1 - smoothing) (M - x_target) + smoothing (M - mean x)
   *   d_i  = e_i / S - (1 - smoothing) [i = target] - smoothing / vocab
   * added from the left, products of the loss by fma.  losses[rows] is written; with
   * `gradient`, logits become d (else they are undefined).  mean(x) is the blocked lane
   * sum divided by vocab; the terms of smoothing are left out when it is 0.  A NaN or
   * +inf logit gives a NaN loss; one of -inf is a class that cannot be. */
  void (*cross_entropy)(int rows, int vocab, float *logits, size_t stride,
                        const int32_t *targets, float smoothing, bool gradient, float *losses);

  /* y_i = e_i / S as above, n elements; y may be x. */
  void (*softmax)(int n, const float *x, float *y);

  /* squares[b] = lane sum in f64 of x_i^2 (f32 values widened, one fma each) of block b,
   * LKS_NORM_BLOCK elements, for whole blocks. */
  void (*norm_blocks)(size_t blocks, const float *x, double *squares);

  /* y = a + b and the same squares of y, for whole blocks.  y, which starts on a line of
   * 64 bytes, is stored past the caches: it is for other cores to read.  They see it after
   * a full fence of this thread (atomic_thread_fence, memory_order_seq_cst). */
  void (*add_blocks)(size_t blocks, const float *a, const float *b, float *y, double *squares);

  /* ---- optimisers: n elements, in one pass ----------------------------------
   * g' = gradient x scale, then in this order: */

  /* g' = fma(weight_decay, w, g'); v = fma(momentum, v, g');
   * u = nesterov ? fma(momentum, v, g') : v;  w = fma(-learning_rate, u, w).
   * velocity may be NULL when momentum is 0: u = g'. */
  void (*sgd)(const lks_sgd_step *step, size_t n, const float *gradient, float *weights,
              float *velocity);

  /* w = w x shrink (when shrink is not 1); g' = fma(weight_decay, w, g') (when not 0);
   * m = fma(1-beta1, g', beta1 x m); v = fma((1-beta2) x g', g', beta2 x v);
   * w = fma(-step_size, m / fma(sqrt(v), root_correction, epsilon), w). */
  void (*adam)(const lks_adam_step *step, size_t n, const float *gradient, float *weights,
               float *first_moment, float *second_moment);

  /* g' = fma(weight_decay, w, g') (when not 0);  v = fma((1-alpha) x g', g', alpha x v);
   * u = g' / (sqrt(v) + epsilon);  b = fma(momentum, b, u), or u when `buffer` is NULL;
   * w = fma(-learning_rate, b, w). */
  void (*rmsprop)(const lks_rmsprop_step *step, size_t n, const float *gradient, float *weights,
                  float *mean_square, float *buffer);

  /* y = fma(share, x - y, y), n elements: y goes a share of the way to x. */
  void (*average)(float share, size_t n, const float *x, float *y);

  /* ---- the yardstick -------------------------------------------------------- */

  /* Multiply-adds in registers, `rounds` times as many as keep the processor busy; how
   * many operations they were.  *sum has no meaning; it keeps them from being left out. */
  double (*peak)(size_t rounds, float *sum);
} lks_kernels;

/* The table called `name`: reference, avx512, avx2, portable, openblas (f32 only); NULL
 * or "" or "auto": the fastest of ours on this processor.  Of two tables of one name a
 * trial of less than a millisecond takes the faster.  The table is static.
 * Fails with LKS_USAGE for an unknown name, or one that the processor cannot run. */
lks_status lks_kernels_find(const char *name, lks_precision precision,
                            const lks_kernels **kernels);

/* What the bits of a table rest on: "avx512 (same bits as every table but
 * openblas)", or for openblas the processor kind and library version.  With bf16 also
 * whether the instruction is there. */
void lks_kernels_describe(const lks_kernels *kernels, char *text, size_t bytes);

/* All tables of a precision that this processor can run, fastest first; *count of them.
 * Two of bf16 or bf16-amx are called avx512 where the instruction is there: with it, and
 * without, whichever is faster. */
const lks_kernels *const *lks_kernels_all(lks_precision precision, int *count);

/* Panels of `columns` columns. */
int lks_kernels_panels(const lks_kernels *kernels, int columns);

#endif
