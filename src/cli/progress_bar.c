/* SPDX-License-Identifier: Apache-2.0 */
/* progress_bar.c - progress as text.
 *
 * The text is a pure function of a state, so that tests need no terminal; the rest
 * decides when to draw.  Nothing is shown in a command's first two seconds. */
#include "cli/progress_bar.h"

#include "base/clock.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { BAR_CELLS = 24, DEFAULT_COLUMNS = 80, LINE_BYTES = 512 };

/* Seconds before the first drawing, between two on a terminal, and between two lines
 * elsewhere. */
static const double first_seconds = 2;
static const double redraw_seconds = 0.1;
static const double line_seconds = 10;

/* Appends to text[0..bytes), cutting what does not fit. */
__attribute__((format(printf, 3, 4))) static void append(char *text, size_t bytes,
                                                         const char *format, ...) {
  size_t used = strlen(text);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text + used, bytes - used, format, arguments);
  va_end(arguments);
}

static double share_of(const lks_progress_state *state) {
  if (state->total <= 0)
    return 0;
  double share = (double)state->done / (double)state->total;
  return share < 0 ? 0 : share > 1 ? 1 : share;
}

/* "950 tokens/s", "12.3k tokens/s", "1.23M tokens/s". */
static void append_rate(const lks_progress_state *state, char *text, size_t bytes) {
  double rate = state->items_per_second;
  if (!(rate > 0) || state->item == NULL)
    return;
  if (rate >= 999500)
    append(text, bytes, "  %.2fM %s/s", rate / 1e6, state->item);
  else if (rate >= 999.5)
    append(text, bytes, "  %.1fk %s/s", rate / 1e3, state->item);
  else
    append(text, bytes, "  %.0f %s/s", rate, state->item);
}

static void append_bar(double share, char *text, size_t bytes) {
  char cells[BAR_CELLS + 1];
  int full = (int)floor(share * BAR_CELLS);
  for (int i = 0; i < BAR_CELLS; i++)
    cells[i] = i < full ? '#' : '.';
  cells[BAR_CELLS] = '\0';
  append(text, bytes, "  [%s] %3d%%", cells, (int)floor(share * 100));
}

void lks_progress_describe(const lks_progress_state *state, double seconds_left, int columns,
                           char *text, size_t bytes) {
  text[0] = '\0';
  append(text, bytes, "%s", state->phase);
  if (columns > 0)
    append_bar(share_of(state), text, bytes);
  append(text, bytes, "  %lld/%lld", (long long)state->done, (long long)state->total);
  if (seconds_left >= 0) {
    char left[32];
    lks_clock_describe(seconds_left, left, sizeof left);
    append(text, bytes, "  %s left", left);
  }
  append_rate(state, text, bytes);
  if (state->epoch >= 0)
    append(text, bytes, "  epoch %.2f/%g", state->epoch, state->epochs);
  if (state->text != NULL && state->text[0] != '\0')
    append(text, bytes, "  %s", state->text);
  if (columns > 0 && strlen(text) > (size_t)columns)
    text[columns] = '\0';
}

double lks_progress_seconds_left(const lks_progress_state *state, int64_t first,
                                 double elapsed) {
  int64_t done = state->done - first;
  if (done <= 0 || elapsed <= 0 || state->total < state->done)
    return -1;
  return elapsed / (double)done * (double)(state->total - state->done);
}

/* One less than the terminal has: a full line would wrap. */
static int columns_of(FILE *out) {
  struct winsize size;
  const char *columns = getenv("COLUMNS");
  if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col > 1)
    return size.ws_col - 1;
  int told = columns != NULL ? atoi(columns) : 0;
  return (told > 1 ? told : DEFAULT_COLUMNS) - 1;
}

/* Under mpirun standard error is a pipe, also when a terminal is at its other end:
 * who knows, like launch/run, says so by LOCKSTEP_PROGRESS=bar; or =lines. */
static bool wants_bar(FILE *out) {
  const char *told = getenv("LOCKSTEP_PROGRESS");
  if (told != NULL && strcmp(told, "bar") == 0)
    return true;
  if (told != NULL && strcmp(told, "lines") == 0)
    return false;
  return isatty(fileno(out)) != 0;
}

static void clear(lks_progress_bar *bar) {
  if (bar->is_drawn)
    fputs("\r\033[K", bar->out);
  bar->is_drawn = false;
}

/* A new phase starts its own estimate; the clock for drawing goes on, so that short
 * phases do not make it flicker. */
static void notice_phase(lks_progress_bar *bar, const lks_progress_state *state, double now) {
  if (strncmp(bar->phase, state->phase, sizeof bar->phase - 1) == 0 &&
      state->done >= bar->phase_done)
    return;
  snprintf(bar->phase, sizeof bar->phase, "%s", state->phase);
  bar->phase_start = now;
  bar->phase_done = state->done;
}

static void update(void *context, const lks_progress_state *state) {
  lks_progress_bar *bar = context;
  double now = lks_clock_seconds();
  notice_phase(bar, state, now);
  if (now < bar->next)
    return;
  bar->next = now + (bar->is_terminal ? redraw_seconds : line_seconds);
  char text[LINE_BYTES];
  double left = lks_progress_seconds_left(state, bar->phase_done, now - bar->phase_start);
  lks_progress_describe(state, left, bar->is_terminal ? columns_of(bar->out) : 0, text,
                        sizeof text);
  clear(bar);
  fputs(text, bar->out);
  if (!bar->is_terminal)
    fputc('\n', bar->out);
  bar->is_drawn = bar->is_terminal;
  fflush(bar->out);
}

static void line(void *context, const char *text) {
  lks_progress_bar *bar = context;
  clear(bar);
  fprintf(bar->out, "%s\n", text);
  fflush(bar->out);
}

void lks_progress_bar_open(lks_progress_bar *bar, FILE *out) {
  *bar = (lks_progress_bar){.out = out, .next = lks_clock_seconds() + first_seconds};
  bar->is_terminal = wants_bar(out);
  bar->progress = (lks_progress){update, line, bar};
}

void lks_progress_bar_close(lks_progress_bar *bar) {
  clear(bar);
  fflush(bar->out);
}
