/* SPDX-License-Identifier: Apache-2.0 */
/* workload_data.c - uniform symbols, or values of mean 0 and deviation 1. */
#include "measure/workload_data.h"

#include "base/fail.h"
#include "base/memory.h"
#include "base/random.h"
#include "data/dataset_writer.h"
#include "data/series_writer.h"
#include "measure/workload_sequences.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TOKENS = 1 << 20, VALUES = 3 << 20, ROWS_MAX = 1 << 16, BATCHES_MIN = 8 };

/* Of a uniform distribution around 0 with deviation 1. */
static const double half_width = 1.7320508075688772;

/* What ranks tell each other: whose host, and its file. */
typedef struct {
  int host, host_rank;
  char path[LKS_WORKLOAD_PATH];
} announcement;

static lks_status make_folder(lks_workload_data *data, const lks_workload *work) {
  const char *folder = getenv("TMPDIR");
  char name[LKS_WORKLOAD_PATH - 32];
  if (!folder || !*folder)
    folder = "/tmp";
  int bytes = snprintf(name, sizeof name, "%s/lockstep-bench-XXXXXX", folder);
  if (bytes >= (int)sizeof name || !mkdtemp(name))
    return LKS_FAIL(LKS_IO,
                    "%s: cannot make a folder for made-up data: %s\n  hint: TMPDIR names "
                    "a folder that can be written to",
                    folder, strerror(bytes >= (int)sizeof name ? ENAMETOOLONG : errno));
  snprintf(data->path, sizeof data->path, "%s/%s.h5", name, work->name);
  data->is_owner = true;
  return LKS_OK;
}

/* Every rank takes the path of the first rank of its host. */
static lks_status share_path(lks_workload_data *data, lks_comm *comm) {
  lks_status status;
  size_t ranks = (size_t)lks_comm_size(comm), *sizes = NULL;
  announcement mine = {.host = lks_comm_host(comm), .host_rank = lks_comm_host_rank(comm)};
  announcement *all = NULL;
  memcpy(mine.path, data->path, sizeof mine.path);
  status = lks_allocate(&all, ranks, sizeof *all);
  if (status == LKS_OK)
    status = lks_allocate(&sizes, ranks, sizeof *sizes);
  LKS_TRY_OR(cleanup, status, lks_comm_agree(comm, status));
  LKS_ASSERT(sizes);
  for (size_t r = 0; r < ranks; r++)
    sizes[r] = sizeof mine;
  LKS_TRY_OR(cleanup, status, lks_comm_gather_all(comm, &mine, sizes, all));
  for (size_t r = 0; r < ranks; r++)
    if (all[r].host == mine.host && all[r].host_rank == 0)
      memcpy(data->path, all[r].path, sizeof data->path);
cleanup:
  lks_release(sizes);
  lks_release(all);
  return status;
}

lks_status lks_workload_data_create(lks_workload_data *data, const lks_workload *work,
                                    lks_comm *comm) {
  *data = (lks_workload_data){.is_owner = false};
  LKS_TRY(
      lks_comm_agree(comm, lks_comm_host_rank(comm) == 0 ? make_folder(data, work) : LKS_OK));
  return share_path(data, comm);
}

void lks_workload_data_remove(lks_workload_data *data) {
  if (!data->is_owner)
    return;
  (void)unlink(data->path);
  *strrchr(data->path, '/') = '\0';
  (void)rmdir(data->path);
  data->is_owner = false;
}

/* Four random words for place `i`. */
static void draw(int64_t i, uint32_t words[4]) {
  lks_philox(lks_random_key_of(1),
             lks_random_counter_of(LKS_RANDOM_BENCH, 0, 0, 0, (uint32_t)(i >> 32), (uint32_t)i),
             words);
}

/* Words "<unk>", "<eos>", "w2" …, or the characters from '!' on. */
static lks_status fill_vocabulary(lks_vocabulary *vocabulary, const lks_workload *work) {
  bool words = strcmp(work->unit, "word") == 0;
  LKS_ASSERT(words || work->width <= '~' - '!' + 1);
  for (int i = 0; i < work->width; i++) {
    char symbol[16];
    if (words)
      snprintf(symbol, sizeof symbol, "w%d", i);
    else
      snprintf(symbol, sizeof symbol, "%c", '!' + i);
    const char *text = words && i == 0   ? LKS_UNKNOWN_SYMBOL
                       : words && i == 1 ? LKS_LINE_END_SYMBOL
                                         : symbol;
    LKS_TRY(lks_vocabulary_append(vocabulary, text, strlen(text)));
  }
  return LKS_OK;
}

static int64_t integer_of(const lks_config *config, const char *section, const char *key) {
  return lks_config_integer(config, section, key);
}

static int64_t larger(int64_t a, int64_t b) {
  return a > b ? a : b;
}

