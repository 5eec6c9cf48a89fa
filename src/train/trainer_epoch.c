/* SPDX-License-Identifier: Apache-2.0 */
/* trainer_epoch.c - the loop: step, tell, validate, save. */
#include "base/clock.h"
#include "base/fail.h"
#include "base/log.h"
#include "comm/records.h"
#include "train/signals.h"
#include "train/trainer.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void begin_line(lks_trainer *t) {
  t->line_loss = 0;
  t->line_tokens = 0;
  t->line_steps = 0;
  t->line_waited = 0;
  t->line_start = lks_clock_seconds();
  memset(&t->line_times, 0, sizeof t->line_times);
}

/* One line of metrics.jsonl, and a new count. */
static lks_status write_train_line(lks_trainer *t, double rate, double norm) {
  lks_task *task = t->session->task;
  lks_score scores[LKS_SCORES_MAX];
  double steps = (double)t->line_steps;
  lks_metrics_line line = {
      .step = t->cursor.step,
      .epoch = t->cursor.epoch,
      .split = "train",
      .scores = scores,
      .score_count =
          task->kind->train_scores(task, t->line_loss, (double)t->line_tokens, scores),
      .loss = t->line_loss / (double)t->line_tokens,
      .learning_rate = rate,
      .grad_norm = norm,
      .tokens_per_second =
          (double)t->line_tokens / (lks_clock_seconds() - t->line_start + 1e-9),
      .compute_seconds = t->line_times.compute_seconds / steps,
      .sum_seconds = t->line_times.sum_seconds / steps,
      .update_seconds = t->line_times.update_seconds / steps,
      .input_seconds = t->line_waited / steps,
  };
  lks_status status = lks_run_folder_write_metrics(&t->folder, &line);
  begin_line(t);
  return status;
}

static void show_progress(const lks_trainer *t, double rate) {
  const lks_progress *progress = t->progress;
  if (!progress || !progress->update)
    return;
  lks_task *task = t->session->task;
  double terms = (double)t->cursor.epoch_tokens;
  lks_score scores[LKS_SCORES_MAX];
  char text[160];
  task->kind->train_scores(task, t->cursor.epoch_loss, terms, scores);
  snprintf(text, sizeof text, "loss %.4f  %s %.5g  rate %.4g", t->cursor.epoch_loss / terms,
           scores[0].name, scores[0].value, rate);
  int64_t total = t->epochs * t->stepper.batches;
  lks_progress_state state = {
      .phase = "train",
      .done = t->cursor.step,
      .total = t->steps > 0 && t->steps < total ? t->steps : total,
      .epoch = (double)t->cursor.epoch + (double)t->cursor.batch / (double)t->stepper.batches,
      .epochs = (double)t->epochs,
      .text = text,
      .items_per_second = (double)t->line_tokens / (lks_clock_seconds() - t->line_start + 1e-9),
      .item = task->item,
  };
  progress->update(progress->context, &state);
}

lks_status lks_trainer_validate(lks_trainer *t) {
  lks_task *task = t->session->task;
  lks_score scores[LKS_SCORES_MAX];
  if (!t->valid || t->valid_step == t->cursor.step)
    return LKS_OK;
  lks_average_swap(t->average);
  lks_status status = lks_scorer_run(t->valid, t->progress, t->valid_sums);
  lks_average_swap(t->average);
  if (t->average)
    task->kind->pack(task, t->session->kernels, t->session->threads, true);
  LKS_TRY(status);
  t->valid_step = t->cursor.step;
  lks_metrics_line line = {
      .step = t->cursor.step,
      .epoch = t->cursor.epoch,
      .split = "valid",
      .scores = scores,
      .score_count = task->kind->scores(task, t->valid_sums, scores),
      .loss = t->valid_sums[0] / t->valid_sums[1],
      .learning_rate = NAN,
  };
  return lks_run_folder_write_metrics(&t->folder, &line);
}

/* "epoch 3/13  train perplexity 201.22  valid perplexity 163.49  rate 20" */
static void tell_epoch(const lks_trainer *t, double rate, bool is_best) {
  char train[256], valid[256] = "", line[640];
  lks_train_score_line(t->session->task, t->cursor.epoch_loss, (double)t->cursor.epoch_tokens,
                       train);
  if (t->valid)
    lks_score_line(t->session->task, "  valid", t->valid_sums, valid);
  snprintf(line, sizeof line, "epoch %lld/%lld  %s%s  rate %.4g%s", (long long)t->cursor.epoch,
           (long long)t->epochs, train, valid, rate, is_best ? "  best" : "");
  if (t->progress && t->progress->line)
    t->progress->line(t->progress->context, line);
}

