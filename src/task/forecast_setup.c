/* SPDX-License-Identifier: Apache-2.0 */
/* forecast_setup.c - keys of the forecast task, and which of them go together. */
#include "task/forecast_setup.h"

#include "base/fail.h"
#include "model/cell.h"
#include "task/network.h"

#include <string.h>

static const lks_key keys[] = {
    {"data", "horizon", LKS_KEY_INTEGER, "1", NULL, 1, 100000, LKS_KEY_FIXED,
     "rows to forecast"},
    {"data", "lead", LKS_KEY_INTEGER, "1", NULL, 1, 100000, LKS_KEY_FIXED,
     "steps from the end of the window to the first forecast; 1: the next row"},
    {"data", "stride", LKS_KEY_INTEGER, "1", NULL, 1, 1000000, LKS_KEY_FIXED,
     "rows between training windows"},
    {"data", "season", LKS_KEY_INTEGER, "0", NULL, 0, 1000000, LKS_KEY_FIXED,
     "rows of a season, for seasonal-naive; 0: the dataset's"},
    {"model", "cell", LKS_KEY_CHOICE, "lstm", LKS_CELL_NAMES " none", 1, 0, LKS_KEY_FIXED,
     "recurrent cell; none: a feed-forward network that sees the last row only"},
    {"model", "decoder", LKS_KEY_CHOICE, "direct", "direct recursive", 1, 0, LKS_KEY_FIXED,
     "direct: all rows of the horizon at once; recursive: the next row, fed back"},
    {"model", "window_centre", LKS_KEY_CHOICE, "none", "none last mean", 1, 0, LKS_KEY_FIXED,
     "what is taken off the targets of a window: nothing, its last value, its mean"},
    {"model", "window_scale", LKS_KEY_CHOICE, "none", "none deviation difference", 1, 0,
     LKS_KEY_FIXED,
     "what targets of a window are divided by: nothing, their standard deviation, that of their steps"},
    {"model", "residual", LKS_KEY_CHOICE, "none", "none naive seasonal-naive", 1, 0,
     LKS_KEY_FIXED, "forecast to which the network's output is added"},
    {"model", "differences", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "differences of the targets from row to row are inputs as well"},
    {"model", "series_embedding", LKS_KEY_INTEGER, "0", NULL, 0, 4096, LKS_KEY_FIXED,
     "units of a learned vector for each series; 0: none"},
    {"train", "loss", LKS_KEY_CHOICE, "mse", LKS_FORECAST_LOSS_NAMES, 1, 0, LKS_KEY_FIXED,
     "what the head gives and how it is scored"},
    {"train", "huber_delta", LKS_KEY_REAL, "1", NULL, 1e-6, 1e6, LKS_KEY_FIXED,
     "huber: error from which the loss is linear"},
    {"train", "quantiles", LKS_KEY_TEXT, "0.1 0.25 0.5 0.75 0.9", NULL, 1, 0, LKS_KEY_FIXED,
     "quantiles: which, rising"},
    {"evaluate", "metric", LKS_KEY_CHOICE, "auto", "auto mse mae rse mase nll crps", 1, 0,
     LKS_KEY_FIXED, "score that models are chosen by; auto: what the loss is about"},
    {"evaluate", "interval", LKS_KEY_REAL, "0.8", NULL, 0.01, 0.999, LKS_KEY_FREE,
     "level of the central interval"},
    {"evaluate", "samples", LKS_KEY_INTEGER, "100", NULL, 2, 100000, LKS_KEY_FIXED,
     "paths that a recursive distribution is simulated by"},
};

lks_status lks_forecast_register(lks_config *config) {
  LKS_TRY(lks_network_register(config));
  LKS_TRY(lks_config_register(config, keys, sizeof keys / sizeof *keys));
  LKS_TRY(lks_config_default(config, "train", "carry_state", "no"));
  LKS_TRY(lks_config_default(config, "train", "batch", "32"));
  LKS_TRY(lks_config_default(config, "model", "layers", "1"));
  return lks_config_default(config, "model", "hidden", "64");
}

static int integer_of(const lks_config *config, const char *section, const char *key) {
  return (int)lks_config_integer(config, section, key);
}

/* The place of a choice key's value among `names`. */
static int choice_of(const lks_config *config, const char *key, const char *const *names) {
  const char *value = lks_config_text(config, "model", key);
  for (int i = 0; names[i] != NULL; i++)
    if (strcmp(names[i], value) == 0)
      return i;
  LKS_ASSERT(false); /* the key's choices are the names */
  return 0;
}

