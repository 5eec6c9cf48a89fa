/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_source.c - one reader, or two that go side by side. */
#include "prepare/sequence_source.h"

#include "base/fail.h"
#include "base/memory.h"
#include "prepare/prepare_output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct lks_sequence_source {
  lks_sequence_source_setup setup;
  lks_line_reader *reader[2]; /* the second of pairs only */
  lks_digest_stream *digest[2];
  lks_words words; /* of the line under way */
  lks_source_sample sample;
  int64_t repaired;
};

const char *lks_bad_text(lks_bad bad) {
  static const char *const names[LKS_BAD_COUNT] = {
      "good",           "not UTF-8",     "empty",    "wrong number of columns",
      "impossible tag", "unknown label", "too long", "wrong numbers"};
  return names[bad];
}

lks_status lks_word_list_add(lks_word_list *list, const char *data, size_t bytes) {
  if (list->count == list->capacity) {
    size_t wider = list->capacity > 0 ? 2 * list->capacity : 64;
    LKS_TRY(lks_reallocate(&list->end, list->capacity, wider, sizeof *list->end));
    list->capacity = wider;
  }
  LKS_TRY(lks_text_add(&list->bytes, data, bytes));
  list->end[list->count++] = list->bytes.bytes;
  return LKS_OK;
}

lks_word lks_word_list_at(const lks_word_list *list, size_t i) {
  size_t first = i > 0 ? list->end[i - 1] : 0;
  return (lks_word){list->bytes.data + first, list->end[i] - first};
}

lks_status lks_source_complain(lks_source_sample *sample, lks_bad bad, const char *format,
                               ...) {
  char message[1024];
  va_list values;
  if (sample->bad != LKS_BAD_NOTHING)
    return LKS_OK;
  sample->bad = bad;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  return lks_text_add(&sample->message, message, strlen(message));
}

lks_status lks_sequence_source_open(lks_sequence_source **source,
                                    const lks_sequence_source_setup *setup) {
  lks_status status;
  const char *path[2] = {setup->first, setup->second};
  LKS_TRY(lks_allocate(source, 1, sizeof **source));
  lks_sequence_source *s = *source;
  s->setup = *setup;
  for (int i = 0; i < 2 && path[i] != NULL; i++) {
    LKS_TRY_OR(failed, status, lks_line_reader_open(&s->reader[i], path[i]));
    LKS_TRY_OR(failed, status, lks_digest_stream_create(&s->digest[i]));
    lks_line_reader_digest(s->reader[i], s->digest[i]);
  }
  return LKS_OK;
failed:
  lks_sequence_source_close(s);
  *source = NULL;
  return status;
}

void lks_sequence_source_close(lks_sequence_source *s) {
  if (s == NULL)
    return;
  for (int i = 0; i < 2; i++) {
    lks_text_release(&s->sample.field[i].bytes);
    lks_release(s->sample.field[i].end);
    lks_digest_stream_destroy(s->digest[i]);
    lks_line_reader_close(s->reader[i]);
  }
  lks_text_release(&s->sample.message);
  lks_words_release(&s->words);
  lks_release(s);
}

int64_t lks_sequence_source_repaired(const lks_sequence_source *source) {
  return source->repaired;
}

lks_status lks_sequence_source_list(lks_sequence_source *s, lks_text *listing) {
  for (int i = 0; i < 2 && s->reader[i] != NULL; i++)
    LKS_TRY(lks_prepare_list_source(s->digest[i], lks_line_reader_path(s->reader[i]), listing));
  return LKS_OK;
}

static void clear(lks_source_sample *sample) {
  for (int i = 0; i < 2; i++) {
    lks_text_clear(&sample->field[i].bytes);
    sample->field[i].count = 0;
  }
  lks_text_clear(&sample->message);
  sample->bad = LKS_BAD_NOTHING;
  sample->line = 0;
}

/* The line's symbols, if it is text. */
static lks_status split(lks_sequence_source *s, int file, const lks_line *line,
                        const lks_tokenizer *tokenizer) {
  lks_source_sample *sample = &s->sample;
  if (sample->line == 0)
    sample->line = line->number;
  s->words.count = 0;
  if (line->bad < line->bytes)
    return lks_source_complain(
        sample, LKS_BAD_UTF8,
        "%s:%lld: byte %zu: expected UTF-8 text, found byte 0x%02x\n  hint: convert the file, "
        "or leave such samples out with --skip-bad",
        lks_line_reader_path(s->reader[file]), (long long)line->number, line->bad + 1,
        (unsigned)(unsigned char)line->text[line->bad]);
  return lks_tokenizer_split(tokenizer, &s->words, line->text, line->bytes);
}

