/* SPDX-License-Identifier: Apache-2.0 */
/* network.c - what recurrent tasks have in common. */
#include "task/network.h"

#include "base/arithmetic.h"
#include "model/initialise.h"

#include <string.h>

static const lks_key keys[] = {
    {"model", "layers", LKS_KEY_INTEGER, "2", NULL, 1, 64, LKS_KEY_FIXED, "layers"},
    {"model", "hidden", LKS_KEY_INTEGER, "200", NULL, 1, 65536, LKS_KEY_FIXED,
     "units of a layer"},
    {"model", "dropout", LKS_KEY_REAL, "0", NULL, 0, 0.99, LKS_KEY_FIXED,
     "share of units dropped after an embedding, between layers and before the output"},
    {"model", "variational", LKS_KEY_BOOL, "no", NULL, 1, 0, LKS_KEY_FIXED,
     "one dropout mask for all time steps of a row"},
    {"model", "forget_bias", LKS_KEY_CHOICE, "none", "none one chrono", 1, 0, LKS_KEY_FIXED,
     "first value of the LSTM's forget bias: as drawn, 1, or for memories up to the window"},
    {"model", "initial", LKS_KEY_CHOICE, "torch", "torch uniform", 1, 0, LKS_KEY_FIXED,
     "first values: as torch.nn draws them, or all uniform in +-initial_scale"},
    {"model", "init_from", LKS_KEY_PATH, "", NULL, 1, 0, LKS_KEY_FREE,
     "run folder or checkpoint of another model: its vectors and stack are the first values"},
    {"model", "initial_scale", LKS_KEY_REAL, "0.1", NULL, 0, 100, LKS_KEY_FIXED,
     "bound of initial = uniform"},
};

lks_status lks_network_register(lks_config *config) {
  return lks_config_register(config, keys, sizeof keys / sizeof *keys);
}

lks_recurrent_setup lks_network_read(const lks_config *config) {
  return (lks_recurrent_setup){
      .prefix = "rnn",
      .layers = (int)lks_config_integer(config, "model", "layers"),
      .hidden = (int)lks_config_integer(config, "model", "hidden"),
      .dropout = {.drop = (float)lks_config_real(config, "model", "dropout"),
                  .variational = lks_config_bool(config, "model", "variational")},
      .dropout_site = 1,
  };
}

/* A bias follows its weight, whose inputs decide. */
static void initialise_torch(const lks_config *config, lks_params *params, int embedding,
                             lks_random_key key) {
  double hidden = (double)lks_config_integer(config, "model", "hidden"), inputs = hidden;
  for (int i = 0; i < lks_params_count(params); i++) {
    const lks_param *param = lks_params_at(params, i);
    if (param->shape.axes == 2)
      inputs = (double)param->shape.extent[1];
    if (i == embedding)
      lks_initialise_normal(params, i, key, 1.0);
    else
      lks_initialise_uniform(
          params, i, key,
          1.0 / lks_sqrt_f64(strncmp(param->name, "rnn.", 4) == 0 ? hidden : inputs));
  }
}

static lks_forget_bias forget_bias_of(const lks_config *config) {
  const char *forget = lks_config_text(config, "model", "forget_bias");
  return strcmp(forget, "one") == 0      ? LKS_FORGET_ONE
         : strcmp(forget, "chrono") == 0 ? LKS_FORGET_CHRONO
                                         : LKS_FORGET_AS_DRAWN;
}

void lks_network_initialise(const lks_config *config, lks_params *params,
                            lks_recurrent *recurrent, int embedding, int horizon,
                            uint64_t seed) {
  lks_random_key key = lks_random_key_of(seed);
  if (strcmp(lks_config_text(config, "model", "initial"), "uniform") == 0) {
    double bound = lks_config_real(config, "model", "initial_scale");
    for (int i = 0; i < lks_params_count(params); i++)
      lks_initialise_uniform(params, i, key, bound);
  } else {
    initialise_torch(config, params, embedding, key);
  }
  if (recurrent)
    lks_network_forget(config, params, recurrent, horizon, seed);
}

void lks_network_forget(const lks_config *config, lks_params *params, lks_recurrent *recurrent,
                        int horizon, uint64_t seed) {
  lks_initialise_forget(recurrent, params, lks_random_key_of(seed), forget_bias_of(config),
                        horizon);
}
