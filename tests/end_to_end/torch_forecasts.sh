#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A forecast, made again by PyTorch from dataset and checkpoint alone: windows, scaling,
# masks, differences, covariates, series' vectors, network and distribution, written from
# the documentation and not from the code.
source "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
if ! "$python" -c 'import torch, h5py' 2> /dev/null; then
  echo "skipped: no PyTorch and h5py for $python (Debian: python3-torch python3-h5py)"
  exit 77
fi
make_panel 3 | awk -F, -v OFS=, 'NR % 17 == 5 { $3 = "" } 1' > panel.csv # missing targets
"$lockstep" prepare table panel.csv --group series --time day --target value --past extra \
  --calendar weekday --out data.h5 --quiet || fail "prepare table"
cat > run.ini <<'INI'
[task]
kind = forecast
[data]
file = data.h5
window = 12
horizon = 3
[model]
layers = 2
hidden = 9
window_centre = mean
window_scale = deviation
residual = naive
differences = yes
series_embedding = 2
[train]
loss = gaussian
batch = 16
epochs = 2
[optimizer]
learning_rate = 0.01
[evaluate]
test = no
INI
train run 1 1 || fail "$(cat run.out)"
cat > read.py <<'PYTHON'
import csv, math, sys, h5py, torch

WINDOW, HORIZON = 12, 3
torch.set_default_dtype(torch.float64)
data, model = h5py.File("data.h5"), h5py.File("run/checkpoints/best.h5")["parameters"]
value_of = {name: torch.tensor(array[...]).double() for name, array in model.items()}
lstm = torch.nn.LSTM(value_of["rnn.weight_ih_l0"].shape[1], 9, num_layers=2)
lstm.load_state_dict({k[4:]: v for k, v in value_of.items() if k.startswith("rnn.")})
fit = data["series/fit"][...]
missing = data["columns/missing"][...]
rows = {}
for split in ("train", "valid", "test"):
    values = torch.tensor(data[split]["values"][...]).double().reshape(-1, 4)
    offsets = data[split]["offsets"][...] // 4
    for s in range(3):
        part = values[offsets[s]:offsets[s + 1]]
        rows[s] = torch.cat([rows[s], part]) if s in rows else part
worst = 0
with open("forecasts.csv") as file:
    found = list(csv.DictReader(file))
for s in range(3):
    table = rows[s]
    origin = len(table) - HORIZON - 1
    window = table[origin - WINDOW + 1:origin + 1]
    y = window[:, 0]
    there = ~torch.isnan(y)
    centre = y[there].mean()
    scale = max(math.sqrt(((y[there] - centre) ** 2).mean()), 1e-3)
    last = y[there][-1]
    steps = []
    for t in range(WINDOW):
        now, before, after = (table[origin - WINDOW + 1 + t + k] for k in (0, -1, 1))
        x = [(now[0] - centre) / scale, now[1], after[2], after[3]]
        x = [0.0 if math.isnan(v) else float(v) for v in x]
        source = [now[0], now[1], after[2], after[3]]
        x += [float(math.isnan(v)) for v, m in zip(source, missing) if m]
        step = float((now[0] - before[0]) / scale)
        x.append(0.0 if math.isnan(step) else step)
        steps.append(x + value_of["series.weight"][s].tolist())
    top = lstm(torch.tensor(steps).unsqueeze(1))[0][-1, 0]
    known = table[origin + 1:origin + 1 + HORIZON, 2:].flatten()
    raw = value_of["head.weight"] @ torch.cat([top, known]) + value_of["head.bias"]
    for h in range(HORIZON):
        mean, r = raw[2 * h:2 * h + 2]
        deviation = torch.nn.functional.softplus(r) + 1e-4
        normal = torch.distributions.Normal(last + scale * mean, scale * deviation)
        expected = [normal.mean, normal.icdf(torch.tensor(0.1)), normal.icdf(torch.tensor(0.9))]
        row = found[s * HORIZON + h]
        for name, e in zip(("forecast", "lower", "upper"), expected):
            original = fit[s, 0, 0] + fit[s, 0, 1] * float(e)
            worst = max(worst, abs(float(row[name]) - original) / abs(fit[s, 0, 1]))
print("largest difference", worst, "training deviations, of", len(found), "rows")
# Seven printed digits of values up to 30 are 3e-6, of deviations near 0.5; f32 in the network.
sys.exit(not (len(found) == 3 * HORIZON and worst < 3e-5))
PYTHON
"$lockstep" predict run --split test > forecasts.csv || fail "predict"
"$python" read.py || fail "PyTorch disagrees"

# The same of a model that feeds its forecasts back.
"$lockstep" prepare table panel.csv --group series --time day --target value --ignore extra \
  --calendar weekday --out data.h5 --quiet || fail "prepare table"
train back 1 1 --set model.decoder=recursive --set train.loss=mse || fail "$(cat back.out)"
cat > back.py <<'PYTHON'
import csv, math, sys, h5py, torch

WINDOW, HORIZON = 12, 3
torch.set_default_dtype(torch.float64)
data, model = h5py.File("data.h5"), h5py.File("back/checkpoints/best.h5")["parameters"]
value_of = {name: torch.tensor(array[...]).double() for name, array in model.items()}
lstm = torch.nn.LSTM(value_of["rnn.weight_ih_l0"].shape[1], 9, num_layers=2)
lstm.load_state_dict({k[4:]: v for k, v in value_of.items() if k.startswith("rnn.")})
fit = data["series/fit"][...]
with open("back.csv") as file:
    found = list(csv.DictReader(file))
worst = 0
for s in range(3):
    parts = []
    for split in ("train", "valid", "test"):
        offsets = data[split]["offsets"][...]
        parts.append(data[split]["values"][offsets[s]:offsets[s + 1]].reshape(-1, 3))
    table = torch.cat([torch.tensor(part).double() for part in parts])
    origin = len(table) - HORIZON - 1
    y = table[origin - WINDOW + 1:origin + 1, 0]
    there = ~torch.isnan(y)
    centre = y[there].mean()
    scale = max(math.sqrt(((y[there] - centre) ** 2).mean()), 1e-3)

    def inputs(now, before, after):
        x = [(now - centre) / scale, after[1], after[2], float(math.isnan(now)),
             (now - before) / scale]
        x = [0.0 if math.isnan(v) else float(v) for v in x]
        return torch.tensor(x + value_of["series.weight"][s].tolist()).reshape(1, 1, -1)

    state, previous = None, table[origin - WINDOW, 0]
    for t in range(WINDOW):
        out, state = lstm(inputs(y[t], previous, table[origin - WINDOW + 2 + t]), state)
        previous = y[t]
    base, before = y[there][-1], y[-1]
    for h in range(HORIZON):
        forecast = base + scale * (value_of["head.weight"] @ out[0, 0] + value_of["head.bias"])[0]
        original = fit[s, 0, 0] + fit[s, 0, 1] * float(forecast)
        row = found[s * HORIZON + h]
        worst = max(worst, abs(float(row["forecast"]) - original) / abs(fit[s, 0, 1]))
        if h + 1 < HORIZON:
            out, state = lstm(inputs(forecast, before, table[origin + 2 + h]), state)
        base = before = forecast
print("largest difference", worst, "training deviations, of", len(found), "rows fed back")
sys.exit(not (len(found) == 3 * HORIZON and worst < 3e-5))
PYTHON
"$lockstep" predict back --split test > back.csv || fail "predict"
"$python" back.py || fail "PyTorch disagrees about rows that are fed back"
finish
