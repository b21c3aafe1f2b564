"""Writes the golden files beside this script with numpy; run once, the files are kept.

`value(i)` of every file is known to tests/golden.rs: small numbers that every type holds exactly.
"""
import io, os, numpy as np

here = os.path.dirname(os.path.abspath(__file__))
at = lambda name: os.path.join(here, name)
base = np.arange(24)
TYPES = {"f16": "f2", "f32": "f4", "f64": "f8", "i8": "i1", "i16": "i2", "i32": "i4", "i64": "i8",
         "u8": "u1", "u16": "u2", "u32": "u4", "u64": "u8"}
for name, code in TYPES.items():
    a = base.astype(code).reshape(2, 3, 4)
    for order, mark in (("<", "le"), (">", "be")):
        np.save(at(f"{name}_{mark}_c.npy"), a.astype(order + code))
    np.save(at(f"{name}_fortran.npy"), np.asfortranarray(a.astype("<" + code)))
a = base.astype("<f4").reshape(2, 3, 4)
for version in (1, 2, 3):
    with open(at(f"version{version}.npy"), "wb") as f:
        np.lib.format.write_array(f, a, version=(version, 0))
np.save(at("scalar.npy"), np.float64(23.0))
np.save(at("line.npy"), base.astype("<f4"))
np.save(at("empty.npy"), np.zeros((3, 0, 2), "<f4"))
np.save(at("structured.npy"), np.zeros(2, [("a", "<f4"), ("b", "<i8")]))
np.save(at("complex.npy"), np.zeros(2, "<c8"))
np.save(at("bool.npy"), np.zeros(2, "?"))
np.save(at("bf16_as_void.npy"), (base.astype("<f4").view("<u4") >> 16).astype("<u2").view("V2"))
np.save(at("bf16_as_u16.npy"), (base.astype("<f4").view("<u4") >> 16).astype("<u2"))
np.savez(at("stored.npz"), first=a, second=base.astype("<f8"))
np.savez_compressed(at("deflated.npz"), first=a, second=base.astype("<f8"))
np.savez(at("one.npz"), only=a)
