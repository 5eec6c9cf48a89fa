/* SPDX-License-Identifier: Apache-2.0 */
/* consumer.c - uses the installed headers and library. */
#include <lockstep/lockstep.h>

#include <stdio.h>
#include <string.h>

int main(void) {
  int wrong = strcmp(lks_status_text(LKS_DATA), "bad data") != 0;
  wrong += lks_status_exit_code(LKS_DATA) != 3;
  (void)printf("lockstep %s\n", lks_version());
  return wrong;
}
