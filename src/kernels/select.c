/* SPDX-License-Identifier: Apache-2.0 */
/* select.c - which tables this processor can run, and finding one by name.
 *
 * reference and portable exist twice, with FMA instructions and without; a
 * processor sees one of each under one name, since the bits are the same. */
#include "base/fail.h"
#include "kernels/gemm_openblas.h"
#include "kernels/kernels.h"

#include <stdio.h>
#include <string.h>

extern const lks_kernels lks_kernels_avx512;
extern const lks_kernels lks_kernels_avx2;
extern const lks_kernels lks_kernels_portable;
extern const lks_kernels lks_kernels_portable_fma;
extern const lks_kernels lks_kernels_reference;
extern const lks_kernels lks_kernels_reference_fma;
extern const lks_kernels lks_kernels_with_openblas_avx512;
extern const lks_kernels lks_kernels_with_openblas_avx2;
extern const lks_kernels lks_kernels_with_openblas_portable;

/* The tables of each kind of processor: the fastest of ours, then OpenBLAS. */
static const lks_kernels *const avx512_tables[] = {
    &lks_kernels_avx512,       &lks_kernels_with_openblas_avx512, &lks_kernels_avx2,
    &lks_kernels_portable_fma, &lks_kernels_reference_fma,
};
static const lks_kernels *const avx2_tables[] = {
    &lks_kernels_avx2,
    &lks_kernels_with_openblas_avx2,
    &lks_kernels_portable_fma,
    &lks_kernels_reference_fma,
};
static const lks_kernels *const plain_tables[] = {
    &lks_kernels_portable,
    &lks_kernels_with_openblas_portable,
    &lks_kernels_reference,
};

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw");
}

const lks_kernels *const *lks_kernels_all(int *count) {
  lks_openblas_prepare();
  if (has_avx512()) {
    *count = (int)(sizeof avx512_tables / sizeof *avx512_tables);
    return avx512_tables;
  }
  if (has_avx2()) {
    *count = (int)(sizeof avx2_tables / sizeof *avx2_tables);
    return avx2_tables;
  }
  *count = (int)(sizeof plain_tables / sizeof *plain_tables);
  return plain_tables;
}

/* Whether some processor has a table of this name. */
static bool is_known(const char *name) {
  for (size_t i = 0; i < sizeof avx512_tables / sizeof *avx512_tables; i++)
    if (strcmp(avx512_tables[i]->name, name) == 0)
      return true;
  return false;
}

lks_status lks_kernels_find(const char *name, const lks_kernels **kernels) {
  int count;
  const lks_kernels *const *tables = lks_kernels_all(&count);
  if (name == NULL || *name == '\0' || strcmp(name, "auto") == 0) {
    *kernels = tables[0];
    return LKS_OK;
  }
  for (int i = 0; i < count; i++)
    if (strcmp(tables[i]->name, name) == 0) {
      *kernels = tables[i];
      return LKS_OK;
    }
  if (is_known(name))
    return LKS_FAIL(LKS_USAGE,
                    "kernels: this processor cannot run '%s'\n"
                    "  hint: leave the name out to take '%s', which gives the same bits",
                    name, tables[0]->name);
  return LKS_FAIL(LKS_USAGE,
                  "kernels: expected auto, avx512, avx2, portable, reference or openblas, "
                  "found '%s'\n"
                  "  hint: auto takes the fastest of ours; all but openblas give the same bits",
                  name);
}

void lks_kernels_describe(const lks_kernels *kernels, char *text, size_t bytes) {
  if (strcmp(kernels->name, "openblas") == 0)
    lks_openblas_describe(text, bytes);
  else
    snprintf(text, bytes, "%s (same bits as every table but openblas)", kernels->name);
}

int lks_kernels_panels(const lks_kernels *kernels, int columns) {
  return (columns + kernels->panel - 1) / kernels->panel;
}
