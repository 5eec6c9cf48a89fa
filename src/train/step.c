/* SPDX-License-Identifier: Apache-2.0 */
/* step.c - the step of design: groups of whole shards, partial sums, one exchange,
 * one update.
 *
 * A rank's shards are worked through in groups of V / accumulate shards; a partial
 * sum goes on a stack, and two siblings of the tree are added as soon as both are
 * there.  What remains is one buffer for each maximal subtree of the rank's range,
 * whatever the groups were: accumulation changes no bit. */
#include "train/step.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "comm/records.h"
#include "kernels/parallel.h"
#include "train/tail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct lks_step {
  lks_step_setup setup;
  lks_exchange *exchange;
  size_t tail; /* where the tail starts in a buffer */
  lks_segments *segments;
  lks_segments *row_segments; /* the rows as one time step; NULL: rows are tokens */
  int *active;                /* [items] */
  float *losses;              /* [items] of the last call */
  int32_t *inputs;            /* [items] a group's columns of a batch */
  int32_t *targets;           /* [items] */
  const float *sum;           /* the last exchange's result */
  int sick_count;             /* samples whose loss was not finite: of the last step */
  uint32_t sick[8];
  lks_stopwatch watch; /* of the step under way */
};

static bool is_sibling(lks_subtree left, lks_subtree right) {
  return left.count == right.count && left.first + left.count == right.first &&
         left.first % (2 * left.count) == 0;
}

int lks_step_partials(int shards, int accumulate, int first, int last) {
  lks_subtree parts[LKS_SUBTREES_MAX], stack[2 * LKS_SUBTREES_MAX];
  int size = shards / accumulate, top = 0, most = 1;
  for (int group = first / size * size; group < last; group += size) {
    int from = group > first ? group : first;
    int to = group + size < last ? group + size : last;
    int count = lks_shards_decompose(from, to, parts);
    for (int i = 0; i < count; i++) {
      stack[top++] = parts[i];
      most = top > most ? top : most;
      for (; top >= 2 && is_sibling(stack[top - 2], stack[top - 1]); top--)
        stack[top - 2].count *= 2;
    }
  }
  return most;
}

lks_status lks_step_create(lks_step **step, const lks_step_setup *setup) {
  lks_status status;
  lks_step *s;
  size_t items = (size_t)setup->items;
  const lks_session *session = setup->session;
  const lks_sum_tools tools = {.threads = session->threads,
                               .parallel = lks_parallel,
                               .add = session->kernels->add,
                               .norm_blocks = session->kernels->norm_blocks,
                               .add_blocks = session->kernels->add_blocks};
  *step = NULL;
  LKS_TRY(lks_allocate(&s, 1, sizeof *s));
  s->setup = *setup;
  s->tail = lks_params_gradient_count(setup->session->task->params);
  LKS_TRY_OR(cleanup, status, lks_segments_create(&s->segments, setup->items, setup->shards));
  if (setup->session->task->train_windows)
    LKS_TRY_OR(cleanup, status,
               lks_segments_create(&s->row_segments, setup->rows, setup->shards));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->active, items, sizeof *s->active));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->losses, items, sizeof *s->losses));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->inputs, items, sizeof *s->inputs));
  LKS_TRY_OR(cleanup, status, lks_allocate(&s->targets, items, sizeof *s->targets));
  LKS_TRY_OR(cleanup, status,
             lks_exchange_create(&s->exchange, setup->comm, s->tail + LKS_TAIL_FLOATS,
                                 setup->partials, setup->reduction, &tools));
  *step = s;
  return LKS_OK;
cleanup:
  lks_step_destroy(s);
  return status;
}

void lks_step_destroy(lks_step *s) {
  if (!s)
    return;
  lks_exchange_destroy(s->exchange);
  lks_release(s->targets);
  lks_release(s->inputs);
  lks_release(s->losses);
  lks_release(s->active);
  lks_segments_destroy(s->row_segments);
  lks_segments_destroy(s->segments);
  lks_release(s);
}

/* Active rows of every time step, from lengths that never rise. */
static void count_active(int *active, int rows, int steps, const int *lengths) {
  int row = rows;
  for (int t = 0; t < steps; t++) {
    while (row > 0 && lengths[row - 1] <= t)
      row--;
    active[t] = row;
  }
}

