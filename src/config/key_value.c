/* SPDX-License-Identifier: Apache-2.0 */
/* key_value.c - checks a value against its key and brings it to normal form. */
#include "config/key_value.h"

#include "base/fail.h"
#include "base/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { NAMES_MAX = 256, SUGGESTION_BYTES = 700, CHOICES_BYTES = 512, NUMBER_BYTES = 40 };

/* "expected a whole number from 1 to 8, found 'x'" */
static lks_status wrong_value(const lks_key *key, const char *expected, const char *text,
                              const char *where) {
  char range[2 * NUMBER_BYTES + 16] = "";
  if (key->minimum <= key->maximum)
    (void)snprintf(range, sizeof range, " from %.16g to %.16g", key->minimum, key->maximum);
  return LKS_FAIL(LKS_USAGE, "%s: [%s] %s: expected %s%s, found '%s'\n  hint: %s", where,
                  key->section, key->key, expected, range, text, key->help);
}

static bool is_outside(const lks_key *key, double value) {
  return key->minimum <= key->maximum && (value < key->minimum || value > key->maximum);
}

static lks_status normalise_integer(const lks_key *key, const char *text, const char *where,
                                    lks_text *normal) {
  int64_t value = 0;
  if (!lks_text_to_integer(text, &value) || is_outside(key, (double)value))
    return wrong_value(key, "a whole number", text, where);
  return lks_text_print(normal, "%" PRId64, value);
}

/* Digits that read back as the same number: 15 of them where that is enough, without zeros
 * at the end. */
static lks_status normalise_real(const lks_key *key, const char *text, const char *where,
                                 lks_text *normal) {
  double value = 0;
  if (!lks_text_to_real(text, &value) || is_outside(key, value))
    return wrong_value(key, "a number", text, where);
  char digits[NUMBER_BYTES];
  double again = 0;
  int precision = 15; /* fewer would make 600 6e+02 */
  do {
    (void)snprintf(digits, sizeof digits, "%.*g", precision, value);
    again = strtod(digits, NULL);
  } while (again != value && ++precision <= 17);
  return lks_text_print(normal, "%s", value == 0 ? "0" : digits);
}

static lks_status normalise_bool(const lks_key *key, const char *text, const char *where,
                                 lks_text *normal) {
  bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0;
  bool no = strcmp(text, "no") == 0 || strcmp(text, "false") == 0;
  if (!yes && !no)
    return wrong_value(key, "yes or no", text, where);
  return lks_text_print(normal, "%s", yes ? "yes" : "no");
}

static lks_status normalise_choice(const lks_key *key, const char *text, const char *where,
                                   lks_text *normal) {
  char words[CHOICES_BYTES];
  const char *names[NAMES_MAX];
  size_t count = 0;
  LKS_ASSERT(key->choices && strlen(key->choices) < sizeof words);
  (void)snprintf(words, sizeof words, "%s", key->choices);
  char *rest = NULL;
  for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
    LKS_ASSERT(count < NAMES_MAX);
    if (strcmp(word, text) == 0)
      return lks_text_print(normal, "%s", text);
    names[count++] = word;
  }
  char suggestion[SUGGESTION_BYTES];
  lks_text_suggest(text, names, count, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "%s: [%s] %s: unknown choice '%s'%s", where, key->section,
                  key->key, text, suggestion);
}

/* A path that means the same from any folder: expanded configurations are read from
 * elsewhere than the file that they came from. */
static lks_status make_absolute(const char *folder, const char *path, lks_text *normal) {
  char here[PATH_MAX];
  if (folder[0] == '/')
    return lks_text_print(normal, "%s%s", folder, path);
  if (!getcwd(here, sizeof here))
    return LKS_FAIL(LKS_IO, "the working folder cannot be found: %s", strerror(errno));
  while (strncmp(folder, "./", 2) == 0)
    folder += 2;
  return lks_text_print(normal, "%s/%s%s", here, folder, path);
}

/* Texts are kept as they are, but must survive the way through an INI file. */
static lks_status normalise_text(const lks_key *key, const char *text, const char *folder,
                                 const char *where, lks_text *normal) {
  size_t bytes = strlen(text);
  bool edge = bytes > 0 && (strchr(" \t", text[0]) || strchr(" \t", text[bytes - 1]));
  bool comment = text[0] == ';' || strstr(text, " ;") || strstr(text, "\t;");
  if (edge || comment || strpbrk(text, "\r\n\f\v") || lks_text_check_utf8(text, bytes) != bytes)
    return wrong_value(key, "UTF-8 text without line ends, ' ;' or spaces around it", text,
                       where);
  if (key->type == LKS_KEY_PATH && bytes > 0 && text[0] != '/')
    return make_absolute(folder, text, normal);
  return lks_text_print(normal, "%s", text);
}

static lks_status normalise(const lks_key *key, const char *text, const char *folder,
                            const char *where, lks_text *normal) {
  switch (key->type) {
  case LKS_KEY_INTEGER: return normalise_integer(key, text, where, normal);
  case LKS_KEY_REAL: return normalise_real(key, text, where, normal);
  case LKS_KEY_BOOL: return normalise_bool(key, text, where, normal);
  case LKS_KEY_CHOICE: return normalise_choice(key, text, where, normal);
  case LKS_KEY_TEXT:
  case LKS_KEY_PATH: break;
  }
  return normalise_text(key, text, folder, where, normal);
}

lks_status lks_key_value_assign(lks_key_value *entry, const char *text, const char *folder,
                                const char *where) {
  lks_text normal = {0};
  char *copy = NULL;
  lks_status status = LKS_OK;
  LKS_TRY_OR(cleanup, status, normalise(entry->key, text, folder, where, &normal));
  LKS_TRY_OR(cleanup, status, lks_copy_text(&copy, normal.data));
  lks_release(entry->value);
  entry->value = copy;
cleanup:
  lks_text_release(&normal);
  return status;
}

lks_key_value *lks_key_value_find(const lks_config *config, const char *section,
                                  const char *key) {
  for (size_t i = 0; i < config->count; i++) {
    const lks_key *known = config->entry[i].key;
    if (strcmp(known->section, section) == 0 && strcmp(known->key, key) == 0)
      return &config->entry[i];
  }
  return NULL;
}

/* Appends `name` unless it is there already. */
static size_t add_name(const char **names, size_t count, const char *name) {
  for (size_t i = 0; i < count; i++) {
    if (strcmp(names[i], name) == 0)
      return count;
  }
  LKS_ASSERT(count < NAMES_MAX);
  names[count] = name;
  return count + 1;
}

lks_status lks_key_value_unknown(const lks_config *config, const char *section, const char *key,
                                 const char *where) {
  const char *sections[NAMES_MAX];
  const char *keys[NAMES_MAX];
  size_t section_count = 0;
  size_t key_count = 0;
  char suggestion[SUGGESTION_BYTES];
  for (size_t i = 0; i < config->count; i++) {
    const lks_key *known = config->entry[i].key;
    section_count = add_name(sections, section_count, known->section);
    if (strcmp(known->section, section) == 0)
      key_count = add_name(keys, key_count, known->key);
  }
  if (key_count == 0) {
    lks_text_suggest(section, sections, section_count, suggestion, sizeof suggestion);
    return LKS_FAIL(LKS_USAGE, "%s: unknown section [%s]%s", where, section, suggestion);
  }
  lks_text_suggest(key, keys, key_count, suggestion, sizeof suggestion);
  return LKS_FAIL(LKS_USAGE, "%s: unknown key '%s' in [%s]%s", where, key, section, suggestion);
}
