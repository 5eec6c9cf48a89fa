/* sequence_fields.h - the fields of a dataset, each a part of a source's samples: how their
 * symbols become numbers.
 *
 * Samples are taken, block by block, and their numbers lie in spools until all are; then
 * they come back one by one.  Those of the training split are counted, which numbers their
 * symbols in the order in which they came first, and come back in the numbers of the
 * vocabularies that were made of the counts; those of other splits are looked up.
 *
 * Life cycle: create -> take … -> finish -> next … -> (begin -> take … -> rewind ->
 * next …) … -> release. */
#ifndef LOCKSTEP_PREPARE_SEQUENCE_FIELDS_H
#define LOCKSTEP_PREPARE_SEQUENCE_FIELDS_H

#include "data/number_scales.h"
#include "prepare/number_spool.h"
#include "prepare/sequence_source.h"
#include "prepare/sequence_summary.h"
#include "prepare/table_fit.h"

typedef struct {
  const char *name;
  int from;        /* field of the source */
  bool characters; /* of the words, with a word end behind each */
  bool classes;    /* a label or tag: no unknown symbol */
  bool numbers;    /* f32 values, as many in every sample */
} lks_field_plan;

/* A field, and what it is in the sample under way. */
typedef struct {
  const lks_field_plan *plan;
  lks_vocabulary *vocabulary;
  bool lowers;              /* its words, after the source has split them */
  int unknown;              /* number of <unk>, or -1 */
  int32_t *renumbered;      /* by the numbers of counting; NULL while counting */
  size_t width;             /* of numbers: as many as the first sample has */
  lks_number_scale *scales; /* [width] of numbers: mean and standard deviation in training */
  lks_number_row row;
  int64_t unknowns; /* of the row */
  /* the rest is the fields' own */
  lks_words symbols;
  lks_number_spool *spool;
  const lks_source_sample *samples; /* [sample_count] to be taken */
  int sample_count;
  lks_moments *moments; /* [width] of numbers, while counting */
} lks_prepared_field;

typedef struct {
  lks_sequences kind;
  const char *out;       /* borrowed */
  lks_io_thread *helper; /* borrowed */
  bool is_counted;       /* what is spooled: numbers of counting */
  int count;
  lks_prepared_field field[LKS_PREPARED_FIELDS_MAX];
} lks_sequence_fields;

/* "labelled", …: what a dataset says of itself. */
const char *lks_sequences_text(lks_sequences kind);

/* With empty vocabularies and spools beside `out`; words of tags, and not their characters,
 * are put into lower case when `lowers`.  `helper` shares the work; both outlive this.
 * Release in any case. */
lks_status lks_sequence_fields_create(lks_sequence_fields *fields, lks_sequences kind,
                                      bool lowers, const char *out, lks_io_thread *helper);
void lks_sequence_fields_release(lks_sequence_fields *fields);

/* Takes the good ones of samples [count] of the file `path`.  A vector of another width than
 * the first, what is no number and a class that training lacks make a sample bad. */
lks_status lks_sequence_fields_take(lks_sequence_fields *fields, const char *path,
                                    lks_source_sample *samples, int count);

/* Makes the vocabularies when the training split is taken: of words the `size` most frequent
 * (0: all) of at least `minimum` occurrences, of other symbols all; and the scales of
 * numbers.  And rewinds. */
lks_status lks_sequence_fields_finish(lks_sequence_fields *fields, size_t size,
                                      int64_t minimum);

/* Begins another split; ends it. */
lks_status lks_sequence_fields_begin(lks_sequence_fields *fields);
lks_status lks_sequence_fields_rewind(lks_sequence_fields *fields);

/* Makes the rows of the fields those of the next sample, numbers on their scales; there must
 * be one.  Fails with LKS_DATA when a number is too far off its scale for f32. */
lks_status lks_sequence_fields_next(lks_sequence_fields *fields);

#endif
