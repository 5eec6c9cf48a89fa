/* SPDX-License-Identifier: Apache-2.0 */
/* text_sources.c - a text that is to be cut is read once to learn how long it is. */
#include "prepare/text_sources.h"

#include "base/fail.h"
#include "prepare/prepare_output.h"

#include <string.h>
#include <sys/stat.h>

/* ---- the files ---- */

static size_t file_count(const lks_text_sources *sources) {
  return sources->input_count > 0 ? sources->input_count : LKS_SPLIT_COUNT;
}

/* May be NULL. */
static const char *file_at(const lks_text_sources *sources, size_t i) {
  return sources->input_count > 0 ? sources->inputs[i] : sources->file[i];
}

static lks_status check_file(const char *path, lks_text_unit unit) {
  lks_text_reader *reader;
  struct stat state;
  LKS_TRY(lks_text_reader_open(&reader, path, unit));
  lks_text_reader_close(reader);
  if (stat(path, &state) == 0 && !S_ISREG(state.st_mode))
    return LKS_FAIL(LKS_DATA,
                    "%s: expected a regular file, since it is read more than once"
                    "\n  hint: write what comes out of a pipe to a file first",
                    path);
  if (state.st_size == 0)
    return LKS_FAIL(LKS_DATA, "%s: the file is empty", path);
  return LKS_OK;
}

lks_status lks_text_sources_check(const lks_text_sources *sources, const char *out) {
  for (size_t i = 0; i < file_count(sources); i++) {
    const char *path = file_at(sources, i);
    if (path == NULL)
      continue;
    LKS_TRY(check_file(path, sources->unit));
    LKS_TRY(lks_prepare_check_input(path, out));
  }
  return LKS_OK;
}

/* ---- their items ---- */

/* What is known while all files are read. */
typedef struct {
  const lks_text_sources *sources;
  lks_source_visitor visit;
  void *context;
  int64_t index;  /* of the item in a text that is cut */
  bool line_open; /* the line goes on: so does its split */
  lks_split split;
} walk;

/* The split of the item at `index` of a text that is cut. */
static void choose_split(walk *w, const lks_text_item *item) {
  const int64_t *cut = w->sources->cut;
  if (!w->line_open) {
    w->split = w->index < cut[0]   ? LKS_SPLIT_TRAIN
               : w->index < cut[1] ? LKS_SPLIT_VALID
                                   : LKS_SPLIT_TEST;
  }
  w->line_open = w->sources->unit == LKS_UNIT_WORD && !item->line_end;
  w->index++;
}

static lks_status visit_items(walk *w, lks_text_reader *reader) {
  int64_t bytes = 0;
  for (;;) {
    bool found;
    lks_source_item item;
    LKS_TRY(lks_text_reader_next(reader, &item.item, &found));
    if (!found)
      return LKS_OK;
    if (w->sources->input_count > 0)
      choose_split(w, &item.item);
    item.split = w->split;
    item.text_bytes = lks_text_reader_bytes(reader) - bytes;
    bytes += item.text_bytes;
    LKS_TRY(w->visit(w->context, &item));
  }
}

static lks_status visit_file(walk *w, const char *path, lks_text *listing) {
  lks_text_reader *reader = NULL;
  lks_digest_stream *stream = NULL;
  lks_status status;
  LKS_TRY_OR(cleanup, status, lks_text_reader_open(&reader, path, w->sources->unit));
  if (listing != NULL) {
    LKS_TRY_OR(cleanup, status, lks_digest_stream_create(&stream));
    lks_text_reader_digest(reader, stream);
  }
  LKS_TRY_OR(cleanup, status, visit_items(w, reader));
  if (listing != NULL)
    LKS_TRY_OR(cleanup, status, lks_prepare_list_source(stream, path, listing));
cleanup:
  lks_digest_stream_destroy(stream);
  lks_text_reader_close(reader);
  return status;
}

lks_status lks_text_sources_visit(const lks_text_sources *sources, lks_source_visitor visit,
                                  void *context, lks_text *listing) {
  walk w = {.sources = sources, .visit = visit, .context = context};
  for (size_t i = 0; i < file_count(sources); i++) {
    const char *path = file_at(sources, i);
    if (sources->input_count == 0)
      w.split = (lks_split)i;
    if (path != NULL)
      LKS_TRY(visit_file(&w, path, listing));
  }
  return LKS_OK;
}

/* ---- where to cut ---- */

static lks_status count_item(void *context, const lks_source_item *item) {
  int64_t *count = context;
  (void)item;
  (*count)++;
  return LKS_OK;
}

lks_status lks_text_sources_cut(lks_text_sources *sources, double valid_fraction,
                                double test_fraction) {
  int64_t count = 0;
  int64_t valid = lks_prepare_billionths(valid_fraction);
  int64_t test = lks_prepare_billionths(test_fraction);
  LKS_TRY(lks_text_sources_visit(sources, count_item, &count, NULL));
  sources->cut[0] = lks_prepare_share(count, lks_prepare_billionths(1) - valid - test);
  sources->cut[1] = lks_prepare_share(count, lks_prepare_billionths(1) - test);
  return LKS_OK;
}
