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

[[ $(cat on1/state) = finished ]] || fail "state of the whole: $(cat on1/state)"
"$lockstep" inspect on1 > inspect.out || fail "inspect of folds"
[[ $(grep -c '^state *finished$' inspect.out) = 4 ]] || fail "inspect: $(cat inspect.out)"
"$lockstep" inspect on1 --digest > digests1 || fail "digests of folds"
"$lockstep" inspect on3 --digest > digests3
[[ $(grep -c '^fold-[123] digest [0-9a-f]\{64\}$' digests1) = 3 ]] || fail "$(cat digests1)"
cmp digests1 digests3 || fail "other digests on 3 ranks"

# A folder that is in use is refused, and what is in it stays as it was.
expect_failure 2 "on1 holds folds of a walk-forward already" \
  "$lockstep" train run.ini --run on1
expect_failure 2 "on1 holds the folds of a walk-forward" \
  "$lockstep" train run.ini --run on1 --set evaluate.walk_forward=0
expect_failure 2 "on1 holds the folds of a walk-forward" "$lockstep" train --run on1 --resume
expect_failure 2 "hint: name a fold, for example on1/fold-1" "$lockstep" predict on1 panel.csv
expect_failure 2 "on1/fold-1 holds a run without folds already" \
  "$lockstep" train run.ini --run on1/fold-1
[[ $(cat on1/state) = finished ]] || fail "a refused start changed the state"

# Stopped by a signal, the whole says so, and goes on to the same lines and bits.
"$lockstep" train run.ini --run whole --set train.epochs=50 > whole.out 2>&1 || fail "whole"
"$lockstep" train run.ini --run later --set train.epochs=50 > later.out 2>&1 &
started=$!
until [[ -s later/fold-1/metrics.jsonl ]] || ! kill -0 "$started" 2> /dev/null; do sleep 0.1; done
kill -USR1 "$started"
wait "$started" || fail "stopped by USR1: $(tail -n 3 later.out)"
[[ $(cat later/state) = stopped ]] || fail "stopped: $(cat later/state)"
mpirun --bind-to none --timeout 300 -np 2 "$lockstep" train run.ini --run later --resume \
  --set train.epochs=50 > later.out 2>&1 || fail "going on: $(tail -n 3 later.out)"
[[ $(tail -n 1 later.out) = "$(tail -n 1 whole.out)" ]] || fail "going on: $(tail -n 1 later.out)"
[[ $("$lockstep" inspect later --digest) = "$("$lockstep" inspect whole --digest)" ]] ||
  fail "going on ended in other bits"

before=$(stat -c %Y on1/fold-2/state)
sleep 1.1
"$lockstep" train run.ini --run on1 --resume > again.out 2>&1 || fail "resuming: $(cat again.out)"
[[ $(tail -n 1 again.out) = "$(tail -n 1 on1.out)" ]] || fail "resumed: $(tail -n 1 again.out)"
[[ $(stat -c %Y on1/fold-2/state) = "$before" ]] || fail "a finished fold was trained again"
finish
