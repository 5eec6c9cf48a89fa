/* SPDX-License-Identifier: Apache-2.0 */
/* dialect.c - attributes of the group `csv`: see datasets/format.md. */
#include "data/dialect.h"

#include "base/fail.h"
#include "base/memory.h"

#include <string.h>

static const char group[] = "csv";

lks_status lks_dialect_write(lks_hdf5_file *file, const lks_dialect *dialect, bool has_times) {
  const char separator[2] = {dialect->separator, '\0'}, decimal[2] = {dialect->point, '\0'};
  if (!dialect->is_known)
    return LKS_OK;
  LKS_TRY(lks_hdf5_write_text(file, group, "separator", separator));
  LKS_TRY(lks_hdf5_write_text(file, group, "decimal", decimal));
  LKS_TRY(lks_hdf5_write_text(file, group, "missing", dialect->missing));
  LKS_TRY(lks_hdf5_write_text(file, group, "time_format",
                              has_times ? lks_time_format_name(dialect->time_format) : ""));
  LKS_TRY(lks_hdf5_write_integer(file, group, "header", dialect->has_header));
  return LKS_OK;
}

/* A text of at most one character, which is one of `known`; *letter is '\0' for none. */
static lks_status read_letter(lks_hdf5_file *file, const char *path, const char *name,
                              const char *known, char *letter) {
  char *text;
  LKS_TRY(lks_hdf5_read_text(file, group, name, &text));
  bool is_one = text[0] == '\0' || text[1] == '\0';
  lks_status status = LKS_OK;
  *letter = text[0];
  if (!is_one || (known != NULL && (*letter == '\0' || strchr(known, *letter) == NULL)))
    status =
        LKS_FAIL(LKS_DATA, "%s: attribute '%s' of '%s': expected %s, found '%.40s'", path, name,
                 group, known != NULL ? "a point or a comma" : "one character", text);
  lks_release(text);
  return status;
}

static lks_status read_time_format(lks_hdf5_file *file, const char *path,
                                   lks_time_format *format) {
  char *name;
  LKS_TRY(lks_hdf5_read_text(file, group, "time_format", &name));
  lks_status status = lks_time_format_find(name, format);
  if (status != LKS_OK)
    status = LKS_FAIL(LKS_DATA,
                      "%s: attribute 'time_format' of '%s': expected the name of a format, "
                      "found '%.40s'",
                      path, group, name);
  lks_release(name);
  return status;
}

lks_status lks_dialect_read(lks_hdf5_file *file, const char *path, bool has_times,
                            lks_dialect *dialect) {
  int64_t has_header;
  *dialect = (lks_dialect){.is_known = lks_hdf5_exists(file, group)};
  if (!dialect->is_known)
    return LKS_OK;
  LKS_TRY(read_letter(file, path, "separator", NULL, &dialect->separator));
  LKS_TRY(read_letter(file, path, "decimal", ".,", &dialect->point));
  LKS_TRY(lks_hdf5_read_text(file, group, "missing", &dialect->missing));
  if (has_times)
    LKS_TRY(read_time_format(file, path, &dialect->time_format));
  LKS_TRY(lks_hdf5_read_integer(file, group, "header", &has_header));
  if (has_header != 0 && has_header != 1)
    return LKS_FAIL(LKS_DATA, "%s: attribute 'header' of '%s': expected 0 or 1, found %lld",
                    path, group, (long long)has_header);
  dialect->has_header = has_header != 0;
  return LKS_OK;
}

void lks_dialect_release(lks_dialect *dialect) {
  lks_release(dialect->missing);
  *dialect = (lks_dialect){.is_known = false};
}
