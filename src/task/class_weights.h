/* class_weights.h - how much the loss of each class counts. */
#ifndef LOCKSTEP_TASK_CLASS_WEIGHTS_H
#define LOCKSTEP_TASK_CLASS_WEIGHTS_H

#include "data/sequences.h"

/* weights [classes] of [train] class_weights: "none" (1 each); "balanced": samples /
 * (classes x samples of the class) on the training split, so that every class has the
 * same part of the loss and the mean weight is 1 (King and Zeng 2001); or "LABEL=W …", 1
 * for labels that are not named.  Fails with LKS_USAGE for a text that is none of these
 * and for unknown labels. */
lks_status lks_class_weights_read(const char *text, const lks_dataset *dataset, int field,
                                  float *weights);

#endif
