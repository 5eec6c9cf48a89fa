/* SPDX-License-Identifier: Apache-2.0 */
/* dataset_content.c - the content as a short text, whose SHA-256 is the digest.
 *
 * Everything long enters that text as a digest of its own, so that opening a file
 * costs no pass over the values: their digests are attributes, which the seal
 * covers. */
#include "data/dataset_content.h"

#include "base/fail.h"

#include <stdio.h>
#include <string.h>

enum { VALUES_AT_ONCE = 4096 };

void lks_dataset_name(lks_split split, const char *array, char name[LKS_DATASET_NAME_BYTES]) {
  (void)snprintf(name, LKS_DATASET_NAME_BYTES, "%s/%s", lks_split_text(split), array);
}

lks_status lks_dataset_digest_add(lks_digest_stream *stream, const void *values,
                                  int64_t count) {
  uint8_t bytes[VALUES_AT_ONCE * 4];
  const char *next = values;
  while (count > 0) {
    int64_t part = count < VALUES_AT_ONCE ? count : VALUES_AT_ONCE;
    for (int64_t i = 0; i < part; i++) {
      uint32_t value;
      memcpy(&value, next + 4 * i, 4);
      for (int b = 0; b < 4; b++)
        bytes[4 * i + b] = (uint8_t)(value >> (8 * b));
    }
    LKS_TRY(lks_digest_stream_add(stream, bytes, (size_t)(4 * part)));
    next += 4 * part;
    count -= part;
  }
  return LKS_OK;
}

lks_status lks_dataset_digest_symbols(const lks_vocabulary *vocabulary,
                                      char hex[LKS_DIGEST_HEX]) {
  lks_digest_stream *stream;
  lks_digest digest;
  lks_status status = LKS_OK;
  LKS_TRY(lks_digest_stream_create(&stream));
  for (int i = 0; i < lks_vocabulary_size(vocabulary); i++) {
    const char *symbol = lks_vocabulary_symbol(vocabulary, i);
    LKS_TRY_OR(cleanup, status, lks_digest_stream_add(stream, symbol, strlen(symbol) + 1));
  }
  LKS_TRY_OR(cleanup, status, lks_digest_stream_finish(stream, &digest));
  lks_digest_to_hex(&digest, hex);
cleanup:
  lks_digest_stream_destroy(stream);
  return status;
}

static lks_status print_vocabulary(const lks_vocabulary *vocabulary, lks_text *text) {
  char hex[LKS_DIGEST_HEX];
  LKS_TRY(lks_dataset_digest_symbols(vocabulary, hex));
  LKS_TRY(lks_text_print(text, "vocabulary %d %s\n", lks_vocabulary_size(vocabulary), hex));
  return LKS_OK;
}

static lks_status print(const lks_dataset_content *content, lks_text *text) {
  LKS_TRY(lks_text_print(text, "%s %d\ntask %s\nunit %s\nchunk %lld\n", LKS_DATASET_FORMAT,
                         LKS_DATASET_VERSION, content->task, content->unit,
                         (long long)content->block));
  if (content->sequences != NULL)
    return lks_sequence_content_print(content->sequences, text);
  if (content->series != NULL)
    LKS_TRY(lks_series_content_print(content->series, text));
  else
    LKS_TRY(print_vocabulary(content->vocabulary, text));
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (content->split[s].count > 0)
      LKS_TRY(lks_text_print(text, "%s %lld %s\n", lks_split_text((lks_split)s),
                             (long long)content->split[s].count, content->split[s].hex));
  return LKS_OK;
}

lks_status lks_dataset_content_digest(const lks_dataset_content *content, lks_digest *digest) {
  lks_text text = {0};
  lks_status status = print(content, &text);
  if (status == LKS_OK)
    status = lks_digest_of(text.data, text.bytes, digest);
  lks_text_release(&text);
  return status;
}
