/* SPDX-License-Identifier: Apache-2.0 */
/* test_series_files.c - every way in which a file of series can be something else.
 *
 * Damaged files have a bit changed; faulty ones are made by hand and sealed as good ones
 * are.  Of these a sound one fails only for its digest, which its message tells: so the
 * others fail for what is wrong with them. */
#include "base/memory.h"
#include "check.h"
#include "io/hdf5_file.h"
#include "io/sealed_file.h"
#include "series_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64, VALUES = 12 };

static void damaged_files_are_refused_or_fail_when_read(void) {
  lks_test_table t;
  lks_series_fixture f;
  size_t bytes = 0;
  int refused = 0, failed = 0;
  lks_test_table_set(&t);
  lks_series_fixture_create(&f, &t, CHUNK);
  const char *path = lks_temporary_path(&f.folder, "damaged.h5");
  char *good = lks_test_read_file(f.path, &bytes);
  for (size_t at = 0; at < bytes; at += 101) {
    lks_dataset *dataset = NULL;
    good[at] ^= 16;
    CHECK(lks_test_write_file(path, good, bytes));
    good[at] ^= 16;
    lks_status status = lks_dataset_open(&dataset, path, f.io);
    refused += status == LKS_DATA;
    if (status != LKS_OK)
      continue;
    status = lks_dataset_verify(dataset); /* the byte was in a chunk */
    CHECK_EQUAL(status, LKS_DATA);
    failed += status == LKS_DATA;
    lks_dataset_close(dataset);
  }
  CHECK_EQUAL((size_t)(refused + failed), (bytes + 100) / 101);
  CHECK(refused > 0 && failed > 0);
  free(good);
  lks_series_fixture_destroy(&f);
}

/* ---- files made by hand: two series of two columns ---- */

typedef struct {
  const char *unit, *names;
  int64_t season;
  int64_t column_offsets[3];
  uint8_t roles[2], missing[2];
  size_t fit_rows; /* 2 */
  double scale;
  int64_t starts[2];
  int64_t offsets[3]; /* of the training values, of which there are 12 */
  lks_type type;
  bool chunked;
  float value; /* the first of them */
  bool statics;
  size_t static_rows; /* 2 */
  const char *sha256, *digest;
  const char *separator, *decimal, *time_format; /* NULL: no `csv` */
  int64_t header;
} recipe;

static const recipe sound = {.unit = "15 minutes",
                             .names = "xyz",
                             .season = 96,
                             .column_offsets = {0, 1, 3},
                             .roles = {0, 2},
                             .fit_rows = 2,
                             .scale = 2,
                             .offsets = {0, 4, 12},
                             .type = LKS_F32,
                             .chunked = true,
                             .value = 0.5F,
                             .statics = true,
                             .static_rows = 2,
                             .digest = ""};

static void write_values(lks_hdf5_file *file, const recipe *r) {
  float values[VALUES];
  char hex[LKS_DIGEST_HEX];
  lks_digest digest;
  lks_hdf5_array *array = NULL;
  const lks_shape shape = lks_shape_1(VALUES), three = lks_shape_1(3);
  for (int i = 0; i < VALUES; i++)
    values[i] = (float)i / 4;
  values[0] = r->value;
  CHECK_OK(lks_digest_of(values, sizeof values, &digest));
  lks_digest_to_hex(&digest, hex);
  if (r->chunked) {
    CHECK_OK(lks_hdf5_array_create(&array, file, "train/values", r->type, 5));
    CHECK_OK(lks_hdf5_array_append(array, LKS_F32, values, VALUES));
    CHECK_OK(lks_hdf5_array_close(array));
  } else {
    CHECK_OK(lks_hdf5_write(file, "train/values", LKS_F32, &shape, values));
  }
  CHECK_OK(lks_hdf5_write(file, "train/offsets", LKS_I64, &three, r->offsets));
  CHECK_OK(lks_hdf5_write_text(file, "train", "sha256", r->sha256 != NULL ? r->sha256 : hex));
}

