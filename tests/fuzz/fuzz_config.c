/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_config.c - INI files: a bad one fails with its line, a good one expands to
 * a text that reads back to itself. */
#include "base/fail.h"
#include "config/config.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static const lks_key keys[] = {
    {"model", "cell", LKS_KEY_CHOICE, "lstm", "rnn lstm gru", 1, 0, LKS_KEY_FIXED, "the cell"},
    {"model", "hidden", LKS_KEY_INTEGER, "200", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a layer"},
    {"model", "dropout", LKS_KEY_REAL, "0", NULL, 0, 1, LKS_KEY_FIXED, "share left out"},
    {"model", "tied", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED, "share the embedding"},
    {"data", "path", LKS_KEY_PATH, "", NULL, 1, 0, LKS_KEY_FREE, "the dataset"},
    {"data", "note", LKS_KEY_TEXT, "", NULL, 1, 0, LKS_KEY_FREE, "words about the run"},
};

/* Reads `text`; on success its expansion is in *expanded. */
static lks_status read_and_expand(const char *text, lks_text *expanded) {
  lks_config *config = NULL;
  lks_status status = lks_config_create(&config);
  if (status == LKS_OK)
    status = lks_config_register(config, keys, sizeof keys / sizeof *keys);
  if (status == LKS_OK)
    status = lks_config_read_text(config, text, "fuzz.ini");
  if (status == LKS_OK)
    status = lks_config_expand(config, true, expanded);
  lks_config_destroy(config);
  return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
  lks_text input = {0};
  lks_text first = {0};
  lks_text second = {0};
  LKS_ASSERT(lks_text_add(&input, (const char *)data, bytes) == LKS_OK);
  lks_status status = read_and_expand(input.data, &first);
  if (status == LKS_OK) {
    LKS_ASSERT(read_and_expand(first.data, &second) == LKS_OK);
    LKS_ASSERT(strcmp(first.data, second.data) == 0);
  } else {
    LKS_ASSERT(status == LKS_USAGE);
    LKS_ASSERT(strncmp(lks_error_message(), "fuzz.ini:", strlen("fuzz.ini:")) == 0);
  }
  lks_text_release(&second);
  lks_text_release(&first);
  lks_text_release(&input);
  return 0;
}
