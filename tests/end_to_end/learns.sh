#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every cell learns: a text that repeats is known after a few epochs, the scores of
# evaluate are those of train, equal on any number of ranks, and generate writes it.
source "$(dirname "$0")/lib.sh"
for _ in $(seq 300); do echo "the cat sat on the mat and the dog lay by the door"; done > text.txt
"$lockstep" prepare text text.txt --out data.h5 --characters --valid-fraction 0.1 \
  --test-fraction 0.1 > /dev/null || exit 1
cat > run.ini <<'INI'
[data]
file = data.h5
window = 20
[model]
layers = 1
hidden = 32
[train]
batch = 8
epochs = 4
[optimizer]
kind = adam
learning_rate = 0.01
clip = 1
INI
for cell in lstm gru rnn; do
  train "$cell" 2 1 --set "model.cell=$cell" || fail "$cell: $(tail -n 2 "$cell.out")"
  line=$(tail -n 1 "$cell.out")
  [[ $line =~ ^test\ nats_per_character\ 0\.[01] ]] || fail "$cell has not learned: $line"
  for ranks in 1 3; do
    again=$(mpirun --bind-to none -np "$ranks" "$lockstep" evaluate "$cell" --split test --quiet \
      2> /dev/null | tail -n 1)
    [[ $again = "$line" ]] || fail "evaluate on $ranks ranks: '$again', expected '$line'"
  done
done
written=$("$lockstep" generate lstm --length 120 --temperature 0 --prompt "the cat" 2> /dev/null)
[[ $written = *"sat on the mat and the dog lay by the door"* ]] || fail "generate wrote: $written"
one=$("$lockstep" generate lstm --length 60 --seed 5 2> /dev/null)
two=$("$lockstep" generate lstm --length 60 --seed 5 2> /dev/null)
[[ $one = "$two" ]] || fail "the same seed wrote another text"
finish