static void write_table(lks_hdf5_file *file, const recipe *r) {
  static const int64_t two_names[3] = {0, 1, 2};
  double fits[3 * 2 * 6] = {0};
  const float statics[6] = {1, 2, 3, 4, 5, 6};
  const lks_shape two = lks_shape_1(2), three = lks_shape_1(3);
  const lks_shape fit_shape = lks_shape_3(r->fit_rows, 2, 6);
  const lks_shape static_shape = lks_shape_2(r->static_rows, 2);
  for (int i = 0; i < 6; i++)
    fits[6 * i + 1] = r->scale;
  const lks_shape name_shape = lks_shape_1(3);
  CHECK_OK(lks_hdf5_write(file, "columns/bytes", LKS_U8, &name_shape, r->names));
  CHECK_OK(lks_hdf5_write(file, "columns/offsets", LKS_I64, &three, r->column_offsets));
  CHECK_OK(lks_hdf5_write(file, "columns/roles", LKS_U8, &two, r->roles));
  CHECK_OK(lks_hdf5_write(file, "columns/missing", LKS_U8, &two, r->missing));
  CHECK_OK(lks_hdf5_write(file, "series/bytes", LKS_U8, &two, "ab"));
  CHECK_OK(lks_hdf5_write(file, "series/offsets", LKS_I64, &three, two_names));
  CHECK_OK(lks_hdf5_write(file, "series/start", LKS_I64, &two, r->starts));
  CHECK_OK(lks_hdf5_write(file, "series/fit", LKS_F64, &fit_shape, fits));
  if (!r->statics)
    return;
  CHECK_OK(lks_hdf5_write(file, "statics/bytes", LKS_U8, &two, "uv"));
  CHECK_OK(lks_hdf5_write(file, "statics/offsets", LKS_I64, &three, two_names));
  CHECK_OK(lks_hdf5_write(file, "statics/values", LKS_F32, &static_shape, statics));
}

static void write_dialect(lks_hdf5_file *file, const recipe *r) {
  if (r->separator == NULL)
    return;
  CHECK_OK(lks_hdf5_write_text(file, "csv", "separator", r->separator));
  CHECK_OK(lks_hdf5_write_text(file, "csv", "decimal", r->decimal));
  CHECK_OK(lks_hdf5_write_text(file, "csv", "missing", ""));
  CHECK_OK(lks_hdf5_write_text(file, "csv", "time_format", r->time_format));
  CHECK_OK(lks_hdf5_write_integer(file, "csv", "header", r->header));
}

static void write_by_hand(const char *path, const recipe *r) {
  char *temporary = NULL;
  lks_hdf5_file *file = NULL;
  CHECK_OK(lks_sealed_temporary(path, &temporary));
  CHECK_OK(lks_hdf5_create(&file, temporary, LKS_SEAL_BYTES));
  CHECK_OK(lks_hdf5_write_text(file, "", "format", "lockstep dataset"));
  CHECK_OK(lks_hdf5_write_integer(file, "", "version", 1));
  CHECK_OK(lks_hdf5_write_text(file, "", "task", "series"));
  CHECK_OK(lks_hdf5_write_text(file, "", "unit", r->unit));
  CHECK_OK(lks_hdf5_write_integer(file, "", "chunk", 5));
  CHECK_OK(lks_hdf5_write_integer(file, "", "season", r->season));
  CHECK_OK(lks_hdf5_write_text(file, "", "time_name", "date"));
  CHECK_OK(lks_hdf5_write_text(file, "", "group_name", "id"));
  CHECK_OK(lks_hdf5_write_text(file, "", "digest", r->digest));
  write_table(file, r);
  write_dialect(file, r);
  write_values(file, r);
  CHECK_OK(lks_hdf5_close(file));
  CHECK_OK(lks_sealed_commit(temporary, path, LKS_FILE_DATASET, NULL, 0, NULL));
  lks_release(temporary);
}

