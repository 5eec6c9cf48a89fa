/* SPDX-License-Identifier: Apache-2.0 */
/* replay.c - runs a fuzz target over a corpus, and over damaged copies of it.
 *
 *   fuzz_<name> FOLDER
 *
 * Each file of the folder is given to the target as it is, then cut short in steps,
 * then with one byte after another changed: the same on every machine. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { BYTES_MAX = 1 << 16 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void replay(uint8_t *data, size_t bytes) {
  const uint8_t patterns[] = {0x01, 0x80, 0xff};
  (void)LLVMFuzzerTestOneInput(data, bytes);
  for (size_t length = 0; length < bytes; length += 7)
    (void)LLVMFuzzerTestOneInput(data, length);
  for (size_t i = 0; i < bytes; i++)
    for (size_t p = 0; p < sizeof patterns; p++) {
      data[i] ^= patterns[p];
      (void)LLVMFuzzerTestOneInput(data, bytes);
      data[i] ^= patterns[p];
    }
}

int main(int argc, char **argv) {
  static uint8_t data[BYTES_MAX];
  struct dirent *entry;
  int files = 0;
  DIR *listing = argc == 2 ? opendir(argv[1]) : NULL;
  if (!listing) {
    (void)fprintf(stderr, "use: %s FOLDER\n", argv[0]);
    return 2;
  }
  while ((entry = readdir(listing)) != NULL) {
    char path[512];
    FILE *file;
    if (entry->d_name[0] == '.')
      continue;
    (void)snprintf(path, sizeof path, "%s/%s", argv[1], entry->d_name);
    file = fopen(path, "rb");
    if (!file)
      return 1;
    replay(data, fread(data, 1, sizeof data, file));
    (void)fclose(file);
    files++;
  }
  (void)closedir(listing);
  (void)printf("%d files replayed\n", files);
  return files > 0 ? 0 : 1;
}
