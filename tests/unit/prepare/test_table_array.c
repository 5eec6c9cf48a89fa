/* SPDX-License-Identifier: Apache-2.0 */
/* test_table_array.c - arrays of NumPy, HDF5 and MATLAB files give the dataset that a CSV
 * of the same numbers gives. */
#include "check.h"
#include "io/hdf5_file.h"
#include "prepare/array_source.h"
#include "table_fixture.h"

#include <math.h>
#include <matio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 50, COLUMNS = 3 };

static lks_table_fixture f;

/* Whole numbers, which every type holds; none for `with_gaps`. */
static double value_of(int row, int column, bool with_gaps) {
  if (with_gaps && column == 1 && row % 9 == 4)
    return NAN;
  return (double)((row * 31 + column * 17) % 53) - 20 * column;
}

/* The dataset of the CSV with these numbers. */
static lks_digest digest_of_csv(bool with_gaps) {
  lks_text csv = {0};
  lks_digest digest = {0};
  lks_prepare_table setup = lks_test_table_setup(&f);
  for (int row = 0; row < ROWS; row++) {
    for (int c = 0; c < COLUMNS; c++) {
      char number[32] = "";
      if (!isnan(value_of(row, c, with_gaps)))
        (void)snprintf(number, sizeof number, "%g", value_of(row, c, with_gaps));
      CHECK_OK(lks_text_print(&csv, "%s%s", c > 0 ? "," : "", number));
    }
    CHECK_OK(lks_text_print(&csv, "\n"));
  }
  lks_test_table_prepare(&f, csv.data, &setup);
  if (f.dataset != NULL)
    digest = *lks_dataset_digest(f.dataset);
  lks_text_release(&csv);
  return digest;
}

/* Preparing the input gives that dataset. */
static void check_same(const lks_prepare_table *setup, const lks_digest *expected) {
  lks_test_table_open(&f, setup);
  if (f.dataset == NULL)
    return;
  CHECK_EQUAL(lks_digest_compare(lks_dataset_digest(f.dataset), expected), 0);
  CHECK(!f.table->dialect.is_known); /* an array is not written in any way */
}

/* ---- NumPy ---- */

/* A file of version `version` with this header; the values are appended to it. */
static void start_npy(lks_text *file, int version, const char *header) {
  size_t bytes = strlen(header);
  char head[12] = {'\x93',
                   'N',
                   'U',
                   'M',
                   'P',
                   'Y',
                   (char)version,
                   0,
                   (char)(bytes & 255),
                   (char)(bytes >> 8),
                   0,
                   0};
  lks_text_clear(file);
  CHECK_OK(lks_text_add(file, head, version == 1 ? 10 : 12));
  CHECK_OK(lks_text_add(file, header, bytes));
}

static void arrays_of_numpy_are_read(void) {
  static const char *const types[] = {"<f4", "<f8", "<i4", "<i8"};
  lks_text file = {0};
  char header[128];
  lks_table_fixture_create(&f);
  for (int type = 0; type < 4; type++) {
    bool with_gaps = type < 2;
    lks_digest expected = digest_of_csv(with_gaps);
    (void)snprintf(header, sizeof header,
                   "{'descr': '%s', 'fortran_order': False, 'shape': (%d, %d), }   \n",
                   types[type], ROWS, COLUMNS);
    start_npy(&file, 1 + type % 3, header);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
      double value = value_of(i / COLUMNS, i % COLUMNS, with_gaps);
      float f4 = (float)value;
      int32_t i4 = with_gaps ? 0 : (int32_t)value;
      int64_t i8 = i4;
      const void *data[] = {&f4, &value, &i4, &i8};
      CHECK_OK(lks_text_add(&file, data[type], type % 2 == 0 ? 4 : 8));
    }
    lks_prepare_table setup = lks_test_table_setup(&f);
    lks_test_table_input(&f, "in.npy", file.data, file.bytes);
    check_same(&setup, &expected);
  }
  lks_text_release(&file);
  lks_table_fixture_destroy(&f);
}

