"""Arrays of records, cheap to touch from Python and from kernels."""

import numpy as np

from rampart.numerics.jit import COMPILED


def records(shape: int | tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """Return zeroed records, whose fields a kernel reads as attributes, `row.time_s`, Python as `rows["time_s"]`.

    NumPy's recarrays would do for both, but take many times as long at each touch, and to be passed to a kernel: only
    uncompiled kernels need them.
    """
    rows = np.zeros(shape, dtype)
    return rows if COMPILED else rows.view(np.recarray)
