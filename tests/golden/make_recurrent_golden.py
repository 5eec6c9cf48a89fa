#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes recurrent_golden.h: what torch.nn makes of small bidirectional stacks.

    /usr/bin/python3 tests/golden/make_recurrent_golden.py > tests/golden/recurrent_golden.h

Parameters, inputs and the weights of the objective follow formulas that the test
repeats, so that only results are stored.  Written with PyTorch 1.13.1, f32.
"""
import torch

INPUTS, HIDDEN, LAYERS, STEPS, ROWS = 3, 4, 2, 3, 2
CELLS = {
    "lstm": lambda: torch.nn.LSTM(INPUTS, HIDDEN, LAYERS, bidirectional=True),
    "gru": lambda: torch.nn.GRU(INPUTS, HIDDEN, LAYERS, bidirectional=True),
    "rnn": lambda: torch.nn.RNN(INPUTS, HIDDEN, LAYERS, bidirectional=True),
    "rnn_relu": lambda: torch.nn.RNN(INPUTS, HIDDEN, LAYERS, bidirectional=True,
                                     nonlinearity="relu"),
}


def pattern(count, factor):
    """Element i is (i x factor mod 1009) / 1009 - 0.5."""
    return torch.tensor([(i * factor % 1009) / 1009 - 0.5 for i in range(count)],
                        dtype=torch.float64).float()


def write(name, values):
    flat = [f"{v:.9g}" for v in values.flatten().tolist()]
    flat = [v + "f" if "." in v or "e" in v else v + ".0f" for v in flat]
    print(f"static const float {name}[] = {{")
    for i in range(0, len(flat), 6):
        print("    " + ", ".join(flat[i:i + 6]) + ",")
    print("};\n")


print("/* SPDX-License-Identifier: Apache-2.0 */")
print("/* recurrent_golden.h - written by make_recurrent_golden.py; not for editing by hand. */")
print("#ifndef LOCKSTEP_TESTS_RECURRENT_GOLDEN_H\n#define LOCKSTEP_TESTS_RECURRENT_GOLDEN_H\n")
print(f"enum {{ GOLDEN_INPUTS = {INPUTS}, GOLDEN_HIDDEN = {HIDDEN}, GOLDEN_LAYERS = {LAYERS},\n"
      f"       GOLDEN_STEPS = {STEPS}, GOLDEN_ROWS = {ROWS} }};\n")
for name, make in CELLS.items():
    net = make()
    names = sorted(n for n, _ in net.named_parameters())
    parameters = dict(net.named_parameters())
    with torch.no_grad():
        start = 0
        for n in names:  # the pattern runs on through the parameters in name order
            count = parameters[n].numel()
            parameters[n].copy_(pattern(start + count, 7919)[start:].view_as(parameters[n]))
            start += count
    x = pattern(STEPS * ROWS * INPUTS, 313).view(STEPS, ROWS, INPUTS).requires_grad_()
    y, _ = net(x)
    (y * pattern(y.numel(), 577).view_as(y)).sum().backward()
    write(f"golden_{name}_output", y.detach())
    write(f"golden_{name}_d_input", x.grad)
    write(f"golden_{name}_d_parameters", torch.cat([parameters[n].grad.flatten() for n in names]))
print("#endif")
