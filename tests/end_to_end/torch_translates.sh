#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A network of the task translate, put together from PyTorch's modules with the parameters
# of a checkpoint, has the loss that lockstep scores, within 1e-5: f32 sums in another order.
source "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
if ! "$python" -c 'import torch, h5py' 2> /dev/null; then
  echo "skipped: no PyTorch and h5py for $python (Debian: python3-torch python3-h5py)"
  exit 77
fi
make_text 120 > all.source
sed 's/w/v/g; s/v1 //g' all.source | sed 's/^$/v2/' > all.target
for side in source target; do
  head -n 80 all.$side > train.$side
  tail -n 40 all.$side > valid.$side
done
"$lockstep" prepare pairs --train train --valid valid --source source --target target \
  --out data.h5 --quiet || fail "no dataset"
cat > run.ini <<'INI'
[task]
kind = translate
[data]
file = data.h5
[model]
layers = 2
hidden = 16
embedding = 11
[train]
batch = 8
epochs = 2
[optimizer]
learning_rate = 0.01
[evaluate]
test = no
INI
cat > network.py <<'PYTHON'
import glob, json, sys, h5py, torch
from torch.nn.functional import cross_entropy
run, kind, feeding = sys.argv[1], sys.argv[2], sys.argv[3] == "yes"
LAYERS, HIDDEN, UNITS = 2, 16, 11
data = h5py.File("data.h5")
p = h5py.File(sorted(glob.glob(run + "/checkpoints/step-*.h5"))[-1])["parameters"]
p = {name: torch.tensor(value[...]) for name, value in p.items()}

def sentences(side):
    offsets = data["vocabulary"][side]["offsets"][...]
    whole = bytes(data["vocabulary"][side]["bytes"][...])
    symbols = [whole[a:b].rstrip(b"\0").decode() for a, b in zip(offsets, offsets[1:])]
    end = symbols.index("<eos>")
    values = torch.tensor(data["valid"][side]["values"][...].astype("int64"))
    return values.split(data["valid"][side]["lengths"][...].tolist()), end

def stack(prefix, inputs, hidden, both):
    rnn = torch.nn.LSTM(inputs, hidden, LAYERS, bidirectional=both)
    rnn.load_state_dict({n[len(prefix):]: v for n, v in p.items() if n.startswith(prefix)})
    return rnn

def scores(state, keys):
    if kind == "dot":
        return keys @ state
    query = p["decoder.attention.query.weight"] @ state
    if kind == "general":
        return keys @ query
    key = keys @ p["decoder.attention.key.weight"].T + p["decoder.attention.key.bias"]
    return torch.tanh(query + key) @ p["decoder.attention.vector"]

encoder = stack("rnn.encoder.", UNITS, HIDDEN // 2, True)
decoder = stack("rnn.decoder.", UNITS + (HIDDEN if feeding else 0), HIDDEN, False)
(sources, source_end), (targets, target_end) = sentences("source"), sentences("target")
loss = terms = 0
with torch.no_grad():
    for source, target in zip(sources, targets):
        source = torch.cat([source, torch.tensor([source_end])])
        inputs = torch.cat([torch.tensor([target_end]), target])
        wanted = torch.cat([target, torch.tensor([target_end])])
        keys, state = encoder(p["source.embedding.weight"][source].unsqueeze(1))
        keys = keys[:, 0]
        state = tuple(s.view(LAYERS, 2, HIDDEN // 2).reshape(LAYERS, 1, HIDDEN) for s in state)
        said = torch.zeros(HIDDEN)
        for word, next_word in zip(inputs, wanted):
            x = p["target.embedding.weight"][word]
            x = torch.cat([x, said]) if feeding else x
            top, state = decoder(x.view(1, 1, -1), state)
            context = torch.softmax(scores(top[0, 0], keys), 0) @ keys
            said = torch.tanh(p["decoder.combine.weight"] @ torch.cat([context, top[0, 0]]))
            logits = p["output.weight"] @ said + p["output.bias"]
            loss += cross_entropy(logits.unsqueeze(0), next_word.unsqueeze(0)).item()
            terms += 1
lines = [json.loads(line) for line in open(run + "/metrics.jsonl")]
ours = [line for line in lines if line["split"] == "valid"][-1]["nats_per_word"]
print(kind, feeding, "nats per word", ours, "PyTorch", loss / terms)
sys.exit(not abs(ours - loss / terms) < 1e-5)
PYTHON
for kind in general dot additive; do
  for feeding in yes no; do
    train "$kind-$feeding" 0 1 --set "model.attention=$kind" \
      --set "model.input_feeding=$feeding" || fail "$(cat "$kind-$feeding.out")"
    OMP_NUM_THREADS=1 "$python" network.py "$kind-$feeding" "$kind" "$feeding" ||
      fail "PyTorch disagrees"
  done
done
finish
