"""The score of an imagined run: every key of the interface, and what it says when things go wrong."""

from dataclasses import replace

import msgspec
import numpy as np
import pytest

from rampart.domain.event import AlertEvent, ForecastEvent, TrackEvent
from rampart.domain.incident import Incident
from rampart.domain.wire import posix_time
from rampart.evaluate.limit import bound_until
from rampart.evaluate.record import Seen, match, published_tracks
from rampart.evaluate.score import score
from rampart.physics.flight import LANDED
from tests.evaluate.salvo import make_night, sigma_m, track_event

NIGHT = make_night()
RUN = NIGHT.run
WARNING_KEYS = {
    "zones_hit", "zones_warned", "zones_missed", "zones_needless", "seconds_median", "seconds_min",
    "share_with_time_to_shelter", "ideal_seconds_median", "needless_person_minutes",
}  # fmt: skip
IMPACT_KEYS = {"tracked_s", "rmse_m", "bound_m", "coverage_50", "coverage_90", "coverage_95", "n"}


def test_every_key_of_the_interface_is_there():
    assert NIGHT.score.keys() >= {
        "projectiles",
        "confirmed",
        "false_tracks",
        "impact",
        "launch",
        "warning",
        "gospa_m",
    }
    assert all(row.keys() == IMPACT_KEYS for row in NIGHT.score["impact"])
    assert NIGHT.score["launch"].keys() == {"coverage_90", "sites_found", "sites_true"}
    assert NIGHT.score["warning"].keys() >= WARNING_KEYS
    assert NIGHT.score["gospa_m"].keys() == {"total", "localisation", "missed", "false"}
    assert msgspec.json.decode(msgspec.json.encode(NIGHT.score)) == NIGHT.score


def test_a_tracker_on_the_truth_finds_all_and_makes_nothing_up():
    assert (NIGHT.score["projectiles"], NIGHT.score["confirmed"], NIGHT.score["false_tracks"]) == (7, 7, 0)
    assert NIGHT.score["tracks"] == {f"p{i}": [i] for i in range(1, 8)}
    assert NIGHT.score["gospa_m"]["localisation"] < 0.1
    assert NIGHT.score["launch"] == {"coverage_90": 1.0, "sites_found": 1, "sites_true": 1}


def test_errors_are_those_that_were_drawn():
    rng = np.random.default_rng(5)
    draws = np.array([rng.uniform(-0.8, 0.8, 2) for _ in range(7)])
    row = next(row for row in NIGHT.score["impact"] if row["tracked_s"] == 10)
    ages = []
    for own in RUN.seen:
        early = own.time_s[own.time_s <= own.time_s[0] + 10.0]
        ages.append(early[-1] - early[0])
    errors = np.linalg.norm(draws, axis=1) * np.array([sigma_m(age) for age in ages])
    assert row["n"] == 7
    assert row["rmse_m"] == pytest.approx(np.sqrt(np.mean(errors**2)), rel=0.01)


def test_the_bound_falls_as_plots_come_in():
    bounds = [row["bound_m"] for row in NIGHT.score["impact"]]
    assert all(b is not None for b in bounds)
    assert bounds == sorted(bounds, reverse=True)
    first = RUN.seen[0].time_s
    assert bound_until(RUN, 0, first[0] - 1.0).status != LANDED
    assert bound_until(RUN, 0, first[-1]).status == LANDED


def test_warning_counts_close_and_no_alarm_beats_its_zone():
    warning = NIGHT.score["warning"]
    hit = [row for row in warning["zones"] if row["first_impact"]]
    endangered = {
        zone for projectile in NIGHT.truth["projectiles"] for zone in projectile["zones_endangered"]
    }
    assert {row["zone"] for row in hit} == endangered
    assert warning["zones_hit"] == warning["zones_warned"] + warning["zones_missed"] == len(endangered)
    assert warning["seconds_min"] == min(row["seconds"] for row in hit)
    assert warning["seconds_median"] == pytest.approx(np.median([row["seconds"] for row in hit]))
    for row in hit:
        assert posix_time(row["ideal"]) < posix_time(row["first_impact"])
        assert row["projectiles"] >= 1


