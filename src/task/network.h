/* network.h - the keys of [model] that every recurrent task has, and first values of
 * parameters as they say. */
#ifndef LOCKSTEP_TASK_NETWORK_H
#define LOCKSTEP_TASK_NETWORK_H

#include "config/config.h"
#include "model/recurrent.h"

/* Registers layers, hidden, dropout, variational, forget_bias, initial, initial_scale,
 * init_from. */
lks_status lks_network_register(lks_config *config);

/* Layers, hidden units and dropout of `config`; the caller adds cell and inputs. */
lks_recurrent_setup lks_network_read(const lks_config *config);

/* First values of all parameters: uniform in +-1/sqrt(hidden) for the stack and in
 * +-1/sqrt(inputs) for a linear layer, normal for parameter `embedding` (or -1), as
 * torch.nn draws them; or all uniform in +-initial_scale.
 *
 *   recurrent  may be NULL
 *   horizon    of forget_bias = chrono, in steps */
void lks_network_initialise(const lks_config *config, lks_params *params,
                            lks_recurrent *recurrent, int embedding, int horizon,
                            uint64_t seed);

/* The first values of a stack's forget gates as [model] forget_bias says; a part of the
 * above, for networks with more than one stack. */
void lks_network_forget(const lks_config *config, lks_params *params, lks_recurrent *recurrent,
                        int horizon, uint64_t seed);

#endif
