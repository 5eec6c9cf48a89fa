/* SPDX-License-Identifier: Apache-2.0 */
/* init_from.c - parameter by parameter, rows by their symbols. */
#include "train/init_from.h"

#include "base/fail.h"
#include "base/log.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

typedef struct {
  lks_session *ours, *theirs;
  const char *path;
  int taken;
} transfer;

static const lks_vocabulary *symbols_of(const lks_session *session, int param) {
  const lks_task *task = session->task;
  return task->kind->symbols ? task->kind->symbols(task, param) : NULL;
}

static size_t row_floats(const lks_param *param) {
  size_t floats = 1;
  for (int axis = 1; axis < param->shape.axes; axis++)
    floats *= param->shape.extent[axis];
  return floats;
}

static lks_status check_shape(const transfer *t, const lks_param *ours, const lks_param *theirs,
                              int first_axis) {
  bool is_same = ours->shape.axes == theirs->shape.axes;
  for (int axis = first_axis; is_same && axis < ours->shape.axes; axis++)
    is_same = ours->shape.extent[axis] == theirs->shape.extent[axis];
  if (is_same)
    return LKS_OK;
  char expected[64], found[64];
  lks_shape_describe(&ours->shape, expected, sizeof expected);
  lks_shape_describe(&theirs->shape, found, sizeof found);
  return LKS_FAIL(LKS_SHAPE,
                  "[model] init_from: %s: %s: expected the shape %s%s, found %s\n  hint: both "
                  "models need the same embedding, hidden and layers; lockstep inspect shows "
                  "those of a run",
                  t->path, ours->name, expected, first_axis > 0 ? " but for its rows" : "",
                  found);
}

/* The rows of symbols that both vocabularies have. */
static lks_status take_rows(transfer *t, int ours, int theirs, const lks_vocabulary *symbols,
                            const lks_vocabulary *their_symbols) {
  const lks_param *to = lks_params_at(t->ours->task->params, ours);
  const lks_param *from = lks_params_at(t->theirs->task->params, theirs);
  size_t floats = row_floats(to);
  int found = 0, size = lks_vocabulary_size(symbols);
  LKS_TRY(check_shape(t, to, from, 1));
  for (int i = 0; i < size; i++) {
    const char *symbol = lks_vocabulary_symbol(symbols, i);
    int k = lks_vocabulary_find(their_symbols, symbol, strlen(symbol));
    if (k < 0)
      continue;
    memcpy(t->ours->values + to->offset + (size_t)i * floats,
           t->theirs->values + from->offset + (size_t)k * floats, floats * sizeof(float));
    found++;
  }
  t->taken++;
  lks_log(LKS_LOG_INFO, "%s from %s: rows of %d of %d symbols", to->name, t->path, found, size);
  return LKS_OK;
}

static lks_status take_whole(transfer *t, int ours, int theirs) {
  const lks_param *to = lks_params_at(t->ours->task->params, ours);
  const lks_param *from = lks_params_at(t->theirs->task->params, theirs);
  LKS_TRY(check_shape(t, to, from, 0));
  memcpy(t->ours->values + to->offset, t->theirs->values + from->offset,
         to->count * sizeof(float));
  t->taken++;
  lks_log(LKS_LOG_INFO, "%s from %s", to->name, t->path);
  return LKS_OK;
}

static lks_status take_all(transfer *t) {
  const lks_params *params = t->ours->task->params;
  for (int i = 0; i < lks_params_count(params); i++) {
    const char *name = lks_params_at(params, i)->name;
    int theirs = lks_params_find(t->theirs->task->params, name);
    if (theirs < 0)
      continue;
    const lks_vocabulary *symbols = symbols_of(t->ours, i);
    const lks_vocabulary *their_symbols = symbols_of(t->theirs, theirs);
    if (symbols && their_symbols)
      LKS_TRY(take_rows(t, i, theirs, symbols, their_symbols));
    else if (strncmp(name, "rnn.", 4) == 0)
      LKS_TRY(take_whole(t, i, theirs));
  }
  if (t->taken > 0)
    return LKS_OK;
  return LKS_FAIL(LKS_DATA,
                  "[model] init_from: %s: expected vectors of symbols or a stack like this "
                  "model's, found none in a model of task %s\n  hint: a language model has "
                  "both",
                  t->path, t->theirs->task->kind->name);
}

lks_status lks_init_from(lks_session *session) {
  transfer t = {.ours = session,
                .path = lks_config_text(session->config, "model", "init_from")};
  if (*t.path == '\0')
    return LKS_OK;
  if (access(t.path, F_OK) != 0)
    return LKS_FAIL(LKS_USAGE,
                    "[model] init_from = %s: expected a run folder or a checkpoint file: %s\n"
                    "  hint: train that model first, or begin from scratch with --set "
                    "model.init_from=",
                    t.path, strerror(errno));
  LKS_TRY(lks_session_open_trained(&t.theirs, t.path, NULL, 0, session->io));
  lks_status status = take_all(&t);
  lks_session_close(t.theirs);
  return status;
}
