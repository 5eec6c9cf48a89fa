# SPDX-License-Identifier: Apache-2.0
# lib.sh - what the tests of whole runs share; sourced, in bash.
#
# Usage of a test: NAME.sh LOCKSTEP, the program.  It works in a temporary folder
# that it removes, and exits with 1 when something was not as it should be.
set -u
lockstep=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
failures=0
export OMPI_MCA_rmaps_base_oversubscribe=1 OMP_WAIT_POLICY=passive
if [[ $(id -u) = 0 ]]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

fail() {
  printf 'FAILED: %s\n' "$*"
  failures=$((failures + 1))
}

finish() {
  [[ $failures = 0 ]] && echo "passed" && exit 0
  exit 1
}

# Words of a fixed pseudo-random sequence, some commoner than others, in lines.
make_text() { # lines
  awk -v lines="$1" 'BEGIN {
    seed = 12345
    for (i = 0; i < lines; i++) {
      line = ""
      for (w = 0; w < 5 + i % 7; w++) {
        seed = (seed * 69069 + 1) % 4294967296
        line = line " w" int(seed / 65536) % (1 + int(seed / 256) % 40)
      }
      print line
    }
  }'
}

# A panel of daily series with a weekly season, of different levels and lengths, as CSV.
make_panel() { # series
  awk -v count="$1" 'BEGIN {
    seed = 54321
    print "series,day,value,extra"
    for (s = 0; s < count; s++) {
      level = 10 * (s + 1)
      for (t = 0; t < 90 + 10 * (s % 4); t++) {
        seed = (seed * 69069 + 1) % 4294967296
        noise = int(seed / 65536) % 100 / 100
        level += (noise - 0.5) * (s + 1) / 5
        printf "s%d,%s,%.3f,%.2f\n", s, day(t), level + (s + 1) * (t % 7 > 4), noise
      }
    }
  }
  function day(t,    year, month, length_of) {
    year = 2020; month = 1
    for (;;) {
      length_of = month == 2 ? 29 : month == 4 || month == 6 ? 30 : 31
      if (t < length_of) return sprintf("%d-%02d-%02d", year, month, t + 1)
      t -= length_of
      month++
    }
  }'
}

# A dataset and a small model with dropout: run.ini, data.h5.
make_run() {
  make_text 400 > text.txt
  "$lockstep" prepare text text.txt --out data.h5 --words --valid-fraction 0.1 \
    --test-fraction 0.1 > /dev/null || exit 1
  cat > run.ini <<'INI'
[data]
file = data.h5
window = 8
[model]
cell = lstm
layers = 2
hidden = 19
embedding = 13
dropout = 0.3
[train]
batch = 11
epochs = 5
seed = 3
[optimizer]
kind = adam
learning_rate = 0.01
clip = 1
[evaluate]
valid = no
test = no
INI
}

# Trains with RANKS ranks of THREADS threads into folder RUN; further arguments follow.
train() { # run ranks threads arguments...
  local run=$1 ranks=$2 threads=$3
  shift 3
  if [[ $ranks = 0 ]]; then # without mpirun
    OMP_NUM_THREADS=$threads "$lockstep" train run.ini --run "$run" --quiet "$@" > "$run.out" 2>&1
  else
    OMP_NUM_THREADS=$threads mpirun --bind-to none --timeout 300 -np "$ranks" "$lockstep" train \
      run.ini --run "$run" --quiet "$@" > "$run.out" 2>&1
  fi
}

# Digest of a run's whole training state.
state_of() {
  "$lockstep" inspect --digest --full "$1"
}

# Trains as `train` does; the state must be that of the run called $expected, or is the
# first of its kind.
expected=
same_state() { # name ranks threads arguments...
  local name=$1
  rm -rf "$name"
  train "$@" || { fail "$*: $(tail -n 3 "$name.out")"; return; }
  local state
  state=$(state_of "$name")
  if [[ -z $expected ]]; then
    expected=$state
    echo "$* -> $state"
  elif [[ $state != "$expected" ]]; then
    fail "$*: $state, expected $expected"
  fi
}

# One state and one text of validation scores alone, on 1 to 4 ranks, with 1 or 2 threads,
# and in two groups; leaves the state in $expected.
same_everywhere() { # name arguments...
  local name=$1 place scores
  shift
  expected=
  for place in 0:1 1:2 2:1 3:2 4:1; do
    same_state "$name-$place" "${place%:*}" "${place#*:}" "$@"
    scores=$(grep -o '"split":"valid".*' "$name-$place/metrics.jsonl")
    [[ -n $scores && $scores = "$(grep -o '"split":"valid".*' "$name-0:1/metrics.jsonl")" ]] ||
      fail "$name-$place: other scores, or none: $scores"
  done
  same_state "$name-groups" 1 2 "$@" --set train.accumulate=2
}

# The command must fail with the exit code, and say the text.
expect_failure() { # code text command...
  local code=$1 text=$2 found out
  shift 2
  out=$("$@" 2>&1)
  found=$?
  [[ $found = "$code" ]] || fail "exit code $found, expected $code: $* $out"
  [[ $out = *"$text"* ]] || fail "expected '$text' of: $* $out"
}