static lks_status keep(lks_sequence_source *s, int field) {
  for (size_t i = 0; i < s->words.count; i++)
    LKS_TRY(lks_word_list_add(&s->sample.field[field], s->words.word[i].data,
                              s->words.word[i].bytes));
  return LKS_OK;
}

static lks_status check_length(lks_sequence_source *s, int file) {
  size_t count = s->sample.field[file].count;
  if (s->setup.max_length == 0 || count <= (size_t)s->setup.max_length)
    return LKS_OK;
  return lks_source_complain(&s->sample, LKS_BAD_LENGTH,
                             "%s:%lld: %zu symbols, --max-length is %d",
                             lks_line_reader_path(s->reader[s->reader[1] ? file : 0]),
                             (long long)s->sample.line, count, s->setup.max_length);
}

static const lks_tokenizer plain_words;

static lks_status next_labelled(lks_sequence_source *s, bool *found) {
  lks_line line;
  LKS_TRY(lks_line_reader_next(s->reader[0], &line, found));
  if (!*found)
    return LKS_OK;
  LKS_TRY(split(s, 0, &line, &plain_words));
  if (s->words.count < 2)
    return lks_source_complain(&s->sample, LKS_BAD_EMPTY,
                               "%s:%lld: expected a label, white space and a text, found %s\n  "
                               "hint: --skip-bad leaves such lines out",
                               s->setup.first, (long long)line.number,
                               s->words.count == 0 ? "an empty line" : "a label alone");
  LKS_TRY(
      lks_word_list_add(&s->sample.field[1], s->words.word[0].data, s->words.word[0].bytes));
  const char *text = s->words.word[1].data;
  LKS_TRY(lks_tokenizer_split(s->setup.tokenizer, &s->words, text,
                              line.bytes - (size_t)(text - line.text)));
  LKS_TRY(keep(s, 0));
  return check_length(s, 0);
}

static lks_status next_described(lks_sequence_source *s, bool *found) {
  lks_line line;
  LKS_TRY(lks_line_reader_next(s->reader[0], &line, found));
  if (!*found)
    return LKS_OK;
  LKS_TRY(split(s, 0, &line, &plain_words));
  const char *tab = memchr(line.text, '\t', line.bytes);
  if (s->sample.bad != LKS_BAD_NOTHING)
    return LKS_OK;
  if (tab == NULL)
    return lks_source_complain(&s->sample, LKS_BAD_COLUMNS,
                               "%s:%lld: expected numbers, a tab and a text, found no tab\n  "
                               "hint: --skip-bad leaves such lines out",
                               s->setup.first, (long long)line.number);
  size_t before = (size_t)(tab - line.text);
  LKS_TRY(lks_words_split(&s->words, line.text, before, false));
  LKS_TRY(keep(s, 1));
  LKS_TRY(lks_tokenizer_split(s->setup.tokenizer, &s->words, tab + 1, line.bytes - before - 1));
  if (s->words.count == 0)
    return lks_source_complain(&s->sample, LKS_BAD_EMPTY,
                               "%s:%lld: expected a text behind the tab, found none\n  hint: "
                               "--skip-bad leaves such lines out",
                               s->setup.first, (long long)line.number);
  LKS_TRY(keep(s, 0));
  return check_length(s, 0);
}

static lks_status next_pair(lks_sequence_source *s, bool *found) {
  lks_line line;
  for (int file = 0; file < 2; file++) {
    bool more;
    LKS_TRY(lks_line_reader_next(s->reader[file], &line, &more));
    if (file == 1 && more != *found)
      return LKS_FAIL(LKS_DATA,
                      "%s and %s: expected as many lines in both, %s ends before line %lld of "
                      "the other\n  hint: line n of one is the translation of line n of the "
                      "other",
                      s->setup.first, s->setup.second,
                      *found ? s->setup.second : s->setup.first,
                      (long long)(more ? line.number : s->sample.line));
    *found = more;
    if (!more)
      continue;
    LKS_TRY(split(s, file, &line, s->setup.tokenizer));
    if (s->words.count == 0)
      LKS_TRY(lks_source_complain(&s->sample, LKS_BAD_EMPTY,
                                  "%s:%lld: expected a sentence, found an empty line\n  hint: "
                                  "--skip-bad leaves such pairs out",
                                  lks_line_reader_path(s->reader[file]),
                                  (long long)line.number));
    LKS_TRY(keep(s, file));
    LKS_TRY(check_length(s, file));
  }
  return LKS_OK;
}

