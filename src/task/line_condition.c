/* SPDX-License-Identifier: Apache-2.0 */
/* line_condition.c - a line as a label or as numbers. */
#include "task/line_condition.h"

#include "base/fail.h"
#include "base/memory.h"
#include "data/number_scales.h"
#include "text/number_text.h"
#include "text/tokenizer.h"

#include <stdio.h>
#include <string.h>

lks_status lks_line_label(const lks_vocabulary *labels, const char *line, int32_t *label) {
  static const char white[] = " \t\n\v\f\r";
  line += strspn(line, white);
  size_t bytes = strlen(line);
  while (bytes > 0 && strchr(white, line[bytes - 1]))
    bytes--;
  *label = lks_vocabulary_find(labels, line, bytes);
  if (*label >= 0)
    return LKS_OK;
  int count = lks_vocabulary_size(labels);
  const char **names;
  char wanted[128], suggestion[400];
  LKS_TRY(lks_allocate(&names, (size_t)count, sizeof *names));
  for (int i = 0; i < count; i++)
    names[i] = lks_vocabulary_symbol(labels, i);
  snprintf(wanted, sizeof wanted, "%.*s", (int)bytes, line);
  lks_text_suggest(wanted, names, (size_t)count, suggestion, sizeof suggestion);
  lks_release(names);
  return LKS_FAIL(LKS_DATA, "'%s' is none of the model's %d labels%s", wanted, count,
                  suggestion);
}

lks_status lks_line_numbers(const char *line, int count, const void *scales, float *numbers) {
  lks_words words = {0};
  lks_status status = lks_words_split(&words, line, strlen(line), false);
  if (status == LKS_OK && words.count != (size_t)count)
    status =
        LKS_FAIL(LKS_DATA, "'%s': expected %d numbers, found %zu", line, count, words.count);
  for (size_t i = 0; status == LKS_OK && i < words.count; i++) {
    char text[64];
    double value = 0;
    snprintf(text, sizeof text, "%.*s", (int)words.word[i].bytes, words.word[i].data);
    if (lks_number_read(text, strlen(text), '.', &value) != LKS_NUMBER_FINITE)
      status = LKS_FAIL(LKS_DATA, "'%s': number %zu: expected a finite number, found '%s'",
                        line, i + 1, text);
    numbers[i] = (float)value;
  }
  lks_words_release(&words);
  return status == LKS_OK ? lks_number_scales_apply(scales, (size_t)count, numbers) : status;
}
