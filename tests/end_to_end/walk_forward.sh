#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Walk-forward: one table of all folds, the same on 1, 2 and 3 ranks; a fold that was
# trained is not trained again.
source "$(dirname "$0")/lib.sh"
make_panel 3 > panel.csv
"$lockstep" prepare table panel.csv --group series --time day --out data.h5 --quiet ||
  fail "prepare table"
cat > run.ini <<'INI'
[task]
kind = forecast
[data]
file = data.h5
window = 10
horizon = 2
[model]
hidden = 8
[train]
loss = quantiles
batch = 16
epochs = 1
[evaluate]
walk_forward = 3
INI
for ranks in 1 2 3; do
  mpirun --bind-to none --timeout 300 -np "$ranks" "$lockstep" train run.ini --run "on$ranks" \
    > "on$ranks.out" 2> "on$ranks.err" || fail "$ranks ranks: $(tail -n 3 "on$ranks.err")"
done
grep -q '^walk-forward crps [0-9.]*$' on1.out || fail "last line: $(tail -n 1 on1.out)"
cmp on1.out on2.out || fail "1 and 2 ranks print different lines"
cmp on1.out on3.out || fail "1 and 3 ranks print different lines"
[[ $(grep -c '^fold [123]/3  test crps' on1.err on1.out | cut -d: -f2 | paste -sd+ | bc) = 3 ]] ||
  fail "expected three folds: $(cat on1.out on1.err)"

before=$(stat -c %Y on1/fold-2/state)
sleep 1.1
"$lockstep" train run.ini --run on1 --resume > again.out 2>&1 || fail "resuming: $(cat again.out)"
[[ $(tail -n 1 again.out) = "$(tail -n 1 on1.out)" ]] || fail "resumed: $(tail -n 1 again.out)"
[[ $(stat -c %Y on1/fold-2/state) = "$before" ]] || fail "a finished fold was trained again"
finish
