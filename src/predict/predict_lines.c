/* SPDX-License-Identifier: Apache-2.0 */
/* predict_lines.c - lines become symbols of words and letters, batches become answers. */
#include "predict/predict_lines.h"

#include "base/fail.h"
#include "base/log.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "text/line_reader.h"
#include "text/tokenizer.h"

#include <errno.h>
#include <string.h>

enum { ROWS = 32, LONGEST = 200, LETTERS_OF_WORD = 8 };

/* The symbols of all lines of a batch in one field. */
typedef struct {
  const lks_sequence_field *field;
  bool letters; /* of the words */
  int unknown, word_end;
  int32_t *values; /* [ROWS x longest] */
  int longest;
  int32_t offsets[ROWS + 1];
} line_field;

typedef struct {
  lks_session *session;
  const lks_sequence_table *table;
  FILE *out;
  bool has_letters; /* some field is of letters */
  int count;        /* lines of the batch */
  lks_text line[ROWS];
  lks_tokenizer tokenizer;
  lks_words words;   /* symbols of the line under way */
  lks_words written; /* where there are letters: the same words as they are written */
  uint32_t sample[ROWS];
  line_field field[LKS_BATCH_FIELDS_MAX];
  lks_text answers[ROWS];

  /* Columns: the lines of each row's sentence, and the sentence under way, which has no row
   * before it has ended. */
  bool columns;
  lks_text written_lines[ROWS];
  lks_text sentence;       /* its words … */
  lks_text sentence_lines; /* … and its lines */
  int64_t sentence_line;   /* number of the first */
} answering;

static int find(const lks_sequence_field *field, const char *symbol, size_t bytes) {
  return lks_vocabulary_find(field->vocabulary, symbol, bytes);
}

