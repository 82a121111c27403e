"""What became of it: a hit, a burst seen to vanish, a track out of sight."""

import numpy as np
import pytest

from rampart.domain.forecast import FATES
from rampart.domain.track import END_GROUND, END_LOST, END_VANISHED
from rampart.predict.fate import chances, fate_probabilities, unknown_fate
from tests.predict.simulation import EAST, WEST, WORLD, radar_at, rocket_122

SHOT = rocket_122()
GROUND, AIRBURST, INTERCEPTED, UNKNOWN = range(len(FATES))


def fate(last_s, ended_after_s, looks_missed, reason, radars=(WEST, EAST), plots_lately=None):
    lately = int(0.9 * 8.0 / 0.5 * len(radars)) if plots_lately is None else plots_lately
    return fate_probabilities(
        SHOT.at(last_s), SHOT.curve, SHOT.impact_s - last_s, last_s - 2.0, ended_after_s, looks_missed,
        reason, lately, radars, WORLD,
    )  # fmt: skip


@pytest.mark.uncompiled
def test_one_that_went_below_the_horizon_hit_the_ground():
    for left_s, missed in ((0.3, 0.0), (0.6, 0.0), (0.9, 1.0), (1.4, 2.0)):
        p = fate(SHOT.impact_s - left_s, left_s + 0.3, missed, END_GROUND)
        assert p.sum() == pytest.approx(1.0)
        assert p[GROUND] > 0.8


@pytest.mark.parametrize("before_s", [4.0, 7.0, 12.0, 20.0])
@pytest.mark.parametrize("radars", [(WEST,), (WEST, EAST)])
def test_one_that_vanished_in_cover_came_apart(before_s, radars):
    missed = 5.0
    p = fate(SHOT.impact_s - before_s, 3.0, missed, END_VANISHED, radars)
    assert p[AIRBURST] + p[INTERCEPTED] > 0.5
    assert 0.0 < p[INTERCEPTED] < 0.25


def test_more_misses_speak_for_a_burst():
    last_s = SHOT.impact_s - 8.0
    shares = [fate(last_s, 3.5, missed, END_LOST)[AIRBURST] for missed in (0.0, 2.0, 4.0, 6.0)]
    assert np.all(np.diff(shares) > 0.0)


def test_one_lost_out_of_cover_is_unknown():
    near = radar_at(33.30, 44.395, max_range_m=3000.0)
    p = fate(6.0, 2.0, 0.0, END_LOST, (near,))
    assert p[UNKNOWN] > 0.4
    assert unknown_fate()[UNKNOWN] == 1.0


def test_a_recording_that_stops_in_mid_flight_leaves_the_fate_open():
    p = fate(SHOT.impact_s - 18.0, 0.2, 0.0, END_LOST)
    assert p[UNKNOWN] > 0.4
    assert p[AIRBURST] < 0.2


@pytest.mark.uncompiled
def test_chances_count_looks():
    assert chances(1.2, 0.5) == 2.0
    assert chances(-1.0, 0.5) == 0.0
    assert fate(SHOT.impact_s, 0.5, 3.0, END_GROUND, ())[GROUND] > 0.8
