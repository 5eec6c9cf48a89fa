/* forecast_score.h - scoring windows: the entries of the task's table that do so. */
#ifndef LOCKSTEP_TASK_FORECAST_SCORE_H
#define LOCKSTEP_TASK_FORECAST_SCORE_H

#include "task/task.h"

void lks_forecast_score(lks_task *task, const lks_task_call *call);
int lks_forecast_list_scores(const lks_task *task, const double *sums,
                             lks_score scores[LKS_SCORES_MAX]);
lks_status lks_forecast_print_table(const lks_task *task, const double *sums, lks_text *text);

#endif
