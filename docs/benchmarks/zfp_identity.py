#!/usr/bin/env python3
"""Holds tolzip's zfp streams against libzfp's (through zfpy): bytes when compressing, bits when decompressing.

    cargo build --release -p tolzip-transform --example zfp_raw
    python docs/benchmarks/zfp_identity.py target/release/examples/zfp_raw FILE.npy ...

Needs numpy and zfpy 1.0. Prints a line per array (f32, f64, i32 and i64 with 1 to 4 dimensions; others are
passed over); exit
code 1 if anything differs. Tolerances are relative to the range of the finite values, rounded to f64.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np
import zfpy

TYPES = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64"}
ZFP_TYPES = {"f32": zfpy.type_float, "f64": zfpy.type_double, "i32": zfpy.type_int32, "i64": zfpy.type_int64}


def modes(a):
    finite = a[np.isfinite(a)].astype(np.float64)
    span = float(finite.max()) - float(finite.min()) if finite.size else 1.0
    span = span if span > 0 else 1.0
    for rel in (1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-9, 1e-13):
        yield f"acc={rel * span!r}", {"tolerance": rel * span}
    for rate in (0.7, 3.0, 8.0, 17.5, 40.0):
        if rate * 4**a.ndim < 12:
            continue  # less than a block's exponent: zfpy 1.0.1 writes beyond its buffer
        yield f"rate={rate}", {"rate": rate}
    for precision in (1, 7, 16, 33, 64):
        yield f"prec={precision}", {"precision": precision}
    yield "rev", {}


class Ours:
    """The example program, asked over its standard input."""

    def __init__(self, program, folder):
        self.process = subprocess.Popen([program, "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.source, self.result = os.path.join(folder, "a"), os.path.join(folder, "b")

    def run(self, *words, data):
        with open(self.source, "wb") as f:
            f.write(data)
        self.process.stdin.write(" ".join([*words, self.source, self.result]) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().strip()
        if answer != "ok":
            return answer.encode()
        with open(self.result, "rb") as f:
            return f.read()


def check(ours, a):
    """Names of the modes that differ, and how many comparisons there were."""
    dtype, shape = TYPES[a.dtype.name], "x".join(map(str, a.shape))
    ztype = ZFP_TYPES[dtype]
    raw = a.tobytes()
    bad, count = [], 0
    for mode, keywords in modes(a):
        stream = zfpy.compress_numpy(a, write_header=True, **keywords)
        bare = zfpy.compress_numpy(a, write_header=False, **keywords)
        back = zfpy.decompress_numpy(stream).tobytes()
        bare_back = zfpy._decompress(bare, ztype, a.shape, **keywords).tobytes()
        pairs = {
            "encode": (ours.run("c", dtype, shape, mode, data=raw), stream),
            "encode bare": (ours.run("c", dtype, shape, mode + "+bare", data=raw), bare),
            "decode": (ours.run("d", data=stream), back),
            "decode bare": (ours.run("d", dtype, shape, mode, data=bare), bare_back),
        }
        count += len(pairs)
        bad += [f"{mode} {what}" for what, (mine, theirs) in pairs.items() if mine != theirs]
    return bad, count


def main():
    program, *files = sys.argv[1:]
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        ours = Ours(program, folder)
        for path in files:
            a = np.load(path)
            if a.dtype.name not in TYPES or not 1 <= a.ndim <= 4 or a.size == 0:
                print(f"skipped    {path} ({a.dtype}, {a.ndim}-D)")
                continue
            bad, count = check(ours, np.ascontiguousarray(a))
            failed = failed or bool(bad)
            what = "DIFFERENT" if bad else "identical"
            print(f"{what:9}  {path} {a.dtype} {a.shape}: {count} comparisons {'; '.join(bad)}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