def test_without_alarms_every_zone_is_missed():
    events = [event for event in RUN.events if not isinstance(event, AlertEvent)]
    warning = score(replace(RUN, events=events))["warning"]
    assert warning["zones_warned"] == warning["zones_needless"] == 0
    assert warning["zones_missed"] == warning["zones_hit"]
    assert (warning["seconds_median"], warning["share_with_time_to_shelter"]) == (0.0, 0.0)


def test_a_run_in_which_nothing_was_published_has_a_score_all_the_same():
    silent = replace(RUN, events=[], incident=Incident(None, "baghdad", None, None))
    found = score(silent)
    assert (found["confirmed"], found["false_tracks"], found["impact"]) == (0, 0, [])
    assert found["launch"] == {"coverage_90": None, "sites_found": 0, "sites_true": 1}
    assert found["gospa_m"]["localisation"] == 0.0
    assert found["gospa_m"]["total"] == pytest.approx(found["gospa_m"]["missed"])


def test_projectiles_that_no_radar_saw_are_missed_not_an_error():
    nothing = Seen(np.empty(0), np.empty(0, np.int64))
    found = score(replace(RUN, seen=(nothing,) * 7))
    assert found["impact"] == []
    assert found["warning"]["ideal_seconds_median"] == 0.0


def test_a_track_that_follows_nothing_is_false():
    start_s = posix_time(RUN.incident.start)
    ghost = [track_event(start_s + k, 99, (33.2, 44.2, 500.0), np.zeros(3), "rocket") for k in range(9)]
    found = score(replace(RUN, events=[*RUN.events, *ghost]))
    assert (found["confirmed"], found["false_tracks"]) == (7, 1)
    assert found["gospa_m"]["false"] > NIGHT.score["gospa_m"]["false"]


def test_an_aircraft_is_no_false_track_unless_it_was_forecast():
    from rampart.simulate.traffic import Bystander

    flown = RUN.truth.projectiles[0]
    aircraft = Bystander("a", flown.time_s, flown.position_enu_m + [0.0, 5000.0, 0.0])
    start_s = flown.time_s[0] + 2.0
    path = [(start_s + k, aircraft.state_at(start_s + k)[0]) for k in range(8)]
    events = []
    for time_s, place_m in path:
        place = 33.315 + place_m[1] / 110_900.0, 44.42 + place_m[0] / 93_100.0, place_m[2] + 34.0
        events.append(track_event(time_s, 50, place, np.zeros(3), "aircraft"))
    run = replace(RUN, events=events, bystanders=(aircraft,))
    assert match(published_tracks(events, RUN.site), run).false == ()
    forecast = next(event for event in RUN.events if isinstance(event, ForecastEvent))
    called = [*events, msgspec.structs.replace(forecast, track=50)]
    assert len(match(published_tracks(called, RUN.site), replace(run, events=called)).false) == 1


def test_two_tracks_one_after_the_other_both_follow_their_projectile():
    cut_s = posix_time(RUN.incident.start) + 10.0

    def renamed(event):
        late = (
            isinstance(event, TrackEvent | ForecastEvent)
            and event.track == 1
            and posix_time(event.time) > cut_s
        )
        return msgspec.structs.replace(event, track=71) if late else event

    found = score(replace(RUN, events=[renamed(event) for event in RUN.events]))
    assert found["tracks"]["p1"] == [1, 71]
    assert found["false_tracks"] == 0
    assert found["impact"] == NIGHT.score["impact"]


def test_launch_circle_that_does_not_hold_the_place_counts_against_it():
    site = msgspec.structs.replace(RUN.incident.launch_sites[0], latitude_deg=33.35)
    incident = msgspec.structs.replace(RUN.incident, launch_sites=[site])
    assert score(replace(RUN, incident=incident))["launch"]["coverage_90"] == 0.0
    stray = msgspec.structs.replace(site, projectiles=[99])
    incident = msgspec.structs.replace(RUN.incident, launch_sites=[stray])
    assert score(replace(RUN, incident=incident))["launch"]["coverage_90"] is None
