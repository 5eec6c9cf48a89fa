/* SPDX-License-Identifier: Apache-2.0 */
/* digest.c - SHA-256 from libcrypto (the only file with its headers), and a
 * tree over leaves in the manner of RFC 9162, section 2.1: a byte before the
 * children keeps a node from being taken for data. */
#include "base/digest.h"

#include "base/fail.h"
#include "base/memory.h"

#include <openssl/evp.h>
#include <string.h>

struct lks_digest_stream {
  EVP_MD_CTX *context;
};

static lks_status crypto_failed(void) {
  return LKS_FAIL(LKS_NO_MEMORY, "libcrypto cannot compute SHA-256\n"
                                 "  hint: the provider of OpenSSL that holds it is missing, "
                                 "or memory is full");
}

lks_status lks_digest_of(const void *data, size_t bytes, lks_digest *digest) {
  if (!EVP_Digest(data, bytes, digest->byte, NULL, EVP_sha256(), NULL))
    return crypto_failed();
  return LKS_OK;
}

lks_status lks_digest_stream_create(lks_digest_stream **stream) {
  lks_digest_stream *made = NULL;
  *stream = NULL;
  LKS_TRY(lks_allocate(&made, 1, sizeof *made));
  made->context = EVP_MD_CTX_new();
  if (!made->context || !EVP_DigestInit_ex(made->context, EVP_sha256(), NULL)) {
    lks_digest_stream_destroy(made);
    return crypto_failed();
  }
  *stream = made;
  return LKS_OK;
}

void lks_digest_stream_destroy(lks_digest_stream *stream) {
  if (!stream)
    return;
  EVP_MD_CTX_free(stream->context);
  lks_release(stream);
}

lks_status lks_digest_stream_add(lks_digest_stream *stream, const void *data, size_t bytes) {
  if (!EVP_DigestUpdate(stream->context, data, bytes))
    return crypto_failed();
  return LKS_OK;
}

lks_status lks_digest_stream_finish(lks_digest_stream *stream, lks_digest *digest) {
  if (!EVP_DigestFinal_ex(stream->context, digest->byte, NULL))
    return crypto_failed();
  return LKS_OK;
}

lks_status lks_digest_tree(const lks_digest *leaves, size_t count, lks_digest *root) {
  if (count == 0)
    return lks_digest_of("", 0, root);
  if (count == 1) {
    *root = leaves[0];
    return LKS_OK;
  }
  size_t left = 1;
  while (left < count - left)
    left *= 2;
  lks_digest side[2];
  LKS_TRY(lks_digest_tree(leaves, left, &side[0]));
  LKS_TRY(lks_digest_tree(leaves + left, count - left, &side[1]));
  uint8_t node[1 + 2 * LKS_DIGEST_BYTES] = {0x01};
  memcpy(node + 1, side[0].byte, LKS_DIGEST_BYTES);
  memcpy(node + 1 + LKS_DIGEST_BYTES, side[1].byte, LKS_DIGEST_BYTES);
  return lks_digest_of(node, sizeof node, root);
}

void lks_digest_to_hex(const lks_digest *digest, char hex[LKS_DIGEST_HEX]) {
  static const char digits[] = "0123456789abcdef";
  for (size_t i = 0; i < LKS_DIGEST_BYTES; i++) {
    hex[2 * i] = digits[digest->byte[i] >> 4];
    hex[2 * i + 1] = digits[digest->byte[i] & 15];
  }
  hex[2 * LKS_DIGEST_BYTES] = '\0';
}

int lks_digest_compare(const lks_digest *a, const lks_digest *b) {
  return memcmp(a->byte, b->byte, LKS_DIGEST_BYTES);
}
