"""Open tracks: which row of the best set goes on under which id, and what it leaves in the ring."""

import numpy as np
import pytest

from rampart.track.bank import NOTHING, TRAIL, empty_bank
from rampart.track.elect import SETTLED, SURE, UNSURE
from rampart.track.naming import MATURE_LOOKS, MATURE_PLOTS, name_rows, tell_rows
from rampart.track.ring import TAKEN
from tests.track.births import mixed_births

pytestmark = pytest.mark.uncompiled


def names(bank, ring, rows, state, *open_ids):
    ids = np.empty(len(rows), np.int64)
    name_rows(bank, np.array(rows), np.array(state), ring, np.array(open_ids, np.int64), ids)
    return ids.tolist()


def tell(bank, ring, rows, state, ids, look):
    k = len(rows)
    confirmed, serials = empty_bank(k, 1, 1), np.empty((k, TRAIL), np.int64)
    updated, stays = np.empty(k, np.bool_), np.empty(k, np.bool_)
    index = np.arange(k)
    tell_rows(
        bank, len(bank.rows), np.array(rows, np.int64), np.array(state, np.int64), np.array(ids, np.int64), index,
        index, ring, look, confirmed, serials, updated, stays,
    )  # fmt: skip
    return confirmed, serials, updated, stays


def test_a_name_stays_with_the_plots_that_it_was_shown_with():
    bank, ring = mixed_births(([0, 3, 6, 9], 30.0), ([1, 4, 7, 10], 30.0))
    for name, serials in ((5, (0, 3, 6)), (9, (1, 4, 7))):
        ring.rows["held"][list(serials)] = name
    assert names(bank, ring, [0, 1], [SURE, SURE], 5, 9) == [5, 9]
    ring.rows["shown"][6], ring.rows["shown"][7] = 9, 5  # people saw the newest plots the other way round
    assert names(bank, ring, [0, 1], [SURE, SURE], 5, 9) == [9, 5]
    assert names(bank, ring, [0, 1], [SURE, SURE], 5) == [0, 5]
    assert names(bank, ring, [0, 1], [SURE, SURE]) == [0, 0]


def test_of_two_heirs_alike_the_one_that_may_be_shown_takes_over():
    bank, ring = mixed_births(([0, 3, 6], 8.0), ([1, 4, 7], 30.0))
    ring.rows["held"][[3, 4]] = 5
    assert names(bank, ring, [0, 1], [UNSURE, SURE], 5) == [0, 5]


def test_an_open_track_is_what_its_row_is():
    bank, ring = mixed_births(([0, 4, 6], 30.0), ([1, 3], 3.0))
    confirmed, serials, updated, stays = tell(bank, ring, [0], [SURE], [5], look=2)
    assert serials[0].tolist() == [0, 4, 6] + [NOTHING] * (TRAIL - 3)
    assert (confirmed.rows["id"][0], confirmed.rows["count"][0], bool(confirmed.rows["open"][0])) == (
        5,
        3,
        True,
    )
    assert confirmed.trail[0, :3].tolist() == [0, 4, 6]
    assert (updated.tolist(), stays.tolist()) == ([True], [True])
    assert np.flatnonzero(ring.rows["held"]).tolist() == [0, 4, 6]
    assert np.flatnonzero(ring.rows["shown"]).tolist() == [6]
    assert bank.rows["shown"].tolist() == [True, False]
    assert not np.any(ring.rows["use"] == TAKEN)
    *_, updated, _ = tell(bank, ring, [0], [SURE], [5], look=3)
    assert updated.tolist() == [False]


def test_plots_that_came_late_stand_where_they_belong():
    bank, ring = mixed_births(([0, 3, 6], 30.0))
    ring.rows["time_s"][3] = -1.0
    assert tell(bank, ring, [0], [SURE], [5], look=2)[1][0, :3].tolist() == [3, 0, 6]


def test_what_is_settled_or_old_enough_is_open_no_more():
    long = ([3 * k for k in range(MATURE_PLOTS)], 60.0)
    for row, state, look in (
        (([0, 3, 6], 30.0), SETTLED, 2),
        (long, SURE, 7),
        (([0, 3, 6], 30.0), SURE, MATURE_LOOKS),
    ):
        bank, ring = mixed_births(row)
        confirmed, *_, stays = tell(bank, ring, [0], [state], [5], look)
        assert stays.tolist() == [False]
        assert not confirmed.rows["open"][0]
        assert np.flatnonzero(ring.rows["use"] == TAKEN).tolist() == row[0]
