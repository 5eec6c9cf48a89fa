/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_csv_reader.c - any bytes at all are rows, or refused; numbers and times in them are
 * read, or not.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc -Iinclude \
 *     tests/fuzz/fuzz_csv_reader.c src/text/[a-z]*.c src/base/[a-z]*.c -lcsv -lcrypto -lm \
 *     && ./a.out tests/fuzz/corpus/csv_reader
 *
 * searches; ctest replays the corpus without a fuzzer (replay.c). */
#include "text/csv_reader.h"
#include "text/number_text.h"
#include "text/time_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(bool holds) {
  if (!holds)
    abort();
}

/* A number is the one that strtod reads, all of the field. */
static void read_field(const char *field, size_t bytes) {
  double value;
  int64_t time;
  unsigned formats = lks_time_formats_of(field);
  require(field[bytes] == '\0');
  if (lks_number_read(field, bytes, '.', &value) == LKS_NUMBER_FINITE) {
    char *end;
    double expected = strtod(field, &end);
    require(end == field + bytes && memcmp(&expected, &value, sizeof value) == 0);
  }
  (void)lks_number_read(field, bytes, ',', &value);
  for (int f = 0; f < LKS_TIME_FORMAT_COUNT; f++)
    if (formats & 1U << f)
      require(lks_time_read(field, (lks_time_format)f, &time));
  require(!lks_time_is_date(field) || formats != 0);
}

/* Rows come in the order of their lines, and no field is made of nothing. */
static void read_rows(const char *path, char separator, int64_t lines, size_t bytes) {
  lks_csv_reader *reader;
  const lks_csv_row *row;
  int64_t line = 0;
  size_t fields = 0;
  if (lks_csv_open(&reader, path, separator) != LKS_OK)
    return;
  while (lks_csv_next(reader, &row) == LKS_OK && row != NULL) {
    require(row->count > 0 && row->line > line && row->line <= lines);
    line = row->line;
    for (size_t i = 0; i < row->count; i++) {
      read_field(row->field[i], row->bytes[i]);
      fields += row->bytes[i];
    }
  }
  require(fields <= bytes);
  lks_csv_close(reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  char path[64], separator = ',';
  int64_t lines = 1;
  int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
  require(descriptor >= 0 && write(descriptor, data, bytes) == (ssize_t)bytes);
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  for (size_t i = 0; i < bytes; i++)
    lines += data[i] == '\n' || data[i] == '\r';
  if (lks_csv_find_separator(path, &separator) == LKS_OK)
    require(strchr("\t;|,", separator) != NULL);
  read_rows(path, separator, lines, bytes);
  (void)close(descriptor);
  return 0;
}
