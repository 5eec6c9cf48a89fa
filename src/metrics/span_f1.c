/* SPDX-License-Identifier: Apache-2.0 */
/* span_f1.c - both sequences are walked once; a span is right when both begin it at the
 * same place, with the same type, and then end it at the same place. */
#include "metrics/span_f1.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

enum { NO_TYPE = -1 };

typedef struct {
  char *name;
  bool begins; /* B */
  int type;    /* NO_TYPE: O */
} tag_meaning;

struct lks_span_tags {
  tag_meaning *tags;
  int count;
  char **types;
  int type_count;
};

lks_status lks_span_tags_create(lks_span_tags **tags) {
  return lks_allocate(tags, 1, sizeof **tags);
}

void lks_span_tags_destroy(lks_span_tags *tags) {
  if (!tags)
    return;
  for (int i = 0; i < tags->count; i++)
    lks_release(tags->tags[i].name);
  for (int i = 0; i < tags->type_count; i++)
    lks_release(tags->types[i]);
  lks_release(tags->tags);
  lks_release(tags->types);
  lks_release(tags);
}

/* The type's number; a new one is added. */
static lks_status number_type(lks_span_tags *tags, const char *type, int *number) {
  size_t count = (size_t)tags->type_count;
  for (*number = 0; *number < tags->type_count; ++*number)
    if (strcmp(tags->types[*number], type) == 0)
      return LKS_OK;
  LKS_TRY(lks_reallocate(&tags->types, count, count + 1, sizeof *tags->types));
  LKS_TRY(lks_copy_text(&tags->types[count], type));
  tags->type_count++;
  return LKS_OK;
}

bool lks_span_tags_is_valid(const char *name) {
  return strcmp(name, "O") == 0 ||
         ((name[0] == 'B' || name[0] == 'I') && name[1] == '-' && name[2] != '\0');
}

lks_status lks_span_tags_add(lks_span_tags *tags, const char *name) {
  tag_meaning meaning = {.type = NO_TYPE, .begins = name[0] == 'B'};
  size_t count = (size_t)tags->count;
  if (!lks_span_tags_is_valid(name))
    return LKS_FAIL(LKS_DATA, "expected a tag O, B-TYPE or I-TYPE, found '%s'", name);
  if (strcmp(name, "O") != 0)
    LKS_TRY(number_type(tags, name + 2, &meaning.type));
  LKS_TRY(lks_reallocate(&tags->tags, count, count + 1, sizeof *tags->tags));
  LKS_TRY(lks_copy_text(&meaning.name, name));
  tags->tags[tags->count++] = meaning;
  return LKS_OK;
}

int lks_span_tags_find(const lks_span_tags *tags, const char *name) {
  for (int i = 0; i < tags->count; i++)
    if (strcmp(tags->tags[i].name, name) == 0)
      return i;
  return -1;
}

int lks_span_tags_types(const lks_span_tags *tags) {
  return tags->type_count;
}

const char *lks_span_tags_type(const lks_span_tags *tags, int type) {
  return tags->types[type];
}

bool lks_span_tags_may_follow(const lks_span_tags *tags, int from, int to) {
  const tag_meaning *next = &tags->tags[to];
  if (next->type == NO_TYPE || next->begins)
    return true;
  return from >= 0 && tags->tags[from].type == next->type;
}

size_t lks_span_counts(const lks_span_tags *tags) {
  return LKS_SPAN_COUNTS * (size_t)tags->type_count + 2;
}

/* One of the two sequences while they are walked. */
typedef struct {
  const lks_span_tags *tags;
  const int32_t *numbers;
  int type;    /* of the last tag */
  bool begins; /* at this item */
  bool ends;   /* before this item */
} walker;

static void walk(walker *w, int at, int count) {
  static const tag_meaning outside = {.type = NO_TYPE};
  const tag_meaning *tag = at < count ? &w->tags->tags[w->numbers[at]] : &outside;
  bool breaks = tag->begins || tag->type != w->type;
  w->ends = w->type != NO_TYPE && breaks;
  w->begins = tag->type != NO_TYPE && breaks;
  w->type = tag->type;
}

