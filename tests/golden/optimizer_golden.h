/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_golden.h - weights after 10 steps of torch.optim 1.13.0a0; written by
 * make_optimizer_golden.py, where the start and the gradients are defined. */
#ifndef LOCKSTEP_TESTS_OPTIMIZER_GOLDEN_H
#define LOCKSTEP_TESTS_OPTIMIZER_GOLDEN_H

enum { GOLDEN_WEIGHTS = 6, GOLDEN_STEPS = 10 };

typedef struct {
  const char *name;
  const char *settings; /* assignments as after --set, a space between */
  double weights[GOLDEN_WEIGHTS];
} optimizer_golden;

static const optimizer_golden optimizer_goldens[] = {
    {"sgd",
     "optimizer.kind=sgd optimizer.weight_decay=0.125",
     {-0.84421227150544975, -0.50688629625667792, 0.069072970667227063, 0.7643298500060387,
      -0.64350983464637812, 0.052678715636091361}},
    {"momentum",
     "optimizer.kind=sgd optimizer.momentum=0.875",
     {-0.6007647775040823, -0.79689227459311951, -0.053713988490926567, 1.1929994532329147,
      -0.52835040826175828, 0.66270189531496726}},
    {"nesterov",
     "optimizer.kind=sgd optimizer.momentum=0.875 optimizer.nesterov=yes",
     {-0.56570824281607202, -0.87013230276897957, -0.10461692742956075, 1.2255151465788003,
      -0.54140816972903849, 0.74002040840059635}},
    {"adam",
     "optimizer.kind=adam optimizer.weight_decay=0.125",
     {-0.69012310527176746, -0.49822856854816727, 0.019479533888943211, 0.88689559882562274,
      -0.58068046022569608, 0.2365854081217908}},
    {"adamw",
     "optimizer.kind=adamw optimizer.weight_decay=0.125",
     {-0.69542062100408653, -0.51520583231874451, 0.024278779551172927, 0.91893940969969801,
      -0.60235950143980577, 0.23378540726425961}},
    {"rmsprop",
     "optimizer.kind=rmsprop optimizer.weight_decay=0.125",
     {-0.15818252199628269, -0.88838229855675099, -0.46560765032259893, 1.0459313324312678,
      -0.5728270421594458, 0.97531157410740876}},
    {"rmsprop with momentum",
     "optimizer.kind=rmsprop optimizer.alpha=0.875 optimizer.momentum=0.5",
     {-0.64393327827796465, -0.77203118731275033, -0.20461553924761883, 1.3032219541836019,
      -0.7477471393202465, 0.72941890375534335}},
};

#endif
