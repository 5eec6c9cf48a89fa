#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The openblas kernels have one digest of their own, near ours, and say what it
# rests on.
source "$(dirname "$0")/lib.sh"
make_run
export LOCKSTEP_KERNELS=openblas
common=(--set train.steps=12 --set distributed.shards=4)
for ranks in 1 2 3; do
  for threads in 1 2; do
    same_state "r$ranks-t$threads" "$ranks" "$threads" "${common[@]}"
  done
done
grep -qiE 'openblas.*0\.[0-9]+' r1-t1/log.txt ||
  fail "the log does not say which OpenBLAS: $(grep kernels r1-t1/log.txt)"
LOCKSTEP_KERNELS= train ours 1 1 "${common[@]}" || fail "ours: $(cat ours.out)"
ours=$(tail -n 1 ours.out) theirs=$(tail -n 1 r1-t1.out)
# Twelve steps of Adam apart by rounding only: equal to 1 part in 10,000.
awk -v a="${ours##* }" -v b="${theirs##* }" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 < (1e-4 * a) ^ 2) }' ||
  fail "ours '$ours', openblas '$theirs'"
finish
