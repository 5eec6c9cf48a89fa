/* SPDX-License-Identifier: Apache-2.0 */
/* test_digest.c - SHA-256 against FIPS 180-2's examples; the tree by hand. */
#include "base/digest.h"
#include "check.h"

#include <string.h>

static void sha_256_gives_the_published_digests(void) {
  const struct {
    const char *text;
    const char *hex;
  } cases[] = {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    lks_digest digest;
    char hex[LKS_DIGEST_HEX];
    CHECK_OK(lks_digest_of(cases[i].text, strlen(cases[i].text), &digest));
    lks_digest_to_hex(&digest, hex);
    CHECK_TEXT(hex, cases[i].hex);
  }
}

static void pieces_give_the_digest_of_the_whole(void) {
  char data[1000];
  memset(data, 'a', sizeof data);
  lks_digest whole;
  CHECK_OK(lks_digest_of(data, sizeof data, &whole));
  for (size_t piece = 1; piece < 300; piece += 37) {
    lks_digest_stream *stream = NULL;
    lks_digest digest;
    CHECK_OK(lks_digest_stream_create(&stream));
    for (size_t at = 0; at < sizeof data; at += piece) {
      size_t left = sizeof data - at;
      CHECK_OK(lks_digest_stream_add(stream, data + at, left < piece ? left : piece));
    }
    CHECK_OK(lks_digest_stream_finish(stream, &digest));
    lks_digest_stream_destroy(stream);
    CHECK_EQUAL(lks_digest_compare(&digest, &whole), 0);
  }
  lks_digest_stream_destroy(NULL);
}

/* A node by its definition. */
static lks_digest node(lks_digest left, lks_digest right) {
  uint8_t bytes[65] = {1};
  lks_digest result;
  memcpy(bytes + 1, left.byte, 32);
  memcpy(bytes + 33, right.byte, 32);
  CHECK_OK(lks_digest_of(bytes, sizeof bytes, &result));
  return result;
}

static void the_tree_splits_at_the_largest_power_of_two(void) {
  lks_digest leaf[7];
  lks_digest root;
  for (int i = 0; i < 7; i++)
    CHECK_OK(lks_digest_of(&i, sizeof i, &leaf[i]));
  lks_digest pair = node(leaf[0], leaf[1]);
  lks_digest four = node(pair, node(leaf[2], leaf[3]));
  const lks_digest expected[] = {
      leaf[0],
      pair,
      node(pair, leaf[2]),
      four,
      node(four, leaf[4]),
      node(four, node(leaf[4], leaf[5])),
      node(four, node(node(leaf[4], leaf[5]), leaf[6])),
  };
  for (size_t count = 1; count <= 7; count++) {
    CHECK_OK(lks_digest_tree(leaf, count, &root));
    CHECK_EQUAL(lks_digest_compare(&root, &expected[count - 1]), 0);
  }
  CHECK_OK(lks_digest_tree(NULL, 0, &root));
  lks_digest nothing;
  CHECK_OK(lks_digest_of("", 0, &nothing));
  CHECK_EQUAL(lks_digest_compare(&root, &nothing), 0);
}

static void the_tree_sees_every_leaf_and_their_order(void) {
  enum { LEAVES = 21 };
  lks_digest leaf[LEAVES];
  lks_digest root;
  lks_digest changed;
  for (int i = 0; i < LEAVES; i++)
    CHECK_OK(lks_digest_of(&i, sizeof i, &leaf[i]));
  CHECK_OK(lks_digest_tree(leaf, LEAVES, &root));
  for (int i = 0; i < LEAVES; i++) {
    leaf[i].byte[31] ^= 1;
    CHECK_OK(lks_digest_tree(leaf, LEAVES, &changed));
    CHECK(lks_digest_compare(&root, &changed) != 0);
    leaf[i].byte[31] ^= 1;
  }
  lks_digest first = leaf[0];
  leaf[0] = leaf[1];
  leaf[1] = first;
  CHECK_OK(lks_digest_tree(leaf, LEAVES, &changed));
  CHECK(lks_digest_compare(&root, &changed) != 0);
}

const lks_test digest_tests[] = {
    TEST(sha_256_gives_the_published_digests),
    TEST(pieces_give_the_digest_of_the_whole),
    TEST(the_tree_splits_at_the_largest_power_of_two),
    TEST(the_tree_sees_every_leaf_and_their_order),
    TEST_END,
};
