/* SPDX-License-Identifier: Apache-2.0 */
/* sample.c - draws by inverting the cumulative distribution of ranked symbols.
 *
 *   p     = softmax((x - max x) / temperature)
 *   rank  symbols by falling p, equal ones by number
 *   keep  the first top_k (Fan et al. 2018), of these the shortest beginning whose
 *         share of their sum reaches top_p (nucleus: Holtzman et al. 2020)
 *   draw  the first symbol whose cumulative sum exceeds u x the sum of all kept
 *
 * u is a function of (seed, row, time), sums are f64 in rank order, so a row's draw
 * does not depend on what other rows there are. */
#include "decode/sample.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"

#include <math.h>
#include <stdlib.h>

/* exp of this is 0 in f32; keeps infinities out of the softmax. */
static const float lowest_score = -1000;

typedef struct {
  float probability;
  int32_t symbol;
} candidate;

/* A run: what it was asked, and its buffers. */
typedef struct {
  const lks_stepper *stepper; /* borrowed, as are the next two */
  const lks_sample_setup *setup;
  const lks_kernels *kernels;
  int forbidden;
  int32_t *fed;          /* [rows] */
  float *logits;         /* [rows, vocab] */
  float *probabilities;  /* [vocab] */
  candidate *candidates; /* [vocab] */
} sampler;

static lks_status check_setup(const lks_stepper *stepper, const lks_sample_setup *setup,
                              const int32_t *prompt, int prompt_count) {
  if (!(setup->temperature >= 0 && isfinite(setup->temperature)))
    return LKS_FAIL(LKS_USAGE, "temperature: expected a number from 0 on, found %g",
                    (double)setup->temperature);
  if (setup->top_k < 0)
    return LKS_FAIL(LKS_USAGE, "top-k: expected a whole number from 0 (all) on, found %d",
                    setup->top_k);
  if (!(setup->top_p > 0 && setup->top_p <= 1))
    return LKS_FAIL(LKS_USAGE, "top-p: expected a number above 0 and up to 1 (all), found %g",
                    (double)setup->top_p);
  if (prompt_count < 1)
    return LKS_FAIL(LKS_USAGE, "prompt: expected at least one symbol, found none");
  for (int i = 0; i < prompt_count; i++)
    if (prompt[i] < 0 || prompt[i] >= stepper->vocab)
      return LKS_FAIL(LKS_DATA, "prompt symbol %d: expected 0 to %d, found %d", i,
                      stepper->vocab - 1, (int)prompt[i]);
  return LKS_OK;
}

static lks_status allocate_buffers(sampler *work) {
  size_t rows = (size_t)work->stepper->rows;
  size_t vocab = (size_t)work->stepper->vocab;
  LKS_TRY(lks_allocate(&work->fed, rows, sizeof *work->fed));
  LKS_TRY(lks_allocate(&work->logits, rows, vocab * sizeof *work->logits));
  LKS_TRY(lks_allocate(&work->probabilities, vocab, sizeof *work->probabilities));
  LKS_TRY(lks_allocate(&work->candidates, vocab, sizeof *work->candidates));
  return LKS_OK;
}

static void release_buffers(sampler *work) {
  lks_release(work->candidates);
  lks_release(work->probabilities);
  lks_release(work->logits);
  lks_release(work->fed);
}

/* The symbol with the largest score, the first of equals; -1 when there is none, or
 * a score is not a number or is plus infinity. */
static int32_t best_symbol(const float *logits, int vocab, int forbidden) {
  int32_t best = -1;
  for (int32_t i = 0; i < vocab; i++) {
    if (i == forbidden)
      continue;
    if (isnan(logits[i]) || (isinf(logits[i]) && logits[i] > 0))
      return -1;
    if (best < 0 || logits[i] > logits[best])
      best = i;
  }
  return best >= 0 && isfinite(logits[best]) ? best : -1;
}

static int compare_candidates(const void *left, const void *right) {
  const candidate *a = left;
  const candidate *b = right;
  if (a->probability != b->probability)
    return a->probability > b->probability ? -1 : 1;
  return (a->symbol > b->symbol) - (a->symbol < b->symbol);
}