static lks_status write_text(const char *path, const lks_workload *work,
                             const lks_config *config) {
  lks_status status;
  lks_dataset_writer *writer = NULL;
  lks_vocabulary *vocabulary = NULL;
  lks_digest digest;
  int64_t batch = integer_of(config, "train", "batch") * integer_of(config, "data", "window");
  int64_t tokens = larger(TOKENS / batch, BATCHES_MIN) * batch;
  LKS_TRY_OR(cleanup, status, lks_vocabulary_create(&vocabulary));
  LKS_TRY_OR(cleanup, status, fill_vocabulary(vocabulary, work));
  lks_dataset_setup setup = {.path = path, .unit = work->unit, .vocabulary = vocabulary};
  LKS_TRY_OR(cleanup, status, lks_dataset_writer_create(&writer, &setup));
  uint32_t word[4] = {0};
  for (int64_t i = 0; i < tokens; i++) {
    if (i % 2 == 0)
      draw(i / 2, word);
    size_t at = i % 2 == 0 ? 0 : 2;
    int32_t symbol = (int32_t)lks_random_below(word[at], word[at + 1], (uint64_t)work->width);
    LKS_TRY_OR(cleanup, status, lks_dataset_writer_append(writer, LKS_SPLIT_TRAIN, symbol));
  }
  LKS_TRY_OR(cleanup, status,
             lks_dataset_writer_describe_split(writer, LKS_SPLIT_TRAIN, tokens, 0));
  LKS_TRY_OR(cleanup, status, lks_dataset_writer_describe(writer, ""));
  LKS_TRY_OR(cleanup, status, lks_dataset_writer_commit(writer, &digest));
cleanup:
  lks_dataset_writer_destroy(writer);
  lks_vocabulary_destroy(vocabulary);
  return status;
}

/* The table: one target, all other columns known in the past; nothing else has a name. */
static void set_table(lks_series_table *table, lks_series *series, int64_t rows,
                      lks_series_column *columns, lks_series_fit *fits, char (*names)[16],
                      char *empty) {
  for (int c = 0; c < table->columns; c++) {
    snprintf(names[c], sizeof names[c], "x%d", c);
    columns[c] =
        (lks_series_column){.name = names[c], .role = c == 0 ? LKS_ROLE_TARGET : LKS_ROLE_PAST};
    fits[c] = (lks_series_fit){
        .scale = 1, .difference_deviation = 1, .naive_error = 1, .seasonal_error = 1};
  }
  *series = (lks_series){.name = empty, .fit = fits};
  series->rows[LKS_SPLIT_TRAIN] = rows;
  table->count_of[LKS_ROLE_TARGET] = 1;
  table->count_of[LKS_ROLE_PAST] = table->columns - 1;
  table->column = columns;
  table->count = 1;
  table->series = series;
  table->frequency = (lks_frequency){LKS_STEP_ROW, 1};
  table->season = 1;
  table->time_name = empty;
  table->group_name = empty;
}

static lks_status append_rows(lks_series_writer *writer, int64_t rows, int columns,
                              double *row) {
  for (int64_t r = 0; r < rows; r++) {
    for (int c = 0; c < columns; c += 2) {
      uint32_t word[4];
      draw(r * columns + c, word);
      row[c] = half_width * (2 * lks_random_unit_f64(word[0], word[1]) - 1);
      if (c + 1 < columns)
        row[c + 1] = half_width * (2 * lks_random_unit_f64(word[2], word[3]) - 1);
    }
    LKS_TRY(lks_series_writer_append(writer, 1, row));
  }
  return LKS_OK;
}

/* Rows for full batches of windows. */
static int64_t series_rows(const lks_config *config, int columns) {
  int64_t batch = integer_of(config, "train", "batch");
  int64_t stride = integer_of(config, "data", "stride");
  int64_t span = integer_of(config, "data", "window") + integer_of(config, "data", "lead") - 1 +
                 integer_of(config, "data", "horizon");
  int64_t most = VALUES / columns < ROWS_MAX ? VALUES / columns : ROWS_MAX;
  int64_t windows = larger(most / (batch * stride), BATCHES_MIN) * batch;
  return span + stride * (windows - 1);
}

static lks_status write_series(const char *path, const lks_workload *work,
                               const lks_config *config) {
  lks_status status;
  lks_series_table table = {.columns = work->width};
  lks_series series;
  lks_series_column *columns = NULL;
  lks_series_fit *fits = NULL;
  lks_series_writer *writer = NULL;
  char(*names)[16] = NULL;
  char empty[1] = "";
  double *row = NULL;
  lks_digest digest;
  size_t count = (size_t)work->width;
  int64_t rows = series_rows(config, work->width);
  LKS_TRY_OR(cleanup, status, lks_allocate(&columns, count, sizeof *columns));
  LKS_TRY_OR(cleanup, status, lks_allocate(&fits, count, sizeof *fits));
  LKS_TRY_OR(cleanup, status, lks_allocate(&names, count, sizeof *names));
  LKS_TRY_OR(cleanup, status, lks_allocate(&row, count, sizeof *row));
  set_table(&table, &series, rows, columns, fits, names, empty);
  LKS_TRY_OR(cleanup, status, lks_series_writer_create(&writer, path, &table, 0));
  LKS_TRY_OR(cleanup, status, append_rows(writer, rows, work->width, row));
  LKS_TRY_OR(cleanup, status, lks_series_writer_commit(writer, "", &digest));
cleanup:
  lks_series_writer_destroy(writer);
  lks_release(row);
  lks_release(names);
  lks_release(fits);
  lks_release(columns);
  return status;
}

typedef struct {
  const char *path;
  const lks_workload *work;
  const lks_config *config;
} write_job;

static lks_status run_write(void *context) {
  const write_job *job = context;
  if (job->work->kind)
    return lks_workload_write_sequences(job->path, job->work, job->config);
  return job->work->unit ? write_text(job->path, job->work, job->config)
                         : write_series(job->path, job->work, job->config);
}

lks_status lks_workload_data_write(const lks_workload_data *data, const lks_workload *work,
                                   const lks_config *config, lks_io_thread *io) {
  LKS_ASSERT(data->is_owner);
  return lks_io_run(io, run_write, &(write_job){data->path, work, config});
}
