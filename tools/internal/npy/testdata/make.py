"""Writes the .npy and .npz files beside it with numpy, as goldens for the Go reader.

Run: python3 make.py
"""

import pathlib

import numpy as np
from numpy.lib import format as npformat

HERE = pathlib.Path(__file__).parent


def save(name, array, version=None):
    with open(HERE / name, "wb") as f:
        npformat.write_array(f, array, version=version)


ramp = np.arange(24).reshape(2, 3, 4)
for code in ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    save(f"ramp_le_{code}.npy", ramp.astype("<" + code))
    save(f"ramp_be_{code}.npy", ramp.astype(">" + code))
save("ramp_bool.npy", ramp % 2 == 1)
save("ramp_fortran_f4.npy", np.asfortranarray(ramp.astype("<f4")))
save("ramp_fortran_be_i2.npy", np.asfortranarray(ramp.astype(">i2")))
save("ramp_v2_f4.npy", ramp.astype("<f4"), version=(2, 0))
save("ramp_v3_f4.npy", ramp.astype("<f4"), version=(3, 0))
save("scalar_f4.npy", np.array(2.5, "<f4"))
save("vector_i8.npy", np.array([7, -8, 9], "<i8"))
save("empty_f4.npy", np.zeros((0, 3), "<f4"))
save("record.npy", np.zeros(2, [("a", "<f4"), ("b", "<i4")]))
save("complex.npy", np.zeros(2, "<c8"))
np.savez(HERE / "two.npz", x=ramp.astype("<f4"), y=np.array([1, 2], "<i8"))
np.savez_compressed(HERE / "two_compressed.npz", x=ramp.astype("<f4"), y=np.array([1, 2], "<i8"))
