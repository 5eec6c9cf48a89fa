/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_array_npy.c - any bytes at all are an array whose rows can all be read, or refused.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc -Iinclude \
 *     tests/fuzz/fuzz_array_npy.c src/prepare/array_npy.c src/base/[a-z]*.c -lcrypto -lm \
 *     && ./a.out tests/fuzz/corpus/array_npy
 *
 * searches; ctest replays the corpus without a fuzzer (replay.c). */
#include "prepare/array_source.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void require(bool holds) {
  if (!holds)
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  char path[64];
  lks_array_source source = {.rows = 0};
  int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
  require(descriptor >= 0 && write(descriptor, data, bytes) == (ssize_t)bytes);
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  if (lks_array_open_npy(&source, path) == LKS_OK) {
    require(source.columns == 0 || source.rows <= bytes / source.columns);
    double *values = calloc(source.columns > 0 ? source.columns : 1, sizeof *values);
    for (size_t row = 0; source.columns > 0 && row < source.rows; row++)
      require(source.read(source.state, row, 1, values) == LKS_OK);
    free(values);
    lks_array_close(&source);
  }
  (void)close(descriptor);
  return 0;
}
