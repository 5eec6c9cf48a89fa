/* prepare_output.h - what the commands that make datasets have in common: the file they
 * write, the list of files they read, and how they print and cut numbers. */
#ifndef LOCKSTEP_PREPARE_PREPARE_OUTPUT_H
#define LOCKSTEP_PREPARE_PREPARE_OUTPUT_H

#include "base/digest.h"
#include "base/text.h"

#include <lockstep/status.h>

#include <stdbool.h>
#include <stdint.h>

/* Makes the folder of the dataset `out`, before any long work.  Fails with LKS_USAGE when
 * `out` is a folder, with LKS_IO when its folder cannot be made or written to. */
lks_status lks_prepare_check_out(const char *out);

/* Fails with LKS_USAGE when the dataset `out` would replace the `input` it is made of. */
lks_status lks_prepare_check_input(const char *input, const char *out);

/* Finishes `stream` and appends a line as sha256sum writes it, without folders. */
lks_status lks_prepare_list_source(lks_digest_stream *stream, const char *path,
                                   lks_text *listing);

/* A share from 0 to 1 as whole billionths, so that the place of a cut is a matter of whole
 * numbers: 0.1 is a tenth, whatever its binary form.  And floor(count x billionths / 1e9). */
int64_t lks_prepare_billionths(double share);
int64_t lks_prepare_share(int64_t count, int64_t billionths);

/* Whether both are from 0 to below 1, as is their sum. */
bool lks_prepare_are_fractions(double valid, double test);

/* 1234567 as "1,234,567" in text, which is returned. */
const char *lks_prepare_group_digits(int64_t number, char text[32]);

/* Prints the lines "file" and "digest" that end a summary. */
void lks_prepare_print_file(const char *out, const lks_digest *digest);

#endif
