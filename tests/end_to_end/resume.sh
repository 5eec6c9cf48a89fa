#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A run that was interrupted goes on to the bits of one that was not, on any
# number of ranks; a damaged checkpoint is passed over; what must not change is
# refused.
source "$(dirname "$0")/lib.sh"
make_run
common=(--set distributed.shards=4)
same_state straight 0 1 "${common[@]}" --set train.steps=30 --set checkpoint.keep=20

train part 3 1 "${common[@]}" --set train.steps=13 || fail "part: $(cat part.out)"
train part 2 2 "${common[@]}" --set train.steps=30 --resume || fail "resume: $(cat part.out)"
[[ $(state_of part) = "$expected" ]] || fail "resumed on 2 ranks: another state"

# The newest checkpoint is damaged: the one before it serves.
train hurt 1 1 "${common[@]}" --set train.steps=20 --set checkpoint.every_steps=5 ||
  fail "hurt: $(cat hurt.out)"
newest=$(ls hurt/checkpoints/step-*.h5 | tail -n 1)
printf 'x' | dd of="$newest" bs=1 seek=3000 conv=notrunc 2> /dev/null
train hurt 2 1 "${common[@]}" --set train.steps=30 --resume || fail "resume: $(cat hurt.out)"
[[ $(state_of hurt) = "$expected" ]] || fail "resumed past a damaged file: another state"
grep -q "$(basename "$newest")" hurt/log.txt || fail "the damaged file is not named in the log"

# A damaged one that stays behind does not cost the later ones their place.
train few 1 1 "${common[@]}" --set train.steps=20 --set checkpoint.every_steps=5 ||
  fail "few: $(cat few.out)"
newest=$(ls few/checkpoints/step-*.h5 | tail -n 1)
printf 'x' | dd of="$newest" bs=1 seek=3000 conv=notrunc 2> /dev/null
train few 1 1 "${common[@]}" --set train.steps=18 --set checkpoint.keep=1 --resume ||
  fail "few: $(cat few.out)"
[[ -f few/checkpoints/step-000000000018.h5 && ! -f $newest ]] ||
  fail "expected step 18 and none later: $(ls few/checkpoints)"

# Another dataset is refused, and ranks that find different checkpoints do not begin.
make_text 410 > other.txt
"$lockstep" prepare text other.txt --out other.h5 --words --valid-fraction 0.1 \
  --test-fraction 0.1 > /dev/null
expect_failure 3 "hint: name the right one with --set data.file=PATH" "$lockstep" train run.ini \
  --run part --resume --set data.file=other.h5 "${common[@]}"
mkdir -p elsewhere/part/checkpoints
cp run.ini elsewhere
cp part/config.ini elsewhere/part
cp part/checkpoints/step-000000000013.h5 elsewhere/part/checkpoints
again=("$lockstep" train run.ini --run part --resume --set data.file="$work/data.h5"
  --set train.steps=40 "${common[@]}")
expect_failure 2 "the step to begin from differs between ranks" mpirun --bind-to none \
  --timeout 120 -np 1 --wdir "$work" "${again[@]}" : -np 1 --wdir "$work/elsewhere" "${again[@]}"

# A signal to one rank stops all of them after the same step; it may come again and again.
(
  for _ in $(seq 200); do
    grep -q '"step"' asked/metrics.jsonl 2> /dev/null && break
    sleep 0.05
  done
  pid=$(pgrep -n -f "$lockstep train run.ini --run asked")
  while [[ -n $pid ]] && kill -USR1 "$pid" 2> /dev/null; do sleep 0.002; done
) &
train asked 2 1 "${common[@]}" --set train.epochs=400 --set log.every_steps=1
code=$?
wait
[[ $code = 0 ]] || fail "stopped run: exit code $code: $(tail -n 3 asked.out)"
[[ $(cat asked/state) = stopped ]] || fail "state is $(cat asked/state), expected stopped"
step=$(tail -n 1 asked/metrics.jsonl | grep -oE '"step":[0-9]+' | cut -d: -f2)
more=(--set train.epochs=400 --set "train.steps=$((step + 9))")
expected=
same_state again 1 1 "${common[@]}" "${more[@]}"
train asked 3 1 "${common[@]}" "${more[@]}" --resume || fail "resume: $(cat asked.out)"
[[ $(state_of asked) = "$expected" ]] || fail "resumed after a signal: another state"
[[ $(cat asked/state) = finished ]] || fail "state is $(cat asked/state), expected finished"

export OMP_NUM_THREADS=1
expect_failure 2 "batch" "$lockstep" train run.ini --run part --resume --set train.batch=12
expect_failure 2 "hidden" "$lockstep" train run.ini --run part --resume --set model.hidden=20 \
  --set distributed.shards=4
expect_failure 2 "precision" "$lockstep" train run.ini --run part --resume \
  --set distributed.shards=4 --set train.precision=bf16
expect_failure 2 "holds a run already" "$lockstep" train run.ini --run part
expect_failure 2 "found no config.ini" "$lockstep" train run.ini --run nowhere --resume
finish
