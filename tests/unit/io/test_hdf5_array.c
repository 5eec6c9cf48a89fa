/* SPDX-License-Identifier: Apache-2.0 */
/* test_hdf5_array.c - arrays that grow, slices across chunks, where chunks lie. */
#include "base/memory.h"
#include "check.h"
#include "io/hdf5_file.h"
#include "temporary_folder.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 1000, CHUNK = 64 };

static lks_temporary_folder folder;
static int64_t items[COUNT];

/* An array 'x' of the first `count` items as `type`, appended in odd pieces. */
static void write_items(const char *path, lks_type type, size_t count, size_t user_block) {
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  for (int i = 0; i < COUNT; i++)
    items[i] = (int64_t)i * 7919 % 251;
  CHECK_OK(lks_hdf5_create(&file, path, user_block));
  CHECK_OK(lks_hdf5_array_create(&array, file, "x", type, CHUNK));
  for (size_t first = 0, piece = 1; first < count;
       first += piece, piece = piece * 3 % 101 + 1) {
    piece = count - first < piece ? count - first : piece;
    CHECK_OK(lks_hdf5_array_append(array, LKS_I64, items + first, piece));
    CHECK_EQUAL(lks_hdf5_array_count(array), first + piece);
  }
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
}

static void slices_of_every_type_cross_chunks(void) {
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  for (lks_type type = LKS_U8; type <= LKS_F64; type++) {
    lks_hdf5_file *file = NULL;
    lks_hdf5_array *array = NULL;
    int64_t back[COUNT];
    write_items(path, type, COUNT, 0);
    CHECK_OK(lks_hdf5_open(&file, path));
    CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
    CHECK_EQUAL(lks_hdf5_array_count(array), COUNT);
    for (size_t first = 0; first <= COUNT; first += 61)
      for (size_t count = 0; count <= COUNT - first; count += 53) {
        CHECK_OK(lks_hdf5_array_read(array, LKS_I64, first, count, back));
        CHECK(memcmp(back, items + first, count * sizeof *back) == 0);
      }
    CHECK_FAILS(lks_hdf5_array_read(array, LKS_I64, 990, 11, back), LKS_DATA,
                "'x': expected elements 990 to 1000, found only 1000");
    CHECK_FAILS(lks_hdf5_array_read(array, LKS_I64, 1, SIZE_MAX, back), LKS_DATA, "'x'");
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
  }
  lks_temporary_folder_destroy(&folder);
}

/* Of every width: all zero, all ones, and bits in which nothing repeats, which deflate only
 * makes longer. */
static void chunks_are_packed_as_hdf5_unpacks_them(void) {
  enum { LONG = 1023, KINDS = 3 };
  static uint64_t data[KINDS * LONG], back[KINDS * LONG];
  uint64_t state = 1;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  for (int i = 0; i < LONG; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    data[LONG + i] = UINT64_MAX;
    data[2 * LONG + i] = state ^ state >> 29;
  }
  for (lks_type type = LKS_U8; type <= LKS_I64; type++) {
    lks_hdf5_file *file = NULL;
    lks_hdf5_array *array = NULL;
    size_t count = sizeof data / lks_type_bytes(type) / LONG * LONG;
    CHECK_OK(lks_hdf5_create(&file, path, 0));
    CHECK_OK(lks_hdf5_array_create(&array, file, "x", type, LONG));
    CHECK_OK(lks_hdf5_array_append(array, type, data, count));
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
    CHECK_OK(lks_hdf5_open(&file, path));
    CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
    memset(back, 1, sizeof back);
    CHECK_OK(lks_hdf5_array_read(array, type, 0, count, back));
    CHECK(memcmp(back, data, count * lks_type_bytes(type)) == 0);
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
  }
  lks_temporary_folder_destroy(&folder);
}

/* More chunks than are kept, in an order that comes back to some of them. */
static void chunks_that_are_kept_give_way_to_others(void) {
  enum { MANY = 3000, SMALL = 64, LONG = 100 };
  static int32_t data[MANY];
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  for (int i = 0; i < MANY; i++)
    data[i] = i * 7919 % 60000;
  for (lks_type type = LKS_U16; type <= LKS_I32; type++) {
    CHECK_OK(lks_hdf5_create(&file, path, 0));
    CHECK_OK(lks_hdf5_array_create(&array, file, "x", type, SMALL));
    CHECK_OK(lks_hdf5_array_append(array, LKS_I32, data, MANY));
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
    CHECK_OK(lks_hdf5_open(&file, path));
    CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
    for (size_t i = 0; i < 500; i++) {
      int32_t back[LONG] = {0};
      size_t first = i * i * 31 % (MANY - LONG);
      CHECK_OK(lks_hdf5_array_read(array, LKS_I32, first, LONG, back));
      CHECK(memcmp(back, data + first, sizeof back) == 0);
    }
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
  }
  lks_temporary_folder_destroy(&folder);
}

static void what_was_appended_can_be_read_before_the_close(void) {
  const float data[5] = {1, 2, 3, 4, 5};
  float back[12] = {0};
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_temporary_folder_create(&folder);
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, "a.h5"), 0));
  CHECK_OK(lks_hdf5_array_create(&array, file, "x", LKS_F32, 4));
  for (size_t round = 1; round <= 2; round++) {
    CHECK_OK(lks_hdf5_array_append(array, LKS_F32, data, 5));
    CHECK_OK(lks_hdf5_array_read(array, LKS_F32, 5 * round - 5, 5, back));
    CHECK_SAME_BITS(back, data, 5);
  }
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

