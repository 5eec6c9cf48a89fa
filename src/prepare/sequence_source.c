/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_source.c - one reader, or two that go side by side, each on a thread. */
#include "prepare/sequence_source.h"

#include "base/fail.h"
#include "base/memory.h"
#include "prepare/prepare_output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A block ends with the line that makes it so long: memory does not depend on the text. */
enum { BLOCK = 1024, BLOCK_BYTES = 4 << 20, ROOM_KEPT = 1 << 16 };

struct lks_sequence_source {
  lks_sequence_source_setup setup;
  lks_line_reader *reader[2]; /* the second of pairs only */
  lks_digest_stream *digest[2];
  lks_source_sample *sample; /* [BLOCK] */
  int count[2];              /* of the parts that are filled */
  int handed;                /* samples of the block that was handed out, … */
  int64_t samples;           /* … and of all before the next */
  lks_words columns;         /* of tags: of the line under way, … */
  size_t width;              /* … of the first line that has some, 0 before it, … */
  int64_t width_line;        /* … and its number */
  int64_t repaired;
};

const char *lks_bad_text(lks_bad bad) {
  static const char *const names[LKS_BAD_COUNT] = {
      "good",           "not UTF-8",     "empty",    "wrong number of columns",
      "impossible tag", "unknown label", "too long", "wrong numbers"};
  return names[bad];
}

lks_bad lks_source_bad(const lks_source_sample *sample) {
  return sample->part[0].bad != LKS_BAD_NOTHING ? sample->part[0].bad : sample->part[1].bad;
}

const char *lks_source_message(const lks_source_sample *sample) {
  return sample->part[sample->part[0].bad == LKS_BAD_NOTHING].message.data;
}

lks_status lks_source_complain(lks_source_part *part, lks_bad bad, const char *format, ...) {
  char message[1024];
  va_list values;
  if (part->bad != LKS_BAD_NOTHING)
    return LKS_OK;
  part->bad = bad;
  va_start(values, format);
  vsnprintf(message, sizeof message, format, values);
  va_end(values);
  return lks_text_add(&part->message, message, strlen(message));
}

static void release(lks_source_part *part) {
  lks_words_release(&part->words);
  lks_text_release(&part->line);
  lks_text_release(&part->message);
}

lks_status lks_sequence_source_open(lks_sequence_source **source,
                                    const lks_sequence_source_setup *setup) {
  lks_status status;
  const char *path[2] = {setup->first, setup->second};
  LKS_TRY(lks_allocate(source, 1, sizeof **source));
  lks_sequence_source *s = *source;
  s->setup = *setup;
  LKS_TRY_OR(failed, status, lks_allocate(&s->sample, BLOCK, sizeof *s->sample));
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
    lks_digest_stream_destroy(s->digest[i]);
    lks_line_reader_close(s->reader[i]);
  }
  for (int i = 0; i < 2 * BLOCK && s->sample != NULL; i++)
    release(&s->sample[i / 2].part[i % 2]);
  lks_release(s->sample);
  lks_words_release(&s->columns);
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

static void clear(lks_source_part *part) {
  if (part->line.capacity + part->words.pieces.capacity > ROOM_KEPT)
    release(part);
  lks_words_clear(&part->words);
  lks_text_clear(&part->line);
  lks_text_clear(&part->message);
  part->bad = LKS_BAD_NOTHING;
}

/* Keeps a line of file `file` in the part, and finds its symbols, if it is text. */
static lks_status split(const lks_sequence_source *s, int file, const lks_line *line,
                        const lks_tokenizer *tokenizer, lks_source_part *part) {
  if (line->bad < line->bytes)
    return lks_source_complain(
        part, LKS_BAD_UTF8,
        "%s:%lld: byte %zu: expected UTF-8 text, found byte 0x%02x\n  hint: convert the file, "
        "or leave such samples out with --skip-bad",
        lks_line_reader_path(s->reader[file]), (long long)line->number, line->bad + 1,
        (unsigned)(unsigned char)line->text[line->bad]);
  LKS_TRY(lks_text_add(&part->line, line->text, line->bytes));
  return lks_tokenizer_split(tokenizer, &part->words, part->line.data, line->bytes);
}

