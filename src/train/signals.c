/* SPDX-License-Identifier: Apache-2.0 */
/* signals.c - the handler stores a flag, which is all that a handler may do. */
#include "train/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked;
static int depth;
static const int numbers[] = {SIGINT, SIGTERM, SIGUSR1};
enum { NUMBER_COUNT = sizeof numbers / sizeof *numbers };
static struct sigaction before[NUMBER_COUNT];

static void note(int number) {
  if (asked && number != SIGUSR1)
    _exit(128 + number);
  asked = 1;
}

void lks_signals_enter(void) {
  struct sigaction action = {.sa_handler = note, .sa_flags = SA_RESTART};
  if (depth++ > 0)
    return;
  sigemptyset(&action.sa_mask);
  asked = 0;
  for (int i = 0; i < NUMBER_COUNT; i++)
    sigaction(numbers[i], &action, &before[i]);
}

void lks_signals_leave(void) {
  struct sigaction ignore = {.sa_handler = SIG_IGN};
  if (--depth > 0)
    return;
  sigemptyset(&ignore.sa_mask);
  for (int i = 0; i < NUMBER_COUNT; i++)
    sigaction(numbers[i], asked && numbers[i] == SIGUSR1 ? &ignore : &before[i], NULL);
}

bool lks_signals_stop_asked(void) {
  return asked != 0;
}