static void a_value_that_does_not_fit_is_refused(void) {
  const int64_t bad[] = {1, 65536}, negative[] = {-1};
  const double fraction[] = {0.25};
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_temporary_folder_create(&folder);
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, "a.h5"), 0));
  CHECK_OK(lks_hdf5_array_create(&array, file, "x", LKS_U16, 4));
  CHECK_FAILS(lks_hdf5_array_append(array, LKS_I64, bad, 2), LKS_DATA,
              "a.h5: cannot append to 'x': a value does not fit in the type asked for");
  CHECK_FAILS(lks_hdf5_array_append(array, LKS_I64, negative, 1), LKS_DATA, "does not fit");
  CHECK_FAILS(lks_hdf5_array_append(array, LKS_F64, fraction, 1), LKS_DATA, "does not fit");
  CHECK_EQUAL(lks_hdf5_array_count(array), 0);
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

/* Each place that is named must be found to hold the chunk: changing a byte there
 * breaks the reading of that chunk and of no other. */
static void chunks_lie_where_it_is_said(void) {
  size_t chunks = 0, bytes = 0;
  uint64_t offset = 0, size = 0;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "a.h5");
  write_items(path, LKS_I32, COUNT, 512);
  for (size_t i = 0; i < (COUNT + CHUNK - 1) / CHUNK; i++) {
    lks_hdf5_file *file = NULL;
    lks_hdf5_array *array = NULL;
    int32_t back[CHUNK];
    CHECK_OK(lks_hdf5_open(&file, path));
    CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
    CHECK_OK(lks_hdf5_array_chunk(array, i, &chunks, &offset, &size));
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
    CHECK_EQUAL(chunks, (COUNT + CHUNK - 1) / CHUNK);
    char *data = lks_test_read_file(path, &bytes);
    CHECK(data && size > 0 && offset + size <= bytes);
    data[offset + size / 2] ^= 4;
    CHECK(lks_test_write_file(path, data, bytes));
    CHECK_OK(lks_hdf5_open(&file, path));
    CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
    for (size_t other = 0; other < chunks; other++) {
      size_t count = COUNT - CHUNK * other < CHUNK ? COUNT - CHUNK * other : CHUNK;
      lks_status status = lks_hdf5_array_read(array, LKS_I32, CHUNK * other, count, back);
      CHECK_EQUAL(status, other == i ? LKS_DATA : LKS_OK);
      if (other == i)
        CHECK_CONTAINS(lks_error_message(), "a.h5: cannot read array 'x': the checksum");
    }
    CHECK_OK(lks_hdf5_array_close(array));
    CHECK_OK(lks_hdf5_close(file));
    data[offset + size / 2] ^= 4;
    CHECK(lks_test_write_file(path, data, bytes));
    free(data);
  }
  lks_temporary_folder_destroy(&folder);
}

static void arrays_without_chunks_are_read_in_slices_too(void) {
  const float data[6] = {1, 2, 3, 4, 5, 6};
  float back[3];
  size_t chunks = 1;
  uint64_t offset = 1, size = 1;
  lks_shape six = lks_shape_1(6), square = lks_shape_2(2, 3);
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_temporary_folder_create(&folder);
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, "a.h5"), 0));
  CHECK_OK(lks_hdf5_write(file, "x", LKS_F32, &six, data));
  CHECK_OK(lks_hdf5_write(file, "y", LKS_F32, &square, data));
  CHECK_FAILS(lks_hdf5_array_open(&array, file, "y"), LKS_DATA,
              "'y': expected one axis, found 2");
  CHECK_FAILS(lks_hdf5_array_open(&array, file, "z"), LKS_DATA, "'z', found none");
  CHECK(array == NULL);
  CHECK_OK(lks_hdf5_array_open(&array, file, "x"));
  CHECK_OK(lks_hdf5_array_read(array, LKS_F32, 2, 3, back));
  CHECK_SAME_BITS(back, data + 2, 3);
  CHECK_OK(lks_hdf5_array_chunk(array, 0, &chunks, &offset, &size));
  CHECK(chunks == 0 && offset == 0 && size == 0);
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_array_create(&array, file, "empty", LKS_F32, 4));
  CHECK_OK(lks_hdf5_array_chunk(array, 0, &chunks, &offset, &size));
  CHECK(chunks == 0 && lks_hdf5_array_count(array) == 0);
  CHECK_OK(lks_hdf5_array_read(array, LKS_F32, 0, 0, back));
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

const lks_test hdf5_array_tests[] = {
    TEST(slices_of_every_type_cross_chunks),
    TEST(chunks_are_packed_as_hdf5_unpacks_them),
    TEST(chunks_that_are_kept_give_way_to_others),
    TEST(what_was_appended_can_be_read_before_the_close),
    TEST(a_value_that_does_not_fit_is_refused),
    TEST(chunks_lie_where_it_is_said),
    TEST(arrays_without_chunks_are_read_in_slices_too),
    TEST_END,
};
