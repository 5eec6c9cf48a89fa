/* SPDX-License-Identifier: Apache-2.0 */
/* sequence_summary.c - a table for people. */
#include "prepare/sequence_summary.h"

#include "prepare/prepare_output.h"

#include <stdio.h>

static void print_split(lks_split split, const lks_sequence_count *count, int fields,
                        const char *const *names) {
  char samples[32], symbols[32];
  for (int f = 0; f < fields; f++)
    printf("%-6s  %10s  %-10s  %13s  %7d  %7.2f %%\n", f == 0 ? lks_split_text(split) : "",
           f == 0 ? lks_prepare_group_digits(count->samples, samples) : "", names[f],
           lks_prepare_group_digits(count->symbols[f], symbols), count->longest[f],
           100.0 * (double)count->unknown[f] /
               (double)(count->symbols[f] > 0 ? count->symbols[f] : 1));
  for (int bad = 1; bad < LKS_BAD_COUNT; bad++)
    if (count->bad[bad] > 0)
      printf("%-6s  %10s  left out: %s\n", "",
             lks_prepare_group_digits(count->bad[bad], samples), lks_bad_text((lks_bad)bad));
  if (count->repaired > 0)
    printf("%-6s  %10s  tags repaired: I- that began a span is B- now\n", "",
           lks_prepare_group_digits(count->repaired, samples));
}

void lks_sequence_summary_print(const lks_sequence_count count[LKS_SPLIT_COUNT], int fields,
                                const char *const *names, lks_vocabulary *const *vocabulary) {
  char size[32];
  printf("%-6s  %10s  %-10s  %13s  %7s  %9s\n", "split", "samples", "field", "symbols",
         "longest", "unknown");
  for (int s = 0; s < LKS_SPLIT_COUNT; s++)
    if (count[s].samples > 0)
      print_split((lks_split)s, &count[s], fields, names);
  for (int f = 0; f < fields; f++)
    printf("vocabulary  %-10s  %s\n", names[f],
           lks_prepare_group_digits(lks_vocabulary_size(vocabulary[f]), size));
}
