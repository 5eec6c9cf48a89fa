/* SPDX-License-Identifier: Apache-2.0 */
/* beam.c - a trail of rows, one list for every time step: a hypothesis is a row and the
 * rows that it came from.
 *
 * log P of a symbol is (x - max x) - log S, with log S of the cross-entropy of the best
 * symbol: the arithmetic of the loss.  Sums over a hypothesis are f64, in time order. */
#include "decode/beam.h"

#include "base/arithmetic.h"
#include "base/fail.h"
#include "base/memory.h"
#include "kernels/parallel.h"

#include <math.h>
#include <string.h>

/* A symbol that a hypothesis may go on with. */
typedef struct {
  double log_probability; /* of the whole */
  int row;                /* the hypothesis */
  int32_t symbol;
} candidate;

typedef struct {
  double score;
  double log_probability;
  int level; /* symbols */
  int row;   /* of the level, which the end came after */
} finished;

/* A sentence under way. */
typedef struct {
  int first, live; /* its rows at this step */
  int limit;
  int sources;
  int next;           /* candidates that go on */
  candidate *chosen;  /* [width] */
  finished *finished; /* [width] by falling score */
  int finished_count;
} sentence;

struct lks_beam {
  lks_beam_setup setup;
  int rows; /* most of a step */
  sentence *sentences;
  candidate *chosen;  /* of all sentences */
  finished *finished; /* of all sentences */
  double *sums;       /* [rows] log P of each row's hypothesis */
  int *owner, *from;  /* [rows] of this step */
  int32_t *fed;       /* [longest + 1, rows] */
  int *parent;        /* [longest + 1, rows] */
  float *attention;   /* [longest + 1, rows, sources] */
  float *logits;      /* [rows, vocab] */
  candidate *room;    /* [threads, width + 1] */
  float *losses;      /* [threads, vocab] */
  int32_t *symbols;   /* [longest] of the last result … */
  int *aligned;       /* [longest] */
  int *attended;      /* [longest] rows of its levels, in the attention */
  double *covered;    /* [threads, sources] */
};

static lks_status allocate(lks_beam *b) {
  const lks_beam_setup *s = &b->setup;
  size_t rows = (size_t)b->rows, levels = (size_t)s->longest + 1, threads = (size_t)s->threads;
  size_t width = (size_t)s->width, sources = (size_t)s->sources, vocab = (size_t)s->vocab;
  LKS_TRY(lks_allocate(&b->sentences, (size_t)s->sentences, sizeof *b->sentences));
  LKS_TRY(lks_allocate(&b->chosen, rows, sizeof *b->chosen));
  LKS_TRY(lks_allocate(&b->finished, rows, sizeof *b->finished));
  LKS_TRY(lks_allocate(&b->sums, rows, sizeof *b->sums));
  LKS_TRY(lks_allocate(&b->owner, rows, sizeof *b->owner));
  LKS_TRY(lks_allocate(&b->from, rows, sizeof *b->from));
  LKS_TRY(lks_allocate(&b->fed, levels * rows, sizeof *b->fed));
  LKS_TRY(lks_allocate(&b->parent, levels * rows, sizeof *b->parent));
  LKS_TRY(lks_allocate(&b->attention, levels * rows * sources, sizeof *b->attention));
  LKS_TRY(lks_allocate(&b->logits, rows, vocab * sizeof *b->logits));
  LKS_TRY(lks_allocate(&b->room, threads * (width + 1), sizeof *b->room));
  LKS_TRY(lks_allocate(&b->losses, threads * vocab, sizeof *b->losses));
  LKS_TRY(lks_allocate(&b->symbols, levels, sizeof *b->symbols));
  LKS_TRY(lks_allocate(&b->aligned, levels, sizeof *b->aligned));
  LKS_TRY(lks_allocate(&b->attended, levels, sizeof *b->attended));
  return lks_allocate(&b->covered, threads * sources, sizeof *b->covered);
}

lks_status lks_beam_create(lks_beam **beam, const lks_beam_setup *setup) {
  lks_status status;
  lks_beam *b;
  *beam = NULL;
  LKS_ASSERT(setup->best >= 1 && setup->best <= setup->width);
  LKS_TRY(lks_allocate(&b, 1, sizeof *b));
  b->setup = *setup;
  b->rows = setup->sentences * setup->width;
  LKS_TRY_OR(cleanup, status, allocate(b));
  for (int i = 0; i < setup->sentences; i++) {
    b->sentences[i].chosen = b->chosen + (size_t)i * (size_t)setup->width;
    b->sentences[i].finished = b->finished + (size_t)i * (size_t)setup->width;
  }
  *beam = b;
  return LKS_OK;
cleanup:
  lks_beam_destroy(b);
  return status;
}