/* A file made by the recipe cannot be opened; no I/O thread works while it is made. */
static void check_recipe(const char *message, recipe r) {
  lks_temporary_folder folder;
  lks_io_thread *io = NULL;
  lks_dataset *dataset = NULL;
  lks_temporary_folder_create(&folder);
  const char *path = lks_temporary_path(&folder, "made.h5");
  write_by_hand(path, &r);
  CHECK_OK(lks_io_thread_create(&io));
  CHECK_FAILS(lks_dataset_open(&dataset, path, io), LKS_DATA, message);
  CHECK(dataset == NULL);
  lks_dataset_close(dataset);
  lks_io_thread_destroy(io);
  lks_temporary_folder_destroy(&folder);
}

/* Makes the file as the recipe says, but with the digest that it ought to have. */
static void create_with_digest(lks_series_fixture *f, recipe r) {
  static const char before[] = "attribute 'digest' is not that of the content, ";
  char hex[LKS_DIGEST_HEX] = "";
  lks_temporary_folder_create(&f->folder);
  const char *path = lks_temporary_path(&f->folder, "made.h5");
  for (int round = 0; round < 2; round++) {
    write_by_hand(path, &r);
    CHECK_OK(lks_io_thread_create(&f->io));
    f->dataset = NULL;
    if (round == 0) {
      CHECK_FAILS(lks_dataset_open(&f->dataset, path, f->io), LKS_DATA, before);
      const char *found = strstr(lks_error_message(), before);
      if (found != NULL)
        (void)strncpy(hex, found + sizeof before - 1, LKS_DIGEST_HEX - 1);
      r.digest = hex;
      lks_io_thread_destroy(f->io);
    } else {
      CHECK_OK(lks_dataset_open(&f->dataset, path, f->io));
    }
  }
}

static void what_the_file_says_is_checked(void) {
  recipe r = sound;
  check_recipe("made.h5: attribute 'digest' is not that of the content", r);
  r.unit = "15 furlongs";
  check_recipe("made.h5: attribute 'unit': expected a step such as '1 hour', found '15 furl",
               r);
  r.unit = "60 minutes"; /* is 1 hour */
  check_recipe("made.h5: attribute 'unit': expected a step such as '1 hour', found '60 min", r);
  r = sound;
  r.season = 0;
  check_recipe("made.h5: attribute 'season': 0 is out of range", r);
  r.season = (int64_t)1 << 40;
  check_recipe("made.h5: attribute 'season': 1099511627776 is out of range", r);
  r = sound;
  r.starts[1] = INT64_MIN;
  check_recipe("made.h5: series 'b': 4 rows from time -9223372036854775808 are out of range",
               r);
  r = sound;
  r.scale = -1;
  check_recipe("made.h5: series 'a', column 'x': expected a finite centre and a scale", r);
}

static void a_dialect_that_is_none_is_refused(void) {
  recipe r = sound;
  r.separator = "";
  r.decimal = ".";
  r.time_format = "mdy";
  r.header = 1; /* which is one: only the digest is wrong */
  check_recipe("made.h5: attribute 'digest' is not that of the content", r);
  r.header = 2;
  check_recipe("made.h5: attribute 'header' of 'csv': expected 0 or 1, found 2", r);
  r.time_format = "myd";
  check_recipe(
      "made.h5: attribute 'time_format' of 'csv': expected the name of a format, found "
      "'myd'",
      r);
  r.decimal = ";";
  check_recipe("made.h5: attribute 'decimal' of 'csv': expected a point or a comma, found ';'",
               r);
  r.decimal = "";
  check_recipe("made.h5: attribute 'decimal' of 'csv': expected a point or a comma, found ''",
               r);
  r.separator = ";;";
  check_recipe("made.h5: attribute 'separator' of 'csv': expected one character, found ';;'",
               r);
}

static void names_that_lead_out_of_bounds_are_refused(void) {
  recipe r = sound;
  r.column_offsets[2] = 4;
  check_recipe("made.h5: 'columns/offsets' do not span the 3 bytes", r);
  r = sound;
  r.column_offsets[0] = 1;
  check_recipe("made.h5: 'columns/offsets' do not span the 3 bytes", r);
  r = sound;
  r.column_offsets[1] = 4;
  check_recipe("made.h5: 'columns/offsets': number 1 is out of order", r);
  r.column_offsets[1] = -1;
  check_recipe("made.h5: 'columns/offsets': number 1 is out of order", r);
  r = sound;
  r.names = "x\0z";
  check_recipe("made.h5: 'columns/bytes': name 1 has a zero byte", r);
}

