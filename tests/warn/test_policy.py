"""Raise, revise, clear and cancel: what people hear, and when."""

import math
from dataclasses import replace

import numpy as np
import pytest

from rampart.warn.policy import Policy
from tests.warn.places import make_box, make_forecast, make_site

ZONES = (make_box("a", 0, 0, 500), make_box("b", 3000, 0, 500))
SITE = make_site(ZONES)


class Feed:
    """A policy with what it said; forecasts are given as track, impact time and probability by zone."""

    def __init__(self, site=SITE):
        self.policy = Policy(site)
        self.said = []

    def hear(self, time_s, *projectiles, gone=(), first_plot_s=0.0, **changes):
        forecasts = [
            make_forecast(
                track,
                time_s=time_s,
                impact_at_s=at_s,
                last_plot_s=time_s,
                first_plot_s=first_plot_s,
                **changes,
            )
            for track, at_s, *_ in projectiles
        ]
        rows = np.array([row[2:] for row in projectiles], float).reshape(len(projectiles), len(ZONES))
        return self._note(self.policy.step(time_s, forecasts, rows, gone))

    def tick(self, time_s):
        return self._note(self.policy.tick(time_s))

    def ticks(self, begin_s, end_s):
        return [alert for t in np.arange(begin_s, end_s, 0.25) for alert in self.tick(float(t))]

    def _note(self, alerts):
        self.said += alerts
        return alerts


def words(alerts):
    return [(alert.action, alert.zone) for alert in alerts]


@pytest.fixture
def feed():
    return Feed()


def test_a_zone_is_warned_when_its_probability_reaches_the_threshold_and_no_other(feed):
    assert feed.hear(5.0, (1, 30.0, 0.0299, 0.0)) == []
    (alert,) = feed.hear(5.5, (1, 30.0, 0.03, 0.02))
    assert (alert.action, alert.zone, alert.mode, alert.tracks) == ("raise", "a", "test", (1,))
    assert alert.time_s == 5.5
    assert alert.impact_time_s == 30.0
    assert alert.probability == pytest.approx(0.03)
    assert feed.policy.open_alerts() == (alert,)


def test_the_probability_that_the_track_is_a_projectile_counts(feed):
    assert feed.hear(5.0, (1, 30.0, 0.5, 0.0), ballistic_probability=0.05) == []
    assert words(feed.hear(5.5, (1, 30.0, 0.5, 0.0), ballistic_probability=0.06)) == [("raise", "a")]


def test_small_dangers_add_up(feed):
    rows = [(track, 30.0 + track, 0.011, 0.0) for track in range(3)]
    (alert,) = feed.hear(5.0, *rows)
    assert alert.probability == pytest.approx(1 - 0.989**3)
    assert alert.tracks == (0, 1, 2), "none of them reaches the share that one alone needs"
    assert alert.impact_time_s == 30.0
    assert words(feed.ticks(5.25, 93.0)) == [("clear", "a")]


def test_one_attack_and_zone_is_one_alert_however_many_rockets(feed):
    for track in range(20):
        t = 5.0 + 3.0 * track
        feed.hear(t, (track, t + 25.0, 0.4, 0.0), first_plot_s=t - 2.0)
    feed.ticks(65.0, 160.0)
    assert words(feed.said).count(("raise", "a")) == 1
    assert words(feed.said).count(("clear", "a")) == 1
    assert len({alert.alert for alert in feed.said}) == 1
    assert feed.said[-1].action == "clear"
    assert feed.said[-1].time_s == pytest.approx(5.0 + 3.0 * 19 + 25.0 + 60.0)
    assert feed.said[-1].tracks == tuple(range(20))
    assert math.isnan(feed.said[-1].impact_time_s)


def test_ids_come_from_the_site_the_first_plot_and_the_zone(feed):
    (alert,) = feed.hear(1605632705.0, (7, 1605632730.0, 0.5, 0.0), first_plot_s=1605632703.9)
    assert feed.policy.attack_id == "here-20201117T170503Z"
    assert alert.alert == "here-20201117T170503Z-a"
    assert feed.policy.attack_of(7) == feed.policy.attack_id
    assert feed.policy.attack_of(8) is None


