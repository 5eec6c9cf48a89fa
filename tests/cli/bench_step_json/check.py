#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# check.py RANKS: lines of lockstep bench step --json on standard input, field by field.
import json
import sys

POSITIVE = ("tokens_per_second", "median_seconds", "min_seconds", "max_seconds", "peak_rss_mib")
PHASES = ("input", "forward", "loss", "backward", "sum", "update", "pack")
TOKENS = {"W1": 20 * 35, "W4": 64 * 168}
ROUNDING = 1e-4  # numbers are printed with six digits

ranks = int(sys.argv[1])
for line in sys.stdin:
    row = json.loads(line)
    for name in POSITIVE:
        assert row[name] > 0, (name, row)
    assert row["min_seconds"] <= row["median_seconds"] <= row["max_seconds"], row
    product = row["tokens_per_second"] * row["median_seconds"]
    assert abs(product / TOKENS[row["work"]] - 1) < ROUNDING, row
    assert row["balance"] == 1, row
    assert row["spread"] >= 0 and row["page_faults"] >= 0 and row["disturbed"] >= 0, row
    assert (row["ranks"], row["threads"], row["reduction"]) == (ranks, 1, "exact"), row
    assert row["shards"] in (16, 64) and row["kernels"], row
    assert tuple(row["phases"]) == PHASES, row
    for name in ("forward", "loss", "backward", "update", "pack"):
        assert row["phases"][name] > 0, (name, row)
    parts = sum(row["phases"].values())
    assert parts < row["max_seconds"] * (1 + ROUNDING), row
    print(row["work"], "as promised")