static void one_axis_is_a_column(void) {
  lks_text file = {0};
  lks_table_fixture_create(&f);
  start_npy(&file, 1, "{'descr': '<f8', 'fortran_order': True, 'shape': (6,), }\n");
  const double values[] = {1, 2, 4, 3, 5, 6};
  CHECK_OK(lks_text_add(&file, (const char *)values, sizeof values));
  lks_prepare_table setup = lks_test_table_setup(&f);
  setup.season = 2;
  lks_test_table_input(&f, "in.npy", file.data, file.bytes);
  lks_test_table_open(&f, &setup);
  lks_text_clear(&file);
  lks_test_table_describe(&f, 0, 0, &file);
  CHECK_TEXT(file.data, "1 2 4 3 5 6");
  CHECK_TEXT(f.table->column[0].name, "1");
  CHECK_EQUAL(f.table->season, 2);
  lks_text_release(&file);
  lks_table_fixture_destroy(&f);
}

static void arrays_of_numpy_that_cannot_be_read_are_refused(void) {
  static const struct {
    const char *header, *message;
  } cases[] = {
      {"{'descr': '>f8', 'fortran_order': False, 'shape': (3, 2), }",
       "expected elements of type '<f4', '<f8', '<i4' or '<i8', found '>f8'"},
      {"{'descr': '<f8', 'fortran_order': True, 'shape': (3, 2), }",
       "expected an array in C order, found one in Fortran order\n  hint: numpy.save"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2, 1), }",
       "expected an array of one or two axes, found (3, 2, 1)"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (), }",
       "expected an array of one or two axes, found ()"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (30, 2), }",
       "expected 30 rows of 2 numbers, found only 3"},
      {"{'descr': '<f8', 'fortran_order': False, 'shape': (0, 2), }",
       "expected rows and columns, found an empty array"},
      {"{'descr': '<f8', 'fortran_order': False, }", "expected a header of NumPy, found {"},
  };
  const double values[6] = {0};
  lks_text file = {0};
  lks_table_fixture_create(&f);
  lks_prepare_table setup = lks_test_table_setup(&f);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    start_npy(&file, 1, cases[i].header);
    CHECK_OK(lks_text_add(&file, (const char *)values, sizeof values));
    lks_test_table_input(&f, "in.npy", file.data, file.bytes);
    lks_test_table_refuse(&f, NULL, &setup, LKS_DATA, cases[i].message);
  }
  lks_test_table_input(&f, "in.npy", "1,2\n3,4\n", 8);
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA,
                        "in.npy: expected a file of NumPy, version 1 to 3, found another");
  const double infinite[6] = {0, 1, 2, INFINITY, 4, 5};
  start_npy(&file, 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }");
  CHECK_OK(lks_text_add(&file, (const char *)infinite, sizeof infinite));
  lks_test_table_input(&f, "in.npy", file.data, file.bytes);
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA,
                        "in.npy: row 2: column '2': expected a finite number, found inf");
  setup.group = "1";
  lks_test_table_refuse(&f, NULL, &setup, LKS_USAGE,
                        "in.npy: --group is for texts; in an array there are numbers only");
  lks_text_release(&file);
  lks_table_fixture_destroy(&f);
}

/* ---- HDF5 ---- */

/* Writes [ROWS, COLUMNS], or with its axes exchanged, as `path`. */
static void write_hdf5(lks_hdf5_file *file, const char *path, bool by_columns) {
  double values[ROWS * COLUMNS];
  for (int row = 0; row < ROWS; row++)
    for (int c = 0; c < COLUMNS; c++)
      values[by_columns ? c * ROWS + row : row * COLUMNS + c] = value_of(row, c, true);
  const lks_shape shape = by_columns ? lks_shape_2(COLUMNS, ROWS) : lks_shape_2(ROWS, COLUMNS);
  CHECK_OK(lks_hdf5_write(file, path, LKS_F64, &shape, values));
}

