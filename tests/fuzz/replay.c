/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - runs a fuzz target on its corpus without a fuzzer: every file as it
 * is, cut, and with bytes changed, the same ones in every run.
 *
 *   fuzz_config FOLDER-OR-FILE...
 *
 * Small files are also cut and changed at every byte. */
#include "base/random.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { BYTES_MAX = 1 << 16, SMALL = 4096, VARIANTS = 1500, CHANGES = 4 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* Bytes that readers treat specially are tried more often than others. */
static const uint8_t special[] = {0,   '\n', '\r', '\t', ' ',  '[',  ']',  '=',
                                  ';', '#',  ':',  '.',  0x80, 0xC3, 0xE2, 0xFF};

static uint32_t number(uint32_t variant, uint32_t index) {
  uint32_t out[4];
  lks_philox(lks_random_key_of(1),
             lks_random_counter_of(LKS_RANDOM_TEST, 0, 0, variant, index, 0), out);
  return out[0];
}

/* Calls the target with an exact copy, so that a sanitizer sees a read past its end. */
static void run_exact(const uint8_t *data, size_t bytes) {
  uint8_t *copy = malloc(bytes ? bytes : 1);
  if (!copy)
    abort();
  memcpy(copy, data, bytes);
  (void)LLVMFuzzerTestOneInput(copy, bytes);
  free(copy);
}

static void change_every_byte(uint8_t *data, size_t bytes) {
  static const uint8_t patterns[] = {0x01, 0x80, 0xff};
  for (size_t i = 0; i < bytes; i++) {
    run_exact(data, i);
    for (size_t p = 0; p < sizeof patterns; p++) {
      data[i] ^= patterns[p];
      run_exact(data, bytes);
      data[i] ^= patterns[p];
    }
  }
}

static void run_variants(const uint8_t *data, size_t bytes) {
  uint8_t changed[BYTES_MAX];
  run_exact(data, bytes);
  for (uint32_t variant = 0; variant < VARIANTS && bytes > 0; variant++) {
    size_t kept = variant % 3 ? bytes : number(variant, 0) % (uint32_t)bytes;
    memcpy(changed, data, kept);
    for (uint32_t i = 0; i < CHANGES && kept > 0; i++) {
      uint32_t what = number(variant, 2 * i + 1);
      size_t place = number(variant, 2 * i + 2) % (uint32_t)kept;
      changed[place] = what % 2 ? special[(what >> 8) % sizeof special] : (uint8_t)(what >> 16);
    }
    run_exact(changed, kept);
  }
}

static int run_file(const char *path) {
  static uint8_t data[BYTES_MAX];
  FILE *file = fopen(path, "rb");
  if (!file) {
    (void)fprintf(stderr, "%s: cannot open it\n", path);
    return 1;
  }
  size_t bytes = fread(data, 1, sizeof data, file);
  (void)fclose(file);
  run_variants(data, bytes);
  if (bytes <= SMALL)
    change_every_byte(data, bytes);
  return 0;
}

static int run_folder(const char *path, int *files) {
  DIR *folder = opendir(path);
  int failures = !folder;
  for (struct dirent *entry; folder && (entry = readdir(folder));) {
    char name[4096];
    (void)snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
    if (entry->d_name[0] != '.') {
      failures += run_file(name);
      ++*files;
    }
  }
  if (folder)
    (void)closedir(folder);
  return failures;
}

int main(int argc, char **argv) {
  int failures = 0;
  int files = 0;
  for (int i = 1; i < argc; i++) {
    struct stat about;
    if (stat(argv[i], &about) == 0 && S_ISDIR(about.st_mode))
      failures += run_folder(argv[i], &files);
    else
      failures += run_file(argv[i]) || !++files;
  }
  (void)printf("%d files, %d variants of each\n", files, VARIANTS);
  return failures || files == 0;
}
