#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_run.sh - launch/run with a program that only pretends: how cores are split,
# that arguments, input and exit codes pass through, what signals and crashes do.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export LOCKSTEP=$here/fake_lockstep
unset OMP_NUM_THREADS OMP_PROC_BIND OMP_PLACES OMP_WAIT_POLICY LOCKSTEP_CORES
failures=0

run() { "$root/launch/run" "$@"; }

# expect NAME CODE TEXT... : the last call ended with CODE and its output has every TEXT.
expect() {
  local name=$1 wanted=$2 text missing=''
  shift 2
  for text in "$@"; do
    grep -qF -- "$text" "$folder/out" || missing+=" '$text'"
  done
  if [[ $code == "$wanted" && -z $missing ]]; then
    echo "passed: $name"
  else
    echo "FAILED: $name: expected code $wanted, found $code; missing:${missing:- nothing}"
    sed 's/^/    /' "$folder/out"
    (( ++failures ))
  fi
}

try() { run "$@" >"$folder/out" 2>&1 </dev/null; code=$?; }

# ---- how cores are split
export LOCKSTEP_CORES=16
try --ranks 4 --show -- train run.ini
expect "cores_are_shared_by_given_ranks" 0 "-n 4 --map-by slot:PE=4 --bind-to core" \
  "OMP_NUM_THREADS=4" "OMP_PROC_BIND=close" "fake_lockstep train run.ini"
try --threads 8 --show -- train run.ini
expect "ranks_fill_the_cores" 0 "-n 2 --map-by slot:PE=8"
try --threads 5 --show -- train run.ini
expect "remaining_cores_stay_idle" 0 "-n 3 --map-by slot:PE=5"
try --ranks 2 --threads 3 --show -- train run.ini
expect "both_numbers_are_taken_as_given" 0 "-n 2 --map-by slot:PE=3" "OMP_NUM_THREADS=3"
try --ranks=2 --threads=3 --show -- train run.ini
expect "numbers_may_follow_an_equals_sign" 0 "-n 2 --map-by slot:PE=3" "OMP_NUM_THREADS=3"
try --ranks 8 --threads 4 --show -- train run.ini
expect "too_many_threads_oversubscribe_without_binding" 0 "-n 8 --oversubscribe --bind-to none" \
  "OMP_PROC_BIND=false" "OMP_WAIT_POLICY=passive"
try --ranks 32 --show -- train run.ini
expect "more_ranks_than_cores_get_one_thread" 0 "-n 32 --oversubscribe" "OMP_NUM_THREADS=1"
OMP_WAIT_POLICY=passive try --ranks 4 --show -- train run.ini
expect "settings_of_the_user_win" 0 "OMP_WAIT_POLICY=passive"
unset LOCKSTEP_CORES
try --show -- train run.ini
expect "one_rank_a_socket_without_numbers" 0 "--map-by slot:PE="

# ---- wrong use
try --ranks 0 -- train
expect "zero_ranks_are_refused" 2 "--ranks: expected a whole number from 1 on, found '0'"
try --threads= -- train
expect "an_empty_number_is_refused" 2 "--threads: expected a whole number from 1 on, found ''"
try --threads
expect "missing_number_is_refused" 2 "--threads: expected a number after it"
try --rank 2 -- train
expect "unknown_option_is_refused" 2 "unknown option '--rank'"
try --ranks 2
expect "missing_arguments_are_refused" 2 "expected arguments of lockstep after --"
LOCKSTEP=$folder/none try -- train
expect "missing_program_is_named" 1 "no program at $folder/none"
try --help
expect "help_is_printed" 0 "usage: launch/run" "exit code:"

# ---- real processes
try --ranks 2 --threads 1 -- say "two words" --set 'a.b=c d'
expect "arguments_arrive_as_given" 0 "rank 0 of 2 threads 1 arguments: two words --set a.b=c d" \
  "rank 1 of 2 threads 1"
try --ranks 3 --threads 2 -- say x
expect "oversubscribed_ranks_start" 0 "rank 2 of 3 threads 2"
for wanted in 1 2 3; do
  try --ranks 2 -- exit "$wanted"
  expect "exit_code_${wanted}_passes_through" "$wanted"
done
echo "from input" | run --ranks 2 -- read >"$folder/out" 2>&1
code=$?
expect "input_reaches_the_first_rank" 0 "from input"

# signal NAME CODE ... : one signal while two ranks work.  `env` because a shell's
# background jobs ignore INT, and a script cannot undo that.
signal() {
  local name=$1 wanted=$2
  rm -f "$folder"/ready.*
  env --default-signal=INT "$root/launch/run" --ranks 2 --threads 1 -- \
    work "$folder" "$wanted" >"$folder/out" 2>&1 </dev/null &
  while [[ ! -e $folder/ready.0 || ! -e $folder/ready.1 ]]; do sleep 0.05; done
  kill -s "$name" $!
  wait $!
  code=$?
  expect "${name}_lets_all_ranks_save_and_stop" "$wanted" "launch/run: $name: all ranks save" \
    "rank 0 saved" "rank 1 saved"
}
signal TERM 0
signal INT 0
signal USR1 0
signal TERM 3

# ---- last words
record() { # rank step phase calls time
  printf 'rank %d host vm pid 10%d step %d phase %s calls %d time %-60s\n' \
    "$1" "$1" "$2" "$3" "$4" "$5" >"$folder/run/ranks/$1"
}
culprit() { "$root/launch/culprit" "$@" >"$folder/out" 2>&1; code=$?; }
mkdir -p "$folder/run/ranks"
record 0 12 sum 41 2099-01-01T00:00:03Z
record 1 12 backward 40 2099-01-01T00:00:01Z
record 2 12 sum 41 2099-01-01T00:00:02Z
culprit "$folder/run"
expect "rank_with_fewest_calls_is_furthest_behind" 0 \
  "the furthest behind was rank 1 on vm (process 101): step 12, phase backward" \
  "last words of rank 2"
culprit "$folder/run" "" 2
expect "known_dead_rank_is_shown_first" 0 "the first to die was rank 2 on vm"
culprit "$folder/run" "" 7
expect "dead_rank_without_a_line_is_still_named" 0 "the first to die was rank 7, which left no line"
culprit "$folder/run" 2100-01-01T00:00:00Z
[[ -s $folder/out ]] && code=unexpected
expect "lines_of_an_earlier_start_are_ignored" 0
record 1 12 end 42 2099-01-01T00:00:01Z
culprit "$folder/run"
expect "equal_ranks_are_not_blamed" 0 "no rank is behind the others"
record 1 11 forward 38 2099-01-01T00:00:01Z
try --ranks 3 --threads 1 -- die --run "$folder/run"
expect "crash_names_the_rank_that_died" 137 \
  "was rank 1 on vm (process 101): step 11, phase forward"
culprit "$folder/nowhere"
expect "culprit_without_a_run_is_wrong_use" 2 "usage: launch/culprit RUN"

echo "$failures failed"
exit $(( failures > 0 ))
