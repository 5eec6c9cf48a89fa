#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads a dataset by datasets/format.md alone, and compares it with its text.

    check_in_h5py.py LOCKSTEP

Prepares a text, then checks the seal and its holes, every object, the vocabulary's
order, the values and both kinds of digest, all computed here in another way.  Exit
code 77 means: no h5py here.
"""
import hashlib
import os
import re
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


def make_text(seed, lines):
    """Lines of words whose frequencies fall, the last one without a newline."""
    state, words = seed, []
    for _ in range(lines):
        line = []
        for _ in range(12):
            state = (state * 1103515245 + 12345) % 2**31
            line.append(f"w{int(300 ** ((state >> 8) % 1000 / 1000))}é")
        words.append(" ".join(line))
    return "\n".join(words).encode()


def split_words(text):
    lines = text.split(b"\n")
    if lines[-1] == b"":
        lines.pop()
    return [item for line in lines for item in re.split(rb"[ \t\v\f\r]+", line) + [b"<eos>"]
            if item]


def split_characters(text):
    return [character.encode() for character in text.decode()]


def check_seal(path):
    data = open(path, "rb").read()
    magic, version, kind, length, first, count = struct.unpack("<8sIIQQQ", data[:40])
    assert (magic, version, kind, length) == (b"LOCKSTEP", 1, 1, len(data))
    digest, place, holes = hashlib.sha256(data[:480]), 512, []
    for i in range(count):
        start, size = struct.unpack_from("<QQ", data, first + 16 * i)
        digest.update(data[place:start])
        place = start + size
        holes.append((start, size))
    digest.update(data[place:])
    assert digest.digest() == data[480:512]
    return holes


def check(path, unit, texts):
    holes = check_seal(path)
    file = h5py.File(path, "r")
    attributes = {name: value.decode() if isinstance(value, bytes) else value
                  for name, value in file.attrs.items()}
    assert attributes["format"] == "lockstep dataset" and attributes["version"] == 1
    assert attributes["task"] == "text" and attributes["unit"] == unit
    assert attributes["sources"] == "".join(
        f"{hashlib.sha256(text).hexdigest()}  {split}.txt\n" for split, text in texts.items())
    split_items = split_words if unit == "word" else split_characters
    bounds = file["vocabulary/offsets"][:]
    spelling = file["vocabulary/bytes"][:].tobytes()
    symbols = [spelling[a:b] for a, b in zip(bounds, bounds[1:])]
    counts = {symbol: 0 for symbol in symbols}
    for item in split_items(texts["train"]):
        counts[item] += 1
    assert symbols == sorted(symbols, key=lambda symbol: (-counts[symbol], symbol))
    line = hashlib.sha256(b"".join(symbol + b"\0" for symbol in symbols)).hexdigest()
    content = (f"lockstep dataset 1\ntask text\nunit {unit}\nchunk {attributes['chunk']}\n"
               f"vocabulary {len(symbols)} {line}\n")
    expected_holes = []
    for split, text in texts.items():
        values = file[split + "/values"]
        items = split_items(text)
        assert [symbols[value] for value in values[:]] == \
            [item if item in counts else b"<unk>" for item in items]
        assert values.dtype == ("uint8" if len(symbols) <= 256 else "uint16")
        assert values.chunks == (attributes["chunk"],)
        assert values.fletcher32 and values.shuffle and values.compression == "gzip"
        assert list(file[split + "/offsets"][:]) == [0, len(items)]
        assert file[split].attrs["text_bytes"] == len(text)
        line = hashlib.sha256(values[:].astype("<i4").tobytes()).hexdigest()
        assert file[split].attrs["sha256"].decode() == line
        content += f"{split} {len(items)} {line}\n"
        expected_holes += [values.id.get_chunk_info(i).size for i in range(values.id.get_num_chunks())]
    assert attributes["digest"] == hashlib.sha256(content.encode()).hexdigest()
    assert sorted(size for _, size in holes) == sorted(expected_holes)
    assert {name for name in file} == {"vocabulary", *texts}


def main():
    with tempfile.TemporaryDirectory() as folder:
        texts = {"train": make_text(1, 9000), "valid": make_text(2, 50) + b" other\r\n\n",
                 "test": make_text(3, 40)}
        options = []
        for split, text in texts.items():
            open(os.path.join(folder, split + ".txt"), "wb").write(text)
            options += ["--" + split, os.path.join(folder, split + ".txt")]
        path = os.path.join(folder, "data.h5")
        for unit, more in (("word", []), ("character", ["--characters"])):
            subprocess.run([sys.argv[1], "prepare", "text", *options, *more, "--out", path],
                           check=True, stdout=subprocess.DEVNULL)
            check(path, unit, texts)
    print("good")


main()
