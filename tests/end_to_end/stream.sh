#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rows that come one by one, with the state in a file, give the forecasts of rows that come
# together; a state that fits no model, and rows that do not follow, are refused.
source "$(dirname "$0")/lib.sh"
export OMP_NUM_THREADS=1
make_panel 2 > panel.csv
"$lockstep" prepare table panel.csv --group series --time day --target value --past extra \
  --out data.h5 --quiet || fail "prepare table"
write_ini() { # lines of [model]
  cat > run.ini <<INI
[task]
kind = forecast
[data]
file = data.h5
window = 10
horizon = 3
[model]
hidden = 8
$1
[train]
loss = gaussian
batch = 16
epochs = 1
[evaluate]
valid = no
test = no
INI
}

# The rows after the table's end, with a header: all of them, or the n-th of each series.
rows_of() { # series first last
  awk -F, -v s="$1" -v a="$2" -v b="$3" 'NR == 1 { print; next }
    $1 == s { n++; if (n >= a && n <= b) print }' panel.csv
}
two() { # first last: of both series
  rows_of s0 "$1" "$2"
  rows_of s1 "$1" "$2" | tail -n +2
}

for change in 'layers = 2' $'window_centre = mean\nwindow_scale = deviation\nlayers = 1' \
  $'cell = gru\nseries_embedding = 3'; do
  write_ini "$change"
  rm -rf model state-* one.txt
  train model 0 1 || fail "training: $(cat model.out)"
  two 1 35 > all.csv
  together=$("$lockstep" predict model all.csv --state state-together) || fail "predict: $together"
  two 1 20 > rows.csv
  "$lockstep" predict model rows.csv --state state-single > /dev/null || fail "the first rows"
  for row in $(seq 21 35); do
    two "$row" "$row" > rows.csv
    "$lockstep" predict model rows.csv --state state-single > one.txt || fail "row $row"
  done
  [[ $(cat one.txt) = "$together" ]] || fail "$change: row by row: $(cat one.txt), expected $together"
done

# The first forecast of a stream is that of its window.
two 1 10 > rows.csv
[[ $("$lockstep" predict model rows.csv --state state-new) = "$("$lockstep" predict model rows.csv)" ]] ||
  fail "the first window is forecast in another way"

# A series that is not asked for goes on all the same.
cp state-single state-part
two 36 36 > rows.csv
"$lockstep" predict model rows.csv --state state-single > one.txt || fail "row 36"
"$lockstep" predict model rows.csv --state state-part --series s0 > part.txt || fail "row 36 of s0"
[[ $(grep -c ^s0 part.txt) -gt 0 && $(grep -c ^s1 part.txt) = 0 ]] || fail "--series: $(cat part.txt)"
cmp state-single state-part || fail "--series changes the state"

# Rows that are missing between calls are missing within the file too.
{ two 1 34; two 36 36 | tail -n +2; } > all.csv
together=$("$lockstep" predict model all.csv --state state-gap) || fail "a gap: $together"
two 1 34 > rows.csv
"$lockstep" predict model rows.csv --state state-gaps > /dev/null || fail "before the gap"
two 36 36 > rows.csv
[[ $("$lockstep" predict model rows.csv --state state-gaps) = "$together" ]] || fail "after the gap"

two 35 35 > rows.csv
expect_failure 3 "expected the row after the last one seen" "$lockstep" predict model rows.csv \
  --state state-single
sed -E '2,$ s/,20(..-)/,90\1/' rows.csv > bad.csv
expect_failure 3 "rows are missing before 9020-" "$lockstep" predict model bad.csv \
  --state state-single
{ two 1 20; two 35 35 | sed -n 2p | sed -E 's/,20(..-)/,90\1/'; } > bad.csv
expect_failure 3 "rows are missing before 9020-" "$lockstep" predict model bad.csv

# A series with too few rows is told of, and no state is left.
{ two 1 20; } | awk -F, 'NR == 1 || $1 == "s0" || ++n < 3' > rows.csv
expect_failure 3 "series 's1': expected 10 rows to forecast from, found 2" "$lockstep" predict \
  model rows.csv --state state-short
[[ ! -e state-short ]] || fail "a state of a refused call"

lost() { "$@" > /dev/full; }

# Forecasts that are lost leave the state where it was.
two 37 37 > rows.csv
cp state-single state-before
expect_failure 1 "the forecasts cannot be written" lost "$lockstep" predict model rows.csv \
  --state state-single
cmp state-single state-before || fail "a state of lost forecasts"

write_ini 'layers = 1'
rm -rf other
train other 0 1
two 36 36 > rows.csv
expect_failure 3 "expected the state of the model with digest" "$lockstep" predict other \
  rows.csv --state state-single
printf 'series,day,value\ns0,2020-05-01,1\n' > bad.csv
expect_failure 3 "bad.csv:1: expected the column 'extra'" "$lockstep" predict model bad.csv
printf 'series,day,value,extra\ns0,2020-05-01,1,x\n' > bad.csv
expect_failure 3 "bad.csv:2: column 'extra': expected a number, found 'x'" "$lockstep" predict \
  model bad.csv
printf 'series,day,value,extra\ns9,2020-05-01,1,2\n' > bad.csv
expect_failure 3 "the model knows no series 's9'" "$lockstep" predict model bad.csv
printf 'series,day,value,extra\ns0,2020-05-01 03:00,1,2\n' > bad.csv
expect_failure 3 "expected a time that is a whole number of steps of 1 day" "$lockstep" predict \
  model bad.csv
printf 'series,day,value,extra\ns0,2020-05-02,1,2\ns0,2020-05-01,1,2\n' > bad.csv
expect_failure 3 "bad.csv:3: expected a time after the row before it" "$lockstep" predict model \
  bad.csv
finish
