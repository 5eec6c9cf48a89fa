/* generate_labelled.h - texts for a label or a vector, from a trained model of task
 * `generate`. */
#ifndef LOCKSTEP_PREDICT_GENERATE_LABELLED_H
#define LOCKSTEP_PREDICT_GENERATE_LABELLED_H

#include "predict/generate.h"
#include "train/session.h"

/* Writes setup->samples texts for setup->label to setup->out.  Fails with LKS_USAGE when the
 * session's model is of another task, with LKS_DATA when it does not know the label. */
lks_status lks_generate_labelled(lks_session *session, const lks_generate_setup *setup);

#endif
