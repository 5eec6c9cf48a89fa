/* SPDX-License-Identifier: Apache-2.0 */
/* options.c - getopt_long does the sorting, the tables say what it may find.
 *
 * getopt_long permutes argv, so that operands and flags can be mixed; its own
 * messages are switched off, since ours name the command, the closest flag and what
 * a value should look like. */
#include "cli/options.h"

#include "base/fail.h"
#include "base/memory.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

/* getopt's codes for the rows start behind every character, so that an unknown short
 * flag is never taken for a row. */
enum { FIRST_CODE = 256 };

static bool is_without_value(const lks_option *option) {
  return option->kind == LKS_OPTION_SWITCH || option->kind == LKS_OPTION_CLEAR;
}

static void *place_of(const lks_option *option, void *target) {
  return (char *)target + option->offset;
}

static lks_status fail_unknown(const lks_option_table *table, const char *word) {
  const char **names = NULL;
  LKS_TRY(lks_allocate(&names, table->option_count, sizeof *names));
  for (size_t i = 0; i < table->option_count; i++)
    names[i] = table->options[i].name;
  size_t dashes = strspn(word, "-");
  char bare[64];
  snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word + dashes, "="), word + dashes);
  const char *closest = lks_text_closest(bare, names, table->option_count);
  lks_release(names);
  return LKS_FAIL(LKS_USAGE,
                  "%s: unknown option '%s'%s%s%s\n  hint: lockstep %s --help lists them",
                  table->command, word, closest != NULL ? "; did you mean '--" : "",
                  closest != NULL ? closest : "", closest != NULL ? "'?" : "", table->command);
}

static lks_status fail_range(const lks_option_table *table, const lks_option *option,
                             const char *kind, const char *found) {
  if (option->minimum > option->maximum)
    return LKS_FAIL(LKS_USAGE, "%s: --%s expects %s, found '%s'", table->command, option->name,
                    kind, found);
  return LKS_FAIL(LKS_USAGE, "%s: --%s expects %s from %.15g to %.15g, found '%s'",
                  table->command, option->name, kind, option->minimum, option->maximum, found);
}

static bool is_in_range(const lks_option *option, double value) {
  return option->minimum > option->maximum ||
         (value >= option->minimum && value <= option->maximum);
}

static lks_status store(const lks_option_table *table, const lks_option *option,
                        const char *value, void *target) {
  void *place = place_of(option, target);
  int64_t integer = 0;
  double real = 0;
  switch (option->kind) {
  case LKS_OPTION_SWITCH:
  case LKS_OPTION_CLEAR: *(bool *)place = option->kind == LKS_OPTION_SWITCH; break;
  case LKS_OPTION_TEXT: *(const char **)place = value; break;
  case LKS_OPTION_INTEGER:
    if (!lks_text_to_integer(value, &integer) || !is_in_range(option, (double)integer))
      return fail_range(table, option, "a whole number", value);
    *(int64_t *)place = integer;
    break;
  case LKS_OPTION_REAL:
    if (!lks_text_to_real(value, &real) || !is_in_range(option, real))
      return fail_range(table, option, "a number", value);
    *(double *)place = real;
    break;
  case LKS_OPTION_LIST: {
    lks_option_list *list = place;
    list->items[list->count++] = value;
    break;
  }
  }
  return LKS_OK;
}

/* What getopt_long complains about, in our words: of a long flag it has just passed the
 * word, of a short one it gives the letter. */
static lks_status fail_word(const lks_option_table *table, int code, char **argv) {
  const lks_option *option = optopt >= FIRST_CODE ? &table->options[optopt - FIRST_CODE] : NULL;
  char letter[3] = {'-', (char)optopt, '\0'};
  const char *word = optopt > 0 && option == NULL ? letter : argv[optind - 1];
  if (code == ':' && option != NULL)
    return LKS_FAIL(LKS_USAGE, "%s: --%s expects a value, %s", table->command, option->name,
                    option->value);
  if (option != NULL)
    return LKS_FAIL(LKS_USAGE, "%s: --%s takes no value, found '%s'", table->command,
                    option->name, word);
  return fail_unknown(table, word);
}

