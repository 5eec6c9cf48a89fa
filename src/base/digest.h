/* digest.h - SHA-256, and the tree that gives a large state one digest. */
#ifndef LOCKSTEP_BASE_DIGEST_H
#define LOCKSTEP_BASE_DIGEST_H

#include <lockstep/status.h>

#include <stddef.h>
#include <stdint.h>

enum { LKS_DIGEST_BYTES = 32, LKS_DIGEST_HEX = 65 /* with the final zero byte */ };

typedef struct {
  uint8_t byte[LKS_DIGEST_BYTES];
} lks_digest;

/* SHA-256 of data[0..bytes). */
lks_status lks_digest_of(const void *data, size_t bytes, lks_digest *digest);

/* SHA-256 of a stream: create -> add … -> finish (once) -> destroy. */
typedef struct lks_digest_stream lks_digest_stream;
lks_status lks_digest_stream_create(lks_digest_stream **stream);
void lks_digest_stream_destroy(lks_digest_stream *stream);
lks_status lks_digest_stream_add(lks_digest_stream *stream, const void *data, size_t bytes);
lks_status lks_digest_stream_finish(lks_digest_stream *stream, lks_digest *digest);

/* Root over leaves[0..count): a node is SHA-256(0x01, left, right); the left
 * side has the largest power of two of leaves that is below count; a single
 * leaf is the root; no leaf gives SHA-256 of nothing. */
lks_status lks_digest_tree(const lks_digest *leaves, size_t count, lks_digest *root);

void lks_digest_to_hex(const lks_digest *digest, char hex[LKS_DIGEST_HEX]);
int lks_digest_compare(const lks_digest *a, const lks_digest *b);

#endif
