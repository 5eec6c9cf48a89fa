/* SPDX-License-Identifier: Apache-2.0 */
/* word_vectors.c - one line at a time: the file may be much larger than what is kept. */
#include "task/word_vectors.h"

#include "base/fail.h"
#include "base/memory.h"
#include "text/number_text.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  lks_word_vectors *vectors;
  const lks_vocabulary *vocabulary;
  const char *path;
  long long line;
} reading;

/* Cuts the next field off *rest; NULL at the end. */
static char *next_field(char **rest) {
  char *field = *rest + strspn(*rest, " \t\r\n");
  if (*field == '\0')
    return NULL;
  *rest = field + strcspn(field, " \t\r\n");
  if (**rest != '\0')
    *(*rest)++ = '\0';
  return field;
}

/* Denormals are zeros to all arithmetic, and an update that passes over a row must leave the
 * bits that one of +0 would. */
static float number_of(double value) {
  return fabs(value) < (double)FLT_MIN ? 0.0f : (float)value;
}

static lks_status take_numbers(const reading *r, char *rest, int word) {
  lks_word_vectors *v = r->vectors;
  int count = 0;
  double value;
  for (char *field; (field = next_field(&rest)) != NULL; count++) {
    if (count < v->units && (!lks_text_to_real(field, &value) || !isfinite(value)))
      return LKS_FAIL(LKS_DATA, "%s:%lld: expected a number, found '%s'", r->path, r->line,
                      field);
    if (count < v->units && word >= 0)
      v->values[(size_t)word * (size_t)v->units + (size_t)count] = number_of(value);
  }
  if (count != v->units)
    return LKS_FAIL(LKS_DATA,
                    "%s:%lld: expected a word and %d numbers, found %d\n  hint: [model] "
                    "embedding = %d reads vectors of that width; all lines must have the same",
                    r->path, r->line, v->units, count, count);
  return LKS_OK;
}

static lks_status take_line(const reading *r, char *text, size_t bytes) {
  lks_word_vectors *v = r->vectors;
  if (lks_text_check_utf8(text, bytes) < bytes)
    return LKS_FAIL(LKS_DATA, "%s:%lld: expected UTF-8, found byte 0x%02X", r->path, r->line,
                    (unsigned)(unsigned char)text[lks_text_check_utf8(text, bytes)]);
  if (r->line == 1 && v->units != 1 && lks_number_is_heading(text))
    return LKS_OK;
  char *word = next_field(&text);
  if (!word)
    return LKS_OK; /* an empty line */
  int number = lks_vocabulary_find(r->vocabulary, word, strlen(word));
  if (number >= 0 && v->is_there[number])
    return LKS_FAIL(LKS_DATA,
                    "%s:%lld: expected one vector for each word, found a second one of '%s'",
                    r->path, r->line, word);
  LKS_TRY(take_numbers(r, text, number));
  if (number >= 0) {
    v->is_there[number] = true;
    v->found++;
  }
  return LKS_OK;
}

lks_status lks_word_vectors_read(lks_word_vectors *vectors, const char *path,
                                 const lks_vocabulary *vocabulary, int units) {
  lks_status status = LKS_OK;
  char *line = NULL;
  size_t capacity = 0;
  ssize_t bytes;
  reading r = {vectors, vocabulary, path, 0};
  *vectors = (lks_word_vectors){.words = lks_vocabulary_size(vocabulary), .units = units};
  FILE *file = fopen(path, "r");
  if (!file)
    return LKS_FAIL(LKS_DATA, "%s: cannot be read: %s\n  hint: [model] vectors names it", path,
                    strerror(errno));
  size_t words = (size_t)vectors->words;
  LKS_TRY_OR(cleanup, status,
             lks_allocate(&vectors->values, words * (size_t)units, sizeof(float)));
  LKS_TRY_OR(cleanup, status, lks_allocate(&vectors->is_there, words, sizeof(bool)));
  while ((bytes = getline(&line, &capacity, file)) > 0) {
    r.line++;
    LKS_TRY_OR(cleanup, status, take_line(&r, line, (size_t)bytes));
  }
cleanup:
  free(line);
  (void)fclose(file);
  if (status != LKS_OK)
    lks_word_vectors_release(vectors);
  return status;
}

void lks_word_vectors_release(lks_word_vectors *vectors) {
  lks_release(vectors->is_there);
  lks_release(vectors->values);
  *vectors = (lks_word_vectors){0};
}

void lks_word_vectors_apply(const lks_word_vectors *vectors, float *table) {
  size_t units = (size_t)vectors->units;
  for (size_t i = 0; vectors->values && i < (size_t)vectors->words; i++)
    if (vectors->is_there[i])
      memcpy(table + i * units, vectors->values + i * units, units * sizeof *table);
}
