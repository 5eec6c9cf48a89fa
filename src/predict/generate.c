/* SPDX-License-Identifier: Apache-2.0 */
/* generate.c - a language model stepped one symbol at a time. */
#include "predict/generate.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/log.h"
#include "base/memory.h"
#include "decode/sample.h"
#include "predict/generate_labelled.h"
#include "task/language_model.h"
#include "train/carried.h"
#include "train/session.h"

#include <string.h>

typedef struct {
  const lks_generate_setup *setup;
  lks_session *session;
  const lks_vocabulary *vocabulary;
  bool words;
  lks_carried *carried;
  uint32_t *sample; /* [samples] */
  int32_t *prompt;  /* [prompt_count] */
  int prompt_count;
  int32_t *drawn; /* [length, samples] */
  bool at_line_start;
} generation;

static int find(const generation *g, const char *symbol) {
  return lks_vocabulary_find(g->vocabulary, symbol, strlen(symbol));
}

/* What a text begins after: the end of a line. */
static int32_t line_end(const generation *g) {
  int symbol = find(g, g->words ? "<eos>" : "\n");
  return symbol < 0 ? 0 : symbol;
}

/* Bytes of the prompt's next symbol; 0 at its end.  Spaces between words are passed. */
static size_t next_symbol(const generation *g, const char **text) {
  if (!g->words)
    return lks_text_character(*text, strlen(*text), NULL);
  *text += strspn(*text, " \t\r\n");
  return strcspn(*text, " \t\r\n");
}

static lks_status read_prompt(generation *g) {
  const char *text = g->setup->prompt ? g->setup->prompt : "";
  size_t bytes = strlen(text);
  if (lks_text_check_utf8(text, bytes) != bytes)
    return LKS_FAIL(LKS_USAGE, "--prompt: expected UTF-8, found an invalid byte at offset %zu",
                    lks_text_check_utf8(text, bytes));
  LKS_TRY(lks_allocate(&g->prompt, bytes + 1, sizeof *g->prompt));
  g->prompt[g->prompt_count++] = line_end(g);
  for (size_t size; *text && (size = next_symbol(g, &text)) > 0; text += size) {
    int symbol = lks_vocabulary_find(g->vocabulary, text, size);
    if (symbol < 0 && g->words && (symbol = find(g, "<unk>")) >= 0)
      lks_log(LKS_LOG_WARNING,
              "--prompt: '%.*s' is none of the model's %d words, read as <unk>", (int)size,
              text, lks_vocabulary_size(g->vocabulary));
    if (symbol < 0)
      return LKS_FAIL(LKS_USAGE,
                      "--prompt: '%.*s' is not in the model's vocabulary of %d %s\n  hint: "
                      "lockstep inspect names the dataset; its first symbols are the commonest",
                      (int)size, text, lks_vocabulary_size(g->vocabulary),
                      g->words ? "words" : "characters");
    g->prompt[g->prompt_count++] = symbol;
  }
  return LKS_OK;
}

static lks_status step(void *context, const int32_t *symbols, float *logits) {
  generation *g = context;
  int active = g->setup->samples;
  lks_pass pass = {
      .kernels = g->session->kernels,
      .threads = g->session->threads,
      .rows = active,
      .steps = 1,
      .active = &active,
      .sample = g->sample,
  };
  lks_language_model_step(g->session->task, &pass, symbols, lks_carried_from(g->carried, 0),
                          logits);
  return LKS_OK;
}

static void print_symbol(generation *g, int32_t number) {
  const char *symbol = lks_vocabulary_symbol(g->vocabulary, number);
  FILE *out = g->setup->out;
  if (!g->words) {
    fputs(symbol, out);
    g->at_line_start = strcmp(symbol, "\n") == 0;
  } else if (strcmp(symbol, "<eos>") == 0) {
    fputc('\n', out);
    g->at_line_start = true;
  } else {
    fprintf(out, "%s%s", g->at_line_start ? "" : " ", symbol);
    g->at_line_start = false;
  }
}

static void print_prompt(generation *g) {
  g->at_line_start = true;
  for (int i = 1; i < g->prompt_count; i++)
    print_symbol(g, g->prompt[i]);
}

