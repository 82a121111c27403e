"""Many datagrams read together give the plots and rejects that each gives alone."""

from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.sense.asterix import decode
from rampart.sense.moment import scans_of_moment
from tests.sense.test_retime import CAT048, START_S, look
from tests.sites import make_site

SITE = make_site()
PIECES = [
    look(0), look(1), look(7), look(40), look(3) + bytes(8), look(2) + look(5), CAT048, CAT048[:9],
    bytes((48, 0, 5, 0xF0, 1)), bytes((15, 0, 4, 0x80)), bytes((21, 0, 5, 0x80, 1)), b"", b"noise", look(4)[:-3],
    look(6).replace(bytes((25, 1)), bytes((99, 7))),
]  # fmt: skip


def tally(scans):
    """Return the plots as sorted rows, the radars heard, and the rejects counted."""
    rows = [(*row,) for scan in scans for row in np.nan_to_num(scan.plots.measurement, nan=-9.0).tolist()]
    rejects: Counter = Counter()
    for scan in scans:
        for reject in scan.rejects:
            rejects[reject.reason, reject.source] += reject.count
    return sorted(rows), {radar for scan in scans for radar in scan.heard}, rejects


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=12))
def test_together_is_as_alone(payloads):
    alone = tally([decode(payload, START_S, SITE) for payload in payloads])
    assert tally(scans_of_moment(payloads, START_S, SITE)) == alone


def test_more_than_one_buffer_can_hold():
    payloads = [look(1)] * 4000
    scans = scans_of_moment(payloads, START_S, SITE)
    rows, heard, rejects = tally(scans)
    assert (len(rows), heard, rejects) == (4000, {0}, Counter())
    assert len(scans) < 5
