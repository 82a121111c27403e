"""The nouns refuse what they cannot mean, and the wire gives back what it was given."""

import math

import msgspec
import numpy as np
import pytest

from rampart.domain.event import AlertEvent, ForecastEvent, HealthEvent, Impact, TrackEvent, ZoneProbability
from rampart.domain.forecast import Forecast
from rampart.domain.scan import NO_PLOTS, Plots, join_plots
from rampart.domain.site import Zone
from rampart.domain.track import no_tracks
from rampart.domain.wire import event_line, event_of, iso_time, posix_time

IMPACT = Impact("2020-11-17T17:05:03.250Z", 0.4, 33.3, 44.4, [[1.0, 0.0], [0.0, 2.0]])
EVENTS = [
    TrackEvent(
        1, iso_time(0.0), 4, "confirmed", 33.3, 44.4, 900.0, [1.0, 2.0, 3.0], "rocket", {"rocket": 1.0}
    ),
    ForecastEvent(2, iso_time(0.0), 4, IMPACT, [ZoneProbability("a", 0.5)]),
    ForecastEvent(3, iso_time(0.0), 4, IMPACT, [], {"ground": 1.0}),
    AlertEvent(4, iso_time(0.0), "x-a", "a", "raise", "test", 0.5, iso_time(9.0), 9.0, [4]),
    HealthEvent(5, iso_time(0.0), "radar one", "lost", "silent for 5 s"),
]


def plots(n: int) -> Plots:
    return Plots(
        np.arange(n) * 1.0, np.zeros(n, np.int64), np.ones((n, 4)), np.ones((n, 4)), np.full(n, math.nan)
    )


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_an_event_is_one_line_that_reads_back(event):
    line = event_line(event)
    assert b"\n" not in line
    assert event_of(line) == event


def test_a_track_event_says_class_and_kind_as_the_contract_names_them():
    fields = msgspec.json.decode(event_line(EVENTS[0]))
    assert fields["kind"] == "track"
    assert fields["class"] == "rocket"
    assert "fate" not in msgspec.json.decode(event_line(EVENTS[1]))


@pytest.mark.parametrize(
    ("text", "time_s"),
    [
        ("1970-01-01T00:00:01.500Z", 1.5),
        ("2020-11-17T20:05:00+03:00", 1605632700.0),
        ("2020-11-17T17:05:00", 1605632700.0),
    ],
)
def test_times_read_with_any_offset(text, time_s):
    assert posix_time(text) == time_s


def test_times_are_rounded_to_the_nearest_millisecond():
    assert iso_time(1605632703.2499999) == "2020-11-17T17:05:03.250Z"
    assert iso_time(-0.001) == "1969-12-31T23:59:59.999Z"


def test_plots_are_columns_of_one_length_and_read_only():
    three = plots(3)
    with pytest.raises(ValueError, match="wanted"):
        Plots(three.time_s, three.radar, three.measurement[:2], three.sigma, three.snr_db)
    with pytest.raises(ValueError, match="column"):
        Plots(three.time_s, three.radar[:1], three.measurement, three.sigma, three.snr_db)
    with pytest.raises(ValueError, match="read-only"):
        three.time_s[0] = 9.0
    assert len(three.take(np.array([True, False, True]))) == 2
    assert join_plots([]) is NO_PLOTS
    assert join_plots([three, plots(2)]).time_s.tolist() == [0.0, 1.0, 2.0, 0.0, 1.0]


def test_a_zone_contains_what_its_rings_enclose():
    outer = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0], [0.0, 0.0]])
    hole = np.array([[1.0, 1.0], [3.0, 1.0], [3.0, 3.0], [1.0, 3.0], [1.0, 1.0]])
    zone = Zone("a", {"ar": "ا", "en": "A"}, "public", 0.0, 30.0, ((outer, hole),))
    assert zone.name == "A"
    assert zone.contains(0.5, 0.5)
    assert not zone.contains(2.0, 2.0)
    assert not zone.contains(5.0, 0.5)


def test_the_moments_of_a_mixture():
    forecast = Forecast(
        track=1,
        time_s=0.0,
        weight=np.array([0.25, 0.75]),
        impact_enu_m=np.array([[0.0, 0.0], [4.0, 0.0]]),
        impact_cov_m2=np.array([np.eye(2), np.eye(2)]),
        impact_time_s=np.array([10.0, 14.0]),
        impact_time_sd_s=np.array([1.0, 1.0]),
        class_probability=np.full(3, 1 / 3),
        ballistic_probability=1.0,
        state_enu=np.zeros(9),
        fate=np.zeros(4),
        first_plot_s=0.0,
        last_plot_s=0.0,
    )
    assert forecast.mean_enu_m.tolist() == [3.0, 0.0]
    assert forecast.cov_enu_m2.tolist() == [[4.0, 0.0], [0.0, 1.0]]
    assert forecast.time_mean_s == 13.0
    assert forecast.time_sd_s == 2.0


def test_the_empty_table():
    assert len(no_tracks(3.0)) == 0
    assert not no_tracks().is_ballistic().any()