/* Columns first .. first+rows-1 of a batch's array [T, B]; the array itself when
 * they are all. */
static const int32_t *columns_of(const lks_batch *batch, const int32_t *array, int first,
                                 int rows, int steps, int32_t *copy) {
  if (rows == batch->rows || batch->span > 0 || batch->field_count > 0)
    return array;
  for (int t = 0; t < steps; t++)
    memcpy(copy + (size_t)t * (size_t)rows, array + (size_t)t * (size_t)batch->rows + first,
           (size_t)rows * sizeof *copy);
  return copy;
}

/* Remembers the sample of a loss that is not finite. */
static void note_sick(lks_step *s, uint32_t sample) {
  int room = (int)(sizeof s->sick / sizeof *s->sick);
  for (int i = 0; i < s->sick_count && i < room; i++)
    if (s->sick[i] == sample)
      return;
  if (s->sick_count < room)
    s->sick[s->sick_count] = sample;
  s->sick_count++;
}

/* One group of rows: whole shards, each subtree with a buffer of its own. */
typedef struct {
  const lks_batch *batch;
  const lks_subtree *subtrees;
  int outputs;
  float *const *buffers; /* [outputs] */
  int first;             /* first row, among this rank's */
  int rows;
  uint32_t number; /* of the step */
  bool clears;     /* the embedding clears what it touched last, in all buffers */
} group;

/* Losses of the call, shard by shard, into the tails of the buffers that hold them. */
static void note_losses(lks_step *s, const group *g) {
  const int *row_terms = g->batch->field_count > 0 ? g->batch->row_terms + g->first : NULL;
  bool by_row = s->row_segments != NULL && s->setup.session->task->loss_per_row;
  const lks_segments *segments = by_row ? s->row_segments : s->segments;
  int segment = 0, term = 0;
  for (int output = 0; output < g->outputs; output++) {
    float *tail = g->buffers[output] + s->tail;
    lks_tail_clear(tail);
    for (int i = 0; i < g->subtrees[output].count; i++) {
      int shard = g->subtrees[output].first + i;
      if (lks_shards_is_empty(&g->batch->shards, (lks_subtree){shard, 1}))
        continue;
      double loss = 0;
      int64_t terms = 0;
      for (int end = term + segments->term_count[segment++]; term < end; term++) {
        int row = segments->item[term] % g->rows;
        loss += (double)s->losses[term];
        terms += row_terms ? row_terms[row] : 1;
        if (!isfinite(s->losses[term]))
          note_sick(s, g->batch->sample[g->first + row]);
      }
      lks_tail_add_shard(tail, shard, terms, loss);
    }
  }
}

static void run_group(lks_step *s, const group *g) {
  lks_session *session = s->setup.session;
  const lks_batch *batch = g->batch;
  const int *lengths = batch->lengths + g->first;
  int steps = g->rows > 0 ? lengths[0] : 0;
  count_active(s->active, g->rows, steps, lengths);
  lks_segments_fill(s->segments, &batch->shards, g->subtrees, g->outputs, steps, lengths);
  lks_pass pass = {
      .kernels = session->kernels,
      .threads = session->threads,
      .rows = g->rows,
      .steps = steps,
      .active = s->active,
      .training = true,
      .segments = s->segments,
      .gradients = g->buffers,
      .marks = g->clears ? lks_exchange_marks(s->exchange) : NULL,
      .shards = &batch->shards,
      .subtrees = g->subtrees,
      .key = lks_random_key_of((uint64_t)lks_config_integer(session->config, "train", "seed")),
      .step = g->number,
      .sample = batch->sample + g->first,
  };
  lks_pass row_pass = pass;
  if (s->row_segments) {
    lks_segments_fill(s->row_segments, &batch->shards, g->subtrees, g->outputs, 1, NULL);
    row_pass.steps = 1;
    row_pass.segments = s->row_segments;
  }
  lks_batch_field fields[LKS_BATCH_FIELDS_MAX] = {{0}};
  for (int f = 0; f < batch->field_count; f++)
    fields[f] = (lks_batch_field){batch->field[f].values, batch->field[f].offsets + g->first};
  size_t window = (size_t)batch->span * (size_t)batch->columns;
  lks_task_call call = {
      .pass = &pass,
      .row_pass = s->row_segments          ? &row_pass
                  : batch->field_count > 0 ? &pass
                                           : NULL,
      .fields = batch->field_count > 0 ? fields : NULL,
      .windows = batch->span > 0 ? batch->windows + (size_t)g->first * window : NULL,
      .series = batch->span > 0 ? batch->series + g->first : NULL,
      .inputs = columns_of(batch, batch->inputs, g->first, g->rows, steps, s->inputs),
      .targets = columns_of(batch, batch->targets, g->first, g->rows, steps, s->targets),
      .states = s->setup.carried ? lks_carried_from(s->setup.carried, g->first) : NULL,
      .losses = s->losses,
      .buffers = g->clears ? lks_exchange_partials(s->exchange) : NULL,
      .buffer_count = g->clears ? s->setup.partials : 0,
      .watch = &s->watch,
  };
  if (s->segments->terms > 0)
    session->task->kind->train(session->task, &call);
  note_losses(s, g);
}

