/* SPDX-License-Identifier: Apache-2.0 */
/* score_texts.c - two files are read side by side; every metric takes pairs of lines. */
#include "report/score_texts.h"

#include "base/fail.h"
#include "base/memory.h"
#include "metrics/bleu.h"
#include "metrics/chrf.h"
#include "metrics/class_scores.h"
#include "metrics/span_f1.h"
#include "text/line_reader.h"
#include "text/tokenizer.h"
#include "text/vocabulary.h"

#include <string.h>

enum { HYPOTHESIS, REFERENCE, SIDES };
enum { CLASSES_MAX = 4096 }; /* more are sentences, not classes */

/* A file and its line. */
typedef struct {
  const char *path;
  lks_line_reader *reader;
  lks_text copy; /* of the line, in lower case if wanted */
  char *text;    /* of the copy */
  long long line;
  bool is_there; /* not behind the end */
} side;

/* Numbers that grow: tags of a sentence, or classes of all lines. */
typedef struct {
  int32_t *numbers[SIDES];
  size_t count, capacity;
} pair_list;

typedef struct {
  side sides[SIDES];
  bool lowercase;
  lks_bleu_counts bleu;
  lks_chrf_counts chrf;
  lks_vocabulary *names; /* tags or classes in the order of their first lines */
  lks_span_tags *spans;
  double *span_counts;
  size_t span_room;
  pair_list pairs;
} scoring;

typedef struct {
  const char *name;
  lks_status (*add)(scoring *s);
  lks_status (*finish)(scoring *s, lks_text *text);
} metric;

static lks_status add_bleu(scoring *s) {
  return lks_bleu_add_lines(&s->bleu, s->sides[HYPOTHESIS].text, s->sides[REFERENCE].text);
}

static lks_status finish_bleu(scoring *s, lks_text *text) {
  LKS_TRY(lks_bleu_describe(&s->bleu, text));
  return lks_text_print(text, "\nbleu %.2f\n", lks_bleu_score(&s->bleu));
}

static lks_status add_sacrebleu(scoring *s) {
  lks_status status;
  lks_text tokens[SIDES] = {{0}};
  for (int i = 0; i < SIDES; i++) {
    LKS_TRY_OR(cleanup, status, lks_bleu_tokenize_13a(s->sides[i].text, &tokens[i]));
    LKS_TRY_OR(cleanup, status, lks_text_add(&tokens[i], "", 0));
  }
  status = lks_bleu_add_lines(&s->bleu, tokens[HYPOTHESIS].data ? tokens[HYPOTHESIS].data : "",
                              tokens[REFERENCE].data ? tokens[REFERENCE].data : "");
cleanup:
  lks_text_release(&tokens[REFERENCE]);
  lks_text_release(&tokens[HYPOTHESIS]);
  return status;
}

static lks_status finish_sacrebleu(scoring *s, lks_text *text) {
  LKS_TRY(lks_bleu_signature(s->lowercase, text));
  LKS_TRY(lks_text_print(text, "\n"));
  LKS_TRY(lks_bleu_describe(&s->bleu, text));
  return lks_text_print(text, "\nsacrebleu %.2f\n", lks_bleu_smoothed(&s->bleu));
}

static lks_status add_chrf(scoring *s) {
  return lks_chrf_add_lines(&s->chrf, s->sides[HYPOTHESIS].text, s->sides[REFERENCE].text);
}

static lks_status finish_chrf(scoring *s, lks_text *text) {
  return lks_text_print(text, "chrf %.2f\n", lks_chrf_score(&s->chrf));
}

static lks_status append_pair(pair_list *pairs, const int32_t numbers[SIDES]) {
  if (pairs->count == pairs->capacity) {
    size_t room = pairs->capacity ? 2 * pairs->capacity : 256;
    for (int i = 0; i < SIDES; i++)
      LKS_TRY(lks_reallocate(&pairs->numbers[i], pairs->capacity, room, sizeof(int32_t)));
    pairs->capacity = room;
  }
  for (int i = 0; i < SIDES; i++)
    pairs->numbers[i][pairs->count] = numbers[i];
  pairs->count++;
  return LKS_OK;
}

/* Number of a name that may be new. */
static lks_status number_name(scoring *s, const char *name, int32_t *number) {
  *number = lks_vocabulary_find(s->names, name, strlen(name));
  if (*number >= 0)
    return LKS_OK;
  *number = lks_vocabulary_size(s->names);
  return lks_vocabulary_append(s->names, name, strlen(name));
}

