"""`rampart why`: what a run's book says of one zone, read back and decided again."""

import json

import msgspec
import pytest
from typer.testing import CliRunner

from rampart.cli import app
from rampart.config import read_site
from rampart.domain.event import AlertEvent, ByHand, ForecastEvent, Impact, TrackEvent, ZoneProbability
from rampart.domain.scan import ByHandAct
from rampart.domain.wire import event_line, iso_time
from rampart.errors import InputError
from rampart.feed import command_entry
from rampart.files import InputFiles
from rampart.record.journal import Journal, JournalHeader
from rampart.runner import packaged_scenario
from rampart.why import why

START_S = 1000.0


def chance(time_s, p, ended=False):
    """Return the events of one update of track 1, which comes down at 1060 s."""
    fate = {"ground": 1.0, "airburst": 0.0, "intercepted": 0.0, "unknown": 0.0} if ended else None
    impact = Impact(iso_time(1060.0), 0.2, 33.3, 44.4, [[100.0, 0.0], [0.0, 100.0]])
    zones = [ZoneProbability("green-zone", p)] if p else []
    return [
        TrackEvent(1, iso_time(time_s), 1, "confirmed", 33.3, 44.4, 500.0, [0.0, 0.0, 0.0], "rocket", {"rocket": 1.0}),
        ForecastEvent(2, iso_time(time_s), 1, impact, zones, fate),
    ]  # fmt: skip


def said(time_s, action):
    return AlertEvent(3, iso_time(time_s), "a-green-zone", "green-zone", action, "test", 0.5, None, None, [1])


@pytest.fixture
def folder(tmp_path):
    """Return a run in which a risk waits at 1002 s, is an alarm at 1003 s, and is elsewhere from 1010 s on."""
    happened = {
        1002.0: chance(1002.0, 0.05), 1003.0: [*chance(1003.0, 0.5), said(1003.0, "raise")],
        1010.0: [*chance(1010.0, 0.0), said(1010.0, "revise")], 1030.0: [said(1030.0, "clear")],
    }  # fmt: skip
    return write(tmp_path, happened, {})


def write(folder, happened, commanded):
    """Write a journal of 50 s: events by their second, commands with theirs by their second."""
    files = InputFiles()
    read_site(packaged_scenario("baghdad-2020-11-17").with_name("site.toml"), files)
    journal = Journal.create(
        folder / "journal", JournalHeader(mode="test", version="0", files=files.contents)
    )
    for second in range(50):
        time_s = START_S + second
        journal.append("tick", time_s, b"", [event_line(event) for event in happened.get(time_s, [])])
        if time_s in commanded:
            entry, event = commanded[time_s]
            journal.append(entry.kind, entry.time_s, entry.payload, [event_line(event)])
    journal.close()
    return folder


def at(folder, time_s):
    answer = json.loads(why(folder, "green-zone", iso_time(time_s), as_json=True))
    return (
        answer["rule"],
        answer["warned"],
        answer["until"],
        [track["counts_as"] for track in answer["tracks"]],
    )


def test_each_moment_has_its_rule(folder):
    assert at(folder, 1001.0) == ("nothing in the air", False, None, [])
    assert at(folder, 1002.0) == ("second look", False, iso_time(1003.0), ["small"])
    assert at(folder, 1003.0) == ("raised", True, None, ["endangers"])
    assert at(folder, 1007.0) == ("kept", True, None, ["endangers"])
    assert at(folder, 1012.0) == ("freed", True, iso_time(1030.0), ["freed"])
    assert at(folder, 1031.0)[:2] == ("below", False)


def test_the_moment_that_tells_most_is_the_first_alarm_or_the_greatest_risk(folder):
    told = why(folder, "green-zone")
    assert told.splitlines()[0].endswith(f"(green-zone) at {iso_time(1003.0)}: warned")
    assert "track 1: 0.5000, expected in 57.0 s; endangers it" in told
    assert "raised from 0.03" in told
    assert "nothing" in why(folder, "karrada").splitlines()[-1]


def test_what_people_did_is_named_and_decided_again(tmp_path):
    """A warning that two people cancelled: who, when, and that the projectile in the air is covered by it."""
    act = ByHandAct("cancel", "r1", "amal", "omar", target="a-green-zone")
    entry = command_entry(1020.0, "by hand", json.dumps(msgspec.to_builtins(act)))
    by_hand = ByHand("r1", "amal", iso_time(1020.0), "omar")
    happened = {1002.0: [*chance(1002.0, 0.5), said(1002.0, "raise")]}
    cancelled = msgspec.structs.replace(said(1020.0, "cancel"), manual=by_hand)
    write(tmp_path, happened, {1020.0: (entry, cancelled)})
    assert at(tmp_path, 1019.0) == ("kept", True, None, ["endangers"])
    assert at(tmp_path, 1021.0) == ("cancelled", False, None, ["cancelled"])
    told = why(tmp_path, "green-zone")
    assert f"said at {iso_time(1020.0)}: cancel" in told
    assert "; by hand: asked by amal, released by omar (request r1)" in told.splitlines()[-1]
    last = json.loads(why(tmp_path, "green-zone", as_json=True))["said"][-1]
    assert last["manual"] == {"request": "r1", "by": "amal", "until": iso_time(1020.0), "released_by": "omar"}


def test_an_unknown_zone_and_a_time_outside_are_one_line(folder):
    with pytest.raises(InputError, match="'green-zon': wanted one of its 31 zones; near it: green-zone"):
        why(folder, "green-zon")
    for wrong in ("2026-01-01", "soon"):
        with pytest.raises(
            InputError, match=f"--at: '{wrong}': wanted a time from 1970-01-01T00:16:40.000Z to"
        ):
            why(folder, "green-zone", wrong)
    done = CliRunner().invoke(app, ["why", str(folder), "--zone", "green-zone", "--json"])
    assert json.loads(done.output)["rule"] == "raised"
