#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Texts for a label: one digest and one text of scores on any number of ranks and threads,
# resumed or in groups; what is generated for a label is of that label; answers do not depend
# on what shares a batch.
source "$(dirname "$0")/lib.sh"

# Numbers that rise, or fall, by one.
make_counts() { # lines
  awk -v lines="$1" 'BEGIN {
    seed = 777
    for (i = 0; i < lines; i++) {
      seed = (seed * 69069 + 1) % 4294967296
      first = int(seed / 65536) % 6
      count = 2 + int(seed / 256) % 5
      rises = int(seed / 16777216) % 2
      line = rises ? "rise" : "fall"
      for (j = 0; j < count; j++) line = line " n" (rises ? first + j : first + 5 - j)
      print line
    }
  }'
}
make_counts 700 > all
head -n 600 all > train.txt
tail -n 100 all > valid.txt
"$lockstep" prepare labelled --train train.txt --valid valid.txt --out data.h5 --quiet ||
  fail "no dataset"
"$lockstep" prepare labelled --train train.txt --valid valid.txt --characters \
  --out letters.h5 --quiet || fail "no dataset of letters"
cat > run.ini <<'INI'
[task]
kind = generate
[data]
file = data.h5
bucket = 3
[model]
layers = 1
hidden = 40
embedding = 16
dropout = 0.1
[train]
batch = 29
epochs = 2
label_smoothing = 0.05
[distributed]
shards = 8
[optimizer]
kind = adam
learning_rate = 0.01
[evaluate]
test = no
INI

for file in data letters; do
  same_everywhere "$file" --set "data.file=$file.h5"
done
train part 3 1 --set train.steps=17 --set data.file=letters.h5 || fail "17 steps"
train part 2 2 --resume --set train.steps=0 --set data.file=letters.h5 ||
  fail "resume: $(cat part.out)"
[[ $(state_of part) = "$expected" ]] || fail "resumed: another state"

# Of 60 texts for a label nearly all go its way; told the other label, they would not.
count_right() { # label texts
  grep -v '^---' "$2" | sed 's/n//g' | awk -v label="$1" '{
    right = 1
    for (i = 2; i <= NF; i++) right = right && $i - $(i - 1) == (label == "rise" ? 1 : -1)
    sum += right
  } END { print sum }'
}
train learnt 2 1 --set train.epochs=12 --set train.label_smoothing=0 || fail "$(cat learnt.out)"
for label in rise fall; do
  "$lockstep" generate learnt --label $label --samples 60 --temperature 0.7 > $label.txt ||
    fail "generate: $(cat $label.txt)"
  right=$(count_right $label $label.txt)
  echo "$label: $right of 60"
  ((right >= 54)) || fail "$label: only $right of 60 texts are of it"
done
wrong=$(count_right fall rise.txt)
((wrong < 20)) || fail "$wrong of 60 rising texts count as falling"

# Labels as lines: the same texts however many share a batch; a label that there is not.
for i in 1 2 3 4 5; do printf 'rise\nfall\n'; done > lines
"$lockstep" predict learnt lines --quiet > whole || fail "predict: $(cat whole)"
while read -r line; do
  echo "$line"
  sleep 0.02
done < lines | "$lockstep" predict learnt --quiet > apart
cmp whole apart || fail "lines that come one by one are answered differently"
expect_failure 3 "'raise' is none of the model's 2 labels; did you mean 'rise'?" \
  "$lockstep" generate learnt --label raise
printf 'rise\nfall\nraise\nfall\n' > odd
expect_failure 3 "odd:3: 'raise' is none of the model's 2 labels" \
  "$lockstep" predict learnt odd --quiet
"$lockstep" predict learnt odd --quiet 2> /dev/null > before
cmp before <(head -n 2 whole) || fail "the lines before a bad one are not answered"
expect_failure 2 "expected --label LABEL or --vector NUMBERS, found neither" "$lockstep" generate learnt
# The same from numbers of odd scales: which way, and where from.
for split in train valid; do
  awk '{ way = $1 == "rise" ? 25000 : 15000; first = substr($2, 2) / 10000; $1 = ""
    printf "%d %.4f\t%s\n", way, first, $0 }' $split.txt > $split.numbers
