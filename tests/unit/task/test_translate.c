/* SPDX-License-Identifier: Apache-2.0 */
/* test_translate.c - gradients of the whole network against central differences of its own
 * loss, for every kind of attention, cell and decoder; and translations, scores and
 * gradients that do not depend on threads or on which rows share a call. */
#include "base/fail.h"
#include "base/memory.h"
#include "check.h"
#include "data/sequence_writer.h"
#include "task/task.h"
#include "temporary_folder.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 4, SYMBOLS = 16, SUMS_MAX = 16, LINE_MAX = 512 };

/* As in test_forecast.c: rounding and third derivatives stay below this. */
#define DIFFERENCE_STEP 0.0078125f
#define GRADIENT_TOLERANCE 2e-3

static const char *const words[] = {"<unk>", "<eos>", "a", "b", "c", "d", "e"};
enum { WORDS = sizeof words / sizeof *words };

/* Lengths differ, and their orders on both sides too; one side is empty. */
static const int32_t source_values[] = {2, 3, 4, 5, 2, 6, 0, 3, 3, 5};
static const int32_t source_offsets[ROWS + 1] = {0, 2, 6, 6, 10};
static const int32_t target_values[] = {6, 5, 4, 3, 0, 2, 2, 4, 5};
static const int32_t target_offsets[ROWS + 1] = {0, 4, 5, 7, 9};
static const uint32_t samples[ROWS] = {3, 1, 9, 4};

typedef struct {
  lks_temporary_folder folder;
  lks_io_thread *io;
  lks_dataset *dataset;
  lks_vocabulary *vocabulary;
  lks_config *config;
  lks_task *task;
  const lks_kernels *kernels;
  float *values, *gradient;
} fixture;

static const lks_key data_keys[] = {
    {"train", "batch", LKS_KEY_INTEGER, "20", NULL, 1, 100, LKS_KEY_FIXED, "batch"},
    {"train", "carry_state", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED, "carry"},
};

static void write_dataset(fixture *f, const char *path) {
  lks_sequence_writer *writer;
  lks_digest digest;
  CHECK_OK(lks_vocabulary_create(&f->vocabulary));
  for (int i = 0; i < WORDS; i++)
    CHECK_OK(lks_vocabulary_append(f->vocabulary, words[i], strlen(words[i])));
  lks_sequence_field_setup fields[] = {
      {.name = "source", .vocabulary = f->vocabulary, .tokenizer = "words"},
      {.name = "target", .vocabulary = f->vocabulary, .tokenizer = "words"}};
  lks_sequence_setup setup = {
      .path = path, .kind = "pairs", .fields = fields, .field_count = 2};
  CHECK_OK(lks_sequence_writer_create(&writer, &setup));
  for (int b = 0; b < ROWS; b++) {
    const int32_t *symbols[] = {source_values + source_offsets[b],
                                target_values + target_offsets[b]};
    int lengths[] = {source_offsets[b + 1] - source_offsets[b],
                     target_offsets[b + 1] - target_offsets[b]};
    CHECK_OK(lks_sequence_writer_append(writer, LKS_SPLIT_TRAIN, symbols, lengths));
  }
  CHECK_OK(lks_sequence_writer_describe(writer, ""));
  CHECK_OK(lks_sequence_writer_commit(writer, &digest));
  lks_sequence_writer_destroy(writer);
}

static void bind(fixture *f) {
  lks_capacity capacity = {.rows = ROWS,
                           .steps = 1,
                           .items = ROWS,
                           .shards = 2,
                           .training = true,
                           .threads = 2,
                           .kernels = f->kernels,
                           .field = {{4, 10, 16}, {4, 9, 16}}};
  lks_params *params = f->task->params;
  CHECK_OK(lks_allocate(&f->values, lks_params_value_count(params), sizeof(float)));
  CHECK_OK(lks_allocate(&f->gradient, lks_params_gradient_count(params), sizeof(float)));
  lks_params_bind(params, f->values);
  CHECK_OK(f->task->kind->allocate(f->task, &capacity));
  f->task->kind->initialise(f->task, 5);
}

static void set_up(fixture *f, const char *const *sets, size_t count) {
  memset(f, 0, sizeof *f);
  lks_temporary_folder_create(&f->folder);
  const char *path = lks_temporary_path(&f->folder, "pairs.h5");
  write_dataset(f, path);
  CHECK_OK(lks_io_thread_create(&f->io));
  CHECK_OK(lks_dataset_open(&f->dataset, path, f->io));
  CHECK_OK(lks_config_create(&f->config));
  CHECK_OK(lks_config_register(f->config, data_keys, sizeof data_keys / sizeof *data_keys));
  CHECK_OK(lks_task_translate.register_keys(f->config));
  CHECK_OK(lks_config_set(f->config, "model.hidden=6"));
  CHECK_OK(lks_config_set(f->config, "model.embedding=5"));
  for (size_t i = 0; i < count; i++)
    CHECK_OK(lks_config_set(f->config, sets[i]));
  CHECK_OK(lks_kernels_find(NULL, LKS_PRECISION_F32, &f->kernels));
  CHECK_OK(lks_task_translate.create(&f->task, f->config, f->dataset));
  bind(f);
}

