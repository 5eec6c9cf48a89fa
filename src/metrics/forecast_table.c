/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_table.c - scores of all methods, one line each. */
#include "base/fail.h"
#include "metrics/forecast_scores.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 10 };

/* The scores in the order of the table's columns. */
static void list(const lks_forecast_scores *s, double values[COLUMNS]) {
  const double all[COLUMNS] = {s->mse,  s->rmse, s->mae,  s->rse,      s->corr,
                               s->mase, s->nll,  s->crps, s->coverage, s->width};
  for (int i = 0; i < COLUMNS; i++)
    values[i] = all[i];
}

typedef struct {
  char *text;
  size_t bytes, used;
} page;

static void add(page *p, const char *format, int width, const char *text) {
  int printed = snprintf(p->text + p->used, p->bytes - p->used, format, width, text);
  if (printed > 0)
    p->used += (size_t)printed < p->bytes - p->used ? (size_t)printed : p->bytes - p->used - 1;
}

static void add_number(page *p, int width, double value, bool is_share) {
  char text[32] = "-";
  if (!isnan(value) && is_share)
    snprintf(text, sizeof text, "%.1f %%", 100 * value);
  else if (!isnan(value))
    snprintf(text, sizeof text,
             fabs(value) < 100     ? "%.4f"
             : fabs(value) < 99999 ? "%.5g"
                                   : "%.2g",
             value);
  add(p, "  %*s", width, text);
}

lks_status lks_forecast_table(const double *sums, int targets, double level, char *text,
                              size_t bytes) {
  enum { NAME_WIDTH = 20, WIDTH = 8, COVER = 8 };
  char cover[32];
  const char *const names[COLUMNS] = {"mse",  "rmse", "mae",  "rse", "corr",
                                      "mase", "nll",  "crps", cover, "width"};
  double values[LKS_METHOD_COUNT][COLUMNS];
  bool has[COLUMNS] = {false}, is_there[LKS_METHOD_COUNT] = {false};
  page p = {text, bytes, 0};
  LKS_ASSERT(bytes > 0);
  text[0] = '\0';
  for (int m = 0; m < LKS_METHOD_COUNT; m++) {
    lks_forecast_scores scores = lks_forecast_scores_of(sums, targets, (lks_forecast_method)m);
    list(&scores, values[m]);
    is_there[m] = scores.values > 0;
    for (int i = 0; i < COLUMNS; i++)
      has[i] = has[i] || !isnan(values[m][i]);
  }
  snprintf(cover, sizeof cover, "cover %g %%", 100 * level);
  int cover_width = strlen(cover) > WIDTH ? (int)strlen(cover) : WIDTH;
  add(&p, "%-*s", NAME_WIDTH, "method");
  for (int i = 0; i < COLUMNS; i++)
    if (has[i])
      add(&p, "  %*s", i == COVER ? cover_width : WIDTH, names[i]);
  for (int m = 0; m < LKS_METHOD_COUNT; m++) {
    if (!is_there[m])
      continue;
    add(&p, "\n%-*s", NAME_WIDTH, lks_forecast_method_text((lks_forecast_method)m));
    for (int i = 0; i < COLUMNS; i++)
      if (has[i])
        add_number(&p, i == COVER ? cover_width : WIDTH, values[m][i], i == COVER);
  }
  return LKS_OK;
}
