/* text_sources.h - the texts of a dataset as one sequence of items, each in a split.
 *
 * Either every split has a file, or several files are one text that is cut: of N
 * items the first floor(N x (1 - valid - test)) are for training, those before
 * floor(N x (1 - test)) for validation.  Characters are cut just there; of words, a
 * line goes where its first item lies.  Items of the training split come first. */
#ifndef LOCKSTEP_PREPARE_TEXT_SOURCES_H
#define LOCKSTEP_PREPARE_TEXT_SOURCES_H

#include "base/text.h"
#include "data/dataset.h"
#include "text/text_reader.h"

typedef struct {
  lks_text_unit unit;
  const char *file[LKS_SPLIT_COUNT]; /* NULL: no such split; used when there are no inputs */
  const char *const *inputs;         /* the text that is cut */
  size_t input_count;
  int64_t cut[2]; /* where validation and test begin; set by lks_text_sources_cut */
} lks_text_sources;

/* Fails with LKS_DATA, naming the file, when one is not there, is empty, or is not a
 * file that can be read again, and with LKS_USAGE when `out` is one of them. */
lks_status lks_text_sources_check(const lks_text_sources *sources, const char *out);

/* Finds where to cut the inputs, for which it reads them once. */
lks_status lks_text_sources_cut(lks_text_sources *sources, double valid_fraction,
                                double test_fraction);

/* Where an item lies; `text_bytes` are its own and those of white space before it. */
typedef struct {
  lks_split split;
  int64_t text_bytes;
  lks_text_item item;
} lks_source_item;

typedef lks_status (*lks_source_visitor)(void *context, const lks_source_item *item);

/* Calls visit for every item.  `listing` (may be NULL) gets a line for every file, its
 * SHA-256, two spaces and its name without folders. */
lks_status lks_text_sources_visit(const lks_text_sources *sources, lks_source_visitor visit,
                                  void *context, lks_text *listing);

#endif