static void arrays_of_hdf5_are_read(void) {
  lks_hdf5_file *file = NULL;
  lks_table_fixture_create(&f);
  lks_digest expected = digest_of_csv(true);
  lks_prepare_table setup = lks_test_table_setup(&f);
  (void)snprintf(f.input, sizeof f.input, "%s/in.h5", f.folder.path);
  CHECK_OK(lks_hdf5_create(&file, f.input, 0));
  write_hdf5(file, "all/table", false);
  CHECK_OK(lks_hdf5_close(file));
  check_same(&setup, &expected);
  CHECK_OK(lks_hdf5_create(&file, f.input, 0));
  write_hdf5(file, "all/table", false);
  write_hdf5(file, "other", false);
  const lks_shape cube = lks_shape_3(5, 2, 2);
  const float zeros[20] = {0};
  CHECK_OK(lks_hdf5_write(file, "cube", LKS_F32, &cube, zeros));
  CHECK_OK(lks_hdf5_close(file));
  setup.dataset = "all/table";
  check_same(&setup, &expected);
  setup.dataset = NULL;
  lks_test_table_refuse(&f, NULL, &setup, LKS_USAGE,
                        "in.h5: holds several arrays\n  hint: --dataset PATH names the one");
  setup.dataset = "none";
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA, "expected an array 'none', found none");
  setup.dataset = "cube";
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA,
                        "'cube': expected one or two axes, found shape [5, 2, 2]");
  lks_table_fixture_destroy(&f);
}

/* ---- MATLAB ---- */

/* Version 7.3 is HDF5 behind 512 bytes of MATLAB's, with its axes exchanged. */
static void matrices_of_matlab_7_3_are_read(void) {
  static const char head[] = "MATLAB 7.3 MAT-file, Platform: GLNXA64";
  lks_hdf5_file *file = NULL;
  lks_table_fixture_create(&f);
  lks_digest expected = digest_of_csv(true);
  lks_prepare_table setup = lks_test_table_setup(&f);
  (void)snprintf(f.input, sizeof f.input, "%s/in.mat", f.folder.path);
  CHECK_OK(lks_hdf5_create(&file, f.input, 512));
  write_hdf5(file, "x", true);
  write_hdf5(file, "#refs#/a", true);
  CHECK_OK(lks_hdf5_close(file));
  FILE *raw = fopen(f.input, "r+b");
  CHECK(raw != NULL && fwrite(head, 1, sizeof head, raw) == sizeof head && fclose(raw) == 0);
  check_same(&setup, &expected);
  setup.variable = "x";
  check_same(&setup, &expected);
  lks_table_fixture_destroy(&f);
}

static void add_matrix(mat_t *file, const char *name, enum matio_classes class,
                       enum matio_types type, void *data, enum matio_compression compression) {
  size_t extents[2] = {ROWS, COLUMNS};
  matvar_t *matrix = Mat_VarCreate(name, class, type, 2, extents, data, 0);
  CHECK_EQUAL(Mat_VarWrite(file, matrix, compression), 0);
  Mat_VarFree(matrix);
}