static void tear_down(fixture *f) {
  f->task->kind->destroy(f->task);
  lks_config_destroy(f->config);
  lks_dataset_close(f->dataset);
  lks_io_thread_destroy(f->io);
  lks_vocabulary_destroy(f->vocabulary);
  lks_temporary_folder_destroy(&f->folder);
  lks_release(f->gradient);
  lks_release(f->values);
}

static int one_step[1];

/* Rows first .. first+rows-1. */
static lks_pass pass_of(const fixture *f, int first, int rows, int threads) {
  one_step[0] = rows;
  return (lks_pass){.kernels = f->kernels,
                    .threads = threads,
                    .rows = rows,
                    .steps = 1,
                    .active = one_step,
                    .key = lks_random_key_of(1),
                    .sample = samples + first};
}

/* A training pass of all rows; returns the summed loss, with gradients in f->gradient. */
static double run(fixture *f, int threads, float losses[ROWS]) {
  float *buffers[] = {f->gradient};
  const lks_shards shards = {2, ROWS, ROWS};
  const lks_subtree all = {0, 2};
  lks_segments *segments;
  const lks_batch_field fields[] = {{source_values, source_offsets},
                                    {target_values, target_offsets}};
  CHECK_OK(lks_segments_create(&segments, ROWS, 2));
  lks_segments_fill(segments, &shards, &all, 1, 1, NULL);
  lks_pass pass = pass_of(f, 0, ROWS, threads);
  pass.training = true;
  pass.segments = segments;
  pass.shards = &shards;
  pass.subtrees = &all;
  pass.gradients = buffers;
  lks_task_call call = {.row_pass = &pass,
                        .fields = fields,
                        .losses = losses,
                        .buffers = buffers,
                        .buffer_count = 1};
  f->task->kind->pack(f->task, f->kernels, threads, true);
  f->task->kind->train(f->task, &call);
  lks_segments_destroy(segments);
  double loss = 0;
  for (int i = 0; i < ROWS; i++)
    loss += (double)losses[i];
  return loss;
}

/* The uses of a tied parameter are added, as the step does. */
static void add_uses(const fixture *f, float *gradient) {
  const lks_params *params = f->task->params;
  for (int u = 0; u < lks_params_use_count(params); u++) {
    const lks_param_use *use = lks_params_use_at(params, u);
    const lks_param *param = lks_params_at(params, use->param);
    for (size_t i = 0; i < param->count; i++)
      gradient[param->offset + i] += gradient[use->offset + i];
  }
}

/* Every third element of each parameter. */
static void check_gradients(const char *const *sets, size_t count) {
  fixture f;
  float losses[ROWS], *analytic;
  double worst = 0;
  set_up(&f, sets, count);
  CHECK(isfinite(run(&f, 2, losses)));
  size_t total = lks_params_gradient_count(f.task->params);
  CHECK_OK(lks_allocate(&analytic, total, sizeof(float)));
  memcpy(analytic, f.gradient, total * sizeof(float));
  add_uses(&f, analytic);
  for (int p = 0; p < lks_params_count(f.task->params); p++) {
    const lks_param *param = lks_params_at(f.task->params, p);
    for (size_t i = 0; i < param->count; i += 3) {
      float *value = &f.values[param->offset + i], kept = *value;
      *value = kept + DIFFERENCE_STEP;
      double above = run(&f, 1, losses);
      *value = kept - DIFFERENCE_STEP;
      double below = run(&f, 1, losses);
      *value = kept;
      double difference = (above - below) / (2 * (double)DIFFERENCE_STEP);
      double error =
          fabs(difference - (double)analytic[param->offset + i]) / (1 + fabs(difference));
      if (error > GRADIENT_TOLERANCE)
        printf("%s: %s[%zu]: %g, expected %g\n", sets[0], param->name, i,
               (double)analytic[param->offset + i], difference);
      worst = error > worst ? error : worst;
    }
  }
  CHECK(worst < GRADIENT_TOLERANCE);
  lks_release(analytic);
  tear_down(&f);
}

static void gradients_match_differences_of_the_loss(void) {
  const char *const variants[][5] = {
      {"model.attention=general", "model.layers=2", "model.dropout=0.3", "model.hidden=6",
       "train.label_smoothing=0.1"},
      {"model.attention=dot", "model.input_feeding=yes", "model.dropout=0.3", "model.layers=2",
       "train.label_smoothing=0.1"},
      {"model.attention=additive", "model.attention_units=3", "model.input_feeding=yes",
       "model.bidirectional=no", "model.cell=gru"},
      {"model.attention=general", "model.input_feeding=yes", "model.tied=yes",
       "model.embedding=6", "model.variational=yes"},
      {"model.attention=additive", "model.cell=rnn", "model.tied=no", "model.layers=1",
       "model.bidirectional=yes"},
  };
  for (size_t i = 0; i < sizeof variants / sizeof *variants; i++)
    check_gradients(variants[i], 5);
}

