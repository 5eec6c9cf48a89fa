#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Classes of texts: one digest and one text of scores on any number of ranks and threads,
# resumed or in groups, with every pooling; it learns, answers lines, and starts from a
# language model.
source "$(dirname "$0")/lib.sh"

# The class says whether w7 comes before the first w3, after it, or not at all.
make_classes() { # lines
  make_text "$1" | awk '{
    class = "none"
    for (i = 1; i <= NF; i++) {
      if ($i == "w3" && class == "none") class = "after"
      if ($i == "w7" && class == "none") { class = "before"; break }
    }
    print class, $0
  }'
}
make_classes 1400 > all
head -n 1200 all > train.txt
sed -n 1201,1300p all > valid.txt
tail -n 100 all > test.txt
"$lockstep" prepare labelled --train train.txt --valid valid.txt --test test.txt \
  --out data.h5 --quiet || fail "no dataset"
cat > run.ini <<'INI'
[task]
kind = classify
[data]
file = data.h5
bucket = 3
[model]
hidden = 24
embedding = 13
dropout = 0.2
word_dropout = 0.1
[train]
batch = 29
epochs = 1
class_weights = balanced
label_smoothing = 0.05
[distributed]
shards = 8
[optimizer]
kind = adam
learning_rate = 0.01
[evaluate]
test = no
INI

for pooling in last mean max attention concat; do
  same_everywhere "$pooling" --set "model.pooling=$pooling"
done
train part 3 1 --set train.steps=17 --set model.pooling=concat || fail "17 steps"
train part 2 2 --resume --set train.steps=0 --set model.pooling=concat ||
  fail "resume: $(cat part.out)"
[[ $(state_of part) = "$expected" ]] || fail "resumed: another state"

train learnt 2 1 --set train.epochs=12 --set model.word_dropout=0 || fail "$(cat learnt.out)"
for ranks in 1 2 3; do
  mpirun --bind-to none -np "$ranks" "$lockstep" evaluate learnt --split test --quiet > "scores$ranks"
  cmp scores1 "scores$ranks" || fail "$ranks ranks: other scores"
done
cat scores1
awk '/^test accuracy/ { found = $3 > 90 } END { exit !found }' scores1 ||
  fail "expected an accuracy above 90"

# A line is answered by its class, a tab and its probability; an empty line too.
cut -d' ' -f2- test.txt > lines
"$lockstep" predict learnt lines --quiet > answers || fail "predict: $(cat answers)"
right=$(paste -d' ' answers test.txt | awk '{ right += $1 == $3 } END { print right }')
awk -v right="$right" '/^test accuracy/ { found = $3 == right } END { exit !found }' scores1 ||
  fail "$right of 100 answers are right, evaluate has $(cat scores1)"
echo | "$lockstep" predict learnt --quiet --set predict.probabilities=yes > empty
awk -F'\t' 'NF == 5 { split($2, p, "="); sum = 0
    for (i = 3; i <= NF; i++) { split($i, q, "="); sum += q[2] } found = sum > 0.999 && sum < 1.001 }
  END { exit !found }' empty || fail "probabilities of an empty line: $(cat empty)"

# First values from a language model: its vectors and its stack, word by word.
cut -d' ' -f2- train.txt > text
"$lockstep" prepare text text --out text.h5 --words --valid-fraction 0 --quiet || fail "no text"
cat > language.ini <<'INI'
[data]
file = text.h5
window = 8
[model]
layers = 1
hidden = 24
embedding = 13
[train]
epochs = 1
INI
"$lockstep" train language.ini --run language --quiet > language.out 2>&1 ||
  fail "$(cat language.out)"
expected=
from=(--set model.init_from=language --set model.bidirectional=no)
same_state from-0 0 1 "${from[@]}"
same_state from-2 2 1 "${from[@]}"
grep -q 'embedding.weight from .*language: rows of [0-9]* of [0-9]* symbols' from-0/log.txt ||
  fail "no rows were taken: $(cat from-0/log.txt)"
train fresh 0 1 --set model.bidirectional=no
[[ $(state_of fresh) != "$expected" ]] || fail "init_from changed nothing"
expect_failure 3 "rnn.weight_ih_l0: expected the shape" "$lockstep" train run.ini --run wide \
  --quiet "${from[@]}" --set model.hidden=25
expect_failure 2 "'nine' is none of the dataset's 3 labels" "$lockstep" train run.ini \
  --run weights --quiet --set 'train.class_weights=before=2 nine=3'
expect_failure 2 "expected LABEL=WEIGHT" "$lockstep" train run.ini \
  --run weights --quiet --set 'train.class_weights=before'
expect_failure 3 "expected a dataset of labelled texts, found" "$lockstep" train run.ini \
  --run kind --quiet --set data.file=text.h5
finish