void lks_beam_destroy(lks_beam *b) {
  if (!b)
    return;
  lks_release(b->covered);
  lks_release(b->attended);
  lks_release(b->aligned);
  lks_release(b->symbols);
  lks_release(b->losses);
  lks_release(b->room);
  lks_release(b->logits);
  lks_release(b->attention);
  lks_release(b->parent);
  lks_release(b->fed);
  lks_release(b->from);
  lks_release(b->owner);
  lks_release(b->sums);
  lks_release(b->finished);
  lks_release(b->chosen);
  lks_release(b->sentences);
  lks_release(b);
}

static size_t trail_at(const lks_beam *b, int level, int row) {
  return (size_t)level * (size_t)b->rows + (size_t)row;
}

/* Whether a goes before b; equal ones go in the order in which they come. */
static bool is_better(const candidate *a, const candidate *b) {
  return a->log_probability > b->log_probability;
}

/* Keeps the best `room` candidates in order; one more has to fit. */
static int insert(candidate *list, int count, int room, candidate new) {
  int at = count;
  while (at > 0 && is_better(&new, &list[at - 1])) {
    list[at] = list[at - 1];
    at--;
  }
  list[at] = new;
  return count < room ? count + 1 : room;
}

/* Adds the best `room` symbols after a row to the candidates. */
static int take_row(const lks_beam *b, int level, int row, int part, int room, int count,
                    bool must_end) {
  const lks_beam_setup *s = &b->setup;
  const float *logits = b->logits + (size_t)row * (size_t)s->vocab;
  float *copy = b->losses + (size_t)part * (size_t)s->vocab, log_sum;
  candidate *list = b->room + (size_t)part * (size_t)(s->width + 1);
  int32_t best = 0;
  for (int32_t v = 1; v < s->vocab; v++)
    best = logits[v] > logits[best] ? v : best;
  memcpy(copy, logits, (size_t)s->vocab * sizeof *copy);
  s->kernels->cross_entropy(1, s->vocab, copy, (size_t)s->vocab, &best, 0, false, &log_sum);
  if (!isfinite(log_sum))
    return count;
  for (int32_t v = must_end ? s->end : 0; v < (must_end ? s->end + 1 : s->vocab); v++) {
    if (v == s->forbidden || (v == s->end && level < s->shortest && !must_end))
      continue;
    double sum = b->sums[row] + (double)((logits[v] - logits[best]) - log_sum);
    if (count == room && !(sum > list[count - 1].log_probability))
      continue;
    count = insert(list, count, room, (candidate){sum, row, v});
  }
  return count;
}

static double length_divisor(const lks_beam *b, int symbols) {
  double power = b->setup.length_power;
  return power == 0 ? 1 : lks_pow_f64((5.0 + symbols) / 6.0, power);
}

/* coverage x sum of log(min(a, 1)) of the hypothesis that ends in a row of a level. */
static double coverage_of(const lks_beam *b, const sentence *s, int level, int row, int part) {
  double *covered = b->covered + (size_t)part * (size_t)b->setup.sources, sum = 0;
  if (b->setup.coverage == 0 || s->sources == 0)
    return 0;
  memset(covered, 0, (size_t)s->sources * sizeof *covered);
  for (int l = level; l >= 0; l--) {
    const float *attention = b->attention + trail_at(b, l, row) * (size_t)b->setup.sources;
    for (int i = 0; i < s->sources; i++)
      covered[i] += (double)attention[i];
    row = b->parent[trail_at(b, l, row)];
  }
  for (int i = 0; i < s->sources; i++)
    sum += covered[i] >= 1 ? 0 : covered[i] > 1e-30 ? lks_log_f64(covered[i]) : -69.0;
  return b->setup.coverage * sum;
}

static void finish(const lks_beam *b, sentence *s, int level, const candidate *c, int part) {
  finished new = {c->log_probability / length_divisor(b, level + 1) +
                      coverage_of(b, s, level, c->row, part),
                  c->log_probability, level, c->row};
  int at = s->finished_count++;
  for (; at > 0 && new.score > s->finished[at - 1].score; at--)
    s->finished[at] = s->finished[at - 1];
  s->finished[at] = new;
}