static const char *const trained[] = {"model.input_feeding=yes", "model.dropout=0.3",
                                      "train.scheduled_sampling=0.5", "evaluate.beam=3",
                                      "predict.n_best=2"};

static void threads_change_no_bit(void) {
  fixture f;
  float one[ROWS], two[ROWS], *kept;
  set_up(&f, trained, 5);
  size_t total = lks_params_gradient_count(f.task->params);
  run(&f, 1, one);
  CHECK_OK(lks_allocate(&kept, total, sizeof(float)));
  memcpy(kept, f.gradient, total * sizeof(float));
  run(&f, 2, two);
  CHECK_SAME_BITS(two, one, ROWS);
  CHECK_SAME_BITS(f.gradient, kept, total);
  lks_release(kept);
  tear_down(&f);
}

/* Sampling decides inputs, so it changes the loss; the draws are those of the samples. */
static void scheduled_sampling_feeds_other_symbols(void) {
  fixture f;
  float teacher[ROWS], own[ROWS];
  set_up(&f, trained, 2);
  run(&f, 1, teacher);
  tear_down(&f);
  set_up(&f, trained, 3);
  run(&f, 1, own);
  bool differs = false;
  for (int b = 0; b < ROWS; b++) {
    differs = differs || own[b] != teacher[b];
    CHECK(isfinite(own[b]));
  }
  CHECK(differs);
  tear_down(&f);
}

/* Scores and answers of rows first .. first+rows-1. */
static void predict(fixture *f, int first, int rows, double *sums, lks_text *answers) {
  static const char *const lines[ROWS] = {"A B", "C D A E", "", "X B B D"};
  const lks_batch_field fields[] = {{source_values, source_offsets + first},
                                    {target_values, target_offsets + first}};
  lks_pass pass = pass_of(f, first, rows, 2);
  lks_task_call call = {
      .row_pass = &pass, .fields = fields, .sums = sums + first * f->task->sum_count};
  f->task->kind->pack(f->task, f->kernels, 2, false);
  f->task->kind->score(f->task, &call);
  CHECK_OK(f->task->kind->answer(f->task, &call, lines + first, answers + first));
}

static void rows_alone_get_what_they_get_together(void) {
  fixture f;
  double together[ROWS * SUMS_MAX] = {0}, alone[ROWS * SUMS_MAX] = {0};
  lks_text all[ROWS] = {{0}}, each[ROWS] = {{0}};
  set_up(&f, trained, 5);
  CHECK(f.task->sum_count <= SUMS_MAX);
  predict(&f, 0, ROWS, together, all);
  for (int b = 0; b < ROWS; b++) {
    predict(&f, b, 1, alone, each);
    CHECK(all[b].data && each[b].data && strcmp(all[b].data, each[b].data) == 0);
    CHECK(strchr(all[b].data, '\n') != NULL); /* two hypotheses */
    lks_text_release(&all[b]);
    lks_text_release(&each[b]);
  }
  CHECK(memcmp(together, alone, sizeof together) == 0);
  tear_down(&f);
}

/* A network that only says <unk> shows what replaces it. */
static void unknown_words_are_replaced_by_the_most_attended(void) {
  static const char *const sets[] = {"predict.replace_unknown=yes", "evaluate.max_length=2"};
  fixture f;
  double sums[ROWS * SUMS_MAX] = {0};
  lks_text answers[ROWS] = {{0}};
  set_up(&f, sets, 2);
  int bias = lks_params_find(f.task->params, "output.bias");
  lks_params_view(f.task->params, bias)[0] = 50;
  predict(&f, 0, ROWS, sums, answers);
  for (int b = 0; b < ROWS; b++) {
    static const char *const lines[ROWS] = {"A B", "C D A E", "", "X B B D"};
    char word[LINE_MAX];
    CHECK_EQUAL(sscanf(answers[b].data, "%511s", word), 1);
    CHECK(strcmp(word, "<unk>") == 0 || strstr(lines[b], word) != NULL);
    CHECK(b != 2 || strcmp(answers[b].data, "<unk> <unk>") == 0); /* nothing to copy */
    lks_text_release(&answers[b]);
  }
  tear_down(&f);
}

static void a_beam_as_wide_as_n_best_is_asked_for(void) {
  fixture f;
  lks_task *task;
  set_up(&f, trained, 0);
  CHECK_OK(lks_config_set(f.config, "predict.n_best=4"));
  CHECK_EQUAL(lks_task_translate.create(&task, f.config, f.dataset), LKS_USAGE);
  CHECK(strstr(lks_error_message(), "at most [evaluate] beam = 1, found 4") != NULL);
  tear_down(&f);
}

const lks_test translate_tests[] = {
    TEST(gradients_match_differences_of_the_loss),
    TEST(threads_change_no_bit),
    TEST(scheduled_sampling_feeds_other_symbols),
    TEST(rows_alone_get_what_they_get_together),
    TEST(unknown_words_are_replaced_by_the_most_attended),
    TEST(a_beam_as_wide_as_n_best_is_asked_for),
    TEST_END,
};