static lks_status check_length(const lks_sequence_source *s, int file, int64_t number,
                               lks_source_part *part) {
  size_t count = part->words.count;
  if (s->setup.max_length == 0 || count <= (size_t)s->setup.max_length)
    return LKS_OK;
  return lks_source_complain(part, LKS_BAD_LENGTH, "%s:%lld: %zu symbols, --max-length is %d",
                             lks_line_reader_path(s->reader[file]), (long long)number, count,
                             s->setup.max_length);
}

static const lks_tokenizer plain_words;

static lks_status take_labelled(lks_sequence_source *s, const lks_line *line,
                                lks_source_sample *sample) {
  lks_source_part *text = &sample->part[0], *label = &sample->part[1];
  LKS_TRY(split(s, 0, line, &plain_words, label));
  if (label->bad != LKS_BAD_NOTHING)
    return LKS_OK;
  if (label->words.count < 2)
    return lks_source_complain(text, LKS_BAD_EMPTY,
                               "%s:%lld: expected a label, white space and a text, found %s\n  "
                               "hint: --skip-bad leaves such lines out",
                               s->setup.first, (long long)line->number,
                               label->words.count == 0 ? "an empty line" : "a label alone");
  const char *first = label->words.word[1].data;
  label->words.count = 1;
  LKS_TRY(lks_tokenizer_split(s->setup.tokenizer, &text->words, first,
                              line->bytes - (size_t)(first - label->line.data)));
  return check_length(s, 0, line->number, text);
}

static lks_status take_described(lks_sequence_source *s, const lks_line *line,
                                 lks_source_sample *sample) {
  lks_source_part *text = &sample->part[0], *vector = &sample->part[1];
  LKS_TRY(split(s, 0, line, &plain_words, vector));
  if (vector->bad != LKS_BAD_NOTHING)
    return LKS_OK;
  const char *tab = memchr(vector->line.data, '\t', line->bytes);
  if (tab == NULL)
    return lks_source_complain(text, LKS_BAD_COLUMNS,
                               "%s:%lld: expected numbers, a tab and a text, found no tab\n  "
                               "hint: --skip-bad leaves such lines out",
                               s->setup.first, (long long)line->number);
  size_t before = (size_t)(tab - vector->line.data);
  LKS_TRY(lks_words_split(&vector->words, vector->line.data, before, false));
  LKS_TRY(
      lks_tokenizer_split(s->setup.tokenizer, &text->words, tab + 1, line->bytes - before - 1));
  if (text->words.count == 0)
    return lks_source_complain(text, LKS_BAD_EMPTY,
                               "%s:%lld: expected a text behind the tab, found none\n  hint: "
                               "--skip-bad leaves such lines out",
                               s->setup.first, (long long)line->number);
  return check_length(s, 0, line->number, text);
}

/* Moves what was not handed out to the front; its bytes. */
static size_t keep_rest(lks_sequence_source *s, int side) {
  size_t bytes = 0;
  s->count[side] -= s->handed;
  for (int i = 0; i < s->count[side]; i++) {
    lks_source_part *to = &s->sample[i].part[side];
    lks_source_part *from = &s->sample[i + s->handed].part[side];
    const lks_source_part free = *to;
    *to = *from;
    *from = free;
    bytes += to->line.bytes;
  }
  return bytes;
}

/* A side of pairs: its lines are that part of the samples. */
static lks_status fill_side(lks_sequence_source *s, int side) {
  size_t bytes = keep_rest(s, side);
  for (; s->count[side] < BLOCK && bytes < BLOCK_BYTES; s->count[side]++) {
    lks_source_part *part = &s->sample[s->count[side]].part[side];
    lks_line line;
    bool found;
    LKS_TRY(lks_line_reader_next(s->reader[side], &line, &found));
    if (!found)
      break;
    clear(part);
    LKS_TRY(split(s, side, &line, s->setup.tokenizer, part));
    if (part->words.count == 0)
      LKS_TRY(lks_source_complain(part, LKS_BAD_EMPTY,
                                  "%s:%lld: expected a sentence, found an empty line\n  hint: "
                                  "--skip-bad leaves such pairs out",
                                  lks_line_reader_path(s->reader[side]),
                                  (long long)line.number));
    LKS_TRY(check_length(s, side, line.number, part));
    bytes += line.bytes;
  }
  return LKS_OK;
}

