/* SPDX-License-Identifier: Apache-2.0 */
/* generator.c - parameters, memory, the way there and back, and symbol by symbol. */
#include "task/generator.h"

#include "base/fail.h"
#include "base/memory.h"
#include "model/dense.h"
#include "model/embedding.h"
#include "model/softmax_head.h"
#include "task/line_symbols.h"

#include <limits.h>
#include <string.h>

struct lks_generator {
  lks_generator_setup setup;
  unsigned last_site; /* of dropout, above the stack */
  lks_softmax_head *head;
  lks_recurrent *stack;
  lks_embedding *vectors;
  lks_embedding *labels; /* or … */
  lks_dense *condition;  /* … of numbers */

  lks_ragged *texts;
  int *lengths;                  /* [rows] */
  int32_t *symbols;              /* [T, B] the line's end, then the text */
  int32_t *targets;              /* [T, B] the text, then the line's end */
  int32_t *row_labels;           /* [rows] */
  float *row_numbers;            /* [rows, numbers] */
  lks_generator_condition given; /* of the call: the two before */
  float *conditions;             /* [rows, units] */
  float *d_conditions;
  float *embedded; /* [T, B, units] */
  float *d_embedded;
  float *top;             /* [T, B, H] after dropout; NULL without */
  float *d_top;           /* [T, B, H] */
  float *losses;          /* [T, B], or in term order */
  double *row_losses;     /* [rows] */
  lks_cell_state *states; /* [states] of [rows, H]: of lks_generator_step */
  size_t state_floats;
};

lks_status lks_generator_create(lks_generator **generator, const lks_generator_setup *setup,
                                lks_params *params) {
  lks_status status;
  lks_generator *g;
  *generator = NULL;
  LKS_TRY(lks_allocate(&g, 1, sizeof *g));
  g->setup = *setup;
  g->last_site = (unsigned)setup->recurrent.layers;
  lks_recurrent_setup stack = setup->recurrent;
  stack.inputs = setup->units;
  lks_softmax_head_setup head = {.name = "output",
                                 .vocab = setup->symbols,
                                 .units = stack.hidden,
                                 .smoothing = setup->smoothing};
  LKS_TRY_OR(cleanup, status, lks_softmax_head_create(&g->head, &head, params));
  LKS_TRY_OR(cleanup, status, lks_recurrent_create(&g->stack, &stack, params));
  int tied = setup->tied ? lks_softmax_head_weight(g->head) : -1;
  LKS_TRY_OR(cleanup, status,
             lks_embedding_create(&g->vectors, params, "embedding.weight", setup->symbols,
                                  setup->units, tied));
  if (setup->labels > 0)
    LKS_TRY_OR(cleanup, status,
               lks_embedding_create(&g->labels, params, "labels.weight", setup->labels,
                                    setup->units, -1));
  else
    LKS_TRY_OR(
        cleanup, status,
        lks_dense_create(&g->condition, params, "condition", setup->numbers, setup->units));
  *generator = g;
  return LKS_OK;
cleanup:
  lks_generator_destroy(g);
  return status;
}

static lks_status allocate_states(lks_generator *g, int rows) {
  size_t count = (size_t)lks_recurrent_states(g->stack);
  g->state_floats = (size_t)rows * (size_t)g->setup.recurrent.hidden;
  LKS_TRY(lks_allocate(&g->states, count, sizeof *g->states));
  for (size_t i = 0; i < count; i++) {
    LKS_TRY(lks_allocate(&g->states[i].hidden, g->state_floats, sizeof(float)));
    LKS_TRY(lks_allocate(&g->states[i].cell, g->state_floats, sizeof(float)));
  }
  return LKS_OK;
}

