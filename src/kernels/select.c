/* SPDX-License-Identifier: Apache-2.0 */
/* select.c - which tables this processor can run, and finding one by name.
 *
 * reference and portable exist twice, with FMA instructions and without; a
 * processor sees one of each under one name, since the bits are the same. */
#include "base/clock.h"
#include "base/fail.h"
#include "kernels/amx.h"
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
extern const lks_kernels lks_kernels_avx512_vdpbf16;
extern const lks_kernels lks_kernels_avx512_bf16;
extern const lks_kernels lks_kernels_avx2_bf16;
extern const lks_kernels lks_kernels_portable_bf16;
extern const lks_kernels lks_kernels_portable_fma_bf16;
extern const lks_kernels lks_kernels_reference_bf16;
extern const lks_kernels lks_kernels_reference_fma_bf16;
extern const lks_kernels lks_kernels_avx512_amx;
extern const lks_kernels lks_kernels_avx512_bf16_amx;
extern const lks_kernels lks_kernels_avx2_bf16_amx;
extern const lks_kernels lks_kernels_portable_bf16_amx;
extern const lks_kernels lks_kernels_portable_fma_bf16_amx;
extern const lks_kernels lks_kernels_reference_bf16_amx;
extern const lks_kernels lks_kernels_reference_fma_bf16_amx;

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

/* Those of bf16 and bf16-amx: with the instruction, with AVX-512 and with AVX2 alone, which
 * leave out the first ones; and without FMA. */
enum { BY_INSTRUCTION, BY_AVX512, BY_AVX2, WITH_FMA = 5, WITHOUT_FMA = 2 };
static const lks_kernels *const bf16_tables[WITH_FMA] = {
    [BY_INSTRUCTION] = &lks_kernels_avx512_vdpbf16,
    [BY_AVX512] = &lks_kernels_avx512_bf16,
    [BY_AVX2] = &lks_kernels_avx2_bf16,
    &lks_kernels_portable_fma_bf16,
    &lks_kernels_reference_fma_bf16,
};
static const lks_kernels *const bf16_plain_tables[WITHOUT_FMA] = {
    &lks_kernels_portable_bf16,
    &lks_kernels_reference_bf16,
};
static const lks_kernels *const bf16_amx_tables[WITH_FMA] = {
    [BY_INSTRUCTION] = &lks_kernels_avx512_amx, [BY_AVX512] = &lks_kernels_avx512_bf16_amx,
    [BY_AVX2] = &lks_kernels_avx2_bf16_amx,     &lks_kernels_portable_fma_bf16_amx,
    &lks_kernels_reference_fma_bf16_amx,
};
static const lks_kernels *const bf16_amx_plain_tables[WITHOUT_FMA] = {
    &lks_kernels_portable_bf16_amx,
    &lks_kernels_reference_bf16_amx,
};

#define LKS_COUNT(tables) ((int)(sizeof(tables) / sizeof *(tables)))

