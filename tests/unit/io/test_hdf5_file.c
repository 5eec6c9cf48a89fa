/* SPDX-License-Identifier: Apache-2.0 */
/* test_hdf5_file.c - whole arrays, attributes, and what files promise. */
#include "base/memory.h"
#include "check.h"
#include "io/hdf5_file.h"
#include "temporary_folder.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const lks_type all_types[] = {LKS_U8,  LKS_U16, LKS_I32, LKS_U32,
                                     LKS_I64, LKS_U64, LKS_F32, LKS_F64};
enum { TYPES = sizeof all_types / sizeof *all_types };

static lks_temporary_folder folder;

static lks_hdf5_file *create(const char *name) {
  lks_hdf5_file *file = NULL;
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, name), 0));
  return file;
}

static lks_hdf5_file *open_again(const char *name) {
  lks_hdf5_file *file = NULL;
  CHECK_OK(lks_hdf5_open(&file, lks_temporary_path(&folder, name)));
  return file;
}

static void every_type_and_shape_comes_back_bit_for_bit(void) {
  const lks_shape shapes[] = {{.axes = 0},          lks_shape_1(0),
                              lks_shape_1(7),       lks_shape_2(3, 5),
                              lks_shape_3(2, 3, 4), {.axes = 4, .extent = {2, 1, 3, 2}}};
  unsigned char data[24 * 8], back[24 * 8];
  char name[32];
  lks_temporary_folder_create(&folder);
  for (size_t i = 0; i < sizeof data; i++)
    data[i] = (unsigned char)(i * 37 + 11);
  lks_hdf5_file *file = create("types.h5");
  for (int t = 0; t < TYPES; t++)
    for (int s = 0; s < 6; s++) {
      (void)snprintf(name, sizeof name, "%s/shape%d", lks_type_text(all_types[t]), s);
      CHECK_OK(lks_hdf5_write(file, name, all_types[t], &shapes[s], data));
    }
  CHECK_OK(lks_hdf5_close(file));
  file = open_again("types.h5");
  for (int t = 0; t < TYPES; t++)
    for (int s = 0; s < 6; s++) {
      lks_type type;
      lks_shape shape;
      size_t bytes = lks_shape_count(&shapes[s]) * lks_type_bytes(all_types[t]);
      (void)snprintf(name, sizeof name, "%s/shape%d", lks_type_text(all_types[t]), s);
      CHECK_OK(lks_hdf5_describe(file, name, &type, &shape));
      CHECK_EQUAL(type, all_types[t]);
      CHECK(lks_shape_is_equal(&shape, &shapes[s]));
      memset(back, 0xee, sizeof back);
      CHECK_OK(lks_hdf5_read(file, name, type, &shape, back));
      CHECK(memcmp(back, data, bytes) == 0);
      CHECK(bytes == sizeof back || back[bytes] == 0xee);
    }
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

static void reading_converts_exactly_or_fails(void) {
  const int64_t small[] = {-3, 0, 70000}, large[] = {1, (int64_t)1 << 40};
  const double odd[] = {0.5, 2.0}, infinite[] = {INFINITY, 1e-3};
  lks_shape three = lks_shape_1(3), two = lks_shape_1(2);
  int32_t whole[3];
  float real[2];
  uint16_t narrow[3];
  lks_temporary_folder_create(&folder);
  lks_hdf5_file *file = create("convert.h5");
  CHECK_OK(lks_hdf5_write(file, "small", LKS_I64, &three, small));
  CHECK_OK(lks_hdf5_write(file, "large", LKS_I64, &two, large));
  CHECK_OK(lks_hdf5_write(file, "odd", LKS_F64, &two, odd));
  CHECK_OK(lks_hdf5_write(file, "infinite", LKS_F64, &two, infinite));
  CHECK_OK(lks_hdf5_read(file, "small", LKS_I32, &three, whole));
  CHECK_EQUAL(whole[0], -3);
  CHECK_EQUAL(whole[2], 70000);
  CHECK_FAILS(lks_hdf5_read(file, "small", LKS_U16, &three, narrow), LKS_DATA,
              "'small': a value does not fit");
  CHECK_FAILS(lks_hdf5_read(file, "large", LKS_I32, &two, whole), LKS_DATA,
              "'large': a value does not fit");
  CHECK_FAILS(lks_hdf5_read(file, "odd", LKS_I32, &two, whole), LKS_DATA,
              "'odd': a value does not fit");
  CHECK_OK(lks_hdf5_read(file, "infinite", LKS_F32, &two, real));
  CHECK(isinf(real[0]) && real[1] == 1e-3f);
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

static void failures_name_file_object_expected_and_found(void) {
  const float data[6] = {1};
  float back[6];
  lks_shape six = lks_shape_2(2, 3), wrong = lks_shape_2(3, 2);
  lks_type type;
  int64_t integer;
  char *text;
  lks_temporary_folder_create(&folder);
  lks_hdf5_file *file = create("a.h5");
  CHECK_OK(lks_hdf5_write(file, "g/x", LKS_F32, &six, data));
  CHECK_FAILS(lks_hdf5_read(file, "g/x", LKS_F32, &wrong, back), LKS_SHAPE,
              "a.h5: 'g/x': expected shape [3, 2], found [2, 3]");
  CHECK_FAILS(lks_hdf5_describe(file, "g/y", &type, &wrong), LKS_DATA,
              "a.h5: expected an array 'g/y', found none");
  CHECK_FAILS(lks_hdf5_describe(file, "none/y", &type, &wrong), LKS_DATA, "'none/y'");
  CHECK_FAILS(lks_hdf5_describe(file, "g", &type, &wrong), LKS_IO, "'g'");
  CHECK_FAILS(lks_hdf5_write(file, "g/x", LKS_F32, &six, data), LKS_IO, "name already exists");
  CHECK_FAILS(lks_hdf5_read_text(file, "g", "t", &text), LKS_DATA,
              "expected an attribute 't' of 'g', found none");
  CHECK(text == NULL);
  CHECK_OK(lks_hdf5_write_real(file, "g", "r", 1.5));
  CHECK_FAILS(lks_hdf5_read_integer(file, "g", "r", &integer), LKS_DATA,
              "attribute 'r' of 'g': expected an integer, found a real number");
  CHECK_OK(lks_hdf5_close(file));
  CHECK_FAILS(lks_hdf5_open(&file, lks_temporary_path(&folder, "no.h5")), LKS_IO,
              "no.h5: cannot open the file: No such file or directory");
  CHECK_FAILS(lks_hdf5_open(&file, folder.path), LKS_IO, "expected a regular file");
  CHECK(lks_test_write_file(lks_temporary_path(&folder, "b.h5"), "hello", 5));
  CHECK_FAILS(lks_hdf5_open(&file, lks_temporary_path(&folder, "b.h5")), LKS_DATA,
              "b.h5: expected an HDF5 file");
  CHECK_FAILS(lks_hdf5_create(&file, lks_temporary_path(&folder, "b.h5/c.h5"), 0), LKS_IO,
              "b.h5/c.h5: cannot create the file: Not a directory");
  CHECK(file == NULL);
  lks_temporary_folder_destroy(&folder);
}

static void attributes_come_back_and_the_last_write_wins(void) {
  enum { LONG = 200000 };
  static char large[LONG + 1];
  const char *const texts[] = {"", "one", "äöü → 語", large};
  char name[16];
  lks_temporary_folder_create(&folder);
  memset(large, 'x', LONG);
  lks_hdf5_file *file = create("a.h5");
  for (int i = 0; i < 4; i++) {
    (void)snprintf(name, sizeof name, "text%d", i);
    CHECK_OK(lks_hdf5_write_text(file, "deep/group", name, texts[i]));
  }
  CHECK_OK(lks_hdf5_write_integer(file, "", "n", 5));
  CHECK_OK(lks_hdf5_write_integer(file, "", "n", INT64_MIN));
  CHECK_OK(lks_hdf5_write_real(file, "deep", "r", 0.1));
  CHECK_OK(lks_hdf5_close(file));
  file = open_again("a.h5");
  for (int i = 0; i < 4; i++) {
    char *text = NULL;
    (void)snprintf(name, sizeof name, "text%d", i);
    CHECK_OK(lks_hdf5_read_text(file, "deep/group", name, &text));
    CHECK_TEXT(text, texts[i]);
    lks_release(text);
  }
  int64_t integer = 0;
  double real = 0;
  CHECK_OK(lks_hdf5_read_integer(file, "", "n", &integer));
  CHECK(integer == INT64_MIN);
  CHECK_OK(lks_hdf5_read_real(file, "deep", "r", &real));
  CHECK(real == 0.1);
  CHECK(lks_hdf5_has_attribute(file, "deep", "r"));
  CHECK(!lks_hdf5_has_attribute(file, "deep", "s"));
  CHECK(!lks_hdf5_has_attribute(file, "nowhere", "r"));
  CHECK(lks_hdf5_exists(file, "deep/group") && lks_hdf5_exists(file, ""));
  CHECK(!lks_hdf5_exists(file, "deep/group/x") && !lks_hdf5_exists(file, "x/y"));
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

typedef struct {
  char names[256];
  int stop_at;
} listing;

static lks_status list_array(void *context, const char *path, lks_type type,
                             const lks_shape *shape) {
  listing *to = context;
  size_t used = strlen(to->names);
  (void)snprintf(to->names + used, sizeof to->names - used, "%s:%s:%zu ", path,
                 lks_type_text(type), lks_shape_count(shape));
  return --to->stop_at == 0 ? LKS_DIVERGED : LKS_OK;
}

static lks_status list_attribute(void *context, const char *name, lks_attribute_kind kind) {
  listing *to = context;
  size_t used = strlen(to->names);
  (void)snprintf(to->names + used, sizeof to->names - used, "%s:%d ", name, (int)kind);
  return --to->stop_at == 0 ? LKS_DIVERGED : LKS_OK;
}

static void visits_are_in_byte_order_and_stop_at_a_failure(void) {
  const char *const names[] = {"b/z", "a/x", "a.b/x", "B", "a/b/c"};
  lks_shape two = lks_shape_1(2);
  float data[2] = {0};
  listing all = {"", 0}, below = {"", 0}, some = {"", 2}, attributes = {"", 0};
  lks_temporary_folder_create(&folder);
  lks_hdf5_file *file = create("v.h5");
  for (int i = 0; i < 5; i++)
    CHECK_OK(lks_hdf5_write(file, names[i], LKS_F32, &two, data));
  CHECK_OK(lks_hdf5_visit(file, "", list_array, &all));
  CHECK_TEXT(all.names, "B:f32:2 a.b/x:f32:2 a/b/c:f32:2 a/x:f32:2 b/z:f32:2 ");
  CHECK_OK(lks_hdf5_visit(file, "a", list_array, &below));
  CHECK_TEXT(below.names, "a/b/c:f32:2 a/x:f32:2 ");
  CHECK_EQUAL(lks_hdf5_visit(file, "", list_array, &some), LKS_DIVERGED);
  CHECK_TEXT(some.names, "B:f32:2 a.b/x:f32:2 ");
  CHECK_FAILS(lks_hdf5_visit(file, "none", list_array, &all), LKS_DATA, "'none'");
  CHECK_OK(lks_hdf5_write_text(file, "a", "z", "t"));
  CHECK_OK(lks_hdf5_write_real(file, "a", "y", 1));
  CHECK_OK(lks_hdf5_write_integer(file, "a", "x", 1));
  CHECK_OK(lks_hdf5_visit_attributes(file, "a", list_attribute, &attributes));
  CHECK_TEXT(attributes.names, "x:0 y:1 z:2 ");
  attributes = (listing){"", 1};
  CHECK_EQUAL(lks_hdf5_visit_attributes(file, "a", list_attribute, &attributes), LKS_DIVERGED);
  CHECK_TEXT(attributes.names, "x:0 ");
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

/* Everything that a file can hold, appended in pieces of `piece` elements. */
static void write_all_kinds(const char *name, size_t piece) {
  enum { COUNT = 5000 };
  static int32_t data[COUNT];
  char attribute[16];
  lks_shape shape = lks_shape_2(50, 100);
  lks_hdf5_array *array = NULL;
  lks_hdf5_file *file = NULL;
  for (int i = 0; i < COUNT; i++)
    data[i] = i * i % 977;
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, name), 512));
  CHECK_OK(lks_hdf5_write(file, "whole/x", LKS_I32, &shape, data));
  CHECK_OK(lks_hdf5_array_create(&array, file, "long/y", LKS_U16, 256));
  for (size_t first = 0; first < COUNT; first += piece)
    CHECK_OK(lks_hdf5_array_append(array, LKS_I32, data + first,
                                   COUNT - first < piece ? COUNT - first : piece));
  CHECK_OK(lks_hdf5_array_close(array));
  for (int i = 0; i < 20; i++) {
    (void)snprintf(attribute, sizeof attribute, "a%d", i);
    CHECK_OK(lks_hdf5_write_text(file, "values", attribute, "text"));
    CHECK_OK(lks_hdf5_write_integer(file, "whole/x", attribute, i));
  }
  CHECK_OK(lks_hdf5_close(file));
}

/* The second file is written in another second of the clock. */
static void equal_contents_give_equal_bytes(void) {
  size_t first_bytes = 0, second_bytes = 0;
  lks_temporary_folder_create(&folder);
  write_all_kinds("first.h5", 5000);
  (void)usleep(1050000);
  write_all_kinds("second.h5", 7);
  char *first = lks_test_read_file(lks_temporary_path(&folder, "first.h5"), &first_bytes);
  char *second = lks_test_read_file(lks_temporary_path(&folder, "second.h5"), &second_bytes);
  CHECK(first_bytes > 5000);
  CHECK_EQUAL(second_bytes, first_bytes);
  CHECK(first && second && first_bytes == second_bytes &&
        memcmp(first, second, first_bytes) == 0);
  free(first);
  free(second);
  lks_temporary_folder_destroy(&folder);
}

static lks_status write_and_read_back(const char *path) {
  lks_hdf5_file *file = NULL;
  lks_hdf5_array *array = NULL;
  const float data[4] = {1, 2, 3, 4};
  float back[4];
  char *text = NULL;
  listing list = {"", 0};
  lks_shape four = lks_shape_1(4);
  lks_status status = lks_hdf5_create(&file, path, 0);
  if (status == LKS_OK)
    status = lks_hdf5_write(file, "a/b", LKS_F32, &four, data);
  if (status == LKS_OK)
    status = lks_hdf5_write_text(file, "c/d", "t", "text");
  if (status == LKS_OK)
    status = lks_hdf5_read_text(file, "c/d", "t", &text);
  if (status == LKS_OK)
    status = lks_hdf5_array_create(&array, file, "e/f", LKS_F32, 3);
  if (status == LKS_OK)
    status = lks_hdf5_array_append(array, LKS_F32, data, 4);
  if (status == LKS_OK)
    status = lks_hdf5_array_read(array, LKS_F32, 0, 4, back);
  if (status == LKS_OK)
    status = lks_hdf5_visit(file, "", list_array, &list);
  lks_release(text);
  if (status != LKS_OK) {
    (void)lks_hdf5_array_close(array);
    (void)lks_hdf5_close(file);
    return status;
  }
  status = lks_hdf5_array_close(array);
  if (lks_hdf5_close(file) != LKS_OK)
    status = LKS_IO;
  return status;
}

/* Leaks of memory are for the sanitizer to see; descriptors are counted by what the
 * next open gets. */
static void running_out_of_memory_is_told_and_nothing_leaks(void) {
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "m.h5");
  CHECK_OK(write_and_read_back(path));
  int before = dup(0), after;
  (void)close(before);
  lks_status status = LKS_NO_MEMORY;
  size_t n = 1;
  for (; status != LKS_OK && n < 100; n++) {
    lks_allocation_fail_at(n);
    status = write_and_read_back(path);
    lks_allocation_fail_at(0);
    CHECK(status == LKS_OK || status == LKS_NO_MEMORY);
  }
  CHECK(n > 15 && n < 100);
  after = dup(0);
  (void)close(after);
  CHECK_EQUAL(after, before);
  lks_temporary_folder_destroy(&folder);
}

