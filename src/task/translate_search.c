/* SPDX-License-Identifier: Apache-2.0 */
/* translate_search.c - the network as a stepper of the beam search: what a hypothesis has
 * of its own are the decoder's states and its last output. */
#include "base/fail.h"
#include "base/memory.h"
#include "task/translation.h"

#include <string.h>

static int64_t integer_of(const lks_translation *m, const char *section, const char *key) {
  return lks_config_integer(m->config, section, key);
}

/* Most symbols of the translation of a source of so many. */
static int limit_of(const lks_translation *m, int source) {
  int limit = (int)integer_of(m, "evaluate", "max_length");
  return limit > 0 ? limit : 2 * source + 10;
}

static lks_status allocate_rows(lks_translation *m, size_t rows) {
  lks_translation_search *s = &m->search;
  size_t hidden = (size_t)m->hidden;
  LKS_TRY(lks_allocate(&s->active, 1, sizeof *s->active));
  LKS_TRY(lks_allocate(&s->source, rows, sizeof *s->source));
  for (int i = 0; i < 2; i++) {
    LKS_TRY(lks_allocate(&s->fed[i], rows * hidden, sizeof(float)));
    LKS_TRY(lks_allocate(&s->state[i], (size_t)m->layers, sizeof *s->state[i]));
    for (int l = 0; l < m->layers; l++) {
      LKS_TRY(lks_allocate(&s->state[i][l].hidden, rows * hidden, sizeof(float)));
      LKS_TRY(lks_allocate(&s->state[i][l].cell, rows * hidden, sizeof(float)));
    }
  }
  return lks_allocate(&s->embedded, rows * (size_t)m->units, sizeof(float));
}

lks_status lks_translation_allocate_search(lks_translation *m, const lks_capacity *call) {
  lks_beam_setup setup = {
      .width = (int)integer_of(m, "evaluate", "beam"),
      .best = (int)integer_of(m, "predict", "n_best"),
      .vocab = lks_vocabulary_size(m->target.vocabulary),
      .start = m->target.end,
      .end = m->target.end,
      .forbidden = -1,
      .shortest = (int)integer_of(m, "evaluate", "min_length"),
      .length_power = lks_config_real(m->config, "evaluate", "length_power"),
      .coverage = lks_config_real(m->config, "evaluate", "coverage"),
      .sentences = call->rows,
      .longest = limit_of(m, call->field[m->source.field].longest),
      .sources = call->field[m->source.field].longest + 1,
      .threads = call->threads,
      .kernels = call->kernels,
  };
  if (!lks_config_bool(m->config, "evaluate", "translate"))
    return LKS_OK;
  m->search.most_sources = setup.sources;
  LKS_TRY(lks_beam_create(&m->beam, &setup));
  LKS_TRY(lks_allocate(&m->limits, (size_t)call->rows, sizeof *m->limits));
  LKS_TRY(lks_allocate(&m->said, (size_t)setup.longest, sizeof *m->said));
  return allocate_rows(m, (size_t)call->rows * (size_t)setup.width);
}

void lks_translation_release_search(lks_translation *m) {
  lks_translation_search *s = &m->search;
  lks_release(s->embedded);
  for (int i = 0; i < 2; i++) {
    for (int l = 0; s->state[i] && l < m->layers; l++) {
      lks_release(s->state[i][l].cell);
      lks_release(s->state[i][l].hidden);
    }
    lks_release(s->state[i]);
    lks_release(s->fed[i]);
  }
  lks_release(s->source);
  lks_release(s->active);
  lks_release(m->said);
  lks_release(m->limits);
  lks_beam_destroy(m->beam);
}

/* What a new hypothesis of a sentence starts from. */
static void begin_row(const lks_translation *m, int row, int source) {
  const lks_translation_search *s = &m->search;
  size_t hidden = (size_t)m->hidden, directions = m->bidirectional ? 2 : 1;
  size_t part = hidden / directions, bytes = part * sizeof(float);
  for (int l = 0; l < m->layers; l++)
    for (size_t d = 0; d < directions; d++) {
      const lks_cell_state *final = &m->final[(size_t)l * directions + d];
      size_t to = (size_t)row * hidden + d * part, from = (size_t)source * part;
      memcpy(s->state[1][l].hidden + to, final->hidden + from, bytes);
      memcpy(s->state[1][l].cell + to, final->cell + from, bytes);
    }
  memset(s->fed[1] + (size_t)row * hidden, 0, hidden * sizeof(float));
}

/* Takes the state that another row had after the last step. */
static void continue_row(const lks_translation *m, int row, int from) {
  const lks_translation_search *s = &m->search;
  size_t hidden = (size_t)m->hidden, bytes = hidden * sizeof(float);
  size_t to = (size_t)row * hidden, at = (size_t)from * hidden;
  for (int l = 0; l < m->layers; l++) {
    memcpy(s->state[1][l].hidden + to, s->state[0][l].hidden + at, bytes);
    memcpy(s->state[1][l].cell + to, s->state[0][l].cell + at, bytes);
  }
  memcpy(s->fed[1] + to, s->fed[0] + at, bytes);
}

static void step(void *context, const lks_beam_rows *rows) {
  lks_translation *m = context;
  lks_translation_search *s = &m->search;
  const lks_pass *call = s->rows;
  const lks_ragged *sources = m->source.ragged;
  for (int r = 0; r < rows->count; r++) {
    s->source[r] = sources->position[rows->sentence[r]];
    if (rows->from[r] < 0)
      begin_row(m, r, s->source[r]);
    else
      continue_row(m, r, rows->from[r]);
  }
  *s->active = rows->count;
  lks_pass pass = {.kernels = call->kernels,
                   .threads = call->threads,
                   .rows = rows->count,
                   .steps = 1,
                   .active = s->active};
  lks_embedding_forward(m->target.embedding, &pass, rows->symbols, s->embedded);
  lks_decoder_call decoder = {.source = s->source,
                              .embedded = s->embedded,
                              .initial = s->state[1],
                              .final = s->state[0],
                              .fed = s->fed[1]};
  const float *output = lks_decoder_forward(m->decoder, &pass, &decoder);
  memcpy(s->fed[0], output, (size_t)rows->count * (size_t)m->hidden * sizeof(float));
  lks_softmax_head_logits(m->head, pass.kernels, pass.threads, rows->count, output,
                          rows->logits);
  for (int r = 0; r < rows->count; r++)
    memcpy(rows->attention + (size_t)r * (size_t)s->most_sources,
           lks_attention_weights(lks_decoder_attention(m->decoder), (size_t)r),
           (size_t)sources->lengths[s->source[r]] * sizeof(float));
}

void lks_translation_search_rows(lks_translation *m, const lks_task_call *call) {
  lks_beam_stepper stepper = {step, m};
  int rows = call->row_pass->rows;
  m->search.rows = call->row_pass;
  for (int b = 0; b < rows; b++)
    m->limits[b] = limit_of(m, m->source.lengths[b] - 1);
  lks_beam_run(m->beam, &stepper, rows, m->limits, m->source.lengths);
}
