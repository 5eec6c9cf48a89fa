#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# A line of lockstep bench layer --json: fields, and the count of operations.
import json
import sys

ROUNDING = 1e-4  # numbers are printed with six digits

row = json.loads(sys.stdin.read())
assert (row["work"], row["cell"], row["layers"], row["directions"]) == ("W4", "lstm", 2, 1), row
assert (row["batch"], row["window"], row["inputs"], row["hidden"]) == (64, 168, 8, 128), row
operations = 3 * 2 * 168 * 64 * 4 * 128 * ((8 + 128) + (128 + 128))
found = row["gflops"] * 1e9 * row["median_seconds"]
assert abs(found / operations - 1) < ROUNDING, (found, operations)
assert 0 < row["min_seconds"] <= row["median_seconds"] <= row["max_seconds"], row
assert all(row["phases"][name] > 0 for name in ("pack", "forward", "backward")), row
print("as promised")