/* The end of an epoch: score, remember, save, begin the next. */
static lks_status end_epoch(lks_trainer *t, double rate) {
  lks_score scores[LKS_SCORES_MAX];
  t->cursor.epoch++;
  t->cursor.batch = 0;
  LKS_TRY(lks_trainer_validate(t));
  bool is_best = false;
  if (t->valid) {
    t->session->task->kind->scores(t->session->task, t->valid_sums, scores);
    double score = scores[0].rises ? -scores[0].value : scores[0].value;
    is_best = lks_schedule_note(&t->schedule, score, t->cursor.step);
  }
  tell_epoch(t, rate, is_best);
  t->epoch_loss = t->cursor.epoch_loss;
  t->epoch_tokens = t->cursor.epoch_tokens;
  t->cursor.epoch_loss = 0;
  t->cursor.epoch_tokens = 0;
  LKS_TRY(lks_saving_save(&t->saving, t->folder.checkpoints, is_best, t->keep));
  begin_line(t);
  return LKS_OK;
}

/* A loss or gradient that is not finite: the step changed nothing. */
static lks_status handle_nonfinite(lks_trainer *t, const lks_batch *batch) {
  lks_status status = lks_step_explain(t->stepper.step, batch, t->cursor.step);
  if (strcmp(lks_config_text(t->session->config, "train", "on_nonfinite"), "skip") != 0)
    return status;
  lks_log(LKS_LOG_WARNING, "%s", lks_error_message());
  if (t->stepper.carried)
    lks_carried_mend(t->stepper.carried);
  return lks_comm_agree(t->comm, LKS_OK); /* the run goes on: that failure is none any more */
}

static void count_step(lks_trainer *t, const lks_step_result *result) {
  t->line_loss += result->loss;
  t->line_tokens += result->terms;
  t->line_steps++;
  t->line_times.compute_seconds += result->compute_seconds;
  t->line_times.sum_seconds += result->sum_seconds;
  t->line_times.update_seconds += result->update_seconds;
  t->cursor.epoch_loss += result->loss;
  t->cursor.epoch_tokens += result->terms;
}

/* One step and what follows from it. */
static lks_status advance(lks_trainer *t, bool *stop) {
  const lks_batch *batch;
  lks_step_result result;
  lks_records_note(t->comm, t->cursor.step, LKS_PHASE_INPUT);
  LKS_TRY(lks_batcher_next(t->stepper.batcher, &batch, &t->line_waited));
  double rate = lks_schedule_rate(&t->schedule, t->cursor.step, t->cursor.epoch);
  LKS_TRY(lks_step_run(t->stepper.step, batch, lks_batcher_cuts(t->stepper.batcher),
                       t->cursor.step, rate, lks_signals_stop_asked(), &result));
  *stop = result.stop;
  if (result.is_finite) {
    count_step(t, &result);
    lks_average_step(t->average, lks_optimizer_steps(t->stepper.optimizer));
  } else {
    LKS_TRY(handle_nonfinite(t, batch));
  }
  bool ends = batch->ends;
  t->cursor.step++;
  t->cursor.batch++;
  show_progress(t, rate);
  if (t->line_tokens > 0 && (t->cursor.step % t->log_every == 0 || ends))
    LKS_TRY(write_train_line(t, rate, result.norm));
  if (ends)
    return end_epoch(t, rate);
  if (*stop || (t->save_every > 0 && t->cursor.step % t->save_every == 0) ||
      (t->steps > 0 && t->cursor.step >= t->steps)) {
    lks_records_note(t->comm, t->cursor.step, LKS_PHASE_SAVE);
    return lks_saving_save(&t->saving, t->folder.checkpoints, false, t->keep);
  }
  return LKS_OK;
}

static bool is_done(const lks_trainer *t) {
  return t->cursor.epoch >= t->epochs || (t->steps > 0 && t->cursor.step >= t->steps) ||
         lks_schedule_is_over(&t->schedule);
}

lks_status lks_trainer_run(lks_trainer *t, bool *stopped) {
  bool stop = false;
  lks_status status = LKS_OK;
  LKS_TRY(lks_run_state_write(t->comm, t->folder.path, "running"));
  begin_line(t);
  while (status == LKS_OK && !stop && !is_done(t))
    status = advance(t, &stop);
  if (status != LKS_OK)
    return lks_fail_trail(status, __FILE__, __LINE__, __func__);
  *stopped = stop && !is_done(t);
  return LKS_OK;
}
