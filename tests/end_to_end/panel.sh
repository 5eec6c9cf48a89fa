#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two hundred series of different lengths and levels train as one model, which forecasts
# better than two hundred naive forecasts.
source "$(dirname "$0")/lib.sh"
make_panel 200 > panel.csv
"$lockstep" prepare table panel.csv --group series --time day --target value --past extra \
  --calendar weekday --out data.h5 > made.txt 2>&1 || fail "prepare table: $(cat made.txt)"
grep -q '^series *200' made.txt || fail "expected 200 series: $(cat made.txt)"
cat > run.ini <<'INI'
[task]
kind = forecast
[data]
file = data.h5
window = 14
horizon = 7
[model]
hidden = 24
window_centre = mean
window_scale = deviation
series_embedding = 4
[train]
loss = gaussian
batch = 64
epochs = 2
[optimizer]
learning_rate = 0.005
clip = 1
INI
train panel 2 1 || fail "training: $(tail -n 3 panel.out)"
awk '$1 == "model" { model = $4 } $1 == "naive" { naive = $4 } $1 == "seasonal-naive" { seasonal = $4 }
  END { exit !(model > 0 && model < naive && model < seasonal) }' panel.out ||
  fail "the model's mae is not below those of naive forecasts: $(cat panel.out)"
finish