def test_the_clear_comes_after_the_last_impact_and_not_before(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0), (2, 40.0, 0.2, 0.0))
    assert words(feed.ticks(5.25, 100.0)) == [("revise", "a")], "the first one came down"
    assert words(feed.ticks(100.0, 100.25)) == [("clear", "a")]
    assert feed.policy.open_alerts() == ()


def test_a_track_that_ends_below_the_horizon_is_still_expected(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0))
    feed.hear(6.0, (1, 30.0, 0.5, 0.0), fate=np.array([0.2, 0.0, 0.0, 0.8]))
    assert feed.ticks(6.25, 90.0) == []
    assert words(feed.ticks(90.0, 90.25)) == [("clear", "a")]
    other = Feed()
    other.hear(5.0, (1, 30.0, 0.01, 0.0))
    other.hear(6.0, (1, 30.0, 0.5, 0.0), fate=np.array([0.2, 0.0, 0.0, 0.8]))
    assert words(other.said) == [("raise", "a")], "what is lost from sight can still be warned of"


def test_what_has_landed_is_not_warned_of(feed):
    assert feed.hear(31.0, (1, 30.0, 0.9, 0.0), fate=np.array([1.0, 0.0, 0.0, 0.0])) == []


def test_no_clear_while_a_projectile_is_followed_past_its_time():
    feed = Feed(make_site(ZONES, clear_after_s=0.0))
    feed.hear(25.0, (1, 30.0, 0.5, 0.0))
    feed.hear(30.8, (1, 31.0, 0.5, 0.0))
    assert feed.ticks(31.0, 35.75) == []
    assert words(feed.hear(35.5, gone=(1,))) == [("clear", "a")]
    silent = Feed(make_site(ZONES, clear_after_s=0.0))
    silent.hear(25.0, (1, 30.0, 0.5, 0.0))
    assert words(silent.ticks(25.25, 40.0)) == [("clear", "a")], "a track without an end does not hold it"


def test_a_danger_that_stays_elsewhere_is_cleared_soon_but_not_at_once(feed):
    feed.hear(5.0, (1, 30.0, 0.05, 0.0))
    revision = feed.hear(10.0, (1, 33.0, 0.0001, 0.5))
    assert words(revision) == [("raise", "b"), ("revise", "a")]
    assert revision[1].tracks == ()
    assert math.isnan(revision[1].impact_time_s)
    assert revision[1].probability == pytest.approx(0.0001)
    assert words(feed.ticks(10.25, 90.25)) == [("clear", "a")]
    assert feed.said[-1].time_s == 10.0 + SITE.warning.free_after_s
    assert words(feed.ticks(90.25, 95.0)) == [("clear", "b")]


def test_what_is_freed_and_endangered_again_keeps_its_warning(feed):
    feed.hear(5.0, (1, 60.0, 0.5, 0.0))
    feed.hear(10.0, (1, 60.0, 0.0001, 0.0))
    feed.hear(29.0, (1, 60.0, 0.02, 0.0))
    assert "clear" not in {alert.action for alert in feed.ticks(29.25, 120.0)}
    assert words(feed.ticks(120.0, 120.25)) == [("clear", "a")]


def test_what_came_down_in_a_zone_is_not_freed_by_what_missed_it(feed):
    feed.hear(5.0, (1, 12.0, 0.5, 0.0), (2, 40.0, 0.5, 0.0))
    feed.hear(14.0, (2, 40.0, 0.0, 0.0))
    assert "clear" not in {alert.action for alert in feed.ticks(14.25, 72.0)}
    assert words(feed.ticks(72.0, 72.25)) == [("clear", "a")], "the minute after the impact at 12 s"


def test_a_slight_risk_with_time_to_spare_waits_for_a_second_look(feed):
    assert feed.hear(5.0, (1, 60.0, 0.05, 0.04)) == [], "15 s to cover and 10 s more are left after the wait"
    assert words(feed.hear(5.5, (1, 60.0, 0.01, 0.08))) == []
    assert words(feed.ticks(5.75, 7.0)) == [("raise", "b")]
    assert feed.said[0].time_s == 6.0, "a second after the risk was first seen, look or no look"
    again = Feed()
    again.hear(5.0, (1, 60.0, 0.05, 0.0))
    again.hear(5.5, (1, 60.0, 0.01, 0.0))
    again.hear(6.5, (1, 60.0, 0.05, 0.0))
    assert again.said == [], "what went below the threshold waits anew"
    assert words(again.ticks(6.75, 8.0)) == [("raise", "a")]