/* The first field is the line's words, one called `characters` their letters. */
static lks_status open_fields(answering *a) {
  lks_field_room room[LKS_BATCH_FIELDS_MAX] = {{0}};
  const lks_sequence_field *text = &a->table->field[0];
  int longest = LONGEST;
  LKS_TRY(lks_tokenizer_open(&a->tokenizer, text->tokenizer, text->model, text->model_bytes));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    longest = text->longest[s] > longest ? text->longest[s] : longest;
  for (int f = 0; f < a->table->count; f++) {
    line_field *to = &a->field[f];
    to->field = &a->table->field[f];
    to->letters = strcmp(to->field->name, "characters") == 0;
    a->has_letters = a->has_letters || to->letters;
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
static bool add_word(answering *a, int row, size_t i) {
  const lks_word *word = &a->words.word[i], *written = word;
  if (a->has_letters)
    written = &a->written.word[i];
  for (int f = 0; f < a->table->count; f++)
    if (a->field[f].longest > 0 && !has_room(&a->field[f], row, written))
      return false;
  for (int f = 0; f < a->table->count; f++) {
    line_field *field = &a->field[f];
    if (field->letters)
      add_letters(field, row, written, false);
    else if (field->longest > 0)
      take(field, row, find(field->field, word->data, word->bytes));
  }
  return true;
}

/* The lines of a sentence, each with its tag from the answer, "WORD\tTAG" lines; a word
 * behind the part that was taken has the tag O. */
static void print_columns(const answering *a, int row) {
  const char *answer = a->answers[row].data ? a->answers[row].data : "";
  for (const char *at = a->written_lines[row].data; *at; at += strcspn(at, "\n") + 1) {
    const char *end = answer + strcspn(answer, "\n"), *tag = end;
    while (tag > answer && tag[-1] != '\t')
      tag--;
    fprintf(a->out, "%.*s\t%.*s\n", (int)strcspn(at, "\n"), at,
            tag < end ? (int)(end - tag) : 1, tag < end ? tag : "O");
    answer = *end ? end + 1 : end;
  }
  fputc('\n', a->out);
}

static lks_status answer_batch(answering *a) {
  lks_session *s = a->session;
  lks_batch_field fields[LKS_BATCH_FIELDS_MAX];
  const char *lines[ROWS];
  int active[1] = {a->count};
  if (a->count == 0)
    return LKS_OK;
  for (int row = 0; row < a->count; row++)
    lines[row] = a->line[row].data;
  for (int f = 0; f < a->table->count; f++)
    fields[f] = (lks_batch_field){a->field[f].values, a->field[f].offsets};
  lks_pass pass = {.kernels = s->kernels,
                   .threads = s->threads,
                   .rows = a->count,
                   .steps = 1,
                   .active = active,
                   .sample = a->sample};
  lks_task_call call = {.pass = &pass, .row_pass = &pass, .fields = fields};
  LKS_TRY(s->task->kind->answer(s->task, &call, lines, a->answers));
  for (int row = 0; row < a->count; row++) {
    if (a->columns)
      print_columns(a, row);
    else
      fprintf(a->out, "%s\n", a->answers[row].data ? a->answers[row].data : "");
    lks_text_clear(&a->answers[row]);
    lks_text_clear(&a->written_lines[row]);
  }
  a->count = 0;
  if (fflush(a->out) != 0)
    return LKS_FAIL(LKS_IO, "answers: cannot write: %s", strerror(errno));
  return LKS_OK;
}

/* A line that cannot be answered, after those before it. */
static lks_status fail_line(answering *a, const char *path, int64_t number, const char *why) {
  char message[512];
  (void)snprintf(message, sizeof message, "%s", why);
  LKS_TRY(answer_batch(a));
  return LKS_FAIL(LKS_DATA, "%s:%lld: %s\n  hint: %s before it were answered", path,
                  (long long)number, message, a->columns ? "the sentences" : "the lines");
}

/* Puts a line into the batch: a copy of it, and its symbols in all fields that are made of
 * its words. */
static lks_status take_line(answering *a, const char *path, const lks_line *line) {
  int row = a->count;
  const lks_task *task = a->session->task;
  if (task->kind->check_line && task->kind->check_line(task, line->text) != LKS_OK)
    return fail_line(a, path, line->number, lks_error_message());
  a->sample[row] = (uint32_t)(line->number - 1);
  lks_text_clear(&a->line[row]);
  LKS_TRY(lks_text_print(&a->line[row], "%s", line->text));
  for (int f = 0; f < a->table->count; f++)
    a->field[f].offsets[row + 1] = a->field[f].offsets[row];
  LKS_TRY(lks_tokenizer_split(&a->tokenizer, &a->words, line->text, line->bytes));
  if (a->has_letters)
    LKS_TRY(lks_words_split(&a->written, line->text, line->bytes, false));
  for (size_t i = 0; i < a->words.count; i++)
    if (!add_word(a, row, i)) {
      lks_log(LKS_LOG_WARNING, "%s:%lld: only its first %zu symbols are taken", path,
              (long long)line->number, i);
      break;
    }
  a->count++;
  return LKS_OK;
}

/* Puts the sentence of the lines before into the batch. */
static lks_status end_sentence(answering *a, const char *path) {
  if (a->sentence.bytes == 0)
    return LKS_OK;
  const lks_line line = {.text = a->sentence.data,
                         .bytes = a->sentence.bytes,
                         .number = a->sentence_line,
                         .bad = a->sentence.bytes};
  LKS_TRY(lks_text_add(&a->written_lines[a->count], a->sentence_lines.data,
                       a->sentence_lines.bytes));
  LKS_TRY(take_line(a, path, &line));
  lks_text_clear(&a->sentence_lines);
  lks_text_clear(&a->sentence);
  return LKS_OK;
}

/* A line of columns: another word of the sentence, or its end. */
static lks_status take_columns(answering *a, const char *path, const lks_line *line) {
  LKS_TRY(lks_words_split(&a->written, line->text, line->bytes, false));
  if (a->written.count == 0)
    return end_sentence(a, path);
  if (a->sentence.bytes == 0)
    a->sentence_line = line->number;
  else
    LKS_TRY(lks_text_add(&a->sentence, " ", 1));
  LKS_TRY(lks_text_add(&a->sentence, a->written.word[0].data, a->written.word[0].bytes));
  LKS_TRY(lks_text_add(&a->sentence_lines, line->text, line->bytes));
  return lks_text_add(&a->sentence_lines, "\n", 1);
}

/* A batch is answered when it is full, and when the next line would have to be waited for. */
static lks_status answer_lines(answering *a, lks_line_reader *reader) {
  const char *path = lks_line_reader_path(reader);
  for (;;) {
    lks_line line;
    bool found;
    if (a->count == ROWS || (a->count > 0 && lks_line_reader_would_wait(reader)))
      LKS_TRY(answer_batch(a));
    LKS_TRY(lks_line_reader_next(reader, &line, &found));
    if (!found) {
      LKS_TRY(end_sentence(a, path));
      return answer_batch(a);
    }
    if (line.bad == line.bytes) {
      LKS_TRY(a->columns ? take_columns(a, path, &line) : take_line(a, path, &line));
      continue;
    }
    char why[80];
    (void)snprintf(why, sizeof why, "byte %zu: expected UTF-8 text, found byte 0x%02x",
                   line.bad + 1, (unsigned)(unsigned char)line.text[line.bad]);
    return fail_line(a, path, line.number, why);
  }
}

static lks_status run(answering *a, lks_line_reader *reader) {
  lks_session *s = a->session;
  if (!s->task->kind->answer)
    return LKS_FAIL(LKS_USAGE, "[task] kind = %s: expected a task that answers lines",
                    s->task->kind->name);
  if (a->columns && s->task->kind != &lks_task_tag)
    return LKS_FAIL(LKS_USAGE, "--columns: expected a tag model, found a %s model",
                    s->task->kind->name);
  LKS_TRY(open_fields(a));
  LKS_TRY(lks_session_allocate(s, ROWS, 1, ROWS, 1, false));
  s->task->kind->pack(s->task, s->kernels, s->threads, false);
  return answer_lines(a, reader);
}

static lks_status predict(lks_session *session, const char *input, FILE *out, bool columns) {
  answering a = {.session = session,
                 .table = lks_dataset_sequences(session->dataset),
                 .out = out,
                 .columns = columns};
  lks_line_reader *reader;
  LKS_ASSERT(a.table);
  LKS_TRY(lks_line_reader_open(&reader, input ? input : "-"));
  lks_status status = run(&a, reader);
  lks_line_reader_close(reader);
  for (int row = 0; row < ROWS; row++) {
    lks_text_release(&a.line[row]);
    lks_text_release(&a.answers[row]);
    lks_text_release(&a.written_lines[row]);
  }
  lks_text_release(&a.sentence_lines);
  lks_text_release(&a.sentence);
  for (int f = 0; f < LKS_BATCH_FIELDS_MAX; f++)
    lks_release(a.field[f].values);
  lks_words_release(&a.words);
  lks_words_release(&a.written);
  lks_tokenizer_close(&a.tokenizer);
  return status;
}

lks_status lks_predict_lines(lks_session *session, const char *input, FILE *out) {
  return predict(session, input, out, false);
}

lks_status lks_predict_columns(lks_session *session, const char *input, FILE *out) {
  return predict(session, input, out, true);
}
