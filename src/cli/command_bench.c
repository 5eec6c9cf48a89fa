/* SPDX-License-Identifier: Apache-2.0 */
/* command_bench.c - lockstep bench kernels and lockstep bench network. */
#include "cli/command.h"
#include "measure/bench.h"

typedef struct {
  lks_common_options common;
  const char *kernels;
  const char *precision;
  int64_t threads;
  int64_t rounds;
  double wait;
  bool json;
  bool unaligned;
} bench_options;

static const bench_options defaults = {.rounds = 11, .wait = 1};

static const lks_option kernel_rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"kernels", LKS_OPTION_TEXT, offsetof(bench_options, kernels), "NAME", 1, 0,
     "the kernels to measure (default: the fastest of ours)"},
    {"precision", LKS_OPTION_TEXT, offsetof(bench_options, precision), "NAME", 1, 0,
     "of the operands of their products: f32 (default), bf16 or bf16-amx"},
    {"threads", LKS_OPTION_INTEGER, offsetof(bench_options, threads), "N", 1, 4096,
     "threads (default: OMP_NUM_THREADS, or the cores)"},
    {"rounds", LKS_OPTION_INTEGER, offsetof(bench_options, rounds), "N", 1, 201,
     "turns of each rival"},
    {"wait", LKS_OPTION_REAL, offsetof(bench_options, wait), "SECONDS", 0, 86400,
     "most time to wait for a quiet machine before a row (default: 1)"},
    {"json", LKS_OPTION_SWITCH, offsetof(bench_options, json), NULL, 1, 0,
     "one JSON object a row instead of a table"},
};

static const lks_option network_rows[] = {
    LKS_COMMON_OPTION_ROWS,
    {"threads", LKS_OPTION_INTEGER, offsetof(bench_options, threads), "N", 1, 4096,
     "threads of a rank (default: OMP_NUM_THREADS, or the cores)"},
    {"unaligned", LKS_OPTION_SWITCH, offsetof(bench_options, unaligned), NULL, 1, 0,
     "ranks have 5 and 11 of 16 shards, and several partial sums"},
    {"rounds", LKS_OPTION_INTEGER, offsetof(bench_options, rounds), "N", 1, 201,
     "turns of each rival"},
};

static lks_bench_setup setup_of(const lks_command_call *call) {
  const bench_options *options = call->options;
  return (lks_bench_setup){.kernels = options->kernels,
                           .precision = options->precision,
                           .threads = (int)options->threads,
                           .rounds = (int)options->rounds,
                           .wait = options->wait,
                           .json = options->json,
                           .unaligned = options->unaligned,
                           .out = stdout};
}

static lks_status run_kernels(const lks_command_call *call) {
  lks_bench_setup setup = setup_of(call);
  return lks_bench_kernels(&setup);
}

static lks_status run_network(const lks_command_call *call) {
  lks_bench_setup setup = setup_of(call);
  return lks_bench_network(call->comm, &setup);
}

const lks_command lks_command_bench_kernels = {
    .name = "bench kernels",
    .summary = "times every kernel beside the machine's peak and OpenBLAS",
    .details =
        "Times each kernel and prints its share of what the processor can multiply and add,\n"
        "or of what memory can move: above 100 % for work inside the caches.  \"differs\" is\n"
        "the largest difference from the plain loops: 0 for the same bits.  Rivals take turns;\n"
        "compare the ratios of one run.\n",
    .table = {"bench kernels", kernel_rows, sizeof kernel_rows / sizeof kernel_rows[0], 0, 0,
              ""},
    .options_bytes = sizeof(bench_options),
    .defaults = &defaults,
    .run = run_kernels,
};

const lks_command lks_command_bench_network = {
    .name = "bench network",
    .summary = "times the exact sum over ranks beside MPI_Allreduce",
    .details =
        "Times the one sum of a step, and checks it.  Rivals take turns; MPI_Allreduce sums\n"
        "one buffer a rank.  It has its best conditions when the C library keeps memory:\n"
        "\n"
        "  export OMP_NUM_THREADS=1\n"
        "  export GLIBC_TUNABLES=glibc.malloc.mmap_threshold=4294967296:\\\n"
        "glibc.malloc.trim_threshold=8589934592:glibc.malloc.top_pad=268435456\n"
        "  mpirun -n 2 lockstep bench network\n",
    .table = {"bench network", network_rows, sizeof network_rows / sizeof network_rows[0], 0, 0,
              ""},
    .options_bytes = sizeof(bench_options),
    .defaults = &defaults,
    .collective = true,
    .run = run_network,
};