static lks_status read_head(lks_forecast_setup *s, const lks_config *config) {
  s->head.loss = lks_forecast_loss_find(lks_config_text(config, "train", "loss"));
  s->head.huber_delta = lks_config_real(config, "train", "huber_delta");
  LKS_TRY(
      lks_forecast_head_set_quantiles(&s->head, lks_config_text(config, "train", "quantiles")));
  s->raw = s->head.loss->outputs(&s->head);
  s->metric = lks_config_text(config, "evaluate", "metric");
  if (strcmp(s->metric, "auto") == 0)
    s->metric = s->head.loss->is_distribution            ? "nll"
                : s->head.loss->has_quantiles            ? "crps"
                : strcmp(s->head.loss->name, "mse") == 0 ? "mse"
                                                         : "mae";
  if (strcmp(s->metric, "nll") == 0 && !s->head.loss->is_distribution)
    return LKS_FAIL(LKS_USAGE,
                    "[evaluate] metric = nll: [train] loss = %s gives no distribution\n  hint: "
                    "gaussian and student-t do; crps suits every loss",
                    s->head.loss->name);
  return LKS_OK;
}

static void read_choices(lks_forecast_setup *s, const lks_config *config) {
  static const char *const centres[] = {"none", "last", "mean", NULL};
  static const char *const scales[] = {"none", "deviation", "difference", NULL};
  static const char *const residuals[] = {"none", "naive", "seasonal-naive", NULL};
  s->centre = (lks_window_centre)choice_of(config, "window_centre", centres);
  s->scale = (lks_window_scale)choice_of(config, "window_scale", scales);
  s->residual = (lks_residual)choice_of(config, "residual", residuals);
  s->recursive = strcmp(lks_config_text(config, "model", "decoder"), "recursive") == 0;
  s->recurrent = strcmp(lks_config_text(config, "model", "cell"), "none") != 0;
  s->differences = lks_config_bool(config, "model", "differences");
  s->embedding = integer_of(config, "model", "series_embedding");
  s->window = integer_of(config, "data", "window");
  s->horizon = integer_of(config, "data", "horizon");
  s->lead = integer_of(config, "data", "lead");
  s->stride = integer_of(config, "data", "stride");
  s->season = integer_of(config, "data", "season");
  if (s->season == 0)
    s->season = s->table->season;
  s->interval = lks_config_real(config, "evaluate", "interval");
  s->samples = integer_of(config, "evaluate", "samples");
}

/* Quantiles end somewhere; those of one side of the median make no interval. */
static lks_status check_interval(lks_forecast_setup *s) {
  const lks_forecast_head *head = &s->head;
  s->has_interval = lks_forecast_head_reaches(head, s->interval);
  if (s->has_interval || !head->loss->has_quantiles)
    return LKS_OK;
  double low = head->quantile[0], high = head->quantile[head->quantile_count - 1];
  double level = 1 - 2 * (low > 1 - high ? low : 1 - high);
  if (level <= 0)
    return LKS_OK;
  return LKS_FAIL(LKS_USAGE,
                  "[evaluate] interval = %g needs the quantiles %g and %g, [train] quantiles "
                  "has %g to %g\n  hint: ask for a level of at most %g, or train with more "
                  "quantiles, or with loss = student-t",
                  s->interval, (1 - s->interval) / 2, (1 + s->interval) / 2, low, high, level);
}

static lks_status check_recursive(const lks_forecast_setup *s) {
  if (!s->recursive)
    return LKS_OK;
  if (!s->recurrent)
    return LKS_FAIL(LKS_USAGE, "[model] decoder = recursive needs a recurrent cell, found none"
                               "\n  hint: set decoder = direct");
  if (s->lead != 1)
    return LKS_FAIL(LKS_USAGE,
                    "[model] decoder = recursive: expected [data] lead = 1, found %d\n  hint: "
                    "it forecasts every row on the way; or set decoder = direct",
                    s->lead);
  if (s->table->count_of[LKS_ROLE_PAST] > 0 && s->horizon > 1)
    return LKS_FAIL(LKS_USAGE,
                    "[model] decoder = recursive: column '%s' is not known in the rows to "
                    "forecast\n  hint: set decoder = direct, or prepare the table without it",
                    s->table->column[s->targets].name);
  if (s->residual == LKS_RESIDUAL_SEASONAL)
    return LKS_FAIL(LKS_USAGE, "[model] decoder = recursive: residual = seasonal-naive is for "
                               "decoder = direct\n  hint: set residual = naive or none");
  return LKS_OK;
}

