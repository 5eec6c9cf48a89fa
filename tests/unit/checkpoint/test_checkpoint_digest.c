/* SPDX-License-Identifier: Apache-2.0 */
/* test_checkpoint_digest.c - the digest against a second implementation, and what it
 * depends on.  A third, in Python, is in check_in_h5py.py. */
#include "base/memory.h"
#include "check.h"
#include "checkpoint/checkpoint.h"
#include "sample_state.h"
#include "temporary_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LEAVES_MAX = 16 };

static lks_temporary_folder folder;
static sample_state state;

static lks_digest hash(const char *a, size_t a_bytes, const void *b, size_t b_bytes,
                       const void *c, size_t c_bytes) {
  lks_digest digest = {{0}};
  char *all = malloc(a_bytes + b_bytes + c_bytes);
  CHECK(all != NULL);
  memcpy(all, a, a_bytes);
  memcpy(all + a_bytes, b, b_bytes);
  memcpy(all + a_bytes + b_bytes, c, c_bytes);
  CHECK_OK(lks_digest_of(all, a_bytes + b_bytes + c_bytes, &digest));
  free(all);
  return digest;
}

static lks_digest leaf(const char *header, const void *block, size_t bytes) {
  return hash("", 1, header, strlen(header), block, bytes);
}

static lks_digest root(const lks_digest *leaves, size_t count) {
  size_t left = 1;
  if (count == 1)
    return leaves[0];
  while (2 * left < count)
    left *= 2;
  lks_digest a = root(leaves, left), b = root(leaves + left, count - left);
  return hash("\1", 1, &a, sizeof a, &b, sizeof b);
}

static size_t add_parameters(lks_digest *leaves) {
  const char *weight = (const char *)state.weight;
  const char *header = "parameters/lstm.weight_ih_l0 f32 [600, 500]\n";
  leaves[0] = leaf("parameters/lstm.bias f32 [7]\n", state.bias, 28);
  leaves[1] = leaf(header, weight, 1048576);
  leaves[2] = leaf(header, weight + 1048576, 1200000 - 1048576);
  return 3;
}

static void check_equal(const lks_digest *found, const lks_digest *expected) {
  char found_hex[LKS_DIGEST_HEX], expected_hex[LKS_DIGEST_HEX];
  lks_digest_to_hex(found, found_hex);
  lks_digest_to_hex(expected, expected_hex);
  CHECK_TEXT(found_hex, expected_hex);
}

static void digest_of_parameters_matches_its_definition(void) {
  lks_digest leaves[LEAVES_MAX], expected, in_memory, in_file;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "c.h5");
  sample_state_fill(&state, 77);
  expected = root(leaves, add_parameters(leaves));
  CHECK_OK(lks_checkpoint_digest(state.tensors, 2, &in_memory));
  check_equal(&in_memory, &expected);
  CHECK_OK(lks_checkpoint_save(path, &state.checkpoint));
  CHECK_OK(lks_checkpoint_file_digest(path, false, &in_file));
  check_equal(&in_file, &expected);
  lks_temporary_folder_destroy(&folder);
}

static void full_digest_matches_its_definition(void) {
  lks_digest leaves[LEAVES_MAX], expected, found;
  size_t count;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "c.h5");
  sample_state_fill(&state, 78);
  leaves[0] = leaf("optimizer/moment.lstm.bias f64 [2, 3]\n", state.moment, 48);
  count = 1 + add_parameters(leaves + 1);
  leaves[count++] = leaf("state/bytes u8 [4]\n", state.bytes, 4);
  leaves[count++] = leaf("state/empty f32 [0, 3]\n", "", 0);
  leaves[count++] = leaf("values/best loss f64 []\n", &state.values[1].real, 8);
  leaves[count++] = leaf("values/step i64 []\n", &state.values[0].integer, 8);
  expected = root(leaves, count);
  CHECK_OK(lks_checkpoint_save(path, &state.checkpoint));
  CHECK_OK(lks_checkpoint_file_digest(path, true, &found));
  check_equal(&found, &expected);
  lks_temporary_folder_destroy(&folder);
}

static void the_order_of_the_list_does_not_matter_and_all_else_does(void) {
  lks_digest first, second;
  sample_state_fill(&state, 79);
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &first));
  lks_named_tensor swapped = state.tensors[0];
  state.tensors[0] = state.tensors[3];
  state.tensors[3] = swapped;
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &second));
  CHECK(lks_digest_compare(&first, &second) == 0);
  state.tensors[4].shape = lks_shape_2(3, 0);
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &second));
  CHECK(lks_digest_compare(&first, &second) != 0);
  sample_state_fill(&state, 79);
  state.tensors[1].type = LKS_U32;
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &second));
  CHECK(lks_digest_compare(&first, &second) != 0);
  sample_state_fill(&state, 79);
  state.tensors[1].name = "parameters/lstm.bia5";
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &second));
  CHECK(lks_digest_compare(&first, &second) != 0);
  sample_state_fill(&state, 79);
  ((unsigned char *)state.weight)[1199999] ^= 1;
  CHECK_OK(lks_checkpoint_digest(state.tensors, SAMPLE_TENSORS, &second));
  CHECK(lks_digest_compare(&first, &second) != 0);
}

static void digest_of_nothing_is_sha256_of_nothing(void) {
  char hex[LKS_DIGEST_HEX];
  lks_digest digest;
  CHECK_OK(lks_checkpoint_digest(NULL, 0, &digest));
  lks_digest_to_hex(&digest, hex);
  CHECK_TEXT(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

const lks_test checkpoint_digest_tests[] = {
    TEST(digest_of_parameters_matches_its_definition),
    TEST(full_digest_matches_its_definition),
    TEST(the_order_of_the_list_does_not_matter_and_all_else_does),
    TEST(digest_of_nothing_is_sha256_of_nothing),
    TEST_END,
};
