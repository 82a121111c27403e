"""ASTERIX category 034, a radar's messages on its own service: what its fields mean."""

from rampart.numerics.jit import lean_kernel
from rampart.sense.verdicts import CLOCK_NOT_VALID, HEARD, NOT_RELEASED

FIELDS = ("010/SAC", "010/SIC", "030", "050/COM/NOGO", "050/COM/TSV")
_SAC, _SIC, _TIME, NOT_FOR_USE, TIME_SOURCE = range(5)


@lean_kernel
def judge_034(value, row):
    """Return the verdict on a message of a known radar: a sign of life, or its own word that it is not well."""
    if value[row, NOT_FOR_USE] == 1:
        return NOT_RELEASED
    if value[row, TIME_SOURCE] == 1:
        return CLOCK_NOT_VALID
    return HEARD
