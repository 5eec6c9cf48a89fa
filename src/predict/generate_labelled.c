/* SPDX-License-Identifier: Apache-2.0 */
/* generate_labelled.c - the label as so many lines, answered together. */
#include "predict/generate_labelled.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/sequences.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* One of the keys of [predict], from the option "--name" that `where` is. */
static lks_status put(lks_session *session, const char *key, const char *where,
                      const char *value) {
  return lks_config_put(session->config, "predict", key, value, where);
}

static lks_status put_integer(lks_session *session, const char *key, const char *where,
                              int64_t value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%" PRId64, value);
  return put(session, key, where, text);
}

static lks_status put_real(lks_session *session, const char *key, const char *where,
                           double value) {
  char text[32];
  (void)snprintf(text, sizeof text, "%.17g", value);
  return put(session, key, where, text);
}

static lks_status take_options(lks_session *session, const lks_generate_setup *setup) {
  LKS_TRY(put_integer(session, "length", "--length", setup->length));
  LKS_TRY(put_real(session, "temperature", "--temperature", (double)setup->temperature));
  LKS_TRY(put_integer(session, "top_k", "--top-k", setup->top_k));
  LKS_TRY(put_real(session, "top_p", "--top-p", (double)setup->top_p));
  LKS_TRY(put_integer(session, "seed", "--seed", (int64_t)setup->seed));
  return put(session, "prompt", "--prompt", setup->prompt ? setup->prompt : "");
}

/* A label for a model of labels, numbers for one of vectors. */
static lks_status check_condition(const lks_session *session, const lks_generate_setup *setup) {
  bool described = strcmp(lks_dataset_sequences(session->dataset)->kind, "described") == 0;
  if (described == (setup->vector != NULL))
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE, "%s: expected %s, found %s\n  hint: the model was learnt from %s",
                  setup->path, described ? "--vector NUMBERS" : "--label LABEL",
                  described ? "--label" : "--vector", described ? "vectors" : "labels");
}

/* Rows of the call: every one is the label, and has a number of its own. */
typedef struct {
  const char **lines;
  uint32_t *sample;
  lks_text *answers;
} texts;

static lks_status answer(lks_session *session, const lks_generate_setup *setup, texts *t) {
  size_t samples = (size_t)setup->samples;
  const int active[1] = {setup->samples};
  LKS_TRY(lks_allocate(&t->lines, samples, sizeof *t->lines));
  LKS_TRY(lks_allocate(&t->sample, samples, sizeof *t->sample));
  LKS_TRY(lks_allocate(&t->answers, samples, sizeof *t->answers));
  for (size_t i = 0; i < samples; i++) {
    t->lines[i] = setup->label ? setup->label : setup->vector;
    t->sample[i] = (uint32_t)i;
  }
  LKS_TRY(lks_session_allocate(session, setup->samples, 1, setup->samples, 1, false));
  session->task->kind->pack(session->task, session->kernels, session->threads, false);
  const lks_pass pass = {.kernels = session->kernels,
                         .threads = session->threads,
                         .rows = setup->samples,
                         .steps = 1,
                         .active = active,
                         .sample = t->sample};
  const lks_task_call call = {.pass = &pass, .row_pass = &pass};
  return session->task->kind->answer(session->task, &call, t->lines, t->answers);
}

lks_status lks_generate_labelled(lks_session *session, const lks_generate_setup *setup) {
  lks_status status;
  texts t = {0};
  if (session->task->kind != &lks_task_generate)
    return LKS_FAIL(LKS_USAGE,
                    "--label and --vector: expected a generate model, found a %s model",
                    session->task->kind->name);
  LKS_TRY_OR(cleanup, status, check_condition(session, setup));
  LKS_TRY_OR(cleanup, status, take_options(session, setup));
  LKS_TRY_OR(cleanup, status, answer(session, setup, &t));
  for (int i = 0; i < setup->samples; i++) {
    if (setup->samples > 1)
      fprintf(setup->out, "--- sample %d\n", i + 1);
    fprintf(setup->out, "%s\n", t.answers[i].data ? t.answers[i].data : "");
  }
cleanup:
  for (int i = 0; t.answers && i < setup->samples; i++)
    lks_text_release(&t.answers[i]);
  lks_release(t.answers);
  lks_release(t.sample);
  lks_release(t.lines);
  return status;
}
