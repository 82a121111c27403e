"""Times of day to POSIX, and times that stray."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rampart.sense.dates import DAY_S, strays, times_near, times_on_date

MIDNIGHT_S = 1605571200.0


def test_a_jump_back_of_half_a_day_is_midnight():
    first_night_s = np.array([86390.0, 86399.5, 86400.5, 86399.9, 86401.0, 86402.0, 86403.0])
    next_noon_s = 126400.0 + np.arange(6)
    next_night_s = 172797.0 + np.arange(6)
    true_s = np.concatenate([first_night_s, next_noon_s, next_night_s])
    np.testing.assert_allclose(times_on_date(true_s % DAY_S, MIDNIGHT_S) - MIDNIGHT_S, true_s)


def test_a_block_without_a_time_takes_the_one_before_it():
    of_day_s = np.array([np.nan, 10.0, np.nan, 11.0, np.nan])
    np.testing.assert_allclose(
        times_on_date(of_day_s, MIDNIGHT_S) - MIDNIGHT_S, [10.0, 10.0, 10.0, 11.0, 11.0]
    )
    assert times_on_date(np.full(3, np.nan), MIDNIGHT_S).tolist() == [MIDNIGHT_S] * 3


@pytest.mark.parametrize("place", range(20))
@pytest.mark.parametrize("false_s", [0.0, 3000.0, 36100.0, 79200.0, 86399.0])
def test_one_false_time_of_day_moves_nothing_else(place, false_s):
    true_s = 36000.0 + np.arange(20.0)
    of_day_s = true_s.copy()
    of_day_s[place] = false_s
    time_s = times_on_date(of_day_s, MIDNIGHT_S) - MIDNIGHT_S
    others = np.arange(20) != place
    if abs(false_s - 36000.0) > 3700.0 or 0 < place < 19:
        np.testing.assert_allclose(time_s, true_s, atol=5.0)
    np.testing.assert_allclose(time_s[others], true_s[others])


def test_a_pause_moves_nothing():
    of_day_s = np.concatenate([100.0 + np.arange(6), 50000.0 + np.arange(6)])
    np.testing.assert_allclose(times_on_date(of_day_s, 0.0), of_day_s)


@given(st.lists(st.floats(0.0, 86399.0), min_size=1, max_size=40))
def test_any_times_of_day_give_finite_times_in_order_of_arrival(of_day_s):
    time_s = times_on_date(np.array(of_day_s), MIDNIGHT_S)
    assert np.isfinite(time_s).all()
    assert len(time_s) == len(of_day_s)


def test_times_are_the_radars_not_the_capturing_machine_s():
    captured_s = MIDNIGHT_S + 1000.0 + np.arange(12.0)
    of_day_s = (captured_s - 7200.0) % DAY_S
    of_day_s[5] = 40000.0
    of_day_s[6] = np.nan
    np.testing.assert_allclose(times_near(of_day_s, captured_s), captured_s - 7200.0)
    np.testing.assert_allclose(times_near(np.full(12, np.nan), captured_s), captured_s)


def test_a_false_time_of_capture_moves_nothing():
    captured_s = MIDNIGHT_S + 1000.0 + np.arange(12.0)
    of_day_s = captured_s % DAY_S
    damaged_s = captured_s.copy()
    damaged_s[4] += 3e8
    np.testing.assert_allclose(times_near(of_day_s, damaged_s), captured_s, atol=5.0)


@given(st.lists(st.floats(0.0, 59.0), max_size=30))
def test_times_that_never_jump_never_stray(steps_s):
    rows, _ = strays(np.cumsum(np.array(steps_s)))
    assert len(rows) == 0


def test_two_strays_of_one_recording_are_found():
    time_s = 0.5 * np.arange(40.0)
    time_s[[7, 30]] = [1e5, -1e5]
    rows, medians_s = strays(time_s)
    assert rows.tolist() == [7, 30]
    np.testing.assert_allclose(medians_s, [3.5, 15.0], atol=1.0)
