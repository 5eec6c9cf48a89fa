#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Translation: one digest and one text of scores on any number of ranks and threads,
# resumed or in groups; the same translations whatever shares a batch; and it learns.
source "$(dirname "$0")/lib.sh"

# The target says the source's words backwards, in words of its own.
make_pairs() { # lines name
  make_text "$1" | awk '{ $1 = $1; print }' > "$2.source"
  awk '{ line = ""; for (i = NF; i > 0; i--) line = line (i < NF ? " " : "") "v" $i; print line }' \
    "$2.source" > "$2.target"
}
make_pairs 500 all
for side in source target; do
  head -n 400 all.$side > train.$side
  sed -n 401,450p all.$side > valid.$side
  tail -n 50 all.$side > test.$side
done
"$lockstep" prepare pairs --train train --valid valid --test test --source source \
  --target target --out data.h5 --quiet || fail "no dataset"
cat > run.ini <<'INI'
[task]
kind = translate
[data]
file = data.h5
bucket = 3
[model]
layers = 2
hidden = 24
embedding = 13
input_feeding = yes
dropout = 0.2
[train]
batch = 13
epochs = 2
label_smoothing = 0.1
scheduled_sampling = 0.25
[distributed]
shards = 8
[optimizer]
learning_rate = 0.01
[evaluate]
beam = 3
test = no
INI

for change in model.attention=general model.attention=additive model.input_feeding=no; do
  same_everywhere "${change//[.=]/-}" --set "$change"
done
train part 3 1 --set train.steps=17 --set model.input_feeding=no || fail "17 steps"
train part 2 2 --resume --set model.input_feeding=no || fail "resume: $(cat part.out)"
[[ $(state_of part) = "$expected" ]] || fail "resumed: another state"

# A model that has learnt something says the same however many lines share a batch.
train learnt 2 1 --set train.epochs=30 --set train.scheduled_sampling=0 \
  --set model.layers=1 --set model.hidden=48 --set model.dropout=0.1 || fail "$(cat learnt.out)"
bleu() { # ranks arguments...
  local ranks=$1
  shift
  mpirun --bind-to none -np "$ranks" "$lockstep" evaluate learnt --split test --quiet "$@"
}
expected_line=$(bleu 1)
echo "$expected_line"
awk '{ exit !($3 > 30) }' <<< "$expected_line" || fail "expected BLEU above 30: $expected_line"
for streams in 1 7 50; do
  for ranks in 1 2 3; do
    ((ranks > streams)) && continue
    found=$(bleu "$ranks" --set "evaluate.streams=$streams")
    [[ $found = "$expected_line" ]] || fail "$streams streams, $ranks ranks: $found"
  done
done

# Lines of a file, and lines that come one by one, are answered alike.
"$lockstep" predict learnt test.source --quiet > whole || fail "predict: $(cat whole)"
while read -r line; do
  echo "$line"
  sleep 0.02
done < test.source | "$lockstep" predict learnt --quiet > apart
cmp whole apart || fail "lines that come one by one are answered differently"
[[ $(wc -l < whole) = 50 ]] || fail "expected 50 answers"
right=$(paste -d= whole test.target | awk -F= '$1 == $2' | wc -l)
((right > 20)) || fail "only $right of 50 lines are translated"
# The same in pieces of words: the dataset is the same twice, the answers are words again.
for file in {train,valid,test}.{source,target}; do
  tr 0-9 aeioubdgkl < $file > letters.$file
done
for name in pieces again; do
  "$lockstep" prepare pairs --train letters.train --valid letters.valid --test letters.test \
    --source source --target target --subwords 90 --out $name.h5 --quiet || fail "no dataset of pieces"
done
cmp pieces.h5 again.h5 || fail "other pieces from the same text"
same_everywhere pieces --set data.file=pieces.h5
train spelt 2 1 --set train.epochs=30 --set train.scheduled_sampling=0 --set model.layers=1 \
  --set model.hidden=48 --set model.dropout=0.1 --set data.file=pieces.h5 || fail "$(cat spelt.out)"
"$lockstep" predict spelt letters.test.source --quiet > joined || fail "predict: $(cat joined)"
"$lockstep" score bleu joined letters.test.target | tee joined.bleu
mpirun --bind-to none -np 2 "$lockstep" evaluate spelt --split test --quiet | tee spelt.bleu
awk '$1 == "bleu" { joined = $2 } $1 == "test" { found = $3 }
  END { exit !(sprintf("%.2f", found) == joined) }' joined.bleu spelt.bleu ||
  fail "answers of pieces have another BLEU than evaluate"
awk '{ exit !($3 > 20) }' spelt.bleu || fail "expected BLEU above 20 from pieces"

printf 'w1\n\xff\n' > bad
expect_failure 3 "bad:2: byte 1: expected UTF-8 text, found byte 0xff" \
  "$lockstep" predict learnt bad --quiet
finish