static lks_status allocate_lists(const lks_option_table *table, size_t room, void *target,
                                 lks_option_list *operands) {
  *operands = (lks_option_list){0};
  for (size_t i = 0; i < table->option_count; i++) {
    const lks_option *option = &table->options[i];
    lks_option_list *list = place_of(option, target);
    if (option->kind == LKS_OPTION_LIST)
      LKS_TRY(lks_allocate(&list->items, room, sizeof *list->items));
  }
  LKS_TRY(lks_allocate(&operands->items, room, sizeof *operands->items));
  return LKS_OK;
}

lks_status lks_options_parse(const lks_option_table *table, int argc, char **argv, void *target,
                             lks_option_list *operands) {
  lks_status status = LKS_OK;
  struct option *rows = NULL;
  LKS_TRY(allocate_lists(table, (size_t)argc, target, operands));
  LKS_TRY_OR(cleanup, status, lks_allocate(&rows, table->option_count + 1, sizeof *rows));
  for (size_t i = 0; i < table->option_count; i++) {
    const lks_option *option = &table->options[i];
    rows[i] = (struct option){option->name,
                              is_without_value(option) ? no_argument : required_argument, NULL,
                              FIRST_CODE + (int)i};
  }
  opterr = 0;
  optind = 0; /* glibc: start afresh */
  for (;;) {
    int code = getopt_long(argc, argv, ":", rows, NULL);
    if (code == -1)
      break;
    if (code == '?' || code == ':')
      LKS_TRY_OR(cleanup, status, fail_word(table, code, argv));
    LKS_TRY_OR(cleanup, status,
               store(table, &table->options[code - FIRST_CODE], optarg, target));
  }
  while (optind < argc)
    operands->items[operands->count++] = argv[optind++];

cleanup:
  lks_release(rows);
  return status;
}

void lks_options_release(const lks_option_table *table, void *target,
                         lks_option_list *operands) {
  for (size_t i = 0; i < table->option_count; i++) {
    lks_option_list *list = place_of(&table->options[i], target);
    if (table->options[i].kind == LKS_OPTION_LIST)
      lks_release(list->items);
  }
  lks_release(operands->items);
}

lks_status lks_options_check_operands(const lks_option_table *table,
                                      const lks_option_list *operands) {
  if (operands->count < table->operands_min && operands->count == 0)
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected %s, found nothing\n  hint: lockstep %s --help shows how",
                    table->command, table->operands, table->command);
  if (operands->count < table->operands_min)
    return LKS_FAIL(
        LKS_USAGE,
        "%s: expected %s, found only %zu of them\n  hint: lockstep %s --help shows how",
        table->command, table->operands, operands->count, table->command);
  if (operands->count > table->operands_max)
    return LKS_FAIL(LKS_USAGE, "%s: '%s' is one operand too many; expected %s", table->command,
                    operands->items[table->operands_max],
                    table->operands_max > 0 ? table->operands : "none");
  return LKS_OK;
}

enum { HELP_COLUMN = 29, HELP_WIDTH = 100 - HELP_COLUMN };

/* In lines of at most HELP_WIDTH bytes, all in the same column. */
static lks_status describe_help(const char *help, lks_text *text) {
  while (strlen(help) > HELP_WIDTH) {
    int bytes = HELP_WIDTH;
    while (bytes > 0 && help[bytes] != ' ')
      bytes--;
    if (bytes == 0)
      break;
    LKS_TRY(lks_text_print(text, "%.*s\n%*s", bytes, help, HELP_COLUMN, ""));
    help += bytes + 1;
  }
  return lks_text_print(text, "%s\n", help);
}

lks_status lks_options_describe(const lks_option_table *table, lks_text *text) {
  for (size_t i = 0; i < table->option_count; i++) {
    const lks_option *option = &table->options[i];
    char left[64];
    snprintf(left, sizeof left, "--%s%s%s", option->name, option->value != NULL ? " " : "",
             option->value != NULL ? option->value : "");
    LKS_TRY(lks_text_print(text, "  %-*s ", HELP_COLUMN - 3, left));
    LKS_TRY(describe_help(option->help, text));
  }
  return LKS_OK;
}
