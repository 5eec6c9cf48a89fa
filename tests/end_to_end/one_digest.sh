#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# One configuration, one digest: on any number of ranks and threads, with any
# kernels, in any groups.
source "$(dirname "$0")/lib.sh"
make_run

tables=$("$lockstep" doctor 2> /dev/null | grep -oE 'avx512|avx2|portable|reference' | sort -u)
for shards in 0 4; do
  expected=
  common=(--set train.steps=12 --set "distributed.shards=$shards")
  same_state "s$shards-alone" 0 1 "${common[@]}"
  for ranks in 1 2 3 4; do
    [[ $shards = 0 && $ranks -gt 2 ]] && continue # a batch this small has two shards
    for threads in 1 2; do
      same_state "s$shards-r$ranks-t$threads" "$ranks" "$threads" "${common[@]}"
    done
  done
  for table in $tables; do
    LOCKSTEP_KERNELS=$table same_state "s$shards-$table" 2 1 "${common[@]}"
  done
  same_state "s$shards-groups" 1 2 "${common[@]}" --set train.accumulate=2
done
same_state four-groups 3 1 "${common[@]}" --set train.accumulate=4

for change in model.cell=gru model.cell=rnn model.tied=yes model.variational=yes \
  train.carry_state=no optimizer.kind=sgd train.label_smoothing=0.1; do
  expected=
  common=(--set train.steps=9 --set distributed.shards=4 --set "$change")
  [[ $change = model.tied=yes ]] && common+=(--set model.embedding=19)
  same_state "${change//[.=]/-}-1" 0 2 "${common[@]}"
  same_state "${change//[.=]/-}-3" 3 1 "${common[@]}"
done

# Products of bf16, added in either order: by the instruction for it and emulated, chains
# that fill their last word or block and chains that do not.
for precision in bf16 bf16-amx; do
  for cell in lstm gru; do
    expected=
    common=(--set train.steps=9 --set train.precision=$precision --set distributed.shards=4
      --set "model.cell=$cell")
    for ranks in 1 2 3 4; do
      for threads in 1 2; do
        same_state "$precision-$cell-r$ranks-t$threads" "$ranks" "$threads" "${common[@]}"
      done
    done
    for table in $tables; do
      LOCKSTEP_KERNELS=$table same_state "$precision-$cell-$table" 2 1 "${common[@]}"
    done
    same_state "$precision-$cell-groups" 1 2 "${common[@]}" --set train.accumulate=2
    train "$precision-$cell-part" 3 1 "${common[@]}" --set train.steps=4 ||
      fail "$precision $cell: 4 steps"
    LOCKSTEP_KERNELS=portable train "$precision-$cell-part" 1 2 "${common[@]}" --resume ||
      fail "$precision $cell: resume: $(cat "$precision-$cell-part.out")"
    [[ $(state_of "$precision-$cell-part") = "$expected" ]] ||
      fail "$precision $cell resumed: another state"
    train "f32-$precision-$cell" 0 1 "${common[@]}" --set train.precision=f32 || fail "f32 $cell"
    [[ $("$lockstep" inspect --digest "f32-$precision-$cell") != \
      $("$lockstep" inspect --digest "$precision-$cell-r1-t1") ]] ||
      fail "$precision $cell: weights of f32"
  done
done

# Whole epochs: the last batches are short, with fewer rows than shards.
for carry in yes no; do
  expected=
  common=(--set train.epochs=2 --set distributed.shards=8 --set "train.carry_state=$carry")
  same_state "epochs-$carry-1" 0 1 "${common[@]}"
  same_state "epochs-$carry-4" 4 1 "${common[@]}"
  same_state "epochs-$carry-3" 3 1 "${common[@]}" --set train.accumulate=2
done
finish