static lks_status check_counts(const lks_forecast_setup *s) {
  if (!s->head.loss->is_count)
    return LKS_OK;
  if (s->centre != LKS_CENTRE_NONE || s->scale != LKS_SCALE_NONE ||
      s->residual != LKS_RESIDUAL_NONE)
    return LKS_FAIL(LKS_USAGE,
                    "[train] loss = %s scales counts by the window's mean: expected "
                    "window_centre, window_scale and residual = none\n  hint: "
                    "leave them out",
                    s->head.loss->name);
  for (int64_t i = 0; i < s->table->count; i++)
    for (int d = 0; d < s->targets; d++)
      if (s->table->series[i].fit[d].scale != 1 || s->table->series[i].fit[d].centre != 0)
        return LKS_FAIL(LKS_DATA,
                        "[train] loss = %s: expected counts as they are, found scaled values "
                        "in column '%s'\n  hint: lockstep prepare table ... --scaling none",
                        s->head.loss->name, s->table->column[d].name);
  return LKS_OK;
}

static lks_status check_fold(const lks_forecast_setup *s, int fold, int folds) {
  if (fold > folds)
    return LKS_FAIL(LKS_USAGE, "[data] fold = %d: [evaluate] walk_forward has %d folds", fold,
                    folds);
  for (int64_t i = 0; fold > 0 && i < s->table->count; i++)
    if (s->table->series[i].rows[LKS_SPLIT_TEST] < folds)
      return LKS_FAIL(
          LKS_DATA, "[evaluate] walk_forward = %d: series '%s' has only %lld rows to test on",
          folds, s->table->series[i].name, (long long)s->table->series[i].rows[LKS_SPLIT_TEST]);
  return LKS_OK;
}

static int larger(int a, int b) {
  return a > b ? a : b;
}

static void derive(lks_forecast_setup *s, int fold, int folds) {
  const lks_series_table *table = s->table;
  s->known = table->count_of[LKS_ROLE_KNOWN];
  s->masked = 0;
  for (int c = 0; c < table->columns; c++)
    s->masked += table->column[c].has_missing ? 1 : 0;
  s->inputs = table->columns + s->masked + (s->differences ? s->targets : 0) +
              table->static_count + s->embedding;
  s->extra = s->recursive ? 0 : s->horizon * s->known;
  s->outputs = (s->recursive ? 1 : s->horizon) * s->targets * s->raw;
  int least = s->window + (s->differences ? 1 : 0);
  s->train_plan = (lks_window_plan){
      .window = s->window,
      .history = s->residual == LKS_RESIDUAL_SEASONAL ? larger(least, s->season) : least,
      .lead = s->lead,
      .horizon = s->recursive ? 1 : s->horizon,
      .stride = s->stride,
      .fold = fold,
      .folds = folds,
  };
  s->score_plan = s->train_plan;
  s->score_plan.horizon = s->horizon;
  s->score_plan.stride = 1;
  s->score_plan.history =
      larger(s->train_plan.history, larger(s->season, LKS_FORECAST_ROLLING + 1));
}

lks_status lks_forecast_read(lks_forecast_setup *s, const lks_config *config,
                             const lks_dataset *dataset) {
  *s = (lks_forecast_setup){.table = lks_dataset_series(dataset)};
  if (!s->table)
    return LKS_FAIL(LKS_DATA,
                    "%s: [task] kind = forecast: expected a dataset of time series, found %s"
                    "\n  hint: lockstep prepare table makes one",
                    lks_dataset_path(dataset), lks_dataset_task(dataset));
  s->targets = s->table->count_of[LKS_ROLE_TARGET];
  read_choices(s, config);
  LKS_TRY(read_head(s, config));
  LKS_TRY(check_interval(s));
  LKS_TRY(check_recursive(s));
  LKS_TRY(check_counts(s));
  int fold = integer_of(config, "data", "fold");
  int folds = integer_of(config, "evaluate", "walk_forward");
  LKS_TRY(check_fold(s, fold, folds));
  derive(s, fold, folds);
  return LKS_OK;
}
