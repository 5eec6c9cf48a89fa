/* sequence_writer.h - makes a dataset file of task `sequences`, sample by sample.
 *
 * The file appears under its name when it is whole, and not before.  Memory does not
 * depend on how much is written.  The writer calls HDF5 itself: use it where no I/O
 * thread runs, or in a job of it.
 *
 * Life cycle: create -> append … -> describe -> commit -> destroy; destroy without a
 * commit leaves no file. */
#ifndef LOCKSTEP_DATA_SEQUENCE_WRITER_H
#define LOCKSTEP_DATA_SEQUENCE_WRITER_H

#include "data/sequences.h"

/* A field as it is stored; all borrowed, they outlive the writer. */
typedef struct {
  const char *name;
  const lks_vocabulary *vocabulary;
  const char *tokenizer; /* "" when no line becomes such symbols; "numbers": f32 values */
  const void *model;     /* of a subword tokenizer, or scales of numbers; NULL: none */
  size_t model_bytes;
} lks_sequence_field_setup;

typedef struct {
  const char *path;
  const char *kind; /* pairs, tags, labelled, described */
  const lks_sequence_field_setup *fields;
  int field_count;
  size_t chunk; /* elements; 0: the default */
} lks_sequence_setup;

typedef struct lks_sequence_writer lks_sequence_writer;

/* Fails with LKS_IO when the folder of the path cannot be written to. */
lks_status lks_sequence_writer_create(lks_sequence_writer **writer,
                                      const lks_sequence_setup *setup);
void lks_sequence_writer_destroy(lks_sequence_writer *writer);

/* Adds a sample at the end of a split.
 *
 *   symbols  [field_count] symbols of each field, or the bits of its f32 numbers
 *   lengths  [field_count] */
lks_status lks_sequence_writer_append(lks_sequence_writer *writer, lks_split split,
                                      const int32_t *const *symbols, const int *lengths);

/* What is good to know about a split and about the whole, no part of the content digest:
 * named numbers, and lines of SHA-256, two spaces and a file's name. */
lks_status lks_sequence_writer_describe_split(lks_sequence_writer *writer, lks_split split,
                                              const char *name, int64_t value);
lks_status lks_sequence_writer_describe(lks_sequence_writer *writer, const char *sources);

/* Finishes the file; *digest is its content digest. */
lks_status lks_sequence_writer_commit(lks_sequence_writer *writer, lks_digest *digest);

#endif
