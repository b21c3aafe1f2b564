"""How close `auto` comes to the best of the methods it chooses from, and what the choice costs.

auto.py TOLZIP FILE.npy...: for every file and bound, the bytes of `auto` beside those of `predict`, `transform`, `fast` and
`lossless` on the whole array, and auto's time beside that of the method it took. Without --rel, 1e-1 to 1e-5 of the range.
"""
import argparse
import json
import subprocess

parser = argparse.ArgumentParser()
parser.add_argument("tolzip")
parser.add_argument("files", nargs="+")
parser.add_argument("--rel", default="1e-1,1e-2,1e-3,1e-4,1e-5")
parser.add_argument("--repeat", default="3")
args = parser.parse_args()


def bench(*flags):
    command = [args.tolzip, "bench", *args.files, "--json", "--threads", "1", "--repeat", args.repeat, *flags]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


exact = {r["file"]: r for r in bench("--methods", "lossless", "--lossless")}
pairs = {}
for r in bench("--methods", "auto,predict,transform,fast", "--rel", args.rel):
    pairs.setdefault((r["file"], r["bound"]["value"]), {})[r["method"]] = r

near, quick, overheads, misses = 0, 0, [], []
spent, needed = 0, 0
for (file, rel), found in pairs.items():
    auto = found.pop("auto")
    found["lossless"] = exact[file]
    name, best = min(found.items(), key=lambda f: f[1]["compressed_bytes"])
    worse = auto["compressed_bytes"] / best["compressed_bytes"] - 1
    # What auto took is what its bytes are nearest to.
    taken = min(found.values(), key=lambda f: abs(f["compressed_bytes"] - auto["compressed_bytes"]))
    overhead = taken["compress_mb_s"] / auto["compress_mb_s"] - 1
    overheads.append(overhead)
    spent += auto["raw_bytes"] / auto["compress_mb_s"]
    needed += taken["raw_bytes"] / taken["compress_mb_s"]
    near += worse <= 0.02
    quick += overhead <= 0.15
    if worse > 0.02:
        misses.append(f"  {worse:+8.1%}  {name:10} {rel:g}  {file}")
n = len(pairs)
overheads.sort()
print(f"{n} pairs: {near / n:.1%} within 2 % of the best; time over the method taken: {spent / needed - 1:+.1%} in sum, "
      f"median {overheads[n // 2]:+.1%}, {quick / n:.1%} within 15 %")
print("\n".join(sorted(misses, reverse=True)))