/* Rows of the subtrees, relative to the rank's first. */
static void place_group(group *g) {
  const lks_subtree *last = &g->subtrees[g->outputs - 1];
  int first = lks_shards_row(&g->batch->shards, g->subtrees[0].first);
  g->first = first - g->batch->first_row;
  g->rows = lks_shards_row(&g->batch->shards, last->first + last->count) - first;
}

/* All rows in one call. */
static void run_at_once(lks_step *s, const lks_batch *batch, int first, int last,
                        uint32_t number) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  group g = {
      .batch = batch,
      .subtrees = subtrees,
      .outputs = lks_shards_decompose(first, last, subtrees),
      .buffers = lks_exchange_partials(s->exchange),
      .number = number,
      .clears = true,
  };
  if (g.outputs == 0)
    return;
  place_group(&g);
  run_group(s, &g);
}

/* left = left + right, either of which may be empty. */
static void add_sibling(lks_step *s, const lks_shards *shards, lks_subtree left,
                        lks_subtree right, float *into, const float *from) {
  const lks_session *session = s->setup.session;
  size_t count = s->tail + LKS_TAIL_FLOATS;
  if (lks_shards_is_empty(shards, right))
    return;
  if (lks_shards_is_empty(shards, left))
    memcpy(into, from, count * sizeof *into);
  else
    lks_add(session->kernels, session->threads, count, into, from, into);
}

/* Group by group, with a stack of partial sums. */
static void run_in_groups(lks_step *s, const lks_batch *batch, int first, int last,
                          uint32_t number) {
  float *const *buffers = lks_exchange_partials(s->exchange);
  int size = batch->shards.shards / s->setup.accumulate, top = 0;
  lks_subtree parts[LKS_SUBTREES_MAX], stack[2 * LKS_SUBTREES_MAX];
  for (int start = first / size * size; start < last; start += size) {
    int count = lks_shards_decompose(start > first ? start : first,
                                     start + size < last ? start + size : last, parts);
    for (int i = 0; i < count; i++) {
      group g = {.batch = batch,
                 .subtrees = &parts[i],
                 .outputs = 1,
                 .buffers = &buffers[top],
                 .number = number};
      memset(buffers[top], 0, s->tail * sizeof(float));
      place_group(&g);
      run_group(s, &g);
      stack[top++] = parts[i];
      for (; top >= 2 && is_sibling(stack[top - 2], stack[top - 1]); top--) {
        add_sibling(s, &batch->shards, stack[top - 2], stack[top - 1], buffers[top - 2],
                    buffers[top - 1]);
        stack[top - 2].count *= 2;
      }
    }
  }
}

/* The stop flag goes into a buffer that takes part in the sum. */
static void ask_stop(lks_step *s, const lks_batch *batch, int first, int last) {
  lks_subtree subtrees[LKS_SUBTREES_MAX];
  int count = lks_shards_decompose(first, last, subtrees);
  for (int i = 0; i < count; i++)
    if (!lks_shards_is_empty(&batch->shards, subtrees[i])) {
      lks_tail_ask_stop(lks_exchange_partials(s->exchange)[i] + s->tail);
      return;
    }
}

