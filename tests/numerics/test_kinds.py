"""A kind is written down and an empty value made of it: the value is of the same kind."""

import json
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.numerics.kinds import kind_of, value_of

RECORD = np.dtype([("time_s", np.float64), ("count", np.int64), ("alive", np.bool_)], align=True)


class Pair(NamedTuple):
    left: object
    right: object


def frozen(array):
    array.flags.writeable = False
    return array


numbers = st.sampled_from([0.5, 3, True, np.float64(1.0), np.int64(4), np.uint8(7), np.bool_(False)])
arrays = st.builds(
    lambda of, dimensions, change: change(np.ones((3,) * dimensions, of)),
    st.sampled_from([np.float64, np.int64, np.bool_, np.uint8, RECORD]),
    st.integers(1, 4),
    st.sampled_from([lambda a: a, frozen, lambda a: a[::2]]),
)
values = st.recursive(
    numbers | arrays,
    lambda inner: st.builds(Pair, inner, inner) | st.tuples(inner, inner),
    max_leaves=6,
)


@given(values)
def test_a_kind_goes_through_json_and_back(value):
    kind = json.loads(json.dumps(kind_of(value)))
    again = value_of(kind)
    assert kind_of(again) == kind_of(value)
    if isinstance(value, np.ndarray):
        assert (again.dtype, again.ndim, again.flags.writeable) == (
            value.dtype,
            value.ndim,
            value.flags.writeable,
        )


def test_what_no_kernel_takes_is_refused():
    with pytest.raises(TypeError, match="str: a kernel takes numbers, arrays, and tuples of these"):
        kind_of("a word")


def test_a_type_that_is_gone_is_an_error():
    with pytest.raises(AttributeError):
        value_of({"rampart.track.bank:Bunk": []})
