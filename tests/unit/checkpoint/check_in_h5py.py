#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Reads what write_samples wrote, by datasets/format.md alone.

    check_in_h5py.py WRITE_SAMPLES

Checks the seals, the contents as h5py sees them, and both digests of the checkpoint,
which this script computes in its own way.  Exit code 77 means: no h5py here.
"""
import hashlib
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

TYPES = {"uint8": "u8", "uint16": "u16", "int32": "i32", "uint32": "u32",
         "int64": "i64", "uint64": "u64", "float32": "f32", "float64": "f64"}


def check_seal(path, expected_kind):
    """The kind, length and digest in the first 512 bytes; returns the holes."""
    data = open(path, "rb").read()
    magic, version, kind, length, first, count = struct.unpack("<8sIIQQQ", data[:40])
    assert (magic, version, kind) == (b"LOCKSTEP", 1, expected_kind)
    assert length == len(data) == first + 16 * count
    assert data[40:480] == bytes(440)
    holes = [struct.unpack_from("<QQ", data, first + 16 * i) for i in range(count)]
    digest, place = hashlib.sha256(data[:480]), 512
    for start, size in holes:
        digest.update(data[place:start])
        place = start + size
    digest.update(data[place:])
    assert digest.digest() == data[480:512], f"{path}: the digest is another one"
    return holes


def leaf(header, data):
    return hashlib.sha256(b"\0" + header.encode() + data).digest()


def leaves_of(name, kind, shape, data):
    header = f"{name} {kind} [{', '.join(map(str, shape))}]\n"
    blocks = range(0, max(len(data), 1), 1 << 20)
    return [leaf(header, data[i:i + (1 << 20)]) for i in blocks]


def root(leaves):
    """Pairs level by level; the odd one at the end moves up as it is."""
    while len(leaves) > 1:
        pairs = [hashlib.sha256(b"\1" + a + b).digest()
                 for a, b in zip(leaves[::2], leaves[1::2])]
        leaves = pairs + leaves[len(pairs) * 2:]
    return leaves[0].hex()


def digests(file):
    """Of the parameters and of everything."""
    names = []
    file.visititems(lambda name, item: names.append(name)
                    if isinstance(item, h5py.Dataset) else None)
    parameters, everything = [], []
    for name in sorted(names, key=str.encode):
        array = file[name][()]
        some = leaves_of(name, TYPES[array.dtype.name], array.shape, array.tobytes())
        everything += some
        if name.startswith("parameters/"):
            parameters += some
    values = file["values"].attrs
    for name in sorted(values, key=str.encode):
        value = values[name]
        if not isinstance(value, bytes):  # texts are no part of the state
            everything += leaves_of("values/" + name, TYPES[value.dtype.name], [],
                                    value.tobytes())
    return root(parameters), root(everything)


def check_checkpoint(path, expected):
    assert check_seal(path, 2) == []
    with h5py.File(path, "r") as file:
        assert file.userblock_size == 512
        assert file.attrs["format"] == b"lockstep checkpoint"
        assert file.attrs["version"] == 1
        assert file["parameters/lstm.weight_ih_l0"].shape == (600, 500)
        assert file["state/empty"].shape == (0, 3)
        values = file["values"].attrs
        assert values["step"] == 2**63 - 1 - 4321
        assert values["best loss"] == 0.1 * 4321
        assert values["config"].decode() == "[train]\nseed = 1 # größe\n"
        assert digests(file) == expected, "the digests are others"


def check_dataset(path):
    holes = check_seal(path, 1)
    with h5py.File(path, "r") as file:
        array = file["train/values"]
        assert file.attrs["title"].decode() == "größe → 語"
        assert array.dtype == numpy.uint16 and array.chunks == (300,)
        assert array.compression == "gzip" and array.shuffle and array.fletcher32
        numbers = numpy.arange(1000)
        assert (array[:] == numbers * numbers % 1009).all()
    assert len(holes) == 4


with tempfile.TemporaryDirectory() as folder:
    printed = subprocess.run([sys.argv[1], folder], check=True, capture_output=True, text=True)
    check_checkpoint(f"{folder}/checkpoint.h5", tuple(printed.stdout.split()))
    check_dataset(f"{folder}/dataset.h5")
print("both files open in h5py, seals and digests agree")
