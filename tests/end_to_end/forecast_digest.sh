#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Forecasts keep the promise: one digest, and one text of scores, on any number of ranks
# and threads, with any kernels, in any groups, interrupted or not.
source "$(dirname "$0")/lib.sh"
make_panel 7 > panel.csv
"$lockstep" prepare table panel.csv --group series --time day --out data.h5 --quiet ||
  fail "prepare table"
cat > run.ini <<'INI'
[task]
kind = forecast
[data]
file = data.h5
window = 12
horizon = 3
[model]
hidden = 11
layers = 2
dropout = 0.2
series_embedding = 3
window_centre = last
[train]
loss = gaussian
batch = 16
epochs = 1
seed = 3
[optimizer]
learning_rate = 0.01
clip = 1
[evaluate]
test = no
INI

# The scores of the test split, every digit that is printed.
scores_of() { # run ranks threads
  OMP_NUM_THREADS=$3 mpirun --bind-to none --timeout 300 -np "$2" "$lockstep" evaluate "$1" \
    --split test --quiet 2>&1
}

for change in train.loss=gaussian train.loss=student-t train.loss=quantiles model.cell=none \
  model.decoder=recursive optimizer.kind=rmsprop optimizer.average=0.9; do
  expected=
  name=${change//[.=]/-}
  common=(--set train.steps=8 --set distributed.shards=4 --set "$change")
  same_state "$name-alone" 0 1 "${common[@]}"
  for ranks in 1 2 3 4; do
    same_state "$name-r$ranks-t1" "$ranks" 1 "${common[@]}"
  done
  same_state "$name-r2-t2" 2 2 "${common[@]}"
  same_state "$name-groups" 2 1 "${common[@]}" --set train.accumulate=2
  one=$(scores_of "$name-alone" 1 2)
  [[ $one = *seasonal-naive* ]] || fail "$change: no table of scores: $one"
  for ranks in 2 3 4; do
    [[ $(scores_of "$name-alone" "$ranks" 1) = "$one" ]] ||
      fail "$change: the scores on $ranks ranks are not those on one: $one"
  done
done

expected=
common=(--set distributed.shards=4)
tables=$("$lockstep" doctor 2> /dev/null | grep -oE 'avx512|avx2|portable|reference' | sort -u)
for table in $tables; do
  LOCKSTEP_KERNELS=$table same_state "table-$table" 2 1 "${common[@]}" --set train.steps=8
done

# Stopped after 5 steps on 3 ranks, resumed on 2.
train stopped 3 1 "${common[@]}" --set train.steps=5 || fail "training 5 steps"
train stopped 2 1 "${common[@]}" --set train.steps=8 --resume || fail "resuming"
[[ $(state_of stopped) = "$expected" ]] || fail "resumed: another state"

# A whole epoch, with a short last batch.
expected=
same_state epoch-1 0 2 "${common[@]}" --set distributed.shards=8
same_state epoch-4 4 1 "${common[@]}" --set distributed.shards=8
finish