def test_a_risk_that_is_not_slight_or_leaves_no_time_waits_for_nothing():
    for at_s, chance in ((60.0, 0.0901), (30.9, 0.031)):
        assert words(Feed().hear(5.0, (1, at_s, chance, 0.0))) == [("raise", "a")]
    lost = Feed().hear(5.0, (1, 60.0, 0.04, 0.0), fate=np.array([0.2, 0.0, 0.0, 0.8]))
    assert words(lost) == [("raise", "a")], "no second look will come"


def test_nothing_flaps_about_the_threshold(feed):
    for i in range(80):
        feed.hear(5.0 + 0.25 * i, (1, 30.0, 0.031 if i % 2 else 0.029, 0.0))
    feed.ticks(25.0, 100.0)
    assert words(feed.said) == [("raise", "a"), ("clear", "a")]


def test_a_second_raise_in_the_attack_keeps_the_id(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0))
    feed.ticks(5.25, 91.0)
    feed.hear(120.0, (2, 150.0, 0.5, 0.0), first_plot_s=118.0)
    assert words(feed.said) == [("raise", "a"), ("clear", "a"), ("raise", "a")]
    assert len({alert.alert for alert in feed.said}) == 1
    assert feed.said[-1].tracks == (2,)


def test_an_attack_ends_with_its_gap_and_the_next_has_its_own_ids(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0))
    first = feed.policy.attack_id
    feed.tick(305.0)
    assert feed.policy.attack_id == first
    feed.tick(305.1)
    assert feed.policy.attack_id is None
    feed.hear(400.0, (2, 420.0, 0.5, 0.0), first_plot_s=398.0)
    assert feed.policy.attack_id not in (None, first)
    raises = [alert.alert for alert in feed.said if alert.action == "raise"]
    assert len(set(raises)) == 2


def test_attacks_may_overlap_where_the_gap_is_short():
    feed = Feed(make_site(ZONES, attack_gap_s=5.0))
    feed.hear(5.0, (1, 60.0, 0.5, 0.0), first_plot_s=3.0)
    feed.hear(20.0, (2, 50.0, 0.5, 0.0), first_plot_s=18.0)
    assert len(feed.policy.open_attacks) == 2
    assert words(feed.said) == [("raise", "a")] * 2
    feed.hear(21.0, (1, 60.0, 0.5, 0.0), first_plot_s=3.0)
    assert feed.policy.attack_of(1) == feed.policy.open_attacks[0]
    feed.ticks(21.25, 200.0)
    assert sorted(words(feed.said)) == sorted([("raise", "a"), ("clear", "a")] * 2)
    assert feed.policy.open_attacks == ()


def test_attacks_of_one_second_are_one():
    feed = Feed(make_site(ZONES, attack_gap_s=5.0))
    feed.hear(5.0, (1, 90.0, 0.5, 0.0), first_plot_s=3.0)
    feed.hear(20.0, (2, 90.0, 0.5, 0.0), first_plot_s=18.0)
    feed.hear(21.0, (3, 90.0, 0.5, 0.0), first_plot_s=3.4)
    assert len(feed.policy.open_attacks) == 2, (
        "its plots are older than the newest attack: it is of the first"
    )
    assert feed.policy.attack_of(3) == feed.policy.attack_of(1)
    feed.ticks(21.25, 200.0)
    assert sorted(words(feed.said))[:2] == [("clear", "a")] * 2


def test_a_moved_impact_is_told_but_not_too_often(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0))
    assert feed.hear(7.5, (1, 31.9, 0.5, 0.0)) == []
    (revision,) = feed.hear(8.0, (1, 32.1, 0.5, 0.0))
    assert (revision.action, revision.impact_time_s) == ("revise", 32.1)
    assert feed.hear(9.0, (1, 36.0, 0.5, 0.0)) == []
    assert words(feed.tick(10.0)) == [("revise", "a")]