/* Labels or numbers of the rows, and what they become. */
static lks_status allocate_conditions(lks_generator *g, const lks_capacity *rows) {
  lks_capacity one = *rows;
  size_t count = (size_t)rows->rows, units = (size_t)g->setup.units;
  size_t numbers = (size_t)g->setup.numbers + 1; /* none are an array too */
  one.steps = 1;
  one.items = rows->rows;
  LKS_TRY(g->labels ? lks_embedding_allocate(g->labels, &one)
                    : lks_dense_allocate(g->condition, &one, one.items));
  LKS_TRY(lks_allocate(&g->row_labels, count, sizeof *g->row_labels));
  LKS_TRY(lks_allocate(&g->row_numbers, count, numbers * sizeof(float)));
  LKS_TRY(lks_allocate(&g->conditions, count * units, sizeof(float)));
  return rows->training ? lks_allocate(&g->d_conditions, count * units, sizeof(float)) : LKS_OK;
}

lks_status lks_generator_allocate(lks_generator *g, const lks_capacity *rows) {
  const lks_field_room *text = &rows->field[g->setup.text_field];
  lks_capacity texts = *rows, terms;
  texts.steps = text->longest + 1;
  texts.items = rows->rows * texts.steps;
  terms = texts;
  if (text->symbols + rows->rows < texts.items)
    terms.items = text->symbols + rows->rows;
  size_t items = (size_t)texts.items, units = (size_t)g->setup.units;
  size_t count = (size_t)rows->rows, hidden = (size_t)g->setup.recurrent.hidden;
  LKS_TRY(lks_ragged_create(&g->texts, rows->rows, texts.steps, terms.items, rows->shards));
  LKS_TRY(lks_embedding_allocate(g->vectors, &terms));
  LKS_TRY(lks_recurrent_allocate(g->stack, &texts));
  LKS_TRY(lks_softmax_head_allocate(g->head, &terms));
  LKS_TRY(allocate_conditions(g, rows));
  LKS_TRY(lks_allocate(&g->lengths, count, sizeof *g->lengths));
  LKS_TRY(lks_allocate(&g->symbols, items, sizeof *g->symbols));
  LKS_TRY(lks_allocate(&g->targets, items, sizeof *g->targets));
  LKS_TRY(lks_allocate(&g->embedded, items * units, sizeof(float)));
  LKS_TRY(lks_allocate(&g->losses, items, sizeof(float)));
  LKS_TRY(lks_allocate(&g->row_losses, count, sizeof(double)));
  LKS_TRY(allocate_states(g, rows->rows));
  if (!rows->training)
    return LKS_OK;
  if (g->setup.recurrent.dropout.drop > 0)
    LKS_TRY(lks_allocate(&g->top, items * hidden, sizeof(float)));
  LKS_TRY(lks_allocate(&g->d_top, items * hidden, sizeof(float)));
  return lks_allocate(&g->d_embedded, items * units, sizeof(float));
}

void lks_generator_destroy(lks_generator *g) {
  if (!g)
    return;
  for (int i = 0; g->states && i < lks_recurrent_states(g->stack); i++) {
    lks_release(g->states[i].cell);
    lks_release(g->states[i].hidden);
  }
  lks_release(g->states);
  lks_release(g->row_losses);
  lks_release(g->losses);
  lks_release(g->d_top);
  lks_release(g->top);
  lks_release(g->d_embedded);
  lks_release(g->embedded);
  lks_release(g->d_conditions);
  lks_release(g->conditions);
  lks_release(g->row_numbers);
  lks_release(g->row_labels);
  lks_release(g->targets);
  lks_release(g->symbols);
  lks_release(g->lengths);
  lks_ragged_destroy(g->texts);
  lks_dense_destroy(g->condition);
  if (g->labels)
    lks_embedding_destroy(g->labels);
  lks_embedding_destroy(g->vectors);
  lks_recurrent_destroy(g->stack);
  lks_softmax_head_destroy(g->head);
  lks_release(g);
}

int lks_generator_output(const lks_generator *g) {
  return lks_softmax_head_weight(g->head);
}

