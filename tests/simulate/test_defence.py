"""The interceptors' bookkeeping against closed forms, with forecasts that know the truth: no radar, no engine."""

from dataclasses import replace
from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.interception import hovering, outcomes_of, post_of, zones_of
from rampart.errors import InputError
from rampart.simulate.defence import EMPTY, NO_THREAT, NOT_TRACKED, OUT_OF_REACH, Defence, perfect_rows
from rampart.simulate.interceptor import ForecastRow, Interceptor, with_doctrine

RUNS = 2_500
# FACTS.md: no leaker of W by n shots each of probability k.
CLOSED = {
    (7, 1, 0.5): (0.0078, 3.5),
    (7, 2, 0.5): (0.1335, 1.75),
    (7, 3, 0.5): (0.3927, 0.875),
    (7, 1, 0.75): (0.1335, 1.75),
    (7, 2, 0.75): (0.6365, 0.4375),
    (7, 3, 0.75): (0.8956, 0.109375),
    (4, 1, 0.5): (0.0625, 2.0),
    (4, 2, 0.5): (0.3164, 1.0),
}


@pytest.mark.parametrize(("form", "told"), [(form, told) for form, told in CLOSED.items() if form[0] == 4])
def test_leakers_are_those_of_the_closed_form(form, told):
    """All of it with 10,000 runs: benchmarks/interception.py. Four standard errors: one false alarm in 15,000."""
    rockets, shots, probability = form
    leakers = outcomes_of(rockets, shots, probability, RUNS)
    none, mean = told
    exact = (1.0 - (1.0 - probability) ** shots) ** rockets
    assert exact == pytest.approx(none, abs=6e-5)
    assert np.mean(leakers == 0) == pytest.approx(exact, abs=4.0 * sqrt(exact * (1.0 - exact) / RUNS))
    left = (1.0 - probability) ** shots
    assert np.mean(leakers) == pytest.approx(mean, abs=4.0 * sqrt(rockets * left * (1.0 - left) / RUNS))


def test_a_magazine_that_is_large_enough_changes_nothing_and_a_small_one_leaves_the_rest():
    assert np.array_equal(
        outcomes_of(7, 2, 0.5, 100, magazine=14), outcomes_of(7, 2, 0.5, 100, magazine=1000)
    )
    for magazine in (0, 1, 3, 6):
        few = outcomes_of(7, 2, 1.0, 20, magazine=magazine)
        assert np.all(few == 7 - magazine)
        assert np.all(outcomes_of(7, 2, 0.5, 60, magazine=magazine) >= 7 - magazine)


def test_selective_with_a_perfect_forecast_engages_exactly_those_that_endanger():
    flights = [replace(hovering(i), zones_endangered=("base",) if i % 2 else ("town",)) for i in range(6)]
    defence = Defence([post_of("selective", 100, 1.0)], flights, zones_of(), 1)
    for row in perfect_rows(flights, 1.0):
        defence.hear(row)
    assert sorted(defence.engagements) == sorted(defence.stopped_s) == [1, 3, 5]
    assert {defence.reason(i) for i in (0, 2, 4)} == {NO_THREAT}
    everyone = Defence([post_of("all", 100, 1.0)], flights, zones_of(), 1)
    for row in perfect_rows(flights, 1.0):
        everyone.hear(row)
    assert len(everyone.stopped_s) == 6


@settings(max_examples=40, deadline=None)
@given(
    st.integers(0, 2**31), st.integers(1, 8), st.integers(0, 9), st.floats(0.0, 1.0), st.floats(0.1, 3.0),
    st.sampled_from(["selective", "all"]), st.integers(1, 3),
)  # fmt: skip
def test_the_account_closes_and_no_rule_is_broken(
    seed, rockets, magazine, probability, takes_s, doctrine, posts
):
    rng = np.random.default_rng(seed)
    flights = [
        replace(hovering(i), zones_endangered=("base",) if rng.random() < 0.5 else ()) for i in range(rockets)
    ]
    own = [
        replace(post_of(doctrine, magazine, probability), id=f"i{k}", engagement_s=takes_s, reaction_s=1.0)
        for k in range(posts)
    ]
    defence = Defence(own, flights, zones_of(), seed)
    for row in perfect_rows(flights, 1.3):
        wrong = {"base": float(rng.random())}
        defence.hear(replace(row, probability=wrong))
    defence.hear(ForecastRow(99, 29.0, (0.0, 0.0, 9e3), 31.0, {"base": 1.0}))
    shots = [each for own in defence.engagements.values() for each in own] + defence.at_nothing
    assert len(shots) == posts * magazine - sum(post.left for post in defence.posts)
    for k in range(posts):
        times = sorted((each.time_s, each.end_s) for each in shots if each.interceptor == f"i{k}")
        assert all(late[0] >= early[1] for early, late in pairwise(times))
        assert all(start_s >= 1.0 for start_s, _ in times)
    intercepted, engaged = set(defence.stopped_s), set(defence.engagements)
    ignored = {i for i in range(rockets) if defence.reason(i)}
    assert len(ignored) + len(intercepted) + len(engaged - intercepted) == rockets
    assert intercepted <= engaged
    assert not engaged & ignored


def test_what_is_far_or_unseen_or_after_the_last_engagement_is_left_alone():
    near, far, unseen, late = (hovering(i) for i in range(4))
    far = replace(far, position_enu_m=far.position_enu_m + [0.0, 9000.0, 0.0])
    flights = [near, far, unseen, late]
    defence = Defence([post_of("all", 1, 0.0)], flights, zones_of(), 1)
    for row in perfect_rows(flights, 1.0):
        if row.track != 2 and not (row.track == 3 and row.time_s < 15.0):
            defence.hear(row)
    assert [defence.reason(i) for i in range(4)] == ["", OUT_OF_REACH, NOT_TRACKED, EMPTY]


def test_a_track_that_follows_nothing_costs_an_engagement():
    defence = Defence([post_of("all", 5, 1.0)], [hovering(0)], zones_of(), 1)
    defence.hear(ForecastRow(7, 1.0, (0.0, 0.0, 900.0), 10.0, {}))
    assert [each.stopped for each in defence.at_nothing] == [False]
    assert not defence.engagements


def test_doctrines_share_their_luck():
    def stopped(doctrine):
        flights = [replace(hovering(i), zones_endangered=("base",) if i < 3 else ("town",)) for i in range(6)]
        many = [replace(post_of(doctrine, 50, 0.5), id=f"i{k}", most_each=1) for k in range(6)]
        defence = Defence(many, flights, zones_of(), 5)
        for row in perfect_rows(flights, 1.0):
            defence.hear(row)
        return set(defence.stopped_s)

    assert stopped("selective") == stopped("all") & {0, 1, 2}


def test_wrong_numbers_are_named():
    for name, value in (("probability", 1.2), ("magazine", -1), ("reach_m", -5.0), ("doctrine", "some")):
        with pytest.raises(InputError, match=name):
            replace(post_of("all", 1, 0.5), **{name: value})
    assert with_doctrine((post_of("all", 1, 0.5),), "none", None) == ()
    (changed,) = with_doctrine((post_of("all", 1, 0.5),), "selective", 9)
    assert isinstance(changed, Interceptor)
    assert (changed.doctrine, changed.magazine) == ("selective", 9)