done
"$lockstep" prepare described --train train.numbers --valid valid.numbers --out numbers.h5 \
  --quiet || fail "no dataset of numbers"
/usr/bin/python3 - <<'END' || fail "numbers are not on the scale of the training split"
import h5py, numpy
file = h5py.File("numbers.h5")
for split in "train", "valid":
    given = numpy.array([line.split("\t")[0].split() for line in open(split + ".numbers")], numpy.float32)
    scale = numpy.frombuffer(file["vocabulary/vector/model"][...].tobytes()).reshape(2, 2)
    stored = file[split + "/vector/values"][...].reshape(-1, 2)
    if split == "train":
        given64 = given.astype(float)
        numpy.testing.assert_allclose(scale[:, 0], given64.mean(0), rtol=1e-12)
        numpy.testing.assert_allclose(scale[:, 1], given64.std(0), rtol=1e-9)
    assert (stored == ((given - scale[:, 0]) / scale[:, 1]).astype(numpy.float32)).all()
END
same_everywhere numbers --set data.file=numbers.h5
train described 2 1 --set train.epochs=12 --set train.label_smoothing=0 --set data.file=numbers.h5 ||
  fail "$(cat described.out)"
for label in rise fall; do
  [[ $label = rise ]] && vector="25000 0.0003" || vector="15000 0.0007"
  "$lockstep" generate described --vector "$vector" --samples 60 --temperature 0.7 > $label.txt ||
    fail "generate: $(cat $label.txt)"
  right=$(count_right $label $label.txt)
  echo "$vector: $right of 60"
  ((right >= 54)) || fail "$vector: only $right of 60 texts go its way"
done
expect_failure 2 "expected --vector NUMBERS, found --label" \
  "$lockstep" generate described --label "1 0.3"
expect_failure 2 "expected --label LABEL, found --vector" "$lockstep" generate learnt --vector 1
expect_failure 3 "'1': expected 2 numbers, found 1" "$lockstep" generate described --vector 1
printf '0.00001\tn1 n2\n0.00003\tn2 n1\n' > tiny.numbers
"$lockstep" prepare described --train tiny.numbers --out tiny.h5 --quiet || fail "no tiny dataset"
train tiny 0 1 --set train.epochs=1 --set evaluate.valid=no --set data.file=tiny.h5 ||
  fail "$(cat tiny.out)"
expect_failure 3 "number 1: 1e+38 is too far from those of the training split" \
  "$lockstep" generate tiny --vector "1e38"
expect_failure 3 "number 2: expected a finite number, found 'x'" \
  "$lockstep" generate described --vector "1 x"

train spelt 0 1 --set train.epochs=1 --set data.file=letters.h5 || fail "$(cat spelt.out)"
expect_failure 2 "'X' is none of the model's" "$lockstep" generate spelt --label rise --prompt n1X
"$lockstep" generate spelt --label rise --prompt ' n1 ' --length 1 --temperature 0 > spaced ||
  fail "$(cat spaced)"
[[ $(cat spaced) = "n1 n" ]] || fail "behind a space: '$(cat spaced)'"
expect_failure 2 "';' is none of the model's" \
  "$lockstep" generate spelt --label rise --prompt 'n1 ;'
expect_failure 2 "--prompt: expected UTF-8, found byte 0xff at offset 2" \
  "$lockstep" generate learnt --label rise --prompt $'n1\xff'
"$lockstep" generate learnt --label fall --prompt 'n7 n6' --temperature 0 > prompted
[[ $(cat prompted) = "n7 n6 n5"* ]] || fail "prompted: $(cat prompted)"
"$lockstep" generate learnt --label fall --prompt 'n7 n99' 2> unknown > /dev/null
grep -q "warning: prompt: 'n99' is none of the model's .* words, read as <unk>" unknown ||
  fail "an unknown word of the prompt was not told: $(cat unknown)"
finish
