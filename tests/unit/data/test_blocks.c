/* SPDX-License-Identifier: Apache-2.0 */
/* test_blocks.c - whatever is kept in memory, what is read is what is in the file. */
#include "base/memory.h"
#include "check.h"
#include "data/blocks.h"
#include "temporary_folder.h"

#include <math.h>
#include <string.h>

enum { COUNT = 5003, BLOCK = 31, LONG = 200 };

typedef struct {
  lks_temporary_folder folder;
  lks_hdf5_file *file;
  lks_hdf5_array *arrays[3]; /* the second one is not there */
} fixture;

static float value_at(int array, int64_t i) {
  return (float)(i * (array + 1) % 997) / 8;
}

static void write_array(lks_hdf5_file *file, const char *name, int array, int64_t count) {
  lks_hdf5_array *to = NULL;
  CHECK_OK(lks_hdf5_array_create(&to, file, name, LKS_F32, BLOCK));
  for (int64_t i = 0; i < count; i++) {
    float value = value_at(array, i);
    CHECK_OK(lks_hdf5_array_append(to, LKS_F32, &value, 1));
  }
  CHECK_OK(lks_hdf5_array_close(to));
}

static void create(fixture *f, float extra) {
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_temporary_folder_create(&f->folder);
  const char *path = lks_temporary_path(&f->folder, "a.h5");
  CHECK_OK(lks_hdf5_create(&file, path, 0));
  write_array(file, "x", 0, COUNT);
  write_array(file, "z", 2, LONG);
  CHECK_OK(lks_hdf5_array_create(&array, file, "extra", LKS_F32, BLOCK));
  CHECK_OK(lks_hdf5_array_append(array, LKS_F32, &extra, 1));
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  CHECK_OK(lks_hdf5_open(&f->file, path));
  CHECK_OK(lks_hdf5_array_open(&f->arrays[0], f->file, "x"));
  f->arrays[1] = NULL;
  CHECK_OK(lks_hdf5_array_open(&f->arrays[2], f->file, "z"));
}

static void destroy(fixture *f) {
  CHECK_OK(lks_hdf5_array_close(f->arrays[0]));
  CHECK_OK(lks_hdf5_array_close(f->arrays[2]));
  CHECK_OK(lks_hdf5_close(f->file));
  lks_temporary_folder_destroy(&f->folder);
}

/* With 8 of 169 blocks in memory most are read again and again. */
static void what_is_read_does_not_depend_on_what_is_kept(void) {
  static const size_t kept[] = {0, 20 * BLOCK * sizeof(float), 1 << 20};
  fixture f;
  create(&f, 0);
  for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
    lks_blocks *blocks = NULL;
    uint32_t state = 1;
    int wrong = 0;
    CHECK_OK(lks_blocks_create(&blocks, f.arrays, 3, LKS_F32, BLOCK, kept[k]));
    for (int i = 0; i < 3000; i++) {
      float values[LONG];
      int64_t infinite;
      state = state * 1664525 + 1013904223;
      int array = state >> 30 == 0 ? 2 : 0;
      int64_t count = state >> 8 & 127;
      int64_t first = (state >> 12) % ((array == 0 ? COUNT : LONG) - count + 1);
      CHECK_OK(lks_blocks_read(blocks, array, first, count, values, &infinite));
      CHECK_EQUAL(infinite, -1);
      for (int64_t j = 0; j < count; j++)
        wrong += values[j] != value_at(array, first + j);
    }
    CHECK_EQUAL(wrong, 0);
    lks_blocks_destroy(blocks);
  }
  destroy(&f);
}

static void nothing_is_allocated_after_the_first_reading(void) {
  fixture f;
  lks_blocks *blocks = NULL;
  float values[LONG];
  int64_t infinite;
  create(&f, 0);
  CHECK_OK(lks_blocks_create(&blocks, f.arrays, 3, LKS_F32, BLOCK, 0));
  CHECK_OK(lks_blocks_read(blocks, 0, 0, LONG, values, &infinite));
  size_t before = lks_allocation_count();
  for (int64_t first = 0; first < COUNT - LONG; first += LONG)
    CHECK_OK(lks_blocks_read(blocks, 0, first, LONG, values, &infinite));
  CHECK_EQUAL(lks_allocation_count(), before);
  lks_blocks_destroy(blocks);
  destroy(&f);
}

/* One of them has the bits of an infinite f32. */
static void whole_numbers_are_kept_as_they_are(void) {
  enum { MANY = 2000 };
  static int32_t data[MANY];
  lks_temporary_folder own;
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  lks_blocks *blocks = NULL;
  int wrong = 0;
  for (int i = 0; i < MANY; i++)
    data[i] = i == 77 ? 0x7f800000 : i * 7919;
  lks_temporary_folder_create(&own);
  const char *path = lks_temporary_path(&own, "a.h5");
  CHECK_OK(lks_hdf5_create(&file, path, 0));
  CHECK_OK(lks_hdf5_array_create(&array, file, "x", LKS_I32, BLOCK));
  CHECK_OK(lks_hdf5_array_append(array, LKS_I32, data, MANY));
  CHECK_OK(lks_blocks_create(&blocks, &array, 1, LKS_I32, BLOCK, 0));
  for (int64_t i = 0; i < 500; i++) {
    int32_t values[LONG];
    int64_t infinite, first = i * i * 31 % (MANY - LONG);
    CHECK_OK(lks_blocks_read(blocks, 0, first, LONG, values, &infinite));
    CHECK_EQUAL(infinite, -1);
    wrong += memcmp(values, data + first, sizeof values) != 0;
  }
  CHECK_EQUAL(wrong, 0);
  lks_blocks_destroy(blocks);
  CHECK_OK(lks_hdf5_array_close(array));
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&own);
}

static void infinite_values_are_told_whenever_they_are_read(void) {
  fixture f;
  lks_blocks *blocks = NULL;
  float value;
  create(&f, -INFINITY);
  CHECK_OK(lks_hdf5_array_open(&f.arrays[1], f.file, "extra"));
  CHECK_OK(lks_blocks_create(&blocks, f.arrays, 3, LKS_F32, BLOCK, 1 << 20));
  for (int i = 0; i < 2; i++) {
    int64_t infinite = -1;
    CHECK_OK(lks_blocks_read(blocks, 1, 0, 1, &value, &infinite));
    CHECK_EQUAL(infinite, 0);
  }
  lks_blocks_destroy(blocks);
  CHECK_OK(lks_hdf5_array_close(f.arrays[1]));
  destroy(&f);
}

const lks_test blocks_tests[] = {TEST(what_is_read_does_not_depend_on_what_is_kept),
                                 TEST(nothing_is_allocated_after_the_first_reading),
                                 TEST(whole_numbers_are_kept_as_they_are),
                                 TEST(infinite_values_are_told_whenever_they_are_read),
                                 TEST_END};