static void matrices_of_matlab_5_are_read(void) {
  double f8[ROWS * COLUMNS];
  float f4[ROWS * COLUMNS];
  int16_t i2[ROWS * COLUMNS];
  lks_table_fixture_create(&f);
  for (int row = 0; row < ROWS; row++)
    for (int c = 0; c < COLUMNS; c++) {
      f8[c * ROWS + row] = value_of(row, c, true);
      f4[c * ROWS + row] = (float)value_of(row, c, true);
      i2[c * ROWS + row] = (int16_t)value_of(row, c, false);
    }
  lks_digest gaps = digest_of_csv(true), whole = digest_of_csv(false);
  lks_prepare_table setup = lks_test_table_setup(&f);
  (void)snprintf(f.input, sizeof f.input, "%s/in.mat", f.folder.path);
  mat_t *file = Mat_CreateVer(f.input, NULL, MAT_FT_MAT5);
  add_matrix(file, "plain", MAT_C_DOUBLE, MAT_T_DOUBLE, f8, MAT_COMPRESSION_NONE);
  CHECK_EQUAL(Mat_Close(file), 0);
  check_same(&setup, &gaps); /* the only one */
  file = Mat_Open(f.input, MAT_ACC_RDWR);
  add_matrix(file, "packed", MAT_C_SINGLE, MAT_T_SINGLE, f4, MAT_COMPRESSION_ZLIB);
  add_matrix(file, "small", MAT_C_INT16, MAT_T_INT16, i2, MAT_COMPRESSION_ZLIB);
  CHECK_EQUAL(Mat_Close(file), 0);
  setup.variable = "packed";
  check_same(&setup, &gaps);
  setup.variable = "small";
  check_same(&setup, &whole);
  setup.variable = "none";
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA,
                        "in.mat: expected a variable 'none', found none");
  setup.variable = NULL;
  lks_test_table_refuse(
      &f, NULL, &setup, LKS_USAGE,
      "in.mat: holds several matrices\n  hint: --variable NAME names the one");
  lks_test_table_input(&f, "in.mat", "1,2\n", 4);
  lks_test_table_refuse(&f, NULL, &setup, LKS_DATA,
                        "in.mat: expected a MATLAB file, found none that can be read");
  lks_table_fixture_destroy(&f);
}

/* The blocks in which rows are read do not matter. */
static void any_block_of_rows_can_be_read(void) {
  lks_table_fixture_create(&f);
  double f8[ROWS * COLUMNS];
  for (int i = 0; i < ROWS * COLUMNS; i++)
    f8[i] = value_of(i % ROWS, i / ROWS, false);
  (void)snprintf(f.input, sizeof f.input, "%s/in.mat", f.folder.path);
  mat_t *file = Mat_CreateVer(f.input, NULL, MAT_FT_MAT5);
  add_matrix(file, "x", MAT_C_DOUBLE, MAT_T_DOUBLE, f8, MAT_COMPRESSION_ZLIB);
  CHECK_EQUAL(Mat_Close(file), 0);
  lks_hdf5_file *hdf5 = NULL;
  char path[256];
  (void)snprintf(path, sizeof path, "%s/in.h5", f.folder.path);
  CHECK_OK(lks_hdf5_create(&hdf5, path, 0));
  const lks_shape shape = lks_shape_2(COLUMNS, ROWS);
  CHECK_OK(lks_hdf5_write(hdf5, "x", LKS_F64, &shape, f8));
  CHECK_OK(lks_hdf5_close(hdf5));
  for (int kind = 0; kind < 2; kind++) {
    lks_array_source source;
    int wrong = 0;
    CHECK_OK(lks_array_open(&source, kind == 0 ? LKS_ARRAY_MATLAB : LKS_ARRAY_MATLAB_HDF5,
                            kind == 0 ? f.input : path, NULL));
    CHECK_EQUAL(source.rows, ROWS);
    CHECK_EQUAL(source.columns, COLUMNS);
    for (size_t first = 0; first < ROWS; first += 7)
      for (size_t count = 1; first + count <= ROWS; count += 11) {
        double values[ROWS * COLUMNS];
        CHECK_OK(source.read(source.state, first, count, values));
        for (size_t i = 0; i < count * COLUMNS; i++)
          wrong += values[i] != value_of((int)(first + i / COLUMNS), (int)(i % COLUMNS), false);
      }
    CHECK_EQUAL(wrong, 0);
    lks_array_close(&source);
  }
  lks_table_fixture_destroy(&f);
}

const lks_test table_array_tests[] = {TEST(arrays_of_numpy_are_read),
                                      TEST(one_axis_is_a_column),
                                      TEST(arrays_of_numpy_that_cannot_be_read_are_refused),
                                      TEST(arrays_of_hdf5_are_read),
                                      TEST(matrices_of_matlab_7_3_are_read),
                                      TEST(matrices_of_matlab_5_are_read),
                                      TEST(any_block_of_rows_can_be_read),
                                      TEST_END};