void lks_span_add(const lks_span_tags *tags, double *counts, const int32_t *guessed,
                  const int32_t *gold, int count) {
  double *rest = counts + LKS_SPAN_COUNTS * tags->type_count;
  walker a = {.tags = tags, .numbers = guessed, .type = NO_TYPE};
  walker b = {.tags = tags, .numbers = gold, .type = NO_TYPE};
  bool agrees = false; /* both are in a span of one type that began at one place */
  for (int i = 0; i <= count; i++) {
    int type = a.type;
    walk(&a, i, count);
    walk(&b, i, count);
    if (agrees && a.ends && b.ends)
      counts[LKS_SPAN_COUNTS * type + LKS_SPAN_RIGHT]++;
    if (a.ends || b.ends)
      agrees = false;
    if (a.begins)
      counts[LKS_SPAN_COUNTS * a.type + LKS_SPAN_FOUND]++;
    if (b.begins)
      counts[LKS_SPAN_COUNTS * b.type + LKS_SPAN_EXPECTED]++;
    agrees = agrees || (a.begins && b.begins && a.type == b.type);
    if (i < count) {
      rest[0] += guessed[i] == gold[i];
      rest[1]++;
    }
  }
}

lks_span_scores lks_span_scores_of(const lks_span_tags *tags, const double *counts, int type) {
  double sums[LKS_SPAN_COUNTS] = {0};
  for (int k = 0; k < tags->type_count; k++)
    for (int i = 0; i < LKS_SPAN_COUNTS && (type < 0 || type == k); i++)
      sums[i] += counts[LKS_SPAN_COUNTS * k + i];
  lks_span_scores scores = {0};
  if (sums[LKS_SPAN_FOUND] > 0)
    scores.precision = 100 * sums[LKS_SPAN_RIGHT] / sums[LKS_SPAN_FOUND];
  if (sums[LKS_SPAN_EXPECTED] > 0)
    scores.recall = 100 * sums[LKS_SPAN_RIGHT] / sums[LKS_SPAN_EXPECTED];
  if (sums[LKS_SPAN_FOUND] + sums[LKS_SPAN_EXPECTED] > 0)
    scores.f1 = 200 * sums[LKS_SPAN_RIGHT] / (sums[LKS_SPAN_FOUND] + sums[LKS_SPAN_EXPECTED]);
  return scores;
}

double lks_span_accuracy(const lks_span_tags *tags, const double *counts) {
  const double *rest = counts + LKS_SPAN_COUNTS * tags->type_count;
  return rest[1] > 0 ? 100 * rest[0] / rest[1] : 0;
}

static lks_status print_row(const lks_span_tags *tags, const double *counts, int type,
                            lks_text *text) {
  lks_span_scores scores = lks_span_scores_of(tags, counts, type);
  double found = 0, expected = 0;
  for (int k = 0; k < tags->type_count; k++)
    if (type < 0 || type == k) {
      found += counts[LKS_SPAN_COUNTS * k + LKS_SPAN_FOUND];
      expected += counts[LKS_SPAN_COUNTS * k + LKS_SPAN_EXPECTED];
    }
  return lks_text_print(text, "%-16s %9.2f %9.2f %9.2f %9.0f %9.0f\n",
                        type < 0 ? "all" : tags->types[type], scores.precision, scores.recall,
                        scores.f1, found, expected);
}

/* The type that comes behind `last` in the order of names (-1: the first); -1: none. */
static int type_behind(const lks_span_tags *tags, int last) {
  int best = -1;
  for (int k = 0; k < tags->type_count; k++)
    if ((last < 0 || strcmp(tags->types[k], tags->types[last]) > 0) &&
        (best < 0 || strcmp(tags->types[k], tags->types[best]) < 0))
      best = k;
  return best;
}

lks_status lks_span_table(const lks_span_tags *tags, const double *counts, lks_text *text) {
  LKS_TRY(lks_text_print(text, "%-16s %9s %9s %9s %9s %9s\n", "type", "precision", "recall",
                         "F1", "found", "expected"));
  for (int k = type_behind(tags, -1); k >= 0; k = type_behind(tags, k))
    LKS_TRY(print_row(tags, counts, k, text));
  return print_row(tags, counts, -1, text);
}
