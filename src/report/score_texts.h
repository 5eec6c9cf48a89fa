/* SPDX-License-Identifier: Apache-2.0 */
/* score_texts.h - scores of a file of hypotheses beside a file of references, line by
 * line.
 *
 *   bleu       words between white space, as multi-bleu.perl
 *   sacrebleu  13a tokens, smoothed, with its signature
 *   chrf       characters
 *   spans      columns, the last one a tag; an empty line ends a sentence
 *   accuracy   a line is a class; macro F1 beside it */
#ifndef LOCKSTEP_REPORT_SCORE_TEXTS_H
#define LOCKSTEP_REPORT_SCORE_TEXTS_H

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdio.h>

typedef struct {
  const char *metric;
  const char *hypotheses, *references; /* files */
  bool lowercase;                      /* both in lower case first */
} lks_score_files;

/* Details and, as the last line, "bleu 36.21".  Fails with LKS_USAGE for another metric, and
 * with LKS_DATA, naming file and line, when the files differ in length, cannot be read, are
 * not UTF-8, or hold what the metric does not know. */
lks_status lks_score_texts(const lks_score_files *files, FILE *out);

/* Fails with LKS_USAGE, naming the closest one, for a metric that there is not. */
lks_status lks_score_texts_check(const char *metric);

#endif
