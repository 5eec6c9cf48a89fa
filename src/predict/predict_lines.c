/* SPDX-License-Identifier: Apache-2.0 */
/* predict_lines.c - lines from a descriptor, symbols of their words and letters, answers. */
#include "predict/predict_lines.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "text/tokenizer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { ROWS = 32, LONGEST = 200, LETTERS_OF_WORD = 8, READ_BYTES = 1 << 16 };

/* The symbols of all lines of a batch in one field. */
typedef struct {
  const lks_sequence_field *field;
  bool letters; /* of the words */
  bool lowercase;
  int unknown, word_end;
  int32_t *values; /* [ROWS x longest] */
  int longest;
  int32_t offsets[ROWS + 1];
} line_field;

typedef struct {
  lks_session *session;
  const lks_sequence_table *table;
  FILE *out;
  int input;
  lks_text waiting; /* what was read and not answered */
  bool is_over;
  int64_t line; /* number of the batch's first, from 1 */
  int count;    /* lines of the batch */
  const char *lines[ROWS];
  uint32_t sample[ROWS];
  line_field field[LKS_BATCH_FIELDS_MAX];
  lks_text answers[ROWS];
} answering;

static int find(const lks_sequence_field *field, const char *symbol, size_t bytes) {
  return lks_vocabulary_find(field->vocabulary, symbol, bytes);
}

/* The first field is the line's words, one called `characters` their letters. */
static lks_status open_fields(answering *a) {
  lks_field_room room[LKS_BATCH_FIELDS_MAX] = {{0}};
  int longest = LONGEST;
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    longest = a->table->field[0].longest[s] > longest ? a->table->field[0].longest[s] : longest;
  for (int f = 0; f < a->table->count; f++) {
    line_field *to = &a->field[f];
    to->field = &a->table->field[f];
    to->letters = strcmp(to->field->name, "characters") == 0;
    to->lowercase = strstr(to->field->tokenizer, "lowercase") != NULL;
    to->unknown = find(to->field, LKS_UNKNOWN_SYMBOL, strlen(LKS_UNKNOWN_SYMBOL));
    to->word_end = find(to->field, " ", 1);
    to->longest = f == 0 ? longest : to->letters ? LETTERS_OF_WORD * longest : 0;
    int symbols = ROWS * to->longest;
    room[f] = (lks_field_room){.longest = to->longest, .symbols = symbols, .items = symbols};
    LKS_TRY(lks_allocate(&to->values, (size_t)symbols, sizeof *to->values));
  }
  lks_session_widen(a->session, room);
  return LKS_OK;
}

static void take(line_field *field, int row, int symbol) {
  int32_t *end = &field->offsets[row + 1];
  field->values[(*end)++] = symbol >= 0 ? symbol : field->unknown;
}

static int add_letters(line_field *field, int row, const lks_word *word, bool counts) {
  int count = 0;
  for (size_t at = 0, bytes; at < word->bytes; at += bytes, count++) {
    bytes = lks_text_character(word->data + at, word->bytes - at, NULL);
    if (!counts)
      take(field, row, find(field->field, word->data + at, bytes));
  }
  if (!counts)
    take(field, row, field->word_end);
  return count + 1;
}

static bool has_room(line_field *field, int row, const lks_word *word) {
  int used = field->offsets[row + 1] - field->offsets[row];
  return used + (field->letters ? add_letters(field, row, word, true) : 1) <= field->longest;
}

/* Adds one word to all fields that are made of words; false when one has no room for it. */
static bool add_word(answering *a, int row, const lks_word *word) {
  for (int f = 0; f < a->table->count; f++)
    if (a->field[f].longest > 0 && !has_room(&a->field[f], row, word))
      return false;
  for (int f = 0; f < a->table->count; f++) {
    line_field *field = &a->field[f];
    if (field->letters)
      add_letters(field, row, word, false);
    else if (field->longest > 0)
      take(field, row, find(field->field, word->data, word->bytes));
  }
  return true;
}

/* The symbols of one line in all fields that are made of its words. */
static lks_status take_line(answering *a, int row, const char *line) {
  lks_status status;
  lks_words words = {0};
  size_t bytes = strlen(line), bad = lks_text_check_utf8(line, bytes);
  if (bad < bytes)
    return LKS_FAIL(LKS_DATA, "line %lld, byte %zu: expected UTF-8, found byte 0x%02x",
                    (long long)(a->line + row), bad + 1, (unsigned)(unsigned char)line[bad]);
  for (int f = 0; f < a->table->count; f++)
    a->field[f].offsets[row + 1] = a->field[f].offsets[row];
  LKS_TRY_OR(cleanup, status, lks_words_split(&words, line, bytes, a->field[0].lowercase));
  for (size_t i = 0; i < words.count; i++)
    if (!add_word(a, row, &words.word[i])) {
      lks_log(LKS_LOG_WARNING, "line %lld: only its first %zu words are taken",
              (long long)a->line + row, i);
      break;
    }
cleanup:
  lks_words_release(&words);
  return status;
}