/* Ranks the symbols and cuts to top_k and top_p; returns how many are kept. */
static int rank_candidates(const sampler *work) {
  const lks_sample_setup *setup = work->setup;
  candidate *candidates = work->candidates;
  int count = 0;
  for (int32_t i = 0; i < work->stepper->vocab; i++)
    if (i != work->forbidden)
      candidates[count++] = (candidate){work->probabilities[i], i};
  qsort(candidates, (size_t)count, sizeof *candidates, compare_candidates);
  if (setup->top_k > 0 && setup->top_k < count)
    count = setup->top_k;
  if (setup->top_p >= 1)
    return count;

  double sum = 0;
  for (int i = 0; i < count; i++)
    sum += (double)candidates[i].probability;
  double wanted = sum * (double)setup->top_p;
  double reached = 0;
  for (int i = 0; i < count; i++) {
    reached += (double)candidates[i].probability;
    if (reached >= wanted)
      return i + 1;
  }
  return count;
}

/* The candidate at which the cumulative sum passes unit x sum. */
static int32_t pick(const candidate *candidates, int count, double unit) {
  double sum = 0;
  for (int i = 0; i < count; i++)
    sum += (double)candidates[i].probability;
  double wanted = sum * unit;
  double reached = 0;
  int32_t symbol = candidates[0].symbol;
  for (int i = 0; i < count && candidates[i].probability > 0; i++) {
    symbol = candidates[i].symbol;
    reached += (double)candidates[i].probability;
    if (reached > wanted)
      break;
  }
  return symbol;
}

/* Draws from one row's scores, which are overwritten; -1 when they are unusable. */
static int32_t draw(const sampler *work, float *logits, double unit) {
  int vocab = work->stepper->vocab;
  float temperature = work->setup->temperature;
  int32_t best = best_symbol(logits, vocab, work->forbidden);
  if (best < 0 || temperature == 0)
    return best;
  float largest = logits[best];
  for (int i = 0; i < vocab; i++) {
    float score = i == work->forbidden ? lowest_score : (logits[i] - largest) / temperature;
    logits[i] = score > lowest_score ? score : lowest_score;
  }
  work->kernels->softmax(vocab, logits, work->probabilities);
  return pick(work->candidates, rank_candidates(work), unit);
}

/* Draws the symbols of all rows at `time`. */
static lks_status draw_rows(const sampler *work, int time, int32_t *drawn) {
  lks_random_key key = lks_random_key_of(work->setup->seed);
  size_t vocab = (size_t)work->stepper->vocab;
  for (int row = 0; row < work->stepper->rows; row++) {
    uint32_t number = work->setup->row ? work->setup->row[row] : (uint32_t)row;
    lks_random_counter counter =
        lks_random_counter_of(LKS_RANDOM_SAMPLE, 0, 0, 0, number, (uint32_t)time);
    uint32_t random[4];
    lks_philox(key, counter, random);
    drawn[row] = draw(work, work->logits + (size_t)row * vocab,
                      lks_random_unit_f64(random[0], random[1]));
    if (drawn[row] < 0)
      return LKS_FAIL(LKS_DIVERGED,
                      "row %d, time %d: expected finite scores to draw from, found none, or "
                      "some that are not numbers\n  hint: the parameters may have diverged; "
                      "try an earlier checkpoint",
                      row, time);
  }
  return LKS_OK;
}

lks_status lks_sample_run(const lks_stepper *stepper, const lks_sample_setup *setup,
                          const lks_kernels *kernels, const int32_t *prompt, int prompt_count,
                          int count, int forbidden, int32_t *symbols,
                          bool (*emit)(void *context, int time, const int32_t *drawn),
                          void *emit_context) {
  LKS_TRY(check_setup(stepper, setup, prompt, prompt_count));
  lks_status status = LKS_OK;
  sampler work = {
      .stepper = stepper,
      .setup = setup,
      .kernels = kernels,
      .forbidden = forbidden,
  };
  unsigned saved = lks_floating_point_enter();
  LKS_TRY_OR(cleanup, status, allocate_buffers(&work));

  for (int i = 0; i < prompt_count; i++) {
    for (int row = 0; row < stepper->rows; row++)
      work.fed[row] = prompt[i];
    LKS_TRY_OR(cleanup, status, stepper->step(stepper->context, work.fed, work.logits));
  }
  for (int time = 0; time < count; time++) {
    int32_t *drawn = symbols + (size_t)time * (size_t)stepper->rows;
    LKS_TRY_OR(cleanup, status, draw_rows(&work, time, drawn));
    if (emit != NULL && !emit(emit_context, time, drawn))
      break;
    if (time + 1 < count)
      LKS_TRY_OR(cleanup, status, stepper->step(stepper->context, drawn, work.logits));
  }
cleanup:
  lks_floating_point_leave(saved);
  release_buffers(&work);
  return status;
}