static bool has_avx2(void) {
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static bool has_avx512(void) {
  return has_avx2() && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw");
}

static const lks_kernels *const *all_of_f32(int *count) {
  lks_openblas_prepare();
  if (has_avx512()) {
    *count = LKS_COUNT(avx512_tables);
    return avx512_tables;
  }
  if (has_avx2()) {
    *count = LKS_COUNT(avx2_tables);
    return avx2_tables;
  }
  *count = LKS_COUNT(plain_tables);
  return plain_tables;
}

/* Of bf16 or bf16-amx. */
static const lks_kernels *const *all_of_short(const lks_kernels *const with_fma[WITH_FMA],
                                              const lks_kernels *const without[WITHOUT_FMA],
                                              bool has_instruction, int *count) {
  if (!has_avx2()) {
    *count = WITHOUT_FMA;
    return without;
  }
  const int first = !has_avx512() ? BY_AVX2 : !has_instruction ? BY_AVX512 : BY_INSTRUCTION;
  *count = WITH_FMA - first;
  return with_fma + first;
}

const lks_kernels *const *lks_kernels_all(lks_precision precision, int *count) {
  switch (precision) {
  case LKS_PRECISION_BF16:
    return all_of_short(bf16_tables, bf16_plain_tables, __builtin_cpu_supports("avx512bf16"),
                        count);
  case LKS_PRECISION_BF16_AMX:
    return all_of_short(bf16_amx_tables, bf16_amx_plain_tables, lks_amx_is_usable(), count);
  default: return all_of_f32(count);
  }
}

static const char *const precision_names[LKS_PRECISION_COUNT] = {"f32", "bf16", "bf16-amx"};

const char *lks_precision_name(lks_precision precision) {
  return precision_names[precision];
}

lks_status lks_precision_find(const char *name, lks_precision *precision) {
  for (int p = 0; p < LKS_PRECISION_COUNT; p++)
    if (strcmp(name, precision_names[p]) == 0) {
      *precision = (lks_precision)p;
      return LKS_OK;
    }
  return LKS_FAIL(LKS_USAGE,
                  "precision: expected f32, bf16 or bf16-amx, found '%s'\n"
                  "  hint: it is what the operands of products are rounded to",
                  name);
}

/* Whether some processor has a table of this name. */
static bool is_known(const char *name) {
  for (int i = 0; i < LKS_COUNT(avx512_tables); i++)
    if (strcmp(avx512_tables[i]->name, name) == 0)
      return true;
  return false;
}

enum { TRIAL_ROWS = 24, TRIAL_INNER = 256, TRIAL_COLUMNS = 128, TRIALS = 7 };

/* Seconds of a small product, the least of TRIALS. */
static double trial_seconds(const lks_kernels *kernels) {
  const float right[TRIAL_INNER * TRIAL_COLUMNS] = {0}, left[TRIAL_ROWS * TRIAL_INNER] = {0};
  float packed[TRIAL_INNER * TRIAL_COLUMNS], out[TRIAL_ROWS * TRIAL_COLUMNS];
  const int panels = lks_kernels_panels(kernels, TRIAL_COLUMNS);
  double least = 0;
  LKS_ASSERT(kernels->packed_floats(TRIAL_INNER, TRIAL_COLUMNS) * sizeof *packed <=
             sizeof packed);
  kernels->pack(TRIAL_INNER, TRIAL_COLUMNS, (lks_operand){right, TRIAL_COLUMNS, 1}, packed, 0,
                panels);
  for (int i = 0; i < TRIALS; i++) {
    const double start = lks_clock_seconds();
    kernels->product(TRIAL_ROWS, TRIAL_INNER, TRIAL_COLUMNS, left, TRIAL_INNER, packed, NULL, 0,
                     out, TRIAL_COLUMNS, 0, panels);
    const double seconds = lks_clock_seconds() - start;
    least = i == 0 || seconds < least ? seconds : least;
  }
  return least;
}

/* Table `i`, or the next where that has its name and is faster: an instruction for bf16
 * is twice as fast as an fma on one processor and half as fast on another. */
static const lks_kernels *faster_of_name(const lks_kernels *const *tables, int count, int i) {
  if (i + 1 == count || strcmp(tables[i]->name, tables[i + 1]->name) != 0)
    return tables[i];
  return tables[i + (trial_seconds(tables[i + 1]) < trial_seconds(tables[i]))];
}

lks_status lks_kernels_find(const char *name, lks_precision precision,
                            const lks_kernels **kernels) {
  int count;
  const lks_kernels *const *tables = lks_kernels_all(precision, &count);
  if (name == NULL || *name == '\0' || strcmp(name, "auto") == 0) {
    *kernels = faster_of_name(tables, count, 0);
    return LKS_OK;
  }
  for (int i = 0; i < count; i++)
    if (strcmp(tables[i]->name, name) == 0) {
      *kernels = faster_of_name(tables, count, i);
      return LKS_OK;
    }
  if (precision != LKS_PRECISION_F32 && strcmp(name, "openblas") == 0)
    return LKS_FAIL(LKS_USAGE,
                    "kernels: expected kernels with products of %s, found 'openblas', which "
                    "multiplies f32\n"
                    "  hint: leave the name out to take '%s', or train with precision = f32",
                    precision_names[precision], tables[0]->name);
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
  else if (kernels->precision != LKS_PRECISION_F32)
    snprintf(text, bytes, "%s, products of %s%s (same bits as every table of %s)",
             kernels->name, precision_names[kernels->precision],
             kernels->emulated ? " as rounded f32" : " by its instruction",
             precision_names[kernels->precision]);
  else
    snprintf(text, bytes, "%s (same bits as every table but openblas)", kernels->name);
}

int lks_kernels_panels(const lks_kernels *kernels, int columns) {
  return (columns + kernels->panel - 1) / kernels->panel;
}
