/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_content.c - the content's lines about samples of fields:
 *
 *   field NAME vocabulary SIZE SHA-256 tokenizer TEXT model BYTES SHA-256
 *   SPLIT SAMPLES
 *   SPLIT/NAME SHA-256 of the lengths, SHA-256 of the symbols
 *
 * without a model its bytes are 0 and its digest is that of nothing. */
#include "data/dataset_content.h"

#include "base/fail.h"
#include "base/memory.h"

static lks_status print_field(const lks_sequence_field *field, lks_text *text) {
  char symbols[LKS_DIGEST_HEX], model[LKS_DIGEST_HEX];
  lks_digest digest;
  LKS_TRY(lks_dataset_digest_symbols(field->vocabulary, symbols));
  LKS_TRY(lks_digest_of(field->model_bytes > 0 ? (const void *)field->model : "",
                        field->model_bytes, &digest));
  lks_digest_to_hex(&digest, model);
  return lks_text_print(text, "field %s vocabulary %d %s tokenizer %s model %zu %s\n",
                        field->name, lks_vocabulary_size(field->vocabulary), symbols,
                        field->tokenizer, field->model_bytes, model);
}

lks_status lks_sequence_content_print(const lks_sequence_table *table, lks_text *text) {
  for (int f = 0; f < table->count; f++)
    LKS_TRY(print_field(&table->field[f], text));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++) {
    int64_t samples = table->samples[s];
    if (samples == 0)
      continue;
    LKS_TRY(
        lks_text_print(text, "%s %lld\n", lks_split_text((lks_split)s), (long long)samples));
    for (int f = 0; f < table->count; f++) {
      const lks_sequence_field *field = &table->field[f];
      LKS_TRY(lks_text_print(text, "%s/%s %s %s\n", lks_split_text((lks_split)s), field->name,
                             field->lengths_hex[s], field->values_hex[s]));
    }
  }
  return LKS_OK;
}

void lks_sequence_table_release(lks_sequence_table *table) {
  for (int f = 0; f < table->count; f++) {
    lks_sequence_field *field = &table->field[f];
    for (int s = 0; s < LKS_SPLIT_COUNT; s++)
      lks_release(field->offsets[s]);
    lks_release(field->model);
    lks_release(field->tokenizer);
    lks_vocabulary_destroy(field->vocabulary);
    lks_release(field->name);
  }
  lks_release(table->kind);
  *table = (lks_sequence_table){.count = 0};
}
