/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_sealed_file.c - any bytes at all are a file that the seal's check survives.
 *
 *   clang -g -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Isrc -Iinclude \
 *     tests/fuzz/fuzz_sealed_file.c src/io/sealed_file.c src/io/file_replace.c \
 *     src/base/[a-z]*.c -lcrypto -lm && ./a.out tests/fuzz/corpus/sealed_file
 *
 * searches; ctest replays the corpus without a fuzzer (replay.c). */
#include "io/sealed_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

/* The file is in memory; a check that passes must pass for one kind only. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  char path[64];
  lks_status as_dataset, as_checkpoint;
  int descriptor = memfd_create("fuzz", MFD_CLOEXEC);
  if (descriptor < 0 || write(descriptor, data, bytes) != (ssize_t)bytes)
    abort();
  (void)snprintf(path, sizeof path, "/proc/self/fd/%d", descriptor);
  as_dataset = lks_sealed_check(path, LKS_FILE_DATASET, NULL);
  as_checkpoint = lks_sealed_check(path, LKS_FILE_CHECKPOINT, NULL);
  if (as_dataset == LKS_OK && as_checkpoint == LKS_OK)
    abort();
  if (as_dataset == LKS_OK && !lks_sealed_is_kind(path, LKS_FILE_DATASET))
    abort();
  (void)close(descriptor);
  return 0;
}
