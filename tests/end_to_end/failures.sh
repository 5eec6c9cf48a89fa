#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What goes wrong ends every rank with one message that says where and what to do.
source "$(dirname "$0")/lib.sh"
make_run
export OMP_NUM_THREADS=1
mpi=(mpirun --bind-to none --timeout 120)

expect_failure 2 "5 ranks for 4 shards" "${mpi[@]}" -np 5 "$lockstep" train run.ini --run a \
  --set distributed.shards=4
expect_failure 2 "expected a power of two, found 6" "$lockstep" train run.ini --run a \
  --set distributed.shards=6
expect_failure 2 "differs between ranks" "${mpi[@]}" -np 1 "$lockstep" train run.ini --run b \
  --set distributed.shards=4 --set optimizer.learning_rate=0.5 : \
  -np 1 "$lockstep" train run.ini --run b --set distributed.shards=4
expect_failure 2 "did you mean 'hidden'" "$lockstep" train run.ini --run c --set model.hiden=20
expect_failure 2 "[model] tied = yes needs embedding = hidden" "$lockstep" train run.ini --run d \
  --set model.tied=yes
expect_failure 3 "no such dataset" "$lockstep" train run.ini --run e --set data.file=none.h5
head -c 3000 data.h5 > cut.h5
expect_failure 3 "cut.h5" "$lockstep" train run.ini --run f --set data.file=cut.h5
expect_failure 1 "cannot make the folder" "$lockstep" train run.ini --run text.txt/run
expect_failure 2 "groups are made of whole shards" "$lockstep" train run.ini --run g \
  --set train.accumulate=3

make_text 900 > large.txt
"$lockstep" prepare text large.txt --out large.h5 --words > /dev/null || fail "large.txt"
expect_failure 2 "a smaller [train] batch or [data] window" "$lockstep" train run.ini --run l \
  --set data.file=large.h5 --set train.batch=4295 --set data.window=1000000

explodes=(--set model.cell=rnn-relu --set optimizer.kind=sgd --set optimizer.learning_rate=1000
  --set optimizer.clip=0)
# A loss that is not finite names the step and the samples, and ends all ranks; or
# the step is skipped.
expect_failure 1 "is not finite" "${mpi[@]}" -np 2 "$lockstep" train run.ini --run h \
  "${explodes[@]}"
train i 2 1 "${explodes[@]}" --set train.on_nonfinite=skip --set train.steps=12 || fail "skip: $(cat i.out)"

# A step that is skipped changes nothing, also when the loss alone is not finite.
{
  echo "row,value"
  seq -f '%g' 1 200 | awk '{ print $1 "," 1 + $1 % 3 "e20" }'
} > huge.csv
"$lockstep" prepare table huge.csv --out huge.h5 --scaling none --quiet > /dev/null ||
  fail "huge.csv"
printf '[task]\nkind = forecast\n[data]\nfile = huge.h5\n' > huge.ini
"$lockstep" train huge.ini --run huge --set train.on_nonfinite=skip --set train.steps=2 \
  --set model.hidden=4 --set optimizer.clip=1 > huge.out 2>&1 || fail "huge: $(cat huge.out)"
grep -q "the loss is not finite, first in the loss alone" huge.out || fail "$(cat huge.out)"
[[ $("$lockstep" inspect --digest huge/checkpoints/*0.h5) = \
  "$("$lockstep" inspect --digest huge/checkpoints/*2.h5)" ]] || fail "a skipped step changed weights"

# One rank is killed: all end, soon, with a failure.
(
  for _ in $(seq 200); do
    grep -q '"step"' k/metrics.jsonl 2> /dev/null && break
    sleep 0.05
  done
  pid=$(pgrep -n -f "$lockstep train run.ini --run k")
  [[ -n $pid ]] && kill -KILL "$pid"
) &
train k 3 1 --set train.epochs=4000 --set log.every_steps=1 --set distributed.shards=4
[[ $? != 0 ]] || fail "a killed rank did not end the job with a failure"
wait
[[ $(ls k/checkpoints/*.h5 | wc -l) -ge 1 ]] || fail "no checkpoint is left"

# A full disk ends the run and leaves the checkpoints that were there.
if mkdir small && mount -t tmpfs -o size=300k tmpfs small 2> /dev/null; then
  expect_failure 1 "small/run" "$lockstep" train run.ini --run small/run \
    --set checkpoint.every_steps=1 --set checkpoint.keep=100
  "$lockstep" inspect small/run > /dev/null || fail "the run on a full disk cannot be inspected"
  umount small
fi

# A disk that is full at the first checkpoint leaves a folder where the run can start anew.
if mkdir tiny && mount -t tmpfs -o size=40k tmpfs tiny 2> /dev/null; then
  expect_failure 1 "tiny/run" "$lockstep" train run.ini --run tiny/run --set train.steps=2
  mount -o remount,size=1m tiny
  "$lockstep" train run.ini --run tiny/run --set train.steps=2 --quiet > tiny.out 2>&1 ||
    fail "started anew: $(cat tiny.out)"
  umount tiny
fi

# What one rank fails at after a skipped step ends the others at once, not at a deadline.
mkdir m && ln -s /dev/full m/metrics.jsonl
expect_failure 1 "m/metrics.jsonl" "${mpi[@]}" -np 2 "$lockstep" train run.ini --run m \
  "${explodes[@]}" --set train.on_nonfinite=skip --set log.every_steps=1
finish
