/* init_from.h - first values from another model: transfer learning.
 *
 * A parameter is taken when the other model has one of the same name, and
 *   both say which symbols its rows belong to: the rows of symbols that both have, or
 *   its name begins with "rnn.": as a whole.
 * All others keep their first values. */
#ifndef LOCKSTEP_TRAIN_INIT_FROM_H
#define LOCKSTEP_TRAIN_INIT_FROM_H

#include "train/session.h"

/* Takes what [model] init_from of the session's configuration names; does nothing where it
 * names nothing.  Logs what was taken.  Fails with LKS_SHAPE for a parameter of another
 * shape, with LKS_DATA when the model cannot be read or has nothing to take. */
lks_status lks_init_from(lks_session *session);

#endif