int lks_generator_output_bias(const lks_generator *g) {
  return lks_softmax_head_bias(g->head);
}

int lks_generator_vectors(const lks_generator *g) {
  return lks_embedding_param(g->vectors);
}

int lks_generator_labels(const lks_generator *g) {
  return g->labels ? lks_embedding_param(g->labels) : -1;
}

lks_recurrent *lks_generator_stack(const lks_generator *g) {
  return g->stack;
}

void lks_generator_pack(lks_generator *g, const lks_kernels *kernels, int threads,
                        bool training) {
  lks_recurrent_pack(g->stack, kernels, threads, training);
  lks_softmax_head_pack(g->head, kernels, threads, training);
  if (g->condition)
    lks_dense_pack(g->condition, kernels, threads, training);
}

/* Between the items of a pass and the rows' conditions: position p of the pass is row
 * sequence[p], or p itself. */
typedef struct {
  const lks_pass *pass;
  const int *sequence; /* NULL: rows lie as they are */
  size_t units;
  const float *conditions; /* forward: [rows, units], added to `items` */
  float *items;            /* [T, B, units] */
  float *d_conditions;     /* backward: [rows, units], sums of `d_items` in the order of time */
  const float *d_items;
} spread;

static void spread_body(void *context, int part, int parts) {
  const spread *s = context;
  for (int p = part; p < s->pass->rows; p += parts) {
    size_t row = (size_t)(s->sequence ? s->sequence[p] : p);
    for (int t = 0; t < s->pass->steps && p < s->pass->active[t]; t++) {
      size_t item = ((size_t)t * (size_t)s->pass->rows + (size_t)p) * s->units;
      for (size_t u = 0; u < s->units; u++)
        s->items[item + u] += s->conditions[row * s->units + u];
    }
  }
}

static void gather_body(void *context, int part, int parts) {
  const spread *s = context;
  for (int p = part; p < s->pass->rows; p += parts) {
    size_t row = (size_t)(s->sequence ? s->sequence[p] : p);
    float *sum = s->d_conditions + row * s->units;
    memset(sum, 0, s->units * sizeof *sum);
    for (int t = 0; t < s->pass->steps && p < s->pass->active[t]; t++) {
      size_t item = ((size_t)t * (size_t)s->pass->rows + (size_t)p) * s->units;
      for (size_t u = 0; u < s->units; u++)
        sum[u] += s->d_items[item + u];
    }
  }
}

/* embedded = vectors of the symbols + conditions of the rows. */
static void embed(lks_generator *g, const lks_pass *pass, const lks_pass *rows,
                  const int *sequence, const int32_t *symbols,
                  const lks_generator_condition *condition) {
  lks_embedding_forward(g->vectors, pass, symbols, g->embedded);
  if (g->labels)
    lks_embedding_forward(g->labels, rows, condition->labels, g->conditions);
  else
    lks_dense_forward(g->condition, rows, condition->numbers, g->conditions);
  lks_parallel(pass->threads, spread_body,
               &(spread){.pass = pass,
                         .sequence = sequence,
                         .units = (size_t)g->setup.units,
                         .conditions = g->conditions,
                         .items = g->embedded});
}

/* Labels or numbers of the rows. */
static void take_conditions(lks_generator *g, const lks_task_call *call) {
  const lks_batch_field *field = &call->fields[g->setup.condition_field];
  size_t numbers = (size_t)g->setup.numbers;
  g->given = (lks_generator_condition){.labels = g->row_labels, .numbers = g->row_numbers};
  for (int b = 0; b < call->row_pass->rows; b++)
    if (g->labels)
      g->row_labels[b] = field->values[field->offsets[b]];
    else
      memcpy(g->row_numbers + (size_t)b * numbers, field->values + field->offsets[b],
             numbers * sizeof(float));
}

