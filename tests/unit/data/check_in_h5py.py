#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads datasets of series by datasets/format.md alone.

    check_in_h5py.py WRITE_SERIES

Checks every object, the values against the table of series_fixture.c, and the digests,
all computed here in another way.  Exit code 77 means: no h5py here.
"""
import hashlib
import os
import struct
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
except ImportError as reason:
    print(f"skipped: {reason}; on Debian: apt-get install python3-h5py")
    sys.exit(77)

SPLITS = ("train", "valid", "test")
ROWS = ((100, 17, 23), (61, 9, 0), (1, 0, 0), (333, 0, 40), (50, 5, 7))
PANEL = {"series": 5, "names": [b"s0", b"s1", b"s2", b"s3", b"s4"], "statics": [b"area", b"age"],
         "unit": "1 hour", "season": 24, "group": "household", "rows": ROWS}
ONE = {"series": 1, "names": [b""], "statics": [], "unit": "3 months", "season": 4, "group": "",
       "rows": ((100, 0, 23),)}


def value(series, row, column):
    """The table's value in original units."""
    if column == 1 and (row + series) % 13 == 5:
        return numpy.nan
    return ((row * 31 + series * 7 + column * 3) % 101) / 7


def read_names(group):
    data, bounds = group["bytes"][:].tobytes(), group["offsets"][:]
    assert bounds[0] == 0 and bounds[-1] == len(data)
    return [data[a:b] for a, b in zip(bounds, bounds[1:])]


def line(what, count, data):
    return f"{what} {count} {hashlib.sha256(data).hexdigest()}\n"


def check_seal(path):
    data = open(path, "rb").read()
    magic, version, kind, length, first, count = struct.unpack("<8sIIQQQ", data[:40])
    assert (magic, version, kind, length) == (b"LOCKSTEP", 1, 1, len(data))
    digest, place = hashlib.sha256(data[:480]), 512
    for i in range(count):
        start, size = struct.unpack_from("<QQ", data, first + 16 * i)
        digest.update(data[place:start])
        place = start + size
    digest.update(data[place:])
    assert digest.digest() == data[480:512]
    return count


def check_values(file, table, fit):
    """Returns the splits' lines of the content, and the chunks."""
    lines, chunks, before = "", 0, [0] * table["series"]
    for split, name in enumerate(SPLITS):
        rows = [series[split] for series in table["rows"]]
        if sum(rows) == 0:
            assert name not in file
            continue
        stored, offsets = file[name + "/values"], file[name + "/offsets"][:]
        assert stored.dtype == "<f4" and stored.chunks == (200,)
        assert stored.shuffle and stored.fletcher32 and stored.compression == "gzip"
        chunks += stored.id.get_num_chunks()
        assert list(offsets) == [3 * sum(rows[:i]) for i in range(len(rows) + 1)]
        for s in range(table["series"]):
            original = numpy.array([[value(s, before[s] + row, c) for c in range(3)]
                                    for row in range(rows[s])]).reshape(rows[s], 3)
            expected = ((original - fit[s, :, 0]) / fit[s, :, 1]).astype("<f4")
            found = stored[offsets[s]:offsets[s + 1]].reshape(rows[s], 3)
            bits = numpy.where(numpy.isnan(expected), numpy.uint32(0x7fc00000),
                               expected.view("<u4"))
            assert (found.view("<u4") == bits).all()
            before[s] += rows[s]
        data = stored[:].tobytes()
        assert file[name].attrs["sha256"].decode() == hashlib.sha256(data).hexdigest()
        lines += line(name, len(stored), data)
    return lines, chunks


def check(path, table, printed):
    holes = check_seal(path)
    file = h5py.File(path, "r")
    attributes = {name: value.decode() if isinstance(value, bytes) else value
                  for name, value in file.attrs.items()}
    assert attributes["format"] == "lockstep dataset" and attributes["version"] == 1
    assert attributes["task"] == "series" and attributes["unit"] == table["unit"]
    assert attributes["season"] == table["season"] and attributes["time_name"] == "date"
    assert attributes["group_name"] == table["group"] and attributes["chunk"] == 200
    columns, roles = read_names(file["columns"]), file["columns/roles"][:]
    missing = file["columns/missing"][:]
    assert columns == [b"load", b"wind", b"hour"]
    assert list(roles) == [0, 1, 2] and list(missing) == [0, 1, 0]
    names, starts = read_names(file["series"]), file["series/start"][:]
    assert names == table["names"]
    assert list(starts) == [1467331200 + 3600 * s for s in range(table["series"])]
    fit = file["series/fit"][:]
    assert fit.dtype == "<f8" and fit.shape == (table["series"], 3, 6)
    assert (fit[:, :, 0] == [[s - 1.5 * c for c in range(3)] for s in range(len(fit))]).all()
    assert (fit[:, :, 1] == [[0.25 + s + c for c in range(3)] for s in range(len(fit))]).all()
    values = b""
    assert ("statics" in file) == bool(table["statics"])
    if table["statics"]:
        assert read_names(file["statics"]) == table["statics"]
        statics = file["statics/values"][:]
        assert statics.dtype == "<f4" and list(statics[:, 0]) == [-2, -1, 0, 1, 2]
        values = statics.tobytes()
    head = [attributes["time_name"].encode(), attributes["group_name"].encode()]
    series = b"".join(
        name + b"\0" + struct.pack("<4q", starts[s], *table["rows"][s]) +
        numpy.where(numpy.isnan(fit[s]), numpy.nan, fit[s]).astype("<f8").tobytes()
        for s, name in enumerate(names))
    content = f"lockstep dataset 1\ntask series\nunit {table['unit']}\nchunk 200\n"
    content += f"season {table['season']}\n"
    content += line("columns", 3, b"".join(name + b"\0" for name in head) + b"".join(
        name + b"\0" + bytes((roles[c], missing[c])) for c, name in enumerate(columns)))
    content += line("statics", len(table["statics"]),
                    b"".join(name + b"\0" for name in table["statics"]) + values)
    content += line("series", table["series"], series)
    lines, chunks = check_values(file, table, fit)
    assert attributes["digest"] == hashlib.sha256((content + lines).encode()).hexdigest()
    assert attributes["digest"] == printed and chunks == holes
    expected = {"columns", "series", *(name for i, name in enumerate(SPLITS)
                                       if any(rows[i] for rows in table["rows"]))}
    assert set(file) == expected | ({"statics"} if table["statics"] else set())


def main():
    with tempfile.TemporaryDirectory() as folder:
        run = subprocess.run([sys.argv[1], folder], check=True, stdout=subprocess.PIPE)
        digests = run.stdout.decode().split()
        check(os.path.join(folder, "panel.h5"), PANEL, digests[0])
        check(os.path.join(folder, "one.h5"), ONE, digests[1])
    print("good")


main()
