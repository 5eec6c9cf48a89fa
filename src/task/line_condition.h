/* line_condition.h - what a text is made from, as a line says it: a label, or numbers. */
#ifndef LOCKSTEP_TASK_LINE_CONDITION_H
#define LOCKSTEP_TASK_LINE_CONDITION_H

#include <lockstep/status.h>

#include "text/vocabulary.h"

#include <stdint.h>

/* The label that a line is, white space around it left out.  Fails with LKS_DATA, naming the
 * nearest of the labels, when it is none of them. */
lks_status lks_line_label(const lks_vocabulary *labels, const char *line, int32_t *label);

/* Reads the `count` numbers of a line into numbers [count], on `scales` (number_scales.h;
 * NULL: as they are).  Fails with LKS_DATA when there are more or fewer, or one is not finite
 * or too far off its scale. */
lks_status lks_line_numbers(const char *line, int count, const void *scales, float *numbers);

#endif
