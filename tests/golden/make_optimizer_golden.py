#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes tests/golden/optimizer_golden.h: what torch.optim makes of a few weights.

    tests/golden/make_optimizer_golden.py > tests/golden/optimizer_golden.h

Weights and gradients are small multiples of 1/64 from a formula, so that nothing
but the arithmetic of the methods is compared.  PyTorch computes in f64, with its
default betas rounded to f32, as lockstep has them.
"""
import numpy
import torch

WEIGHTS, STEPS = 6, 10


def weight(i):
    return ((i * 37) % 129 - 64) / 64


def gradient(i, step):
    return ((i * 53 + step * 29 + i * step * 7) % 127 - 63) / 64


def f32(x):
    return float(numpy.float32(x))


def run(make):
    weights = torch.tensor([weight(i) for i in range(WEIGHTS)], dtype=torch.float64)
    weights.requires_grad_(True)
    optimizer = make([weights])
    for step in range(STEPS):
        weights.grad = torch.tensor([gradient(i, step) for i in range(WEIGHTS)],
                                    dtype=torch.float64)
        optimizer.step()
    return weights.detach().tolist()


BETAS = (f32(0.9), f32(0.999))
CASES = [
    ("sgd", "optimizer.kind=sgd optimizer.weight_decay=0.125",
     lambda p: torch.optim.SGD(p, lr=0.0625, weight_decay=0.125)),
    ("momentum", "optimizer.kind=sgd optimizer.momentum=0.875",
     lambda p: torch.optim.SGD(p, lr=0.0625, momentum=0.875)),
    ("nesterov", "optimizer.kind=sgd optimizer.momentum=0.875 optimizer.nesterov=yes",
     lambda p: torch.optim.SGD(p, lr=0.0625, momentum=0.875, nesterov=True)),
    ("adam", "optimizer.kind=adam optimizer.weight_decay=0.125",
     lambda p: torch.optim.Adam(p, lr=0.0625, betas=BETAS, weight_decay=0.125)),
    ("adamw", "optimizer.kind=adamw optimizer.weight_decay=0.125",
     lambda p: torch.optim.AdamW(p, lr=0.0625, betas=BETAS, weight_decay=0.125)),
    ("rmsprop", "optimizer.kind=rmsprop optimizer.weight_decay=0.125",
     lambda p: torch.optim.RMSprop(p, lr=0.0625, alpha=f32(0.99), weight_decay=0.125)),
    ("rmsprop with momentum", "optimizer.kind=rmsprop optimizer.alpha=0.875 optimizer.momentum=0.5",
     lambda p: torch.optim.RMSprop(p, lr=0.0625, alpha=0.875, momentum=0.5)),
]

print(f"""/* SPDX-License-Identifier: Apache-2.0 */
/* optimizer_golden.h - weights after {STEPS} steps of torch.optim {torch.__version__}; written by
 * make_optimizer_golden.py, where the start and the gradients are defined. */
#ifndef LOCKSTEP_TESTS_OPTIMIZER_GOLDEN_H
#define LOCKSTEP_TESTS_OPTIMIZER_GOLDEN_H

enum {{ GOLDEN_WEIGHTS = {WEIGHTS}, GOLDEN_STEPS = {STEPS} }};

typedef struct {{
  const char *name;
  const char *settings; /* assignments as after --set, a space between */
  double weights[GOLDEN_WEIGHTS];
}} optimizer_golden;

static const optimizer_golden optimizer_goldens[] = {{""")
for name, settings, make in CASES:
    values = [f"{v:.17g}" for v in run(make)]
    print(f'    {{"{name}",\n     "{settings}",')
    print(f"     {{{', '.join(values[:3])},\n      {', '.join(values[3:])}}}}},")
print("};\n\n#endif")
