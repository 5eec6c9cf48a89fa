#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No value of the future reaches the past: a change after the training split changes no
# parameter, a change after a window changes no forecast from it.  And the check sees a
# leak: with a scaler that is fitted on all rows (planted in a copy of table_series.c) it
# fails.
#
#   leak.sh LOCKSTEP LSTM_OUTPUTS SOURCE BUILD
source "$(dirname "$0")/lib.sh"
source_folder=$3 build=$4

cat > run.ini <<'INI'
[task]
kind = forecast
[data]
window = 12
horizon = 3
[model]
hidden = 9
window_centre = mean
window_scale = deviation
residual = seasonal-naive
[train]
loss = gaussian
batch = 16
epochs = 1
[evaluate]
valid = no
test = no
INI

# table.csv, and later.csv in which every value of the test split is another one; in
# tail.csv only values after the middle of the test split are.
make_panel 1 | cut -d, -f2- > table.csv
rows=$(($(wc -l < table.csv) - 1))
test_rows=20
awk -F, -v OFS=, -v from=$((rows - test_rows + 2)) 'NR >= from { $2 = $2 * 3 + 50; $3 = -$3 } 1' \
  table.csv > later.csv
awk -F, -v OFS=, -v from=$((rows - test_rows / 2 + 2)) 'NR >= from { $2 = $2 * 3 + 50 } 1' \
  table.csv > tail.csv

prepare() { # program name
  "$1" prepare table "$2.csv" --target value --past extra --calendar weekday --season 7 \
    --train-rows $((rows - 2 * test_rows)) --valid-rows "$test_rows" --test-rows "$test_rows" \
    --out "$2.h5" --quiet
}

# The digest of a model trained on a table.
trained() { # program name
  rm -rf "run-$2"
  prepare "$1" "$2" || { fail "preparing $2.csv"; return; }
  "$lockstep" train run.ini --run "run-$2" --quiet --set "data.file=$PWD/$2.h5" > "$2.out" 2>&1 ||
    fail "training on $2.csv: $(cat "$2.out")"
  "$lockstep" inspect --digest "run-$2"
}

before=$(trained "$lockstep" table)
[[ $before = digest* ]] || fail "no digest: $before"
[[ $(trained "$lockstep" later) = "$before" ]] || fail "later values changed the parameters"

# Forecasts of all windows that end before a change, from the model of the first table.
forecasts() { # table rows
  head -n $(($2 + 1)) "$1.csv" > cut.csv
  "$lockstep" predict run-table cut.csv
}
middle=$((rows - test_rows / 2))
[[ $(forecasts table "$middle") = "$(forecasts tail "$middle")" ]] ||
  fail "a change after a window changed its forecast"
[[ $(forecasts table $((middle + 1))) != "$(forecasts tail $((middle + 1)))" ]] ||
  fail "a change inside a window changed nothing: the check sees nothing"

# The planted bug: the scaler sees every row.
sed 's/if (row < train) {/if (row < train || row < rows) {/' "$source_folder/src/prepare/table_series.c" > planted.c
cmp -s planted.c "$source_folder/src/prepare/table_series.c" && fail "nothing was planted"
link=$("$source_folder/tests/end_to_end/relink" "$build" table_series.c planted.c leaky) ||
  fail "building the planted program: $link"
leaky_before=$(trained ./leaky table)
[[ $leaky_before = digest* ]] || fail "the planted program: $leaky_before"
[[ $(trained ./leaky later) != "$leaky_before" ]] ||
  fail "the scaler saw the future, and nobody noticed"
finish
