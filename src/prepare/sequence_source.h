/* sequence_source.h - samples of fields from text files, one after another.
 *
 *   labelled  a line a sample: its label, white space, its text
 *   described a line a sample: numbers with white space between them, a tab, its text
 *   tags      a line a word, in columns between white space: the first is the word, the
 *             last its tag; a line without a word ends the sentence
 *   pairs     line n of one file and line n of another
 *
 * Samples come in blocks, so that two threads may share the work on them: both files of
 * pairs are read and split at the same time.  A sample that cannot be used is handed out
 * with the reason and a message that names file and line; whoever asked refuses or counts
 * it. */
#ifndef LOCKSTEP_PREPARE_SEQUENCE_SOURCE_H
#define LOCKSTEP_PREPARE_SEQUENCE_SOURCE_H

#include "io/io_thread.h"
#include "text/line_reader.h"
#include "text/tokenizer.h"

typedef enum {
  LKS_SEQUENCES_LABELLED,
  LKS_SEQUENCES_TAGS,
  LKS_SEQUENCES_PAIRS,
  LKS_SEQUENCES_DESCRIBED
} lks_sequences;

typedef enum {
  LKS_BAD_NOTHING,
  LKS_BAD_UTF8,
  LKS_BAD_EMPTY,
  LKS_BAD_COLUMNS,
  LKS_BAD_TAG,
  LKS_BAD_LABEL,
  LKS_BAD_LENGTH,
  LKS_BAD_NUMBERS,
  LKS_BAD_COUNT
} lks_bad;

/* "not UTF-8", … */
const char *lks_bad_text(lks_bad bad);

/* One of the two parts of a sample: a text, its label or its numbers, words, their tags,
 * source or target. */
typedef struct {
  lks_words words;
  lks_text line;    /* what they are the words of */
  lks_bad bad;      /* what is wrong with it, … */
  lks_text message; /* … and in words */
} lks_source_part;

/* Words of tags are as they are written, whatever the tokenizer says of their case. */
typedef struct {
  lks_source_part part[2];
  int64_t line; /* its first */
} lks_source_sample;

/* What is wrong with a sample, and in words: its first part's fault comes first. */
lks_bad lks_source_bad(const lks_source_sample *sample);
const char *lks_source_message(const lks_source_sample *sample);

/* Notes that a part is bad, unless that is known. */
lks_status lks_source_complain(lks_source_part *part, lks_bad bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef struct {
  lks_sequences kind;
  const char *first;              /* the file; of pairs the sources */
  const char *second;             /* of pairs the targets */
  const lks_tokenizer *tokenizer; /* borrowed; outlives the source */
  bool repairs;                   /* tags: a span that begins with I- begins with B- instead */
  int max_length;                 /* symbols; 0: any */
  lks_io_thread *helper;          /* of pairs: reads one of the files; borrowed */
} lks_sequence_source_setup;

typedef struct lks_sequence_source lks_sequence_source;

lks_status lks_sequence_source_open(lks_sequence_source **source,
                                    const lks_sequence_source_setup *setup);
void lks_sequence_source_close(lks_sequence_source *source);

/* The next samples, which belong to the source until the next call; none at the end.  Fails
 * with LKS_DATA when the files of pairs differ in their numbers of lines. */
lks_status lks_sequence_source_next(lks_sequence_source *source, lks_source_sample **samples,
                                    int *count);

/* Tags that were repaired. */
int64_t lks_sequence_source_repaired(const lks_sequence_source *source);

/* At the end: appends a line for each file, as sha256sum writes it. */
lks_status lks_sequence_source_list(lks_sequence_source *source, lks_text *listing);

#endif
