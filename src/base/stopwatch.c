/* SPDX-License-Identifier: Apache-2.0 */
#include "base/stopwatch.h"

#include "base/clock.h"

#include <string.h>

void lks_stopwatch_start(lks_stopwatch *watch, lks_part part) {
  memset(watch->seconds, 0, sizeof watch->seconds);
  watch->part = part;
  watch->since = lks_clock_seconds();
}

void lks_stopwatch_enter(lks_stopwatch *watch, lks_part part) {
  if (!watch)
    return;
  double now = lks_clock_seconds();
  watch->seconds[watch->part] += now - watch->since;
  watch->part = part;
  watch->since = now;
}

const char *lks_part_text(lks_part part) {
  static const char *const texts[LKS_PART_COUNT] = {"input", "forward", "loss", "backward",
                                                    "sum",   "update",  "pack"};
  return texts[part];
}
