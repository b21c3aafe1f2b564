#!/usr/bin/env python3
"""Speed of tolzip's raw zfp streams beside libzfp's (through zfpy) and zfp-rs', one thread.

    cargo build --release -p tolzip-transform --example zfp_speed
    python docs/benchmarks/zfp_speed.py target/release/examples/zfp_speed [--modes acc,rate,prec,rev] [--integers] [--best] FILE.npy ...

Medians of 10^6 raw bytes a second; all with their own allocations but zfp-rs, which gets its buffers, and "into", which is tolzip's
decompression into memory that is there already. acc: the tolerance
is 1e-3 of the range; rate 8; precision 16 (32 for 64-bit types). --integers turns the values into int32 or int64 of 30 or
62 bits. --best: the best runs instead of medians, for machines that have other things to do. The last columns are tolzip's speed by libzfp's and by zfp-rs' (its decompression by "into"). Sizes must be the same: that is checked.
"""
import argparse
import os
import statistics
import subprocess
import tempfile
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
import zfpy

NAMES = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64"}


def typical(f, runs, best):
    seconds, result = [], f()
    for _ in range(runs):
        start = time.perf_counter()
        result = f()
        seconds.append(time.perf_counter() - start)
    return min(seconds) if best else statistics.median(seconds), result


def integers(a):
    bits = 30 if a.dtype.itemsize == 4 else 62
    x = np.nan_to_num(a.astype(np.float64), posinf=0.0, neginf=0.0)
    x = np.floor((x - x.min()) / (x.max() - x.min()) * (2.0**bits - 2048) - 2.0 ** (bits - 1))
    return x.astype(f"int{8 * a.dtype.itemsize}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("files", nargs="+")
    parser.add_argument("--modes", default="acc,rate,prec,rev")
    parser.add_argument("--integers", action="store_true")
    parser.add_argument("--best", action="store_true")
    options = parser.parse_args()
    heads = ["compress", "decompress", "into", "libzfp", "", "zfp-rs", "", "x libzfp", "", "x zfp-rs", ""]
    print(f"{'':44}" + "".join(f"{h:>11}" for h in heads))
    for path in options.files:
        a = np.ascontiguousarray(np.load(path))
        a = integers(a) if options.integers else a
        finite = a[np.isfinite(a)].astype(np.float64)
        span = float(finite.max() - finite.min())
        wide = a.dtype.itemsize == 8
        modes = {
            "acc": (f"acc={1e-3 * span!r}", {"tolerance": 1e-3 * span}),
            "rate": ("rate=8", {"rate": 8}),
            "prec": (f"prec={32 if wide else 16}", {"precision": 32 if wide else 16}),
            "rev": ("rev", {}),
        }
        runs = int(min(max(1e8 / a.nbytes, 5), 25))
        with tempfile.NamedTemporaryFile() as raw:
            a.tofile(raw.name)
            for mode in options.modes.split(","):
                text, keywords = modes[mode]
                shape = "x".join(map(str, a.shape))
                line = subprocess.run([options.program, NAMES[a.dtype.name], shape, raw.name, *["best"] * options.best, text],
                                      check=True, capture_output=True, text=True).stdout.split()
                c, stream = typical(lambda: zfpy.compress_numpy(a, **keywords), runs, options.best)
                d, _ = typical(lambda: zfpy.decompress_numpy(stream), runs, options.best)
                assert int(line[1]) == len(stream), "the streams differ"
                ours, peer = [float(x) for x in line[2:5]], [float(x) for x in line[5:7]]
                zfp = [a.nbytes / 1e6 / c, a.nbytes / 1e6 / d]
                name = f"{os.path.basename(path)[:-4][:27]} {a.dtype.name} {mode}"
                cells = [f"{x:11.0f}" for x in ours + zfp + peer]
                cells += [f"{o / p:11.2f}" for o, p in [*zip(ours[:2], zfp), *zip(ours[::2], peer)]]
                print(f"{name:44}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
