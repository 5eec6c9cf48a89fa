/* SPDX-License-Identifier: Apache-2.0 */
/* write_pairs.c - a dataset of pairs from parallel text files, words between spaces:
 *
 *   write_pairs OUT TRAIN_SOURCE TRAIN_TARGET [VALID… [TEST…]] */
#include "base/fail.h"
#include "data/sequence_writer.h"

#include <stdio.h>
#include <string.h>

enum { LINE_BYTES = 1 << 16, WORDS_MAX = 1 << 12, SIDES = 2 };

static void check(lks_status status) {
  LKS_ASSERT(status == LKS_OK);
}

static FILE *open_text(const char *path) {
  FILE *file = fopen(path, "r");
  LKS_ASSERT(file);
  return file;
}

static lks_vocabulary *count_words(const char *path) {
  static const char *const always[] = {LKS_UNKNOWN_SYMBOL, LKS_LINE_END_SYMBOL};
  static char line[LINE_BYTES];
  lks_vocabulary *vocabulary;
  FILE *file = open_text(path);
  check(lks_vocabulary_create(&vocabulary));
  while (fgets(line, sizeof line, file))
    for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n"))
      check(lks_vocabulary_count_symbol(vocabulary, word, strlen(word)));
  check(lks_vocabulary_finish(vocabulary, 0, 1, always, 2));
  fclose(file);
  return vocabulary;
}

static int take_line(const lks_vocabulary *vocabulary, FILE *file, int32_t *symbols) {
  static char line[LINE_BYTES];
  int count = 0;
  if (!fgets(line, sizeof line, file))
    return -1;
  for (char *word = strtok(line, " \n"); word; word = strtok(NULL, " \n")) {
    int symbol = lks_vocabulary_find(vocabulary, word, strlen(word));
    symbols[count++] = symbol >= 0 ? symbol : lks_vocabulary_find(vocabulary, "<unk>", 5);
  }
  return count;
}

static void append_split(lks_sequence_writer *writer, lks_split split,
                         lks_vocabulary *const *vocabularies, char *const *paths) {
  static int32_t symbols[SIDES][WORDS_MAX];
  const int32_t *fields[SIDES] = {symbols[0], symbols[1]};
  FILE *files[SIDES] = {open_text(paths[0]), open_text(paths[1])};
  int lengths[SIDES];
  for (;;) {
    for (int i = 0; i < SIDES; i++)
      lengths[i] = take_line(vocabularies[i], files[i], symbols[i]);
    LKS_ASSERT((lengths[0] < 0) == (lengths[1] < 0));
    if (lengths[0] < 0)
      break;
    check(lks_sequence_writer_append(writer, split, fields, lengths));
  }
  fclose(files[0]);
  fclose(files[1]);
}

int main(int count, char **arguments) {
  lks_sequence_writer *writer;
  lks_digest digest;
  LKS_ASSERT(count >= 4 && count % 2 == 0);
  lks_vocabulary *vocabularies[SIDES] = {count_words(arguments[2]), count_words(arguments[3])};
  const lks_sequence_field_setup fields[SIDES] = {
      {.name = "source", .vocabulary = vocabularies[0], .tokenizer = "words"},
      {.name = "target", .vocabulary = vocabularies[1], .tokenizer = "words"}};
  const lks_sequence_setup setup = {
      .path = arguments[1], .kind = "pairs", .fields = fields, .field_count = SIDES};
  check(lks_sequence_writer_create(&writer, &setup));
  for (int i = 2; i + 1 < count && i < 8; i += 2)
    append_split(writer, (lks_split)(i / 2 - 1), vocabularies, arguments + i);
  check(lks_sequence_writer_describe(writer, ""));
  check(lks_sequence_writer_commit(writer, &digest));
  lks_sequence_writer_destroy(writer);
  lks_vocabulary_destroy(vocabularies[1]);
  lks_vocabulary_destroy(vocabularies[0]);
  return 0;
}
