/* SPDX-License-Identifier: Apache-2.0 */
/* test_check_run.c - what is said about how a run falls on made-up ranks. */
#include "check.h"
#include "measure/check_run.h"

enum { RANKS = 3, TEXT_BYTES = 2048 };

static lks_machine machines[RANKS];

/* What is said of RANKS ranks on one host with `available` bytes, in text. */
static lks_findings ask(const lks_run_share *shares, uint64_t available, char *text) {
  lks_comm *comm = NULL;
  lks_findings findings = {.machines = machines, .ranks = RANKS};
  text[0] = '\0';
  for (int rank = 0; rank < RANKS; rank++)
    machines[rank] = (lks_machine){.host = "node1", .memory_free_bytes = available};
  if (!CHECK_OK(lks_comm_create(&comm, false)))
    return findings;
  findings.comm = comm;
  findings.out = fmemopen(text, TEXT_BYTES, "w");
  if (CHECK(findings.out != NULL)) {
    lks_check_shares(&findings, shares);
    fclose(findings.out);
  }
  lks_comm_destroy(comm, LKS_OK);
  return findings;
}

static void an_even_run_is_fine(void) {
  static const lks_run_share shares[RANKS] = {{0, 3, 8, 100000000, LKS_PRECISION_F32, false},
                                              {3, 6, 8, 200000000, LKS_PRECISION_F32, false},
                                              {6, 8, 7, 100000000, LKS_PRECISION_F32, false}};
  char text[TEXT_BYTES];
  lks_findings findings = ask(shares, 1000000000, text);
  CHECK_CONTAINS(text, "ok       run        23 rows in 8 shards; a rank has at most 3 of the "
                       "shards, 8 rows\n");
  CHECK_CONTAINS(text, "node1: about 200 MB a rank, 400 MB in all, 1000 MB available\n");
  CHECK_EQUAL(findings.warnings + findings.problems, 0);
}

static void an_uneven_run_is_slower_than_it_could_be(void) {
  static const lks_run_share shares[RANKS] = {{0, 2, 10, 1, LKS_PRECISION_F32, false},
                                              {2, 3, 5, 1, LKS_PRECISION_F32, false},
                                              {3, 4, 5, 1, LKS_PRECISION_F32, false}};
  char text[TEXT_BYTES];
  lks_findings findings = ask(shares, 1000, text);
  CHECK_CONTAINS(text,
                 "warning  run        20 rows in 4 shards on 3 ranks: rank 0 has 10 rows, "
                 "the mean is 6.7");
  CHECK_EQUAL(findings.warnings, 1);
}

static void a_run_that_does_not_fit_is_a_problem(void) {
  static const lks_run_share shares[RANKS] = {{0, 2, 5, 400000000, LKS_PRECISION_F32, false},
                                              {2, 4, 5, 400000000, LKS_PRECISION_F32, false},
                                              {4, 6, 5, 400000000, LKS_PRECISION_F32, false}};
  char text[TEXT_BYTES];
  lks_findings findings = ask(shares, 1000000000, text);
  CHECK_CONTAINS(text,
                 "problem  run        node1: about 400 MB a rank, 1200 MB in all, 1000 MB "
                 "available; [train] accumulate");
  CHECK_EQUAL(findings.problems, 1);
}

static void bf16_without_its_instruction_is_no_faster(void) {
  lks_run_share shares[RANKS] = {{0, 2, 5, 1, LKS_PRECISION_BF16, false},
                                 {2, 4, 5, 1, LKS_PRECISION_BF16, false},
                                 {4, 6, 5, 1, LKS_PRECISION_BF16, false}};
  char text[TEXT_BYTES];
  lks_findings findings = ask(shares, 1000, text);
  CHECK_CONTAINS(text, "ok       run        products of bf16, by its instruction\n");
  CHECK_EQUAL(findings.warnings, 0);
  shares[1].emulates = true;
  findings = ask(shares, 1000, text);
  CHECK_CONTAINS(text,
                 "warning  run        products of bf16, which rank 1 on node1 multiplies as "
                 "rounded f32: precision = f32 would be as fast there\n");
  CHECK_EQUAL(findings.warnings, 1);
}

const lks_test check_run_tests[] = {TEST(an_even_run_is_fine),
                                    TEST(an_uneven_run_is_slower_than_it_could_be),
                                    TEST(a_run_that_does_not_fit_is_a_problem),
                                    TEST(bf16_without_its_instruction_is_no_faster), TEST_END};