/* Whether a span of the type behind I- goes on from the tag before. */
static bool continues(const lks_word_list *tags, const lks_word *tag) {
  if (tags->count == 0)
    return false;
  lks_word before = lks_word_list_at(tags, tags->count - 1);
  return before.bytes == tag->bytes && (before.data[0] == 'B' || before.data[0] == 'I') &&
         memcmp(before.data + 1, tag->data + 1, tag->bytes - 1) == 0;
}

static lks_status add_tag(lks_sequence_source *s, const lks_word *tag, int64_t number) {
  lks_word_list *tags = &s->sample.field[1];
  bool inside = tag->bytes > 2 && tag->data[0] == 'I' && tag->data[1] == '-';
  if (!inside || continues(tags, tag))
    return lks_word_list_add(tags, tag->data, tag->bytes);
  if (!s->setup.repairs) {
    LKS_TRY(lks_source_complain(
        &s->sample, LKS_BAD_TAG,
        "%s:%lld: %.*s: expected B-%.*s before it, found %s\n  hint: --repair begins such spans "
        "with B-, --skip-bad leaves the sentence out",
        s->setup.first, (long long)number, (int)tag->bytes, tag->data, (int)tag->bytes - 2,
        tag->data + 2, tags->count == 0 ? "the start of the sentence" : "another tag"));
    return lks_word_list_add(tags, tag->data, tag->bytes);
  }
  char begun[256];
  size_t bytes = tag->bytes < sizeof begun ? tag->bytes : sizeof begun;
  memcpy(begun, tag->data, bytes);
  begun[0] = 'B';
  s->repaired++;
  return lks_word_list_add(tags, begun, bytes);
}

static lks_status add_token(lks_sequence_source *s, const lks_line *line) {
  const lks_word *word = s->words.word;
  if (s->words.count < 2)
    return lks_source_complain(&s->sample, LKS_BAD_COLUMNS,
                               "%s:%lld: expected a word and its tag in columns, found %zu "
                               "column\n  hint: --skip-bad leaves the sentence out",
                               s->setup.first, (long long)line->number, s->words.count);
  LKS_TRY(lks_word_list_add(&s->sample.field[0], word[0].data, word[0].bytes));
  return add_tag(s, &word[s->words.count - 1], line->number);
}

/* A sentence; lines without a word before it are passed over. */
static lks_status next_sentence(lks_sequence_source *s, bool *found) {
  bool begun = false;
  for (;;) {
    lks_line line;
    bool more;
    LKS_TRY(lks_line_reader_next(s->reader[0], &line, &more));
    *found = begun;
    if (!more)
      break;
    if (!begun)
      s->sample.line = 0;
    LKS_TRY(split(s, 0, &line, &plain_words));
    bool blank = s->words.count == 0 && line.bad == line.bytes;
    if (blank && begun)
      break;
    begun = begun || !blank;
    if (s->words.count > 0)
      LKS_TRY(add_token(s, &line));
  }
  return *found ? check_length(s, 0) : LKS_OK;
}

lks_status lks_sequence_source_next(lks_sequence_source *s, lks_source_sample **sample) {
  bool found = false;
  clear(&s->sample);
  if (s->setup.kind == LKS_SEQUENCES_LABELLED)
    LKS_TRY(next_labelled(s, &found));
  else if (s->setup.kind == LKS_SEQUENCES_TAGS)
    LKS_TRY(next_sentence(s, &found));
  else if (s->setup.kind == LKS_SEQUENCES_DESCRIBED)
    LKS_TRY(next_described(s, &found));
  else
    LKS_TRY(next_pair(s, &found));
  *sample = found ? &s->sample : NULL;
  return LKS_OK;
}