static lks_status fill_first(void *source) {
  return fill_side(source, 0);
}

/* As many pairs as both sides have. */
static lks_status fill_pairs(lks_sequence_source *s, int *count) {
  lks_io_job first = {.run = fill_first, .context = s};
  lks_io_submit(s->setup.helper, &first);
  lks_status second = fill_side(s, 1);
  LKS_TRY(lks_io_wait(s->setup.helper, &first));
  LKS_TRY(second);
  *count = s->count[s->count[1] < s->count[0]];
  for (int i = 0; i < *count; i++)
    s->sample[i].line = s->samples + i + 1;
  if (*count > 0 || s->count[0] == s->count[1])
    return LKS_OK;
  return LKS_FAIL(LKS_DATA,
                  "%s and %s: expected as many lines in both, %s ends before line %lld of the "
                  "other\n  hint: line n of one is the translation of line n of the other",
                  s->setup.first, s->setup.second,
                  s->count[0] > s->count[1] ? s->setup.second : s->setup.first,
                  (long long)(s->samples + 1));
}

/* Whether a span of the type behind I- goes on from the tag before. */
static bool continues(const lks_words *tags, const lks_word *tag) {
  if (tags->count == 0 || tags->word[tags->count - 1].bytes != tag->bytes)
    return false;
  const char *before = tags->pieces.data + tags->pieces.bytes - tag->bytes;
  return (before[0] == 'B' || before[0] == 'I') &&
         memcmp(before + 1, tag->data + 1, tag->bytes - 1) == 0;
}

static lks_status add_tag(lks_sequence_source *s, const lks_word *tag, int64_t number,
                          lks_source_sample *sample) {
  lks_words *tags = &sample->part[1].words;
  bool inside = tag->bytes > 2 && tag->data[0] == 'I' && tag->data[1] == '-';
  if (!inside || continues(tags, tag))
    return lks_words_add_copy(tags, tag->data, tag->bytes);
  if (!s->setup.repairs) {
    LKS_TRY(lks_source_complain(
        &sample->part[0], LKS_BAD_TAG,
        "%s:%lld: %.*s: expected B-%.*s before it, found %s\n  hint: --repair begins such spans "
        "with B-, --skip-bad leaves the sentence out",
        s->setup.first, (long long)number, (int)tag->bytes, tag->data, (int)tag->bytes - 2,
        tag->data + 2, tags->count == 0 ? "the start of the sentence" : "another tag"));
    return lks_words_add_copy(tags, tag->data, tag->bytes);
  }
  char begun[256];
  size_t bytes = tag->bytes < sizeof begun ? tag->bytes : sizeof begun;
  memcpy(begun, tag->data, bytes);
  begun[0] = 'B';
  s->repaired++;
  return lks_words_add_copy(tags, begun, bytes);
}

/* All lines have as many columns as the first: where one is missing, another would be taken
 * for the tag. */
static lks_status check_width(lks_sequence_source *s, const lks_line *line,
                              lks_source_part *part) {
  size_t count = s->columns.count;
  if (s->width == 0 && count >= 2) {
    s->width = count;
    s->width_line = line->number;
  }
  if (count < 2)
    return lks_source_complain(part, LKS_BAD_COLUMNS,
                               "%s:%lld: expected a word and its tag in columns, found %zu "
                               "column\n  hint: --skip-bad leaves the sentence out",
                               s->setup.first, (long long)line->number, count);
  if (count == s->width)
    return LKS_OK;
  return lks_source_complain(part, LKS_BAD_COLUMNS,
                             "%s:%lld: expected %zu columns, as line %lld has, found %zu\n  "
                             "hint: --skip-bad leaves the sentence out",
                             s->setup.first, (long long)line->number, s->width,
                             (long long)s->width_line, count);
}