/* Outputs of the stack before dropout. */
static const float *run_stack(lks_generator *g, const lks_task_call *call) {
  const lks_batch_field *text = &call->fields[g->setup.text_field];
  const lks_dropout_setup *dropout = &g->setup.recurrent.dropout;
  const lks_pass *pass = &g->texts->pass;
  lks_line_symbols_order(g->texts, call->row_pass, text, INT_MAX - 1, g->lengths);
  lks_line_symbols_take(g->texts, text, g->setup.end, true, g->symbols);
  lks_line_symbols_take(g->texts, text, g->setup.end, false, g->targets);
  take_conditions(g, call);
  embed(g, pass, call->row_pass, g->texts->sequence, g->symbols, &g->given);
  lks_dropout_apply(pass, dropout, 0, g->setup.units, g->embedded, g->embedded);
  return lks_recurrent_forward(g->stack, pass, g->embedded, NULL, NULL);
}

void lks_generator_train(lks_generator *g, const lks_task_call *call) {
  const lks_dropout_setup *dropout = &g->setup.recurrent.dropout;
  const lks_pass *pass = &g->texts->pass;
  int hidden = g->setup.recurrent.hidden, units = g->setup.units;
  lks_stopwatch_enter(call->watch, LKS_PART_FORWARD);
  const float *top = run_stack(g, call);
  if (g->top) {
    lks_dropout_apply(pass, dropout, g->last_site, hidden, top, g->top);
    top = g->top;
  }
  lks_stopwatch_enter(call->watch, LKS_PART_LOSS);
  lks_softmax_head_train(g->head, pass, top, g->targets, g->losses, g->d_top);
  lks_ragged_add_losses(g->texts, g->losses, g->row_losses, call->losses);
  lks_stopwatch_enter(call->watch, LKS_PART_BACKWARD);
  lks_dropout_apply(pass, dropout, g->last_site, hidden, g->d_top, g->d_top);
  lks_recurrent_backward(g->stack, pass, g->d_top, NULL, NULL, g->d_embedded);
  lks_dropout_apply(pass, dropout, 0, units, g->d_embedded, g->d_embedded);
  lks_parallel(pass->threads, gather_body,
               &(spread){.pass = pass,
                         .sequence = g->texts->sequence,
                         .units = (size_t)units,
                         .d_conditions = g->d_conditions,
                         .d_items = g->d_embedded});
  lks_embedding_backward(g->vectors, pass, g->symbols, g->d_embedded, call->buffers,
                         call->buffer_count);
  if (g->labels)
    lks_embedding_backward(g->labels, call->row_pass, g->row_labels, g->d_conditions,
                           call->buffers, call->buffer_count);
  else
    lks_dense_backward(g->condition, call->row_pass, g->row_numbers, g->d_conditions, NULL);
}

void lks_generator_score(lks_generator *g, const lks_task_call *call, double *losses) {
  const float *top = run_stack(g, call);
  const lks_ragged *texts = g->texts;
  lks_softmax_head_score(g->head, &texts->pass, top, g->targets, g->losses);
  for (int row = 0; row < texts->count; row++) {
    losses[row] = 0;
    for (int t = 0; t < g->lengths[row]; t++)
      losses[row] += (double)g->losses[lks_ragged_item(texts, row, t)];
  }
}

void lks_generator_begin(lks_generator *g) {
  for (int i = 0; i < lks_recurrent_states(g->stack); i++) {
    memset(g->states[i].hidden, 0, g->state_floats * sizeof(float));
    memset(g->states[i].cell, 0, g->state_floats * sizeof(float));
  }
}

void lks_generator_step(lks_generator *g, const lks_pass *pass,
                        const lks_generator_condition *condition, const int32_t *symbols,
                        float *logits) {
  embed(g, pass, pass, NULL, symbols, condition);
  const float *top = lks_recurrent_forward(g->stack, pass, g->embedded, g->states, g->states);
  lks_softmax_head_logits(g->head, pass->kernels, pass->threads, pass->rows, top, logits);
}
