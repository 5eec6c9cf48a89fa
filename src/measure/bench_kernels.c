/* SPDX-License-Identifier: Apache-2.0 */
/* bench_kernels.c - a row a kernel: its rate, the machine's, OpenBLAS', and whether its
 * bits are those of the plain loops. */
#include "measure/bench_kernels.h"

#include "base/clock.h"
#include "base/fail.h"
#include "kernels/openblas.h"
#include "kernels/parallel.h"
#include "measure/quiet.h"

#include <math.h>
#include <string.h>

/* A turn lasts at least so long. */
static const double turn_seconds = 2e-3;

lks_status lks_kernel_bench_begin(const lks_kernel_bench *bench) {
  double others;
  if (bench->setup->wait <= 0)
    return LKS_OK;
  LKS_TRY(lks_quiet_wait(NULL, bench->setup->wait, &others));
  lks_machine_warm_up(bench->ours, bench->threads);
  return LKS_OK;
}

void lks_kernel_bench_turn(lks_turns *turns, void (*run)(void *context), void *context) {
  double start = lks_clock_seconds(), seconds;
  int runs = 0;
  do {
    run(context);
    runs++;
    seconds = lks_clock_seconds() - start;
  } while (seconds < turn_seconds);
  lks_turns_add(turns, seconds / runs);
}

void lks_kernel_bench_fill(float *values, size_t count, float low, float high) {
  uint32_t state = 1;
  for (size_t i = 0; i < count; i++) {
    state = state * 1664525u + 1013904223u;
    values[i] = low + (high - low) * lks_random_unit(state);
  }
}

double lks_kernel_bench_error(double so_far, const float *found, const float *expected,
                              size_t count) {
  if (memcmp(found, expected, count * sizeof *found) == 0)
    return so_far;
  for (size_t i = 0; i < count; i++) {
    double error = fabs((double)found[i] - (double)expected[i]);
    if (isnan(error) && !(isnan(found[i]) && isnan(expected[i])))
      error = INFINITY;
    so_far = error > so_far ? error : so_far;
  }
  return so_far;
}

static void print_head(const lks_kernel_bench *bench) {
  FILE *out = bench->setup->out;
  int threads = bench->threads;
  fprintf(out, "kernels %s on %d thread%s, medians of %d turns\n", bench->ours->name, threads,
          threads == 1 ? "" : "s", bench->setup->rounds);
  fprintf(out, "peak: %.1f GFLOP/s of f32 multiply-adds, %.1f GB/s of memory (x + y into y)\n",
          bench->peak.flops / 1e9, bench->peak.bytes / 1e9);
  const char *better, *core = lks_openblas_core(&better);
  if (better)
    fprintf(out,
            "OpenBLAS: %s kernels, since it does not know this processor; OPENBLAS_CORETYPE=%s "
            "makes it a fairer rival\n",
            core, better);
  else
    fprintf(out, "OpenBLAS: %s kernels\n", core);
  fprintf(out, "%-17s %-22s %-15s %9s %8s %-7s %6s %8s %6s %8s %9s\n", "kernel", "", "size",
          "ms", "rate", "", "peak", "OpenBLAS", "ratio", "differs", "OpenBLAS");
}

static void print_row(const lks_kernel_bench *bench, lks_kernel_row *row, double peak) {
  FILE *out = bench->setup->out;
  double seconds = lks_turns_median(&row->ours) / row->runs, rate = row->work / seconds;
  fprintf(out, "%-17s %-22s %-15s %9.4f %8.1f %-7s %4.0f %%", row->kernel, row->what, row->size,
          1e3 * seconds, rate / 1e9, row->is_product ? "GFLOP/s" : "GB/s", 100 * rate / peak);
  if (row->blas.count > 0) {
    double theirs = row->work / lks_turns_median(&row->blas);
    fprintf(out, " %8.1f %6.2f %8.1g %9.1g\n", theirs / 1e9, rate / theirs, row->error,
            row->blas_error);
  } else {
    fprintf(out, " %8s %6s %8.1g\n", "", "", row->error);
  }
}

static void print_json(const lks_kernel_bench *bench, lks_kernel_row *row, double peak) {
  FILE *out = bench->setup->out;
  double seconds = lks_turns_median(&row->ours) / row->runs, rate = row->work / seconds;
  fprintf(out, "{\"kernel\": \"%s\", \"what\": \"%s\", \"size\": \"%s\", ", row->kernel,
          row->what, row->size);
  fprintf(out, "\"kernels\": \"%s\", \"precision\": \"%s\", \"threads\": %d, ",
          bench->ours->name, lks_precision_name(bench->ours->precision), bench->threads);
  fprintf(out, "\"median_seconds\": %.6g, \"min_seconds\": %.6g, \"max_seconds\": %.6g, ",
          seconds, lks_turns_minimum(&row->ours) / row->runs,
          lks_turns_maximum(&row->ours) / row->runs);
  fprintf(out, "\"unit\": \"%s\", \"rate\": %.6g, \"peak\": %.6g, \"share\": %.4g, ",
          row->is_product ? "GFLOP/s" : "GB/s", rate / 1e9, peak / 1e9, rate / peak);
  if (row->blas.count > 0) {
    double theirs = row->work / lks_turns_median(&row->blas);
    fprintf(out, "\"openblas_rate\": %.6g, \"ratio\": %.4g, \"openblas_error\": %.3g, ",
            theirs / 1e9, rate / theirs, row->blas_error);
  }
  fprintf(out, "\"error\": %.3g}\n", row->error);
}

void lks_kernel_bench_print(const lks_kernel_bench *bench, lks_kernel_row *row) {
  double peak = row->is_product ? bench->peak.flops : bench->peak.bytes;
  (bench->setup->json ? print_json : print_row)(bench, row, peak);
  fflush(bench->setup->out);
}

lks_status lks_bench_kernels(const lks_bench_setup *setup) {
  lks_kernel_bench bench = {.setup = setup};
  lks_precision precision = LKS_PRECISION_F32;
  bench.threads = setup->threads > 0 ? setup->threads : lks_parallel_threads();
  if (setup->precision)
    LKS_TRY(lks_precision_find(setup->precision, &precision));
  LKS_TRY(lks_kernels_find(setup->kernels, precision, &bench.ours));
  LKS_TRY(lks_kernels_find("reference", precision, &bench.reference));
  LKS_TRY(lks_kernel_bench_begin(&bench));
  LKS_TRY(lks_machine_peak_measure(bench.ours, bench.threads, &bench.peak));
  if (!setup->json)
    print_head(&bench);
  LKS_TRY(lks_bench_products(&bench));
  LKS_TRY(lks_bench_gradients(&bench));
  LKS_TRY(lks_bench_cells(&bench));
  LKS_TRY(lks_bench_functions(&bench));
  LKS_TRY(lks_bench_updates(&bench));
  return LKS_OK;
}
