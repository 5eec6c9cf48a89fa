#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Two builds of the program, by gcc and by clang, train to one digest, with every
# kernel table of ours; and one resumes what the other began.
#
#   compilers.sh LOCKSTEP OTHER_LOCKSTEP
other=$(realpath "$2")
source "$(dirname "$0")/lib.sh"
mine=$lockstep
make_run
for table in avx512 avx2 portable; do
  for lockstep in "$mine" "$other"; do
    LOCKSTEP_KERNELS=$table "$lockstep" train run.ini --run probe --quiet --set train.steps=1 \
      > probe.out 2>&1 || { grep -q "cannot run" probe.out && continue; fail "$(cat probe.out)"; }
    rm -rf probe
    LOCKSTEP_KERNELS=$table same_state "$table" 2 1 --set train.steps=12
  done
done
lockstep=$mine
train mixed 1 1 --set train.steps=5 || fail "$(cat mixed.out)"
lockstep=$other
train mixed 2 1 --set train.steps=12 --resume || fail "$(cat mixed.out)"
[[ $(state_of mixed) = "$expected" ]] || fail "begun by one build, resumed by the other: another state"
finish
