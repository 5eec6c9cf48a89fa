/* SPDX-License-Identifier: Apache-2.0 */
/* predict_lines.h - answers to lines of text, from a model of sequences. */
#ifndef LOCKSTEP_PREDICT_PREDICT_LINES_H
#define LOCKSTEP_PREDICT_PREDICT_LINES_H

#include "train/session.h"

#include <stdio.h>

/* Reads lines from `input` (a file; NULL or "-": standard input) and writes the task's
 * answer to each, in order.  Lines that are there share a batch, which changes no answer;
 * when no more input is waiting, what has come is answered at once.
 *
 * One process; not collective.  Fails with LKS_DATA when a line is not UTF-8 or
 * none that the task can answer, naming it behind the answers to those before it, and
 * with LKS_USAGE when the task answers nothing.  A line too long for the model is cut, with
 * a warning. */
lks_status lks_predict_lines(lks_session *session, const char *input, FILE *out);

/* The same for columns, as CoNLL's files have them: a line a word, which is its first column,
 * and a line without a word behind a sentence.  Every line is written again with the tag
 * that was found behind it, so that conlleval can compare it with one that was there.
 *
 * Fails with LKS_USAGE when the task does not tag words. */
lks_status lks_predict_columns(lks_session *session, const char *input, FILE *out);

#endif