static lks_status answer_batch(answering *a) {
  lks_session *s = a->session;
  lks_batch_field fields[LKS_BATCH_FIELDS_MAX];
  int active[1] = {a->count};
  if (a->count == 0)
    return LKS_OK;
  for (int row = 0; row < a->count; row++)
    LKS_TRY(take_line(a, row, a->lines[row]));
  for (int f = 0; f < a->table->count; f++)
    fields[f] = (lks_batch_field){a->field[f].values, a->field[f].offsets};
  lks_pass pass = {.kernels = s->kernels,
                   .threads = s->threads,
                   .rows = a->count,
                   .steps = 1,
                   .active = active,
                   .sample = a->sample};
  lks_task_call call = {.pass = &pass, .row_pass = &pass, .fields = fields};
  LKS_TRY(s->task->kind->answer(s->task, &call, a->lines, a->answers));
  for (int row = 0; row < a->count; row++) {
    fprintf(a->out, "%s\n", a->answers[row].data ? a->answers[row].data : "");
    lks_text_clear(&a->answers[row]);
  }
  a->line += a->count;
  a->count = 0;
  if (fflush(a->out) != 0)
    return LKS_FAIL(LKS_IO, "answers: cannot write: %s", strerror(errno));
  return LKS_OK;
}

/* Answers the whole lines that wait; keeps the rest of the text. */
static lks_status answer_lines(answering *a) {
  char *at = a->waiting.data, *end = at ? at + a->waiting.bytes : NULL, *stop;
  while (at < end) {
    stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop && !a->is_over)
      break;
    if (stop)
      *stop = '\0';
    if (stop && stop > at && stop[-1] == '\r')
      stop[-1] = '\0';
    a->lines[a->count++] = at;
    at = stop ? stop + 1 : end;
    if (a->count == ROWS)
      LKS_TRY(answer_batch(a));
  }
  LKS_TRY(answer_batch(a));
  size_t rest = (size_t)(end - at);
  if (rest > 0)
    memmove(a->waiting.data, at, rest);
  a->waiting.bytes = rest;
  return LKS_OK;
}

static bool is_more_waiting(int input) {
  struct pollfd one = {.fd = input, .events = POLLIN};
  return poll(&one, 1, 0) > 0;
}

/* Reads until a batch's worth has come, or nothing more waits. */
static lks_status read_some(answering *a) {
  char buffer[READ_BYTES];
  do {
    ssize_t bytes = read(a->input, buffer, sizeof buffer);
    if (bytes < 0 && errno == EINTR)
      continue;
    if (bytes < 0)
      return LKS_FAIL(LKS_IO, "input: cannot read: %s", strerror(errno));
    a->is_over = bytes == 0;
    LKS_TRY(lks_text_add(&a->waiting, buffer, (size_t)bytes));
  } while (!a->is_over && a->waiting.bytes < READ_BYTES && is_more_waiting(a->input));
  return LKS_OK;
}

static lks_status run(answering *a) {
  lks_session *s = a->session;
  if (!s->task->kind->answer)
    return LKS_FAIL(LKS_USAGE, "[task] kind = %s: expected a task that answers lines",
                    s->task->kind->name);
  LKS_TRY(open_fields(a));
  LKS_TRY(lks_session_allocate(s, ROWS, 1, ROWS, 1, false));
  s->task->kind->pack(s->task, s->kernels, s->threads, false);
  while (!a->is_over) {
    LKS_TRY(read_some(a));
    LKS_TRY(answer_lines(a));
  }
  return LKS_OK;
}

lks_status lks_predict_lines(lks_session *session, const char *input, FILE *out) {
  answering a = {.session = session,
                 .table = lks_dataset_sequences(session->dataset),
                 .out = out,
                 .line = 1};
  bool is_file = input && strcmp(input, "-") != 0;
  a.input = is_file ? open(input, O_RDONLY) : STDIN_FILENO;
  if (a.input < 0)
    return LKS_FAIL(LKS_DATA, "%s: cannot read: %s", input, strerror(errno));
  LKS_ASSERT(a.table);
  lks_status status = run(&a);
  if (is_file)
    close(a.input);
  for (int row = 0; row < ROWS; row++)
    lks_text_release(&a.answers[row]);
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++)
    lks_release(a.field[f].values);
  lks_text_release(&a.waiting);
  return status;
}