static lks_status run_step(lks_step *s, const lks_batch *batch, const int *cuts, int64_t number,
                           double learning_rate, bool stop, lks_step_result *result) {
  lks_session *session = s->setup.session;
  int rank = lks_comm_rank(s->setup.comm), first = cuts[rank], last = cuts[rank + 1];
  lks_stopwatch *watch = &s->watch;
  lks_stopwatch_start(watch, LKS_PART_FORWARD);
  s->sick_count = 0;
  lks_records_note(s->setup.comm, number, LKS_PHASE_FORWARD);
  if (batch->starts && s->setup.carried)
    lks_carried_clear(s->setup.carried);
  if (s->setup.accumulate > 1)
    run_in_groups(s, batch, first, last, (uint32_t)number);
  else
    run_at_once(s, batch, first, last, (uint32_t)number);
  if (stop)
    ask_stop(s, batch, first, last);
  lks_stopwatch_enter(watch, LKS_PART_SUM);
  lks_records_note(s->setup.comm, number, LKS_PHASE_SUM);
  LKS_TRY(lks_exchange_sum(s->exchange, &batch->shards, cuts, &s->sum));
  lks_stopwatch_enter(watch, LKS_PART_UPDATE);
  lks_records_note(s->setup.comm, number, LKS_PHASE_UPDATE);
  lks_tail tail = lks_tail_read(s->sum + s->tail);
  result->loss = lks_tail_loss(s->sum + s->tail, &batch->shards);
  result->terms = batch->terms;
  result->stop = tail.stop;
  LKS_TRY(lks_tail_check(&tail, batch->terms, number));
  result->norm = NAN;
  if (isfinite(result->loss))
    LKS_TRY(lks_optimizer_step(s->setup.optimizer,
                               &(lks_gradient){s->sum, lks_exchange_squares(s->exchange),
                                               lks_exchange_result_marks(s->exchange)},
                               (double)batch->terms, learning_rate, &result->norm));
  result->is_finite = isfinite(result->loss) && isfinite(result->norm);
  lks_stopwatch_enter(watch, LKS_PART_PACK);
  if (result->is_finite)
    session->task->kind->pack(session->task, session->kernels, session->threads, true);
  lks_stopwatch_enter(watch, LKS_PART_INPUT); /* the next step's */
  const double *seconds = watch->seconds;
  memcpy(result->part_seconds, seconds, sizeof result->part_seconds);
  result->compute_seconds =
      seconds[LKS_PART_FORWARD] + seconds[LKS_PART_LOSS] + seconds[LKS_PART_BACKWARD];
  result->sum_seconds = seconds[LKS_PART_SUM];
  result->update_seconds = seconds[LKS_PART_UPDATE] + seconds[LKS_PART_PACK];
  return LKS_OK;
}

lks_status lks_step_run(lks_step *s, const lks_batch *batch, const int *cuts, int64_t number,
                        double learning_rate, bool stop, lks_step_result *result) {
  unsigned saved = lks_floating_point_enter();
  lks_status status = run_step(s, batch, cuts, number, learning_rate, stop, result);
  lks_floating_point_leave(saved);
  return status;
}

/* The first parameter, in the order of the backward pass, whose gradient is not finite. */
static const char *sick_param(const lks_step *s) {
  const lks_params *params = s->setup.session->task->params;
  for (int i = 0; i < lks_params_count(params); i++) {
    const lks_param *param = lks_params_at(params, i);
    for (size_t j = 0; j < param->count; j++)
      if (!isfinite(s->sum[param->offset + j]))
        return param->name;
  }
  return NULL;
}

lks_status lks_step_explain(lks_step *s, const lks_batch *batch, int64_t number) {
  lks_status mine = LKS_OK;
  char samples[160] = "";
  size_t used = 0;
  for (int i = 0; i < s->sick_count && i < 8; i++)
    used += (size_t)snprintf(samples + used, sizeof samples - used, "%s%u", i ? ", " : "",
                             (unsigned)s->sick[i]);
  const char *param = sick_param(s);
  if (s->sick_count > 0 || lks_comm_rank(s->setup.comm) == 0)
    mine = LKS_FAIL(
        LKS_DIVERGED,
        "step %lld: the %s is not finite, first in %s%s%s%s\n  hint: a lower "
        "[optimizer] learning_rate or clip often helps; [train] on_nonfinite = skip "
        "goes on without the step",
        (long long)number, s->sick_count ? "loss" : "gradient",
        param ? param : "the loss alone",
        *samples ? (batch->starts || s->setup.carried ? ", streams " : ", samples ") : "",
        samples, s->sick_count > 8 ? ", ..." : "");
  return lks_comm_agree(s->setup.comm, mine);
}