/* Counts the sentence that has come to its end. */
static lks_status count_sentence(scoring *s) {
  size_t room = lks_span_counts(s->spans), types = room - 2;
  if (room > s->span_room) { /* what is behind the types moves */
    double rest[2] = {0, 0};
    size_t before = s->span_room;
    if (before > 0)
      memcpy(rest, s->span_counts + before - 2, sizeof rest);
    LKS_TRY(lks_reallocate(&s->span_counts, before, room, sizeof(double)));
    for (size_t i = before > 0 ? before - 2 : 0; i < types; i++)
      s->span_counts[i] = 0;
    memcpy(s->span_counts + types, rest, sizeof rest);
    s->span_room = room;
  }
  lks_span_add(s->spans, s->span_counts, s->pairs.numbers[HYPOTHESIS],
               s->pairs.numbers[REFERENCE], (int)s->pairs.count);
  s->pairs.count = 0;
  return LKS_OK;
}

/* The last field of a line; "" of an empty one. */
static const char *last_field(char *line) {
  static const char white[] = " \t\r\v\f";
  size_t end = strlen(line);
  while (end > 0 && strchr(white, line[end - 1]))
    line[--end] = '\0';
  while (end > 0 && !strchr(white, line[end - 1]))
    end--;
  return line + end;
}

static lks_status add_spans(scoring *s) {
  const char *tags[SIDES];
  int32_t numbers[SIDES];
  for (int i = 0; i < SIDES; i++)
    tags[i] = last_field(s->sides[i].text);
  if ((*tags[HYPOTHESIS] == '\0') != (*tags[REFERENCE] == '\0'))
    return LKS_FAIL(LKS_DATA, "%s:%lld: expected %s as in %s, found %s",
                    s->sides[HYPOTHESIS].path, s->sides[HYPOTHESIS].line,
                    *tags[HYPOTHESIS] ? "the end of a sentence" : "a tag",
                    s->sides[REFERENCE].path, *tags[HYPOTHESIS] ? tags[HYPOTHESIS] : "none");
  if (*tags[HYPOTHESIS] == '\0')
    return count_sentence(s);
  for (int i = 0; i < SIDES; i++) {
    numbers[i] = lks_span_tags_find(s->spans, tags[i]);
    if (numbers[i] >= 0)
      continue;
    numbers[i] = lks_vocabulary_size(s->names);
    if (!lks_span_tags_is_valid(tags[i]))
      return LKS_FAIL(LKS_DATA, "%s:%lld: expected a tag O, B-TYPE or I-TYPE, found '%s'",
                      s->sides[i].path, s->sides[i].line, tags[i]);
    LKS_TRY(lks_span_tags_add(s->spans, tags[i]));
    LKS_TRY(number_name(s, tags[i], &numbers[i]));
  }
  return append_pair(&s->pairs, numbers);
}

static lks_status finish_spans(scoring *s, lks_text *text) {
  LKS_TRY(count_sentence(s));
  LKS_TRY(lks_span_table(s->spans, s->span_counts, text));
  LKS_TRY(lks_text_print(text, "accuracy of the tags %.2f\n",
                         lks_span_accuracy(s->spans, s->span_counts)));
  return lks_text_print(text, "span_f1 %.2f\n",
                        lks_span_scores_of(s->spans, s->span_counts, -1).f1);
}

static lks_status add_classes(scoring *s) {
  int32_t numbers[SIDES];
  for (int i = 0; i < SIDES; i++) {
    if (*s->sides[i].text == '\0')
      return LKS_FAIL(LKS_DATA, "%s:%lld: expected a class, found an empty line",
                      s->sides[i].path, s->sides[i].line);
    LKS_TRY(number_name(s, s->sides[i].text, &numbers[i]));
    if (numbers[i] >= CLASSES_MAX)
      return LKS_FAIL(LKS_DATA, "%s:%lld: expected at most %d classes, found one more",
                      s->sides[i].path, s->sides[i].line, CLASSES_MAX);
  }
  return append_pair(&s->pairs, numbers);
}

static lks_status finish_classes(scoring *s, lks_text *text) {
  int classes = lks_vocabulary_size(s->names);
  double *counts;
  LKS_TRY(lks_allocate(&counts, (size_t)classes * LKS_CLASS_COUNTS, sizeof *counts));
  for (size_t i = 0; i < s->pairs.count; i++)
    lks_class_counts_add(counts, s->pairs.numbers[HYPOTHESIS][i],
                         s->pairs.numbers[REFERENCE][i]);
  lks_status status =
      lks_text_print(text, "macro_f1 %.2f, classes %d, lines %zu\naccuracy %.2f\n",
                     lks_class_macro_f1(counts, classes), classes, s->pairs.count,
                     lks_class_accuracy(counts, classes));
  lks_release(counts);
  return status;
}

