"""The story of the night: rows numbered in order, errors against the truth, what holds without a truth."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from rampart.domain.event import ForecastEvent, TrackEvent
from rampart.domain.incident import Incident
from rampart.evaluate.headline import figures, sentence, warning_sentence
from rampart.evaluate.story import tell
from rampart.evaluate.words import LocalClock, metres, people, seconds, share, signed_seconds, sure, utc
from tests.evaluate.salvo import context_of, make_night, quiet_context

NIGHT = make_night()
RUN = NIGHT.run


def story_of(truth=NIGHT.truth, score=NIGHT.score, incident=RUN.incident, events=RUN.events):
    return tell(incident, events, RUN.site, truth, score)


def test_projectiles_are_numbered_in_order_of_appearance_and_matched():
    rows = story_of().projectiles
    assert [row.number for row in rows] == list(range(1, 8))
    assert [row.first_plot_s for row in rows] == sorted(row.first_plot_s for row in rows)
    assert [row.truth.id for row in rows] == [f"p{i}" for i in range(1, 8)]


def test_errors_shrink_and_end_where_the_last_forecast_was():
    for row in story_of().projectiles:
        assert row.error_at_m(3.0) > row.error_at_m(10.0) >= row.error_m > 0.0
        assert row.error_at_m(0.1) is None
        assert abs(row.time_error_s) < 0.5
        assert row.radius_90_m > row.error_m


def test_a_burst_ends_where_it_was_last_seen():
    (burst,) = [row for row in story_of().projectiles if row.fate == "airburst"]
    assert burst.end_s == burst.path.time_s[-1] < burst.last_guess.impact_time_s
    assert burst.end_place == tuple(burst.path.place[-1, :2])
    assert burst.truth.end_s < burst.truth.time_s


def test_without_truth_the_sensed_falls_endanger_and_no_error_is_told():
    story = story_of(truth=None, score=None)
    assert all(row.error_m is None and row.time_error_s is None for row in story.projectiles)
    assert "green-zone" in {row.zone for row in story.hit}
    assert all(row.ideal_s is None for row in story.zones)


def test_ideal_times_come_from_the_score():
    assert all(row.ideal_warning_s > 0.0 for row in story_of().hit)


def test_a_projectile_that_no_track_followed_is_told_of():
    events = [e for e in RUN.events if not (isinstance(e, TrackEvent | ForecastEvent) and e.track == 3)]
    records = [record for record in RUN.incident.projectiles if record.track != 3]
    incident = msgspec.structs.replace(RUN.incident, projectiles=records)
    story = story_of(
        score=NIGHT.score | {"tracks": {f"p{i}": [i] for i in (1, 2, 4, 5, 6, 7)}},
        incident=incident,
        events=events,
    )
    assert [end.id for end in story.unseen] == ["p3"]
    assert len(story.projectiles) == 6


def test_a_projectile_without_forecast_or_path_has_no_end_but_a_row():
    record = msgspec.structs.replace(RUN.incident.projectiles[0], impact=None, zones=[], fate={})
    incident = msgspec.structs.replace(RUN.incident, projectiles=[record])
    (row,) = tell(incident, [], RUN.site).projectiles
    assert (row.fate, row.end_place, row.last_guess, row.warning_s, row.radius_90_m) == (
        "unknown",
        None,
        None,
        None,
        None,
    )
    assert row.end_s == row.first_plot_s


def test_the_headline_counts_what_happened():
    story = story_of()
    assert sentence(story) == "7 rockets sensed: 4 in the Green Zone, 2 outside, 1 burst in the air."
    told = warning_sentence(story, 1150.0)
    assert told.startswith("All 5 zones in danger were warned, at the median ")
    assert "needlessly: nothing came down within 1150 m." in told
    shown = {figure.words: figure.value for figure in figures(story, RUN.incident)}
    assert shown["sensed"] == shown["confirmed"] == "7"
    assert (shown["in the Green Zone"], shown["outside"], shown["burst in the air"]) == ("4", "2", "1")
    assert shown["zones in danger warned"] == "5 of 5"


def test_the_headline_owns_up_to_missed_zones():
    events = [e for e in RUN.events if getattr(e, "zone", "") != "green-zone"]
    told = warning_sentence(story_of(events=events), 1150.0)
    assert told.startswith("4 of 5 zones in danger warned in time")
    assert " 0 s at the least." in told


def test_quiet_skies_are_said_to_be_quiet():
    context = quiet_context()
    story = tell(context.incident, context.events, context.site)
    assert sentence(story) == "No attack sensed."
    assert warning_sentence(story, 1150.0) == "No zone was warned."
    assert [figure.value for figure in figures(story, context.incident)] == ["0", "3", "2", "0"]
    nothing = tell(Incident(None, "baghdad", None, None), [], context.site)
    assert nothing.start_s is None
    assert figures(nothing, context.incident)[1].value == "0"


def test_a_single_zone_is_spoken_of_as_one():
    site = replace(RUN.site, zones=tuple(zone for zone in RUN.site.zones if zone.id == "green-zone"))
    story = tell(RUN.incident, RUN.events, site)
    assert warning_sentence(story, 1150.0).startswith("The zone in danger was warned, ")


def test_times_are_local_and_named():
    clock = LocalClock("Asia/Baghdad")
    start_s = 1605632703.25
    assert (clock.time(start_s), utc(start_s), clock.offset(start_s)) == ("20:05:03", "17:05:03", "UTC+3")
    assert clock.tenths(1605632703.96) == "20:05:04.0"
    assert clock.date(start_s) == "Tuesday, 17 November 2020"
    assert clock.iso("2020-11-17T17:05:03.250Z") == "20:05:03.2"
    assert LocalClock("Asia/Kathmandu").offset(start_s) == "UTC+5:45"
    assert LocalClock("America/New_York").offset(start_s) == "UTC-5"
    assert (clock.name(start_s), clock.name(None)) == ("Asia/Baghdad, UTC+3", "Asia/Baghdad")
    assert clock.time(None) == clock.tenths(None) == clock.date(None) == clock.iso(None) == utc(None) == "–"


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        (seconds(27.4), "27 s"), (seconds(None), "–"), (seconds(np.inf), "–"), (signed_seconds(-0.044), "−0.04 s"),
        (signed_seconds(None), "–"), (metres(640.4), "640 m"), (metres(2345.0), "2.3 km"), (metres(None), "–"),
        (people(184000.0), "184\u202f000"), (people(None), "–"), (share(0.857), "86\u202f%"), (share(None), "–"),
        (sure(0.96), "96\u202f% sure"), (sure(1.0), "over 99\u202f% sure"),
    ],
)  # fmt: skip
def test_figures_in_words(told, wanted):
    assert told == wanted


def test_the_context_of_the_night_is_whole():
    assert context_of(NIGHT).title == "Baghdad, 17 November 2020"
