"""Kinds of arguments as text, and an empty value of each kind: what a kernel can be compiled for without a run."""

import importlib
from typing import Any

import numpy as np

Kind = Any
"""As JSON writes it: "int64"; ["float64", 2, "readonly"] for an array, its type a list of fields where it holds
records; {"track.bank:Bank": [kinds of the fields]} for a named tuple, {"tuple": [...]} for a plain one."""


def kind_of(value: Any) -> Kind:
    """Return the kind of a number, an array, or a tuple of such: values of a kind share compiled code.

    Raises TypeError for anything else.
    """
    if isinstance(value, np.ndarray):
        marks = [] if value.flags.writeable else ["readonly"]
        return [_type_of(value.dtype), value.ndim, *marks, *([] if value.flags.c_contiguous else ["strided"])]
    if isinstance(value, tuple):
        owner = type(value)
        name = "tuple" if owner is tuple else f"{owner.__module__}:{owner.__qualname__}"
        return {name: [kind_of(field) for field in value]}
    if isinstance(value, bool | int | float | np.generic):
        return np.asarray(value).dtype.name
    raise TypeError(f"{type(value).__name__}: a kernel takes numbers, arrays, and tuples of these")


def value_of(kind: Kind) -> Any:
    """Return an empty value of this kind. Raises an error of Python's own where its type is no more."""
    if isinstance(kind, str):
        return np.dtype(kind).type(0)
    if isinstance(kind, dict):
        ((name, fields),) = kind.items()
        values = [value_of(field) for field in fields]
        if name == "tuple":
            return tuple(values)
        module, owner = name.split(":")
        return getattr(importlib.import_module(module), owner)(*values)
    of, dimensions, *marks = kind
    array = np.zeros((2,) * dimensions, np.dtype(of))
    if "strided" in marks:
        array = np.zeros((4,) * dimensions, array.dtype)[(slice(None, None, 2),) * dimensions]
    array.flags.writeable = "readonly" not in marks
    return array


def _type_of(dtype: np.dtype) -> Kind:
    """Return an array's type: a name, or what `np.dtype` builds records of."""
    if dtype.fields is None:
        return dtype.name
    columns = list(dtype.fields.values())
    return {
        "names": list(dtype.fields),
        "formats": [column[0].str for column in columns],
        "offsets": [column[1] for column in columns],
        "itemsize": dtype.itemsize,
        "aligned": dtype.isalignedstruct,
    }