/* Whether no hypothesis under way can still be one of the best. */
static bool is_decided(const lks_beam *b, const sentence *s) {
  if (s->finished_count < b->setup.best || s->next == 0)
    return s->next == 0;
  double hope = s->chosen[0].log_probability / length_divisor(b, s->limit + 1);
  return s->finished[b->setup.best - 1].score >= hope;
}

/* Chooses the candidates of one sentence; those that end are put among the finished. */
static void advance(const lks_beam *b, sentence *s, int level, int part) {
  int room = b->setup.width - s->finished_count, count = 0;
  const candidate *list = b->room + (size_t)part * (size_t)(b->setup.width + 1);
  for (int row = s->first; row < s->first + s->live; row++)
    count = take_row(b, level, row, part, room, count, level >= s->limit);
  s->next = 0;
  for (int i = 0; i < count; i++) {
    if (list[i].symbol == b->setup.end)
      finish(b, s, level, &list[i], part);
    else
      s->chosen[s->next++] = list[i];
  }
  if (is_decided(b, s))
    s->next = 0;
}

typedef struct {
  lks_beam *beam;
  int sentences, level;
} job;

static void advance_body(void *context, int part, int parts) {
  const job *j = context;
  for (int i = part; i < j->sentences; i += parts)
    if (j->beam->sentences[i].live > 0)
      advance(j->beam, &j->beam->sentences[i], j->level, part);
}

/* The rows of the next step, sentences in order; returns how many. */
static int next_rows(lks_beam *b, int sentences, int level) {
  int count = 0;
  for (int i = 0; i < sentences; i++) {
    sentence *s = &b->sentences[i];
    s->first = count;
    s->live = s->live > 0 ? s->next : 0;
    for (int k = 0; k < s->live; k++, count++) {
      b->sums[count] = s->chosen[k].log_probability;
      b->owner[count] = i;
      b->from[count] = s->chosen[k].row;
      b->parent[trail_at(b, level, count)] = s->chosen[k].row;
      b->fed[trail_at(b, level, count)] = s->chosen[k].symbol;
    }
  }
  return count;
}

void lks_beam_run(lks_beam *b, const lks_beam_stepper *stepper, int sentences,
                  const int *limits, const int *sources) {
  int count = sentences;
  for (int i = 0; i < sentences; i++) {
    sentence *s = &b->sentences[i];
    s->limit = limits[i];
    s->sources = sources && b->setup.sources > 0 ? sources[i] : 0;
    s->finished_count = 0;
    s->live = 1;
    s->next = 1;
    s->chosen[0] = (candidate){0, -1, b->setup.start};
  }
  count = next_rows(b, sentences, 0);
  for (int level = 0; count > 0; level++) {
    lks_beam_rows rows = {
        .count = count,
        .sentence = b->owner,
        .from = b->from,
        .symbols = b->fed + trail_at(b, level, 0),
        .logits = b->logits,
        .attention = b->attention + trail_at(b, level, 0) * (size_t)b->setup.sources,
    };
    stepper->step(stepper->context, &rows);
    lks_parallel(b->setup.threads, advance_body, &(job){b, sentences, level});
    if (level == b->setup.longest)
      return;
    count = next_rows(b, sentences, level + 1);
  }
}

int lks_beam_count(const lks_beam *b, int of) {
  int count = b->sentences[of].finished_count;
  return count < b->setup.best ? count : b->setup.best;
}

static int most_attended(const float *attention, int sources) {
  int best = 0;
  for (int i = 1; i < sources; i++)
    best = attention[i] > attention[best] ? i : best;
  return best;
}

lks_hypothesis lks_beam_result(lks_beam *b, int of, int rank) {
  const sentence *s = &b->sentences[of];
  LKS_ASSERT(rank < lks_beam_count(b, of));
  finished result = s->finished[rank];
  int row = result.row;
  for (int level = result.level; level > 0; level--) {
    b->symbols[level - 1] = b->fed[trail_at(b, level, row)];
    row = b->parent[trail_at(b, level, row)];
    b->attended[level - 1] = row;
    if (s->sources > 0)
      b->aligned[level - 1] = most_attended(lks_beam_attention(b, level - 1), s->sources);
  }
  return (lks_hypothesis){b->symbols, result.level, result.score, result.log_probability,
                          s->sources > 0 ? b->aligned : NULL};
}

const float *lks_beam_attention(const lks_beam *b, int i) {
  return b->attention + trail_at(b, i, b->attended[i]) * (size_t)b->setup.sources;
}