static void columns_that_are_none_are_refused(void) {
  recipe r = sound;
  r.roles[1] = 3;
  check_recipe("made.h5: column 1: role 3 and missing 0 are out of range", r);
  r = sound;
  r.missing[0] = 2;
  check_recipe("made.h5: column 0: role 0 and missing 2 are out of range", r);
  r = sound;
  r.roles[0] = 2;
  check_recipe("made.h5: expected a target among the columns, found none", r);
  r = sound;
  r.fit_rows = 3;
  check_recipe("made.h5: 'series/fit': expected f64 [2, 2, 6], found f64 [3, 2, 6]", r);
  r = sound;
  r.static_rows = 1;
  check_recipe("made.h5: 'statics/values': expected f32 [2, 2], found f32 [1, 2]", r);
}

static void values_that_do_not_fit_are_refused(void) {
  recipe r = sound;
  r.type = LKS_F64;
  check_recipe("made.h5: 'train/values': expected values of type f32, found f64", r);
  r = sound;
  r.offsets[2] = 13;
  check_recipe("made.h5: 'train/offsets': expected to begin with 0 and end with 12", r);
  r = sound;
  r.offsets[0] = 2;
  check_recipe("made.h5: 'train/offsets': expected to begin with 0 and end with 12", r);
  r = sound;
  r.offsets[1] = 3;
  check_recipe("made.h5: 'train/offsets': number 1 is not at the end of a row", r);
  r.offsets[1] = 14;
  check_recipe("made.h5: 'train/offsets': number 1 is not at the end of a row", r);
  r.offsets[1] = INT64_MIN;
  check_recipe("made.h5: 'train/offsets': number 1 is not at the end of a row", r);
  r = sound;
  r.sha256 = "abc";
  check_recipe("made.h5: attribute 'sha256' of 'train': expected 64 digits", r);
}

static void digest_does_not_depend_on_how_hdf5_keeps_the_values(void) {
  lks_digest digests[2];
  for (int chunked = 0; chunked < 2; chunked++) {
    lks_series_fixture f;
    float values[8];
    recipe r = sound;
    r.chunked = chunked;
    create_with_digest(&f, r);
    digests[chunked] = *lks_dataset_digest(f.dataset);
    CHECK_OK(lks_test_read_series(&f, 1, 1, 3, values));
    for (int i = 0; i < 6; i++)
      CHECK(values[i] == (float)(4 + 2 + i) / 4);
    CHECK_OK(lks_dataset_verify(f.dataset));
    lks_series_fixture_destroy(&f);
  }
  CHECK_EQUAL(lks_digest_compare(&digests[0], &digests[1]), 0);
}

static void values_are_checked_when_they_are_read(void) {
  lks_series_fixture f;
  float values[8];
  recipe r = sound;
  r.value = INFINITY;
  create_with_digest(&f, r);
  CHECK_FAILS(lks_test_read_series(&f, 0, 0, 2, values), LKS_DATA,
              "made.h5: split 'train', value 0: expected a finite number or NaN, found an");
  lks_series_fixture_destroy(&f);
  r = sound;
  r.sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
  create_with_digest(&f, r);
  CHECK_OK(lks_test_read_series(&f, 0, 0, 2, values));
  CHECK_FAILS(lks_dataset_verify(f.dataset), LKS_DATA,
              "made.h5: the values of split 'train' have SHA-256 ");
  lks_series_fixture_destroy(&f);
}

const lks_test series_files_tests[] = {
    TEST(damaged_files_are_refused_or_fail_when_read),
    TEST(what_the_file_says_is_checked),
    TEST(a_dialect_that_is_none_is_refused),
    TEST(names_that_lead_out_of_bounds_are_refused),
    TEST(columns_that_are_none_are_refused),
    TEST(values_that_do_not_fit_are_refused),
    TEST(digest_does_not_depend_on_how_hdf5_keeps_the_values),
    TEST(values_are_checked_when_they_are_read),
    TEST_END};
