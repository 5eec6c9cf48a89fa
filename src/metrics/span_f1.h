/* SPDX-License-Identifier: Apache-2.0 */
/* span_f1.h - precision, recall and F1 of named spans, counted as conlleval counts them
 * (Tjong Kim Sang and De Meulder 2003): a span is right when its borders and its type are.
 *
 * Tags are O, B-TYPE and I-TYPE.  A span begins with a B, and with an I behind O or behind
 * another type: so IOB1 and IOB2 are both read as they are meant.  Counts are whole numbers
 * and can be added in any order. */
#ifndef LOCKSTEP_METRICS_SPAN_F1_H
#define LOCKSTEP_METRICS_SPAN_F1_H

#include "base/text.h"

typedef struct lks_span_tags lks_span_tags;

/* What the numbers of tags mean.  Fails with LKS_DATA naming a tag of another form. */
lks_status lks_span_tags_create(lks_span_tags **tags);
void lks_span_tags_destroy(lks_span_tags *tags);
lks_status lks_span_tags_add(lks_span_tags *tags, const char *name);

/* Whether a tag is O, B-TYPE or I-TYPE. */
bool lks_span_tags_is_valid(const char *name);

/* Number of a tag, or -1; of types; name of a type. */
int lks_span_tags_find(const lks_span_tags *tags, const char *name);
int lks_span_tags_types(const lks_span_tags *tags);
const char *lks_span_tags_type(const lks_span_tags *tags, int type);

/* Whether tag `to` may follow `from` (-1: at the start of a sentence) where every span
 * begins with a B (IOB2). */
bool lks_span_tags_may_follow(const lks_span_tags *tags, int from, int to);

/* Counts as an array: right, found and expected spans of every type, then tags that are
 * right and all tags. */
enum { LKS_SPAN_RIGHT, LKS_SPAN_FOUND, LKS_SPAN_EXPECTED, LKS_SPAN_COUNTS };
size_t lks_span_counts(const lks_span_tags *tags); /* doubles */

/* Adds one sentence of `count` tags. */
void lks_span_add(const lks_span_tags *tags, double *counts, const int32_t *guessed,
                  const int32_t *gold, int count);

typedef struct {
  double precision, recall, f1; /* 0 .. 100, 0 where nothing was there */
} lks_span_scores;

/* Of one type; of all spans together (type -1). */
lks_span_scores lks_span_scores_of(const lks_span_tags *tags, const double *counts, int type);

/* Share of right tags, 0 .. 100. */
double lks_span_accuracy(const lks_span_tags *tags, const double *counts);

/* Appends a line for every type, in the order of their names, and one for all. */
lks_status lks_span_table(const lks_span_tags *tags, const double *counts, lks_text *text);

#endif