static const metric metrics[] = {{"bleu", add_bleu, finish_bleu},
                                 {"sacrebleu", add_sacrebleu, finish_sacrebleu},
                                 {"chrf", add_chrf, finish_chrf},
                                 {"spans", add_spans, finish_spans},
                                 {"accuracy", add_classes, finish_classes}};
enum { METRICS = sizeof metrics / sizeof *metrics };

static const metric *find_metric(const char *name) {
  for (int i = 0; i < METRICS; i++)
    if (strcmp(metrics[i].name, name) == 0)
      return &metrics[i];
  return NULL;
}

lks_status lks_score_texts_check(const char *name) {
  const char *names[METRICS];
  char suggestion[256];
  if (find_metric(name))
    return LKS_OK;
  for (int i = 0; i < METRICS; i++)
    names[i] = metrics[i].name;
  lks_text_suggest(name, names, METRICS, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "score: unknown metric '%s'%s", name, suggestion);
}

static lks_status open_side(side *s, const char *path) {
  s->path = path;
  return lks_line_reader_open(&s->reader, path);
}

static lks_status next_line(side *s, bool lowercase) {
  lks_line line;
  LKS_TRY(lks_line_reader_next(s->reader, &line, &s->is_there));
  if (!s->is_there)
    return LKS_OK;
  s->line = line.number;
  if (line.bad < line.bytes)
    return LKS_FAIL(LKS_DATA, "%s:%lld: byte %zu: expected UTF-8 text, found byte 0x%02x",
                    s->path, s->line, line.bad + 1,
                    (unsigned)(unsigned char)line.text[line.bad]);
  lks_text_clear(&s->copy);
  LKS_TRY(lowercase ? lks_text_add_lower(&s->copy, line.text, line.bytes)
                    : lks_text_add(&s->copy, line.text, line.bytes));
  LKS_TRY(lks_text_add(&s->copy, "", 0));
  s->text = s->copy.data;
  return LKS_OK;
}

static lks_status read_all(scoring *s, const metric *m) {
  side *hypotheses = &s->sides[HYPOTHESIS], *references = &s->sides[REFERENCE];
  for (;;) {
    LKS_TRY(next_line(hypotheses, s->lowercase));
    LKS_TRY(next_line(references, s->lowercase));
    if (hypotheses->is_there != references->is_there)
      return LKS_FAIL(LKS_DATA, "%s: expected as many lines as in %s, found %s %lld",
                      hypotheses->path, references->path,
                      hypotheses->is_there ? "more than" : "only",
                      hypotheses->is_there ? references->line : hypotheses->line);
    if (!hypotheses->is_there)
      break;
    LKS_TRY(m->add(s));
  }
  if (hypotheses->line == 0)
    return LKS_FAIL(LKS_DATA, "%s: expected lines, found an empty file", hypotheses->path);
  return LKS_OK;
}

lks_status lks_score_texts(const lks_score_files *files, FILE *out) {
  lks_status status;
  lks_text text = {0};
  LKS_TRY(lks_score_texts_check(files->metric));
  const metric *m = find_metric(files->metric);
  scoring *s;
  LKS_TRY(lks_allocate(&s, 1, sizeof *s));
  s->lowercase = files->lowercase;
  LKS_TRY_OR(cleanup, status, lks_vocabulary_create(&s->names));
  LKS_TRY_OR(cleanup, status, lks_span_tags_create(&s->spans));
  LKS_TRY_OR(cleanup, status, open_side(&s->sides[HYPOTHESIS], files->hypotheses));
  LKS_TRY_OR(cleanup, status, open_side(&s->sides[REFERENCE], files->references));
  LKS_TRY_OR(cleanup, status, read_all(s, m));
  LKS_TRY_OR(cleanup, status, m->finish(s, &text));
  (void)fputs(text.data, out);
cleanup:
  for (int i = 0; i < SIDES; i++) {
    lks_line_reader_close(s->sides[i].reader);
    lks_text_release(&s->sides[i].copy);
    lks_release(s->pairs.numbers[i]);
  }
  lks_release(s->span_counts);
  lks_span_tags_destroy(s->spans);
  lks_vocabulary_destroy(s->names);
  lks_release(s);
  lks_text_release(&text);
  return status;
}
