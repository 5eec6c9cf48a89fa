/* SPDX-License-Identifier: Apache-2.0 */
/* prepare_output.c - checks before, and words after. */
#include "prepare/prepare_output.h"

#include "base/fail.h"
#include "io/sealed_file.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const int64_t WHOLE = 1000000000; /* billionths */

lks_status lks_prepare_check_out(const char *out) {
  struct stat state;
  if (stat(out, &state) == 0 && S_ISDIR(state.st_mode))
    return LKS_FAIL(LKS_USAGE, "%s: is a folder\n  hint: name the dataset's file in it", out);
  const char *slash = strrchr(out, '/');
  lks_text folder = {0};
  lks_status status = slash == NULL  ? lks_text_add(&folder, ".", 1)
                      : slash == out ? lks_text_add(&folder, "/", 1)
                                     : lks_text_add(&folder, out, (size_t)(slash - out));
  if (status == LKS_OK && slash != NULL)
    status = lks_folder_make(folder.data);
  if (status == LKS_OK && access(folder.data, W_OK | X_OK) != 0)
    status = LKS_FAIL(LKS_IO, "%s: the folder cannot be written to: %s", folder.data,
                      strerror(errno));
  lks_text_release(&folder);
  return status;
}

static bool is_same_file(const char *a, const char *b) {
  struct stat state_a, state_b;
  return stat(a, &state_a) == 0 && stat(b, &state_b) == 0 && state_a.st_dev == state_b.st_dev &&
         state_a.st_ino == state_b.st_ino;
}

lks_status lks_prepare_check_input(const char *input, const char *out) {
  if (is_same_file(input, out))
    return LKS_FAIL(LKS_USAGE,
                    "%s: the dataset would replace its input\n  hint: choose another name",
                    input);
  return LKS_OK;
}

lks_status lks_prepare_list_source(lks_digest_stream *stream, const char *path,
                                   lks_text *listing) {
  lks_digest digest;
  char hex[LKS_DIGEST_HEX];
  const char *slash = strrchr(path, '/');
  LKS_TRY(lks_digest_stream_finish(stream, &digest));
  lks_digest_to_hex(&digest, hex);
  LKS_TRY(lks_text_print(listing, "%s  %s\n", hex, slash != NULL ? slash + 1 : path));
  return LKS_OK;
}

int64_t lks_prepare_billionths(double share) {
  return (int64_t)llround(share * (double)WHOLE);
}

/* Without overflow. */
int64_t lks_prepare_share(int64_t count, int64_t billionths) {
  return count / WHOLE * billionths + count % WHOLE * billionths / WHOLE;
}

static bool is_fraction(double x) {
  return x >= 0 && x < 1;
}

bool lks_prepare_are_fractions(double valid, double test) {
  return is_fraction(valid) && is_fraction(test) && is_fraction(valid + test);
}

const char *lks_prepare_group_digits(int64_t number, char text[32]) {
  char digits[24];
  int count = snprintf(digits, sizeof digits, "%lld", (long long)number);
  char *next = text;
  for (int i = 0; i < count; i++) {
    if (i > 0 && (count - i) % 3 == 0)
      *next++ = ',';
    *next++ = digits[i];
  }
  *next = 0;
  return text;
}

void lks_prepare_print_file(const char *out, const lks_digest *digest) {
  char bytes[32], hex[LKS_DIGEST_HEX];
  struct stat state;
  if (stat(out, &state) == 0)
    printf("%-10s  %s, %s bytes\n", "file", out,
           lks_prepare_group_digits(state.st_size, bytes));
  lks_digest_to_hex(digest, hex);
  printf("%-10s  %s\n", "digest", hex);
}
