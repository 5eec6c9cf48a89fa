#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a dataset of series by datasets/format.md alone, and compares it with its table.

    check_table_in_h5py.py LOCKSTEP

Prepares a panel of three series with gaps and missing values, then checks names, roles,
starts, splits, every value, and centre, scale and errors of every column, all computed
here by numpy.  Exit code 77 means: no h5py here.
"""
import datetime
import os
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
except ImportError as reason:
    print(f"skipped: {reason}; on Debian: apt-get install python3-h5py")
    sys.exit(77)

START = datetime.datetime(2016, 2, 27, 20)
HOUR = datetime.timedelta(hours=1)
ROWS = {"north": 200, "süd": 150, "east, far": 97}
SEASON = 24


def make_table(seed):
    """A frame [rows, 3] of sold, rain and price for each series; NaN where missing."""
    state, frames = seed, {}
    for name, rows in ROWS.items():
        frame = numpy.empty((rows, 3))
        for index in numpy.ndindex(frame.shape):
            state = (state * 1103515245 + 12345) % 2**31
            frame[index] = round((state >> 8) % 100000 / 700, 4) - 30 * index[1]
            if index[1] == 0 and (state >> 4) % 11 == 0:
                frame[index] = numpy.nan
        frame[rows // 3:rows // 3 + 5] = numpy.nan  # rows that are not in the file
        frames[name] = frame
    return frames


def write_csv(path, frames):
    rows = []
    for number, (name, frame) in enumerate(frames.items()):
        for row, values in enumerate(frame):
            if not numpy.isnan(values).all():
                texts = ["NA" if numpy.isnan(value) else repr(float(value)) for value in values]
                rows.append((START + (row + number) * HOUR, name, 10.0 * number * number, texts))
    rows.sort(key=lambda row: row[0])
    with open(path, "w", encoding="utf-8") as file:
        file.write("price;when;shop;sold;area;rain;note\r\n")
        for time, name, area, (sold, rain, price) in rows:
            when = time.strftime("%d/%m/%Y %H:%M")
            file.write(f'{price};{when};"{name}";{sold};{area};{rain};x\r\n')


def names_in(file, group):
    bounds, spelling = file[group + "/offsets"][:], file[group + "/bytes"][:].tobytes()
    return [spelling[a:b].decode() for a, b in zip(bounds, bounds[1:])]


def expected_fit(x):
    """Of the training rows x of a column: the six numbers of data/series.h."""
    there = x[~numpy.isnan(x)]
    centre, scale = there.mean(), there.std()
    differences = x[1:] - x[:-1]
    differences = differences[~numpy.isnan(differences)]
    return [centre, scale, differences.mean() / scale, differences.std() / scale,
            numpy.abs(differences).mean() / scale,
            numpy.nanmean(numpy.abs(x[SEASON:] - x[:-SEASON])) / scale]


def cut(rows):
    ends = [0, rows * 6 // 10, rows * 8 // 10, rows]
    return {split: (ends[i], ends[i + 1]) for i, split in enumerate(("train", "valid", "test"))}


def check(path, frames):
    file = h5py.File(path, "r")
    attributes = {name: value.decode() if isinstance(value, bytes) else value
                  for name, value in file.attrs.items()}
    assert attributes["task"] == "series" and attributes["unit"] == "1 hour"
    assert attributes["season"] == SEASON
    assert attributes["time_name"] == "when" and attributes["group_name"] == "shop"
    csv = {name: value.decode() if isinstance(value, bytes) else value
           for name, value in file["csv"].attrs.items()}
    assert csv == {"separator": "", "decimal": ".", "missing": "NA,NaN,nan,null,?,-",
                   "time_format": "dmy", "header": 1}
    assert names_in(file, "series") == list(frames)
    assert names_in(file, "columns") == ["sold", "rain", "price"]
    assert list(file["columns/roles"][:]) == [0, 1, 2]
    assert list(file["columns/missing"][:]) == [1, 1, 1]
    assert names_in(file, "statics") == ["area"]
    areas = numpy.array([0.0, 10.0, 40.0])
    numpy.testing.assert_allclose(file["statics/values"][:, 0],
                                  (areas - areas.mean()) / areas.std(), rtol=1e-6)
    epoch = datetime.datetime(1970, 1, 1)
    fits = file["series/fit"][:]
    values = {split: file[split + "/values"][:].reshape(-1, 3) for split in ("train", "valid", "test")}
    for number, (name, frame) in enumerate(frames.items()):
        seconds = (START + number * HOUR - epoch).total_seconds()
        assert file["series/start"][number] == seconds
        train = cut(len(frame))["train"][1]
        for c in range(3):
            # numpy sums pairwise, the program row by row: the last digits differ
            numpy.testing.assert_allclose(fits[number, c], expected_fit(frame[:train, c]),
                                          rtol=1e-11, atol=1e-13)
        stored = ((frame - fits[number, :, 0]) / fits[number, :, 1]).astype("f4")
        for split, (first, end) in cut(len(frame)).items():
            offsets = file[split + "/offsets"][number:number + 2] // 3
            numpy.testing.assert_array_equal(values[split][offsets[0]:offsets[1]],
                                             stored[first:end], f"{name} {split}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        table, out = os.path.join(folder, "table.csv"), os.path.join(folder, "data.h5")
        frames = make_table(1)
        write_csv(table, frames)
        subprocess.run([sys.argv[1], "prepare", "table", table, "--group", "shop", "--target",
                        "sold", "--past", "rain", "--known", "price", "--static", "area",
                        "--valid-fraction", "0.2", "--test-fraction", "0.2", "--out", out],
                       check=True, stdout=subprocess.DEVNULL)
        check(out, frames)
    print("good")


main()
