/* SPDX-License-Identifier: Apache-2.0 */
/* number_text.c - most numbers of tables have few digits: then both the digits as a whole
 * number and the power of ten are exact in f64, and one division or multiplication rounds
 * once, as it should (Clinger, "How to read floating point numbers accurately", 1990).
 * The others are strtod's; the program stays in the C locale. */
#include "text/number_text.h"

#include "base/fail.h"
#include "base/memory.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { EXACT_POWER = 22, DIGITS_MAX = 19, EXPONENT_MAX = 100000 };

static const uint64_t exact_whole = (uint64_t)1 << 53;

static const double powers[EXACT_POWER + 1] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                               1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                               1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A number taken apart: digits x 10^exponent. */
typedef struct {
  bool negative;
  uint64_t whole; /* its first 19 digits that count */
  int digits;     /* that count, all of them */
  int exponent;   /* of ten */
} parts;

static bool is_digit(char letter) {
  return letter >= '0' && letter <= '9';
}

static void take_digit(parts *p, char digit) {
  if (p->digits == 0 && digit == '0')
    return;
  if (p->digits++ < DIGITS_MAX)
    p->whole = 10 * p->whole + (uint64_t)(digit - '0');
}

/* Reads "e-5" at `text`; the place behind it, or NULL. */
static const char *take_exponent(parts *p, const char *text) {
  int exponent = 0;
  bool negative = *++text == '-';
  if (*text == '-' || *text == '+')
    text++;
  if (!is_digit(*text))
    return NULL;
  for (; is_digit(*text); text++)
    if (exponent < EXPONENT_MAX)
      exponent = 10 * exponent + (*text - '0');
  p->exponent += negative ? -exponent : exponent;
  return text;
}

/* The place behind the number, or NULL when there is none. */
static const char *take_apart(parts *p, const char *text, char point) {
  const char *next = text;
  int digits = 0;
  p->negative = *next == '-';
  if (*next == '-' || *next == '+')
    next++;
  for (; is_digit(*next); next++, digits++)
    take_digit(p, *next);
  if (*next == point)
    for (next++; is_digit(*next); next++, digits++) {
      take_digit(p, *next);
      p->exponent--;
    }
  if (digits == 0)
    return NULL;
  return *next == 'e' || *next == 'E' ? take_exponent(p, next) : next;
}

static bool is_infinity(const char *text) {
  text += *text == '-' || *text == '+';
  return strcasecmp(text, "inf") == 0 || strcasecmp(text, "infinity") == 0;
}

/* strtod knows only one decimal point: another one is replaced in a copy, for which a
 * number may be too long. */
static bool read_long(const char *text, size_t bytes, char point, double *value) {
  char copy[256];
  if (point == '.') {
    *value = strtod(text, NULL);
    return true;
  }
  if (bytes >= sizeof copy)
    return false;
  memcpy(copy, text, bytes + 1);
  char *comma = memchr(copy, point, bytes);
  if (comma != NULL)
    *comma = '.';
  *value = strtod(copy, NULL);
  return true;
}

lks_number_kind lks_number_read(const char *text, size_t bytes, char point, double *value) {
  parts p = {.digits = 0};
  const char *end = take_apart(&p, text, point);
  if (end == NULL || end != text + bytes)
    return is_infinity(text) ? LKS_NUMBER_INFINITE : LKS_NUMBER_NONE;
  if (p.digits <= DIGITS_MAX && p.whole <= exact_whole && p.exponent >= -EXACT_POWER &&
      p.exponent <= EXACT_POWER) {
    double whole = (double)p.whole;
    double size = p.exponent < 0 ? whole / powers[-p.exponent] : whole * powers[p.exponent];
    *value = p.negative ? -size : size;
    return LKS_NUMBER_FINITE;
  }
  if (!read_long(text, bytes, point, value))
    return LKS_NUMBER_NONE;
  return isfinite(*value) ? LKS_NUMBER_FINITE : LKS_NUMBER_INFINITE;
}

/* One to three digits, then three behind each mark, of one kind; then the decimals. */
bool lks_number_is_grouped(const char *text, size_t bytes, char point) {
  const char *next = text + (*text == '-' || *text == '+');
  size_t digits = strspn(next, "0123456789");
  char mark = next[digits];
  if (digits < 1 || digits > 3 || mark == '\0' || mark == point || strchr(",. '", mark) == NULL)
    return false;
  for (next += digits; *next == mark; next += 4)
    if (strspn(next + 1, "0123456789") != 3)
      return false;
  if (*next == point)
    next += 1 + strspn(next + 1, "0123456789");
  return next == text + bytes;
}

/* ---- missing values ---- */

bool lks_number_is_heading(const char *line) {
  long long words, width;
  int end = 0;
  return sscanf(line, "%lld %lld %n", &words, &width, &end) == 2 && line[end] == '\0';
}

lks_status lks_missing_create(lks_missing_list *missing, const char *list) {
  size_t entries = 1;
  *missing = (lks_missing_list){.count = 0};
  LKS_TRY(lks_copy_text(&missing->text, list != NULL ? list : LKS_MISSING_USUAL));
  for (const char *comma = missing->text; (comma = strchr(comma, ',')) != NULL; comma++)
    entries++;
  LKS_TRY(lks_allocate(&missing->entry, entries, sizeof *missing->entry));
  LKS_TRY(lks_allocate(&missing->bytes, entries, sizeof *missing->bytes));
  for (char *rest = missing->text; rest != NULL;) {
    char *entry = strsep(&rest, ",");
    missing->entry[missing->count] = entry;
    missing->bytes[missing->count++] = strlen(entry);
  }
  return LKS_OK;
}

void lks_missing_release(lks_missing_list *missing) {
  lks_release(missing->bytes);
  lks_release(missing->entry);
  lks_release(missing->text);
  *missing = (lks_missing_list){.count = 0};
}

bool lks_missing_has(const lks_missing_list *missing, const char *text, size_t bytes) {
  if (bytes == 0)
    return true;
  for (size_t i = 0; i < missing->count; i++)
    if (missing->bytes[i] == bytes && memcmp(missing->entry[i], text, bytes) == 0)
      return true;
  return false;
}
