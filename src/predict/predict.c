/* SPDX-License-Identifier: Apache-2.0 */
/* predict.c - which kind of model it is, and whether the options suit it. */
#include "predict/predict.h"

#include "base/fail.h"
#include "base/floating_point.h"
#include "base/memory.h"
#include "data/sequences.h"
#include "predict/predict_lines.h"
#include "predict/predict_series.h"
#include "task/forecast.h"

#include <string.h>

static bool is_of_lines(const lks_session *session) {
  return lks_dataset_sequences(session->dataset) != NULL;
}

static lks_status check_lines(const lks_session *session, const lks_predict_setup *setup) {
  const char *option = setup->split                        ? "--split"
                       : setup->series                     ? "--series"
                       : setup->state                      ? "--state"
                       : setup->interval > 0               ? "--interval"
                       : setup->format == LKS_PREDICT_JSON ? "--json"
                       : setup->format == LKS_PREDICT_PLOT ? "--plot"
                                                           : NULL;
  if (option)
    return LKS_FAIL(LKS_USAGE,
                    "%s: expected a forecast model, found a %s model\n  hint: it answers the "
                    "lines of INPUT, or of standard input",
                    option, session->task->kind->name);
  return LKS_OK;
}

static lks_status check_forecasts(const lks_session *session, const lks_predict_setup *setup) {
  if (session->task->kind != &lks_task_forecast)
    return LKS_FAIL(LKS_USAGE,
                    "%s: predict wants a model of [task] kind = forecast, found %s\n  hint: "
                    "lockstep generate writes text with a language model",
                    setup->path, session->task->kind->name);
  if (setup->columns)
    return LKS_FAIL(LKS_USAGE, "--columns: expected a tag model, found a %s model",
                    session->task->kind->name);
  return LKS_OK;
}

/* Opens the forecast model again, with the level that was asked for: only now is it known
 * that such a model has the key. */
static lks_status open_with_interval(lks_session **session, const lks_predict_setup *setup) {
  char assignment[64];
  const char **sets = NULL;
  size_t count = setup->set_count;
  lks_session_close(*session);
  *session = NULL;
  LKS_TRY(lks_allocate(&sets, count + 1, sizeof *sets));
  for (size_t i = 0; i < count; i++)
    sets[i] = setup->sets[i];
  sets[count] = assignment;
  snprintf(assignment, sizeof assignment, "evaluate.interval=%.17g", setup->interval);
  lks_status status = lks_session_open_trained(session, setup->path, sets, count + 1, NULL);
  lks_release(sets);
  LKS_TRY(status);
  const lks_forecast_setup *forecast = lks_forecast_setup_of((*session)->task);
  if (!forecast->has_interval)
    return LKS_FAIL(LKS_USAGE,
                    "--interval: expected a model that gives one, found [train] loss = %s\n  "
                    "hint: train with loss = quantiles, gaussian or student-t",
                    forecast->head.loss->name);
  return LKS_OK;
}

static lks_status run(lks_session **session, const lks_predict_setup *setup) {
  bool is_standard_input = setup->input && strcmp(setup->input, "-") == 0;
  const char *lines = is_standard_input ? NULL : setup->input;
  LKS_TRY(lks_session_open_trained(session, setup->path, setup->sets, setup->set_count, NULL));
  if (is_of_lines(*session)) {
    LKS_TRY(check_lines(*session, setup));
    return setup->columns ? lks_predict_columns(*session, lines, setup->out)
                          : lks_predict_lines(*session, lines, setup->out);
  }
  LKS_TRY(check_forecasts(*session, setup));
  if (setup->interval > 0)
    LKS_TRY(open_with_interval(session, setup));
  return lks_predict_series(*session, setup);
}

lks_status lks_predict_run(const lks_predict_setup *setup) {
  lks_session *session = NULL;
  unsigned saved = lks_floating_point_enter();
  lks_status status = run(&session, setup);
  lks_floating_point_leave(saved);
  lks_session_close(session);
  return status;
}
