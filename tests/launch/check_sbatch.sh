#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# check_sbatch.sh - launch/slurm/train.sbatch with pretended srun, scontrol and program:
# when it resumes, when it puts its job back into the queue, which program it takes.
set -uo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
script=$(cd "$here/../.." && pwd)/launch/slurm/train.sbatch
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
failures=0

mkdir "$folder/bin" "$folder/work"
# srun starts one rank and drops its own options.
cat >"$folder/bin/srun" <<'S'
#!/bin/bash
while [[ ${1:-} == --* ]]; do shift; done
exec "$@"
S
# scontrol notes what it was asked; Slurm would then end the script, so it does.
cat >"$folder/bin/scontrol" <<S
#!/bin/bash
echo "scontrol \$*"
kill -KILL \$PPID
S
# The program leaves the state that STATE says and ends with CODE; with STATE wait it
# runs until USR1, as one that saves.
cat >"$folder/bin/lockstep" <<'S'
#!/bin/bash
echo "lockstep $*"
run=$4
mkdir -p "$run"
if [[ $STATE == wait ]]; then
  trap 'echo stopped >"$run/state"; exit 0' USR1
  echo $$ >"$run/ready"
  for (( i = 0; i < 400; i++ )); do sleep 0.05; done
fi
[[ $STATE == none ]] || echo "$STATE" >"$run/state"
exit "${CODE:-0}"
S
chmod +x "$folder"/bin/*
cd "$folder/work" || exit 1
export PATH=$folder/bin:$PATH SLURM_JOB_ID=17 SLURM_CPUS_PER_TASK=1 STATE=finished
unset LOCKSTEP SLURM_RESTART_COUNT CODE

try() {
  { bash "$script" "$@" >"$folder/out" 2>&1 </dev/null; code=$?; } 2>/dev/null
}

# expect NAME CODE TEXT... : the last call ended with CODE and its output has every TEXT,
# or, of a TEXT that begins with !, has it not.
expect() {
  local name=$1 wanted=$2 text wrong=''
  shift 2
  for text in "$@"; do
    case $text in
    !*) grep -qF -- "${text#!}" "$folder/out" && wrong+=" '${text#!}' is there" ;;
    *) grep -qF -- "$text" "$folder/out" || wrong+=" '$text' is missing" ;;
    esac
  done
  if [[ $code == "$wanted" && -z $wrong ]]; then
    echo "passed: $name"
  else
    echo "FAILED: $name: expected code $wanted, found $code;$wrong"
    sed 's/^/    /' "$folder/out"
    (( ++failures ))
  fi
}

try run.ini
expect "a_run_folder_is_asked_for" 2 "usage: sbatch train.sbatch INI RUN"
try run.ini new --set train.seed=2
expect "a_first_start_does_not_resume" 0 "lockstep train run.ini --run new --set train.seed=2" \
  "!--resume" "!scontrol"
try run.ini new
expect "a_second_start_resumes" 0 "lockstep train run.ini --run new --resume"
CODE=1 STATE=none try run.ini never
expect "a_failure_is_passed_on_and_not_put_back" 1 "ended with 1, state unknown" "!scontrol"
CODE=1 STATE=running try run.ini broken
expect "a_crash_is_not_put_back" 1 "ended with 1, state running" "!scontrol"
STATE=stopped try run.ini later
expect "a_stopped_run_is_put_back" 137 "ended with 0, state stopped" "scontrol requeue 17"

# The signals that stop the ranks also reach the script, which outlives them.
STATE=wait bash "$script" run.ini signalled >"$folder/out" 2>&1 </dev/null &
until [[ -s signalled/ready ]]; do sleep 0.05; done
kill -USR1 $!
sleep 0.2
kill -USR1 "$(<signalled/ready)"
{ wait $!; code=$?; } 2>/dev/null
expect "signals_end_in_a_requeue" 137 "state stopped" "scontrol requeue 17"

mkdir -p build/bin
sed 's/echo "lockstep/echo "built lockstep/' "$folder/bin/lockstep" >build/bin/lockstep
chmod +x build/bin/lockstep
try run.ini built
expect "the_built_program_comes_before_path" 0 "built lockstep train"
LOCKSTEP=$folder/bin/lockstep try run.ini chosen
expect "the_chosen_program_comes_first" 0 "lockstep train run.ini --run chosen" "!built"
LOCKSTEP=$folder/none try run.ini chosen
expect "a_missing_choice_is_refused" 1 "LOCKSTEP: no program at $folder/none" "!lockstep train"

echo "$failures failed"
exit $(( failures > 0 ))
