/* sequence_source.h - samples of fields from text files, one after another.
 *
 *   labelled  a line a sample: its label, white space, its text
 *   described a line a sample: numbers with white space between them, a tab, its text
 *   tags      a line a word, in columns between white space: the first is the word, the
 *             last its tag; a line without a word ends the sentence
 *   pairs     line n of one file and line n of another
 *
 * A sample that cannot be used is handed out with the reason and a message that names file
 * and line; whoever asked refuses or counts it. */
#ifndef LOCKSTEP_PREPARE_SEQUENCE_SOURCE_H
#define LOCKSTEP_PREPARE_SEQUENCE_SOURCE_H

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

/* Words that are kept: start with {0}. */
typedef struct {
  lks_text bytes;
  size_t *end; /* [count] where each ends in bytes */
  size_t count, capacity;
} lks_word_list;

lks_status lks_word_list_add(lks_word_list *list, const char *data, size_t bytes);
lks_word lks_word_list_at(const lks_word_list *list, size_t i);

/* One sample: symbols of a text and its label or its numbers, words and tags, or source and
 * target.  Words of tags are as they are written, whatever the tokenizer says of their case. */
typedef struct {
  lks_word_list field[2];
  int64_t line; /* its first */
  lks_bad bad;
  lks_text message; /* why it is bad */
} lks_source_sample;

/* Notes that the sample is bad, unless that is known. */
lks_status lks_source_complain(lks_source_sample *sample, lks_bad bad, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

typedef struct {
  lks_sequences kind;
  const char *first;              /* the file; of pairs the sources */
  const char *second;             /* of pairs the targets */
  const lks_tokenizer *tokenizer; /* borrowed; outlives the source */
  bool repairs;                   /* tags: a span that begins with I- begins with B- instead */
  int max_length;                 /* symbols; 0: any */
} lks_sequence_source_setup;

typedef struct lks_sequence_source lks_sequence_source;

lks_status lks_sequence_source_open(lks_sequence_source **source,
                                    const lks_sequence_source_setup *setup);
void lks_sequence_source_close(lks_sequence_source *source);

/* The next sample, which belongs to the source until the next call; NULL at the end.  Fails
 * with LKS_DATA when the files of pairs differ in their numbers of lines. */
lks_status lks_sequence_source_next(lks_sequence_source *source, lks_source_sample **sample);

/* Tags that were repaired. */
int64_t lks_sequence_source_repaired(const lks_sequence_source *source);

/* At the end: appends a line for each file, as sha256sum writes it. */
lks_status lks_sequence_source_list(lks_sequence_source *source, lks_text *listing);

#endif
