/* dataset_content.h - names inside a dataset file, and the digest of what it holds.
 *
 * The content digest does not depend on how HDF5 lays out or compresses a file: equal
 * content gives an equal digest on every machine.  datasets/format.md defines it. */
#ifndef LOCKSTEP_DATA_DATASET_CONTENT_H
#define LOCKSTEP_DATA_DATASET_CONTENT_H

#include "data/dataset.h"
#include "data/sequences.h"
#include "data/series.h"

#define LKS_DATASET_FORMAT "lockstep dataset"

enum {
  LKS_DATASET_VERSION = 1,
  LKS_DATASET_BLOCK = 1 << 16, /* elements of a chunk, unless its writer says otherwise */
  LKS_DATASET_NAME_BYTES = 64
};

/* "train/values" and the like in name. */
void lks_dataset_name(lks_split split, const char *array, char name[LKS_DATASET_NAME_BYTES]);

typedef struct {
  const char *task;
  const char *unit;
  int64_t block;
  const lks_vocabulary *vocabulary; /* one of the three is there */
  const lks_series_table *series;
  const lks_sequence_table *sequences; /* then counts are samples, and hex is not used */
  struct {
    int64_t count;            /* 0: no such split */
    char hex[LKS_DIGEST_HEX]; /* SHA-256 of the values */
  } split[LKS_SPLIT_COUNT];
} lks_dataset_content;

lks_status lks_dataset_content_digest(const lks_dataset_content *content, lks_digest *digest);

/* Adds values of 32 bits to the SHA-256 of a split: each with its lowest byte first. */
lks_status lks_dataset_digest_add(lks_digest_stream *stream, const void *values, int64_t count);

/* Adds the content's lines about a table of series: see series_content.c. */
lks_status lks_series_content_print(const lks_series_table *table, lks_text *text);

/* Adds the content's lines about fields: see sequence_content.c. */
lks_status lks_sequence_content_print(const lks_sequence_table *table, lks_text *text);

/* SHA-256 of the symbols in order, each with a zero byte behind it. */
lks_status lks_dataset_digest_symbols(const lks_vocabulary *vocabulary,
                                      char hex[LKS_DIGEST_HEX]);

/* What the fields of a table own; the table is empty afterwards. */
void lks_sequence_table_release(lks_sequence_table *table);

#endif
