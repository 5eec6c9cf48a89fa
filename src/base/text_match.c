/* SPDX-License-Identifier: Apache-2.0 */
/* text_match.c - what somebody meant who wrote a name that is not there. */
#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_BYTES = 64 };

static size_t smallest(size_t a, size_t b, size_t c) {
  size_t least = a < b ? a : b;
  return least < c ? least : c;
}

/* Edits that turn a into b, where two neighbours that changed places are one
 * edit ("optimal string alignment"); SIZE_MAX for names too long to be names. */
static size_t distance(const char *a, const char *b) {
  size_t rows = strlen(a);
  size_t columns = strlen(b);
  if (rows > NAME_MAX_BYTES || columns > NAME_MAX_BYTES)
    return SIZE_MAX;
  size_t cost[3][NAME_MAX_BYTES + 1]; /* rows i-2, i-1 and i of the table, in turn */
  for (size_t j = 0; j <= columns; j++)
    cost[0][j] = j;
  for (size_t i = 1; i <= rows; i++) {
    size_t *now = cost[i % 3];
    const size_t *prev = cost[(i + 2) % 3];
    const size_t *before = cost[(i + 1) % 3];
    now[0] = i;
    for (size_t j = 1; j <= columns; j++) {
      now[j] = smallest(prev[j] + 1, now[j - 1] + 1, prev[j - 1] + (a[i - 1] != b[j - 1]));
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < now[j])
        now[j] = before[j - 2] + 1;
    }
  }
  return cost[rows % 3][columns];
}

const char *lks_text_closest(const char *wanted, const char *const *names, size_t count) {
  const char *closest = NULL;
  size_t least = strlen(wanted) / 3 + 1; /* the edits that still pass for a slip */
  for (size_t i = 0; i < count; i++) {
    size_t edits = distance(wanted, names[i]);
    if (edits <= least && edits < strlen(names[i]) && (!closest || edits < least)) {
      closest = names[i];
      least = edits;
    }
  }
  return closest;
}

void lks_text_suggest(const char *wanted, const char *const *names, size_t count, char *text,
                      size_t bytes) {
  const char *closest = lks_text_closest(wanted, names, count);
  if (closest)
    (void)snprintf(text, bytes, "; did you mean '%s'? known: ", closest);
  else
    (void)snprintf(text, bytes, "; known: ");
  for (size_t i = 0; i < count; i++) {
    size_t used = strlen(text);
    (void)snprintf(text + used, bytes - used, "%s%s", i ? ", " : "", names[i]);
  }
}
