/* SPDX-License-Identifier: Apache-2.0 */
/* series_content.c - the content's lines about a table: season, columns, statics, series.
 *
 * Numbers enter the SHA-256 as they are stored, lowest byte first; a NaN is always the
 * same one. */
#include "data/dataset_content.h"

#include "base/fail.h"

#include <math.h>
#include <string.h>

enum { BUFFER_BYTES = 4096 };

/* A SHA-256 that gets many short pieces. */
typedef struct {
  lks_digest_stream *stream;
  lks_status status; /* of the first failure */
  size_t used;
  uint8_t buffer[BUFFER_BYTES];
} hash;

static lks_status start(hash *h) {
  h->status = LKS_OK;
  h->used = 0;
  LKS_TRY(lks_digest_stream_create(&h->stream));
  return LKS_OK;
}

static void empty(hash *h) {
  if (h->status == LKS_OK)
    h->status = lks_digest_stream_add(h->stream, h->buffer, h->used);
  h->used = 0;
}

static void add_byte(hash *h, uint8_t byte) {
  if (h->used == BUFFER_BYTES)
    empty(h);
  h->buffer[h->used++] = byte;
}

static void add_number(hash *h, uint64_t number, int bytes) {
  for (int b = 0; b < bytes; b++)
    add_byte(h, (uint8_t)(number >> (8 * b)));
}

static void add_real(hash *h, double real) {
  uint64_t bits = UINT64_C(0x7ff8000000000000);
  if (!isnan(real))
    memcpy(&bits, &real, sizeof bits);
  add_number(h, bits, 8);
}

static void add_name(hash *h, const char *name) {
  do
    add_byte(h, (uint8_t)*name);
  while (*name++ != '\0');
}

/* Ends the digest and prints its line. */
static lks_status finish(hash *h, const char *what, int64_t count, lks_text *text) {
  lks_digest digest;
  char hex[LKS_DIGEST_HEX];
  empty(h);
  lks_status status = h->status;
  if (status == LKS_OK)
    status = lks_digest_stream_finish(h->stream, &digest);
  lks_digest_stream_destroy(h->stream);
  LKS_TRY(status);
  lks_digest_to_hex(&digest, hex);
  LKS_TRY(lks_text_print(text, "%s %lld %s\n", what, (long long)count, hex));
  return LKS_OK;
}

static lks_status print_columns(const lks_series_table *table, lks_text *text) {
  hash h;
  LKS_TRY(start(&h));
  add_name(&h, table->time_name);
  add_name(&h, table->group_name);
  for (int c = 0; c < table->columns; c++) {
    add_name(&h, table->column[c].name);
    add_byte(&h, (uint8_t)table->column[c].role);
    add_byte(&h, table->column[c].has_missing);
  }
  LKS_TRY(finish(&h, "columns", table->columns, text));
  return LKS_OK;
}

static lks_status print_statics(const lks_series_table *table, lks_text *text) {
  hash h;
  LKS_TRY(start(&h));
  for (int k = 0; k < table->static_count; k++)
    add_name(&h, table->static_names[k]);
  for (int64_t s = 0; s < table->count; s++)
    for (int k = 0; k < table->static_count; k++) {
      uint32_t bits;
      memcpy(&bits, &table->series[s].statics[k], sizeof bits);
      add_number(&h, bits, 4);
    }
  LKS_TRY(finish(&h, "statics", table->static_count, text));
  return LKS_OK;
}

static void add_fit(hash *h, const lks_series_fit *fit) {
  add_real(h, fit->centre);
  add_real(h, fit->scale);
  add_real(h, fit->difference_mean);
  add_real(h, fit->difference_deviation);
  add_real(h, fit->naive_error);
  add_real(h, fit->seasonal_error);
}

static lks_status print_series(const lks_series_table *table, lks_text *text) {
  hash h;
  LKS_TRY(start(&h));
  for (int64_t s = 0; s < table->count; s++) {
    const lks_series *series = &table->series[s];
    add_name(&h, series->name);
    add_number(&h, (uint64_t)series->start, 8);
    for (int split = 0; split < LKS_SPLIT_COUNT; split++)
      add_number(&h, (uint64_t)series->rows[split], 8);
    for (int c = 0; c < table->columns; c++)
      add_fit(&h, &series->fit[c]);
  }
  LKS_TRY(finish(&h, "series", table->count, text));
  return LKS_OK;
}

lks_status lks_series_content_print(const lks_series_table *table, lks_text *text) {
  LKS_TRY(lks_text_print(text, "season %d\n", table->season));
  LKS_TRY(print_columns(table, text));
  LKS_TRY(print_statics(table, text));
  LKS_TRY(print_series(table, text));
  return LKS_OK;
}
