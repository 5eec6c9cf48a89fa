#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A network of the task tag, put together from PyTorch's modules with the parameters of a
# checkpoint: its loss is the one that lockstep scores, within 1e-5 (f32 against f64), and its
# best tags, by a search of its own, are those that lockstep answers with.
source "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
if ! "$python" -c 'import torch, h5py' 2> /dev/null; then
  echo "skipped: no PyTorch and h5py for $python (Debian: python3-torch python3-h5py)"
  exit 77
fi

# A span of one of two types begins at some words and goes on at an odd number; every ninth
# word of the last lines is unknown, and so is its first letter.
make_text 160 | awk '{
  before = "O"
  for (i = 1; i <= NF; i++) {
    number = substr($i, 2)
    type = number % 3 == 0 ? "three" : number % 4 == 0 ? "four" : ""
    tag = before != "O" && number % 2 ? "I" substr(before, 2) : type == "" ? "O" : "B-" type
    print (NR > 120 && ++words % 9 == 0 ? "z" number number : $i) "\t" tag
    before = tag
  }
  print ""
}' > all
awk -v RS= -v ORS='\n\n' '{ print > (NR <= 120 ? "train.conll" : "valid.conll") }' all
"$lockstep" prepare tags --train train.conll --valid valid.conll --out data.h5 --quiet ||
  fail "no dataset"
cat > run.ini <<'INI'
[task]
kind = tag
[data]
file = data.h5
[model]
layers = 2
hidden = 10
embedding = 7
letter_embedding = 5
letter_hidden = 6
dropout = 0.2
word_dropout = 0.1
[train]
batch = 4
epochs = 4
[optimizer]
kind = adam
learning_rate = 0.01
[evaluate]
test = no
INI
cat > network.py <<'PYTHON'
import json, sys, h5py, torch
torch.set_default_dtype(torch.float64)
run, letters_most, iob2 = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "yes"
UNITS, HIDDEN, LETTER_UNITS, SPELT, LAYERS = 7, 10, 5, 6, 2
data = h5py.File("data.h5")
p = h5py.File(sys.argv[4])["parameters"]
p = {name: torch.tensor(value[...]).double() for name, value in p.items()}

def symbols(field):
    offsets = data["vocabulary"][field]["offsets"][...]
    whole = bytes(data["vocabulary"][field]["bytes"][...])
    return [whole[a:b].rstrip(b"\0").decode() for a, b in zip(offsets, offsets[1:])]

def samples(field):
    part = data["valid"][field]
    return torch.tensor(part["values"][...].astype("int64")).split(part["lengths"][...].tolist())

def stack(prefix, inputs, hidden, layers):
    rnn = torch.nn.LSTM(inputs, hidden, layers, bidirectional=True)
    rnn.load_state_dict({n[len(prefix):]: v for n, v in p.items() if n.startswith(prefix)})
    return rnn

def words_of(letters, space):
    words, word = [], []
    for letter in letters.tolist():
        if letter == space:
            words, word = words + [word], []
        else:
            word.append(letter)
    return words

speller = stack("letters.rnn.", LETTER_UNITS, SPELT, 1)
network = stack("rnn.", UNITS + 2 * SPELT, HIDDEN, LAYERS)
space, tags = symbols("characters").index(" "), symbols("tags")
K = len(tags)
zeros = torch.zeros(K)
start, end = p.get("crf.start", zeros), p.get("crf.end", zeros)
moves = p.get("crf.transitions", torch.zeros(K, K)) # from, to

def allowed(before, tag):
    return not (iob2 and tag.startswith("I-")) or before in ("B" + tag[1:], tag)

walls = torch.tensor([[0.0 if allowed(a, b) else -1e9 for b in tags] for a in tags])
first_wall = torch.tensor([0.0 if allowed(None, b) else -1e9 for b in tags])

def emissions(words, spelling):
    spelt = []
    for word in spelling:
        letters = p["letters.weight"][torch.tensor(word[:letters_most])].unsqueeze(1)
        spelt.append(speller(letters)[1][0].reshape(2 * SPELT))
    joined = torch.cat([p["words.weight"][words], torch.stack(spelt)], 1)
    return network(joined.unsqueeze(1))[0][:, 0] @ p["output.weight"].T + p["output.bias"]

def loss_of(scores, right):
    paths = start + scores[0]
    found = start[right[0]] + scores[0, right[0]] + end[right[-1]]
    for t in range(1, len(right)):
        paths = torch.logsumexp(paths.unsqueeze(1) + moves, 0) + scores[t]
        found = found + moves[right[t - 1], right[t]] + scores[t, right[t]]
    return (torch.logsumexp(paths + end, 0) - found).item()

def best_of(scores, wall):
    best, back = start + scores[0] + wall * first_wall, []
    for t in range(1, len(scores)):
        best, came = (best.unsqueeze(1) + moves + wall * walls).max(0)
        best = best + scores[t]
        back.append(came)
    path = [(best + end).argmax().item()]
    for came in reversed(back):
        path.append(came[path[-1]].item())
    return [tags[i] for i in reversed(path)]

loss, words_seen, ours, free = 0, 0, [], []
with torch.no_grad():
    for words, letters, right in zip(samples("words"), samples("characters"), samples("tags")):
        spelling = words_of(letters, space)
        assert len(words) == len(right) == len(spelling)
        scores = emissions(words, spelling)
        loss += loss_of(scores, right)
        words_seen += len(words)
        ours += best_of(scores, 1)
        free += best_of(scores, 0)
lines = [json.loads(line) for line in open(run + "/metrics.jsonl")]
scored = [line for line in lines if line["split"] == "valid"][-1]["nats_per_word"]
answers = [line.rstrip("\n").split("\t")[2] for line in open(run + ".columns") if line.strip()]
differ = sum(a != b for a, b in zip(ours, answers))
moved = sum(a != b for a, b in zip(ours, free))
print(run, "nats per word", scored, "PyTorch", loss / words_seen, "tags", len(answers),
      "kinds", len(set(answers)), "moved by IOB2", moved, "other", differ)
assert len(ours) == len(answers) and len(set(answers)) > 2 and (moved > 0) == iob2
sys.exit(differ > 0 or not abs(scored - loss / words_seen) < 1e-5)
PYTHON

check() { # run output letters iob2
  local run=$1 output=$2 letters=$3 iob2=$4 last
  train "$run" 0 1 --set "task.output=$output" --set "model.letters=$letters" \
    --set "task.iob2=$iob2" || fail "$(cat "$run.out")"
  last=$(printf '%s\n' "$run"/checkpoints/step-*.h5 | tail -n 1)
  "$lockstep" predict "$last" --columns valid.conll --quiet > "$run.columns" ||
    fail "$run: predict: $(cat "$run.columns")"
  OMP_NUM_THREADS=1 "$python" network.py "$run" "$letters" "$iob2" "$last" ||
    fail "$run: PyTorch disagrees"
}
check crf crf 32 yes
check crf-cut crf 2 no
check softmax softmax 32 yes
check softmax-free softmax 2 no
finish