static lks_status add_token(lks_sequence_source *s, const lks_line *line,
                            lks_source_sample *sample) {
  const lks_word *word = s->columns.word;
  size_t count = s->columns.count;
  LKS_TRY(check_width(s, line, &sample->part[0]));
  if (count < 2)
    return LKS_OK;
  LKS_TRY(lks_words_add_copy(&sample->part[0].words, word[0].data, word[0].bytes));
  return add_tag(s, &word[count - 1], line->number, sample);
}

/* Whether the line is one of CoNLL's that begin a document, which are no words. */
static bool begins_document(const lks_words *columns) {
  static const char mark[] = "-DOCSTART-";
  return columns->count > 0 && columns->word[0].bytes == sizeof mark - 1 &&
         memcmp(columns->word[0].data, mark, sizeof mark - 1) == 0;
}

/* The words of a line, if it is text. */
static lks_status split_columns(lks_sequence_source *s, const lks_line *line,
                                lks_source_part *part) {
  lks_words_clear(&s->columns);
  if (line->bad < line->bytes)
    return split(s, 0, line, &plain_words, part);
  return lks_words_split(&s->columns, line->text, line->bytes, false);
}

/* A sentence; lines without a word before it, and those that begin a document, are passed
 * over. */
static lks_status take_sentence(lks_sequence_source *s, lks_source_sample *sample,
                                bool *found) {
  lks_source_part *words = &sample->part[0];
  bool begun = false;
  for (;;) {
    lks_line line;
    bool more;
    LKS_TRY(lks_line_reader_next(s->reader[0], &line, &more));
    *found = begun;
    if (!more)
      break;
    if (!begun)
      sample->line = line.number;
    LKS_TRY(split_columns(s, &line, words));
    bool begins = begins_document(&s->columns);
    if (begins)
      lks_words_clear(&s->columns);
    bool blank = begins || (s->columns.count == 0 && line.bad == line.bytes);
    if (blank && begun)
      break;
    begun = begun || !blank;
    if (s->columns.count > 0)
      LKS_TRY(add_token(s, &line, sample));
  }
  lks_words_settle(&words->words);
  lks_words_settle(&sample->part[1].words);
  return *found ? check_length(s, 0, sample->line, words) : LKS_OK;
}

static lks_status take_line(lks_sequence_source *s, lks_source_sample *sample, bool *found) {
  lks_line line;
  LKS_TRY(lks_line_reader_next(s->reader[0], &line, found));
  if (!*found)
    return LKS_OK;
  sample->line = line.number;
  return s->setup.kind == LKS_SEQUENCES_LABELLED ? take_labelled(s, &line, sample)
                                                 : take_described(s, &line, sample);
}

static lks_status fill_samples(lks_sequence_source *s, int *count) {
  bool found = true;
  size_t bytes = 0;
  for (*count = 0; *count < BLOCK && bytes < BLOCK_BYTES; (*count)++) {
    lks_source_sample *sample = &s->sample[*count];
    clear(&sample->part[0]);
    clear(&sample->part[1]);
    LKS_TRY(s->setup.kind == LKS_SEQUENCES_TAGS ? take_sentence(s, sample, &found)
                                                : take_line(s, sample, &found));
    if (!found)
      break;
    bytes += sample->part[1].line.bytes + sample->part[0].words.pieces.bytes;
  }
  return LKS_OK;
}

lks_status lks_sequence_source_next(lks_sequence_source *s, lks_source_sample **samples,
                                    int *count) {
  LKS_TRY(s->setup.kind == LKS_SEQUENCES_PAIRS ? fill_pairs(s, count) : fill_samples(s, count));
  s->handed = *count;
  s->samples += *count;
  *samples = s->sample;
  return LKS_OK;
}
