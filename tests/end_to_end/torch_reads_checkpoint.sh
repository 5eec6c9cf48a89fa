#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A checkpoint's LSTM, loaded into torch.nn.LSTM through h5py, gives the outputs
# that lockstep gives, within 1e-5: f32 sums in another order.
#
#   torch_reads_checkpoint.sh LOCKSTEP LSTM_OUTPUTS
outputs=$(realpath "$2")
source "$(dirname "$0")/lib.sh"
python=/usr/bin/python3
if ! "$python" -c 'import torch, h5py' 2> /dev/null; then
  echo "skipped: no PyTorch and h5py for $python (Debian: python3-torch python3-h5py)"
  exit 77
fi
make_run
train run 1 1 --set train.steps=5 || fail "$(cat run.out)"
cat > read.py <<'PYTHON'
import glob, sys, h5py, torch
file = h5py.File(sorted(glob.glob("run/checkpoints/step-*.h5"))[-1])
weights = {name[4:]: torch.tensor(value[...]) for name, value in file["parameters"].items()
           if name.startswith("rnn.")}
lstm = torch.nn.LSTM(input_size=13, hidden_size=19, num_layers=2)
lstm.load_state_dict(weights)
x = torch.tensor([[[((7 * t + 5 * b + 3 * i) % 11 - 5) / 5 for i in range(13)]
                   for b in range(3)] for t in range(5)])
theirs = lstm(x)[0].flatten()
ours = torch.tensor([float(line) for line in sys.stdin])
difference = (ours - theirs).abs().max().item()
print("largest difference", difference, "of outputs up to", theirs.abs().max().item())
sys.exit(not (len(ours) == len(theirs) and difference < 1e-5))
PYTHON
newest=$(ls run/checkpoints/step-*.h5 | tail -n 1)
"$outputs" "$newest" 13 19 2 | "$python" read.py || fail "PyTorch disagrees"
finish
