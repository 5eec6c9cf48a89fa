#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Tagging: one digest and one text of scores on any number of ranks and threads, resumed or in
# groups, with a CRF and with a softmax; and it learns to find spans and to answer lines.
source "$(dirname "$0")/lib.sh"

# A span of type `even` begins at each word with an even number and goes on at the next word.
make_tags() { # lines
  make_text "$1" | awk '{
    inside = 0
    for (i = 1; i <= NF; i++) {
      number = substr($i, 2)
      tag = inside ? "I-even" : number % 2 == 0 ? "B-even" : "O"
      inside = tag == "B-even"
      print $i "\t" tag
    }
    print ""
  }'
}
make_tags 400 > all
awk -v RS= -v ORS='\n\n' 'NR <= 320 { print > "train.conll"; next }
  NR <= 360 { print > "valid.conll"; next } { print > "test.conll" }' all
"$lockstep" prepare tags --train train.conll --valid valid.conll --test test.conll \
  --out data.h5 --quiet || fail "no dataset"
cat > run.ini <<'INI'
[task]
kind = tag
[data]
file = data.h5
bucket = 3
[model]
hidden = 24
embedding = 13
dropout = 0.2
[train]
batch = 13
epochs = 2
[distributed]
shards = 8
[optimizer]
kind = adam
learning_rate = 0.01
[evaluate]
test = no
INI

for output in crf softmax; do
  same_everywhere "$output" --set "task.output=$output"
done
train part 3 1 --set train.steps=17 --set task.output=softmax || fail "17 steps"
train part 2 2 --resume --set task.output=softmax || fail "resume: $(cat part.out)"
[[ $(state_of part) = "$expected" ]] || fail "resumed: another state"

train learnt 2 1 --set train.epochs=1 || fail "$(cat learnt.out)"
for ranks in 1 2 3; do
  mpirun --bind-to none -np "$ranks" "$lockstep" evaluate learnt --split test --quiet > "scores$ranks"
  cmp scores1 "scores$ranks" || fail "$ranks ranks: other scores"
done
cat scores1
awk '/^test span_f1/ { found = $3 > 80 } END { exit !found }' scores1 ||
  fail "expected a span F1 above 80"

# A line of words is answered by a line for each word, its tag behind a tab.
awk -v RS= '{ line = ""; for (i = 1; i <= NF; i += 2) line = line $i " "; print line }' \
  test.conll > lines
"$lockstep" predict learnt lines --quiet > answers || fail "predict: $(cat answers)"
"$lockstep" score spans answers test.conll > scored || fail "score: $(cat scored)"
cat scored
[[ $(awk '/^test span_f1/ { print $3 }' scores1) = "$(awk '/^span_f1/ { print $2 }' scored)" ]] ||
  fail "answers have another F1 than evaluate"

# With all the weight on O no span is found, with none a span at every word.
"$lockstep" evaluate learnt --quiet --set task.outside_bias=100 > outside
"$lockstep" evaluate learnt --quiet --set task.outside_bias=-100 > inside
awk '$1 == "all" { n = $5 } END { exit n != 0 }' outside || fail "spans: $(cat outside)"
awk '$1 == "all" { exit !($5 > $6) }' inside || fail "few spans: $(cat inside)"

# Columns come back with the tag that was found behind the one that was there.
"$lockstep" predict learnt --columns test.conll --quiet > columns || fail "predict: $(cat columns)"
awk -F'\t' 'NF > 0 { print $1 "\t" $3 } NF == 0' columns > found
cmp <(grep . found) <(grep . answers) || fail "columns are tagged otherwise than lines"
cmp <(cut -f 1,2 columns) test.conll || fail "columns do not come back as they were"
# Sentences end within what comes at once, and go on in what comes next.
awk -v RS= -v ORS='\n\n' 'NR <= 25' test.conll > some.conll
"$lockstep" predict learnt --columns some.conll --quiet > some
for ((first = 1; first <= $(wc -l < some.conll); first += 17)); do
  sed -n "$first,$((first + 16))p" some.conll
  sleep 0.15
done | "$lockstep" predict learnt --columns --quiet > slow
cmp slow some || fail "columns that come bit by bit are tagged otherwise"
printf 'w1\n\xff\n' > odd
expect_failure 3 "odd:2: byte 1: expected UTF-8 text, found byte 0xff" \
  "$lockstep" predict learnt --columns odd --quiet

# Vectors that do not fit stop a training before its first step, by file and line.
vector="0.5 $(yes 1 | head -n 12 | tr '\n' ' ')"
printf 'w1 %s\nw2 1 2\n' "$vector" > mixed
printf 'w1 %s\nw1 %s\n' "$vector" "$vector" > twice
expect_failure 3 "mixed:2: expected a word and 13 numbers, found 2" \
  "$lockstep" train run.ini --run mixed-run --quiet --set model.vectors=mixed
expect_failure 3 "twice:2: expected one vector for each word, found a second one of 'w1'" \
  "$lockstep" train run.ini --run twice-run --quiet --set model.vectors=twice
finish