def test_more_projectiles_and_other_probabilities_are_told(feed):
    feed.hear(5.0, (1, 30.0, 0.1, 0.0))
    assert feed.hear(7.0, (1, 30.0, 0.29, 0.0)) == []
    assert words(feed.hear(8.0, (1, 30.0, 0.31, 0.0))) == [("revise", "a")]
    (revision,) = feed.hear(10.0, (2, 30.5, 0.1, 0.0))
    assert revision.tracks == (1, 2)
    assert revision.probability == pytest.approx(1 - 0.69 * 0.9)
    (revision,) = feed.hear(12.0, (2, 30.5, 0.001, 0.0))
    assert revision.tracks == (1,)


def test_an_impact_that_comes_as_expected_is_no_news_but_the_next_one_is(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.0), (2, 45.0, 0.5, 0.0))
    said = feed.ticks(5.25, 50.0)
    assert words(said) == [("revise", "a")]
    assert said[0].impact_time_s == 45.0
    assert said[0].tracks == (2,)
    assert 30.0 < said[0].time_s < 32.0
    assert said[0].probability == pytest.approx(0.75), "what came down in the zone still counts"


def test_an_impact_due_now_is_not_in_the_past(feed):
    (alert,) = feed.hear(30.5, (1, 30.0, 0.5, 0.0))
    assert alert.impact_time_s == alert.time_s == 30.5


def test_time_never_runs_backwards(feed):
    feed.tick(10.0)
    (alert,) = feed.hear(9.5, (1, 30.0, 0.5, 0.0))
    assert alert.time_s == 10.0


def test_a_command_cancels_and_the_same_projectiles_stay_quiet(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.5))
    (cancel,) = feed.policy.cancel(6.0, "a")
    assert (cancel.action, cancel.zone, cancel.tracks) == ("cancel", "a", (1,))
    assert math.isnan(cancel.impact_time_s)
    assert words(feed.policy.open_alerts()) == [("raise", "b")]
    assert feed.hear(7.0, (1, 30.0, 0.9, 0.5)) == []
    (again,) = feed.hear(9.0, (2, 30.0, 0.04, 0.0))
    assert (again.action, again.zone, again.tracks) == ("raise", "a", (2,))
    assert again.alert == cancel.alert
    assert words(feed.policy.cancel(10.0, again.alert)) == [("cancel", "a")]
    assert feed.policy.cancel(11.0, "nowhere") == []


def test_a_zone_dropped_while_it_is_warned_is_still_cleared(feed):
    feed.hear(5.0, (1, 30.0, 0.5, 0.5))
    new = (ZONES[1], make_box("c", -3000, 0, 500))
    assert feed.policy.set_zones(new, 6.0) == []
    feed.hear(7.0, (1, 30.0, 0.5, 0.5), (2, 33.0, 0.0, 0.1))
    assert words(feed.said) == [("raise", "a"), ("raise", "b"), ("raise", "c")]
    feed.ticks(7.25, 100.0)
    assert sorted(words(feed.said)[-3:]) == [("clear", "a"), ("clear", "b"), ("clear", "c")]
    assert feed.policy.set_zones(ZONES, 101.0) == []


def test_a_forecast_without_numbers_is_taken_at_its_worst(feed):
    (alert,) = feed.hear(5.0, (1, math.nan, 0.5, math.nan))
    assert (alert.zone, alert.impact_time_s) == ("a", 5.0)
    assert words(feed.ticks(5.25, 66.0)) == [("clear", "a")]


def test_the_mode_goes_with_every_decision():
    feed = Feed(replace(SITE, mode="exercise"))
    feed.hear(5.0, (1, 30.0, 0.5, 0.0))
    feed.ticks(5.25, 91.0)
    assert {alert.mode for alert in feed.said} == {"exercise"}


def test_a_site_without_zones_warns_nobody():
    policy = Policy(make_site(()))
    assert policy.step(5.0, [make_forecast()], np.empty((1, 0))) == []
    assert policy.tick(1000.0) == []
    assert policy.attack_id is None