/* A block of every size at every place is that block. */
static void parts_of_arrays_are_read(void) {
  enum { A = 5, B = 4, C = 3 };
  lks_temporary_folder_create(&folder);
  lks_hdf5_file *file = NULL;
  float whole[A * B * C];
  for (int i = 0; i < A * B * C; i++)
    whole[i] = (float)(i * 7 % 11);
  const lks_shape shape = lks_shape_3(A, B, C);
  CHECK_OK(lks_hdf5_create(&file, lks_temporary_path(&folder, "a.h5"), 0));
  CHECK_OK(lks_hdf5_write(file, "x", LKS_F32, &shape, whole));
  int wrong = 0;
  for (size_t a = 0; a < A; a++)
    for (size_t b = 0; b < B; b++)
      for (size_t counts = 0; counts < (A - a + 1) * (B - b + 1); counts++) {
        const size_t first[3] = {a, b, 1};
        const lks_shape part = lks_shape_3(counts % (A - a + 1), counts / (A - a + 1), 2);
        double found[A * B * C];
        CHECK_OK(lks_hdf5_read_part(file, "x", LKS_F64, first, &part, found));
        for (size_t i = 0; i < lks_shape_count(&part); i++) {
          size_t row = a + i / (2 * part.extent[1]), column = b + i / 2 % part.extent[1];
          wrong += found[i] != (double)whole[(row * B + column) * C + 1 + i % 2];
        }
      }
  CHECK_EQUAL(wrong, 0);
  const size_t first[3] = {4, 0, 0};
  const lks_shape beyond = lks_shape_3(2, 1, 1), flat = lks_shape_2(1, 1);
  double found[4];
  CHECK_FAILS(lks_hdf5_read_part(file, "x", LKS_F64, first, &beyond, found), LKS_SHAPE,
              "'x': a part was asked for that its shape [5, 4, 3] does not have");
  CHECK_FAILS(lks_hdf5_read_part(file, "x", LKS_F64, first, &flat, found), LKS_SHAPE, "'x'");
  CHECK_FAILS(lks_hdf5_read_part(file, "y", LKS_F64, first, &flat, found), LKS_DATA,
              "expected an array 'y', found none");
  CHECK_OK(lks_hdf5_close(file));
  lks_temporary_folder_destroy(&folder);
}

const lks_test hdf5_file_tests[] = {
    TEST(parts_of_arrays_are_read),
    TEST(every_type_and_shape_comes_back_bit_for_bit),
    TEST(reading_converts_exactly_or_fails),
    TEST(failures_name_file_object_expected_and_found),
    TEST(attributes_come_back_and_the_last_write_wins),
    TEST(visits_are_in_byte_order_and_stop_at_a_failure),
    TEST(equal_contents_give_equal_bytes),
    TEST(running_out_of_memory_is_told_and_nothing_leaks),
    TEST_END,
};