/* A single text is shown while it grows. */
static bool emit(void *context, int time, const int32_t *drawn) {
  generation *g = context;
  (void)time;
  print_symbol(g, drawn[0]);
  fflush(g->setup->out);
  return true;
}

static void print_samples(generation *g) {
  for (int s = 0; s < g->setup->samples; s++) {
    fprintf(g->setup->out, "--- sample %d\n", s + 1);
    print_prompt(g);
    for (int t = 0; t < g->setup->length; t++)
      print_symbol(g, g->drawn[t * g->setup->samples + s]);
    if (!g->at_line_start)
      fputc('\n', g->setup->out);
  }
}

static lks_status draw(generation *g) {
  const lks_generate_setup *setup = g->setup;
  lks_stepper stepper = {setup->samples, lks_vocabulary_size(g->vocabulary), step, g};
  lks_sample_setup sampling = {.temperature = setup->temperature,
                               .top_k = setup->top_k,
                               .top_p = setup->top_p,
                               .seed = setup->seed};
  bool grows = setup->samples == 1;
  if (grows)
    print_prompt(g);
  LKS_TRY(lks_sample_run(&stepper, &sampling, g->session->kernels, g->prompt, g->prompt_count,
                         setup->length, g->words ? find(g, "<unk>") : -1, g->drawn,
                         grows ? emit : NULL, g));
  if (!grows)
    print_samples(g);
  else if (!g->at_line_start)
    fputc('\n', setup->out);
  return LKS_OK;
}

static lks_status open_model(generation *g) {
  const lks_generate_setup *setup = g->setup;
  LKS_TRY(
      lks_session_open_trained(&g->session, setup->path, setup->sets, setup->set_count, NULL));
  if (setup->kernels)
    LKS_TRY(
        lks_kernels_find(setup->kernels, g->session->kernels->precision, &g->session->kernels));
  if (setup->threads > 0)
    g->session->threads = setup->threads;
  return LKS_OK;
}

static lks_status open_language_model(generation *g) {
  const lks_generate_setup *setup = g->setup;
  size_t samples = (size_t)setup->samples;
  const char *kind = g->session->task->kind->name;
  if (g->session->task->kind == &lks_task_generate)
    return LKS_FAIL(
        LKS_USAGE,
        "%s: a %s model: expected --label LABEL or --vector NUMBERS, found neither\n  hint: "
        "lockstep inspect names the dataset, whose labels it lists",
        setup->path, kind);
  if (g->session->task->kind != &lks_task_language_model)
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected a language-model or a generate model, found a %s "
                    "model",
                    setup->path, kind);
  g->vocabulary = lks_dataset_vocabulary(g->session->dataset);
  g->words = strcmp(lks_dataset_unit(g->session->dataset), "word") == 0;
  LKS_TRY(lks_session_allocate(g->session, setup->samples, 1, setup->samples, 1, false));
  g->session->task->kind->pack(g->session->task, g->session->kernels, g->session->threads,
                               false);
  LKS_TRY(lks_carried_create(&g->carried, g->session->task, setup->samples));
  LKS_TRY(lks_allocate(&g->sample, samples, sizeof *g->sample));
  LKS_TRY(lks_allocate(&g->drawn, samples * (size_t)setup->length, sizeof *g->drawn));
  return read_prompt(g);
}

lks_status lks_generate_run(const lks_generate_setup *setup) {
  lks_status status;
  generation g = {.setup = setup};
  unsigned saved = lks_floating_point_enter();
  LKS_TRY_OR(cleanup, status, open_model(&g));
  if (setup->label || setup->vector) {
    status = lks_generate_labelled(g.session, setup);
    goto cleanup;
  }
  LKS_TRY_OR(cleanup, status, open_language_model(&g));
  LKS_TRY_OR(cleanup, status, draw(&g));
cleanup:
  lks_floating_point_leave(saved);
  lks_release(g.drawn);
  lks_release(g.prompt);
  lks_release(g.sample);
  lks_carried_destroy(g.carried);
  lks_session_close(g.session);
  return status;
}
