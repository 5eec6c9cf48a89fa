/* SPDX-License-Identifier: Apache-2.0 */
/* fail.c - one message and one trail per thread.
 *
 * The texts are fixed arrays: a failure must be told even when no memory is
 * left, and must not disturb the counted heap. */
#include "base/fail.h"

#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 1024, TRAIL_BYTES = 2048 };

static _Thread_local char message_text[MESSAGE_BYTES];
static _Thread_local char trail_text[TRAIL_BYTES];

/* The path from "src/" on, so that messages do not depend on where it was built. */
static const char *short_path(const char *file) {
  const char *place = strstr(file, "src/");
  for (const char *next = place; next; next = strstr(next + 1, "src/"))
    place = next;
  return place ? place : file;
}

static void add_trail(const char *file, int line, const char *function) {
  size_t used = strlen(trail_text);
  (void)snprintf(trail_text + used, sizeof trail_text - used, "%s%s:%d %s", used ? "\n" : "",
                 short_path(file), line, function);
}

lks_status lks_fail(lks_status status, const char *file, int line, const char *function,
                    const char *format, ...) {
  /* An argument may be the previous message, so the new one is made aside. */
  char text[MESSAGE_BYTES];
  va_list arguments;
  va_start(arguments, format);
  (void)vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  memcpy(message_text, text, sizeof text);
  trail_text[0] = '\0';
  add_trail(file, line, function);
  return status;
}

lks_status lks_fail_trail(lks_status status, const char *file, int line, const char *function) {
  add_trail(file, line, function);
  return status;
}

void lks_fail_adopt(const char *message) {
  char text[MESSAGE_BYTES];
  (void)snprintf(text, sizeof text, "%s", message);
  memcpy(message_text, text, sizeof text);
}

void lks_assert_failed(const char *condition, const char *file, int line) {
  lks_log(LKS_LOG_ERROR,
          "%s:%d: this must hold: %s\n  hint: this is a mistake in lockstep, "
          "please report it",
          short_path(file), line, condition);
  abort();
}

const char *lks_status_text(lks_status status) {
  static const char *const texts[] = {
#define STATUS_TEXT(name, text, code) text,
      LKS_STATUS_LIST(STATUS_TEXT)
#undef STATUS_TEXT
  };
  size_t index = (size_t)status;
  return index < sizeof texts / sizeof *texts ? texts[index] : "unknown status";
}

int lks_status_exit_code(lks_status status) {
  static const int codes[] = {
#define STATUS_CODE(name, text, code) code,
      LKS_STATUS_LIST(STATUS_CODE)
#undef STATUS_CODE
  };
  size_t index = (size_t)status;
  return index < sizeof codes / sizeof *codes ? codes[index] : 1;
}

const char *lks_error_message(void) {
  return message_text;
}

const char *lks_error_trail(void) {
  return trail_text;
}
