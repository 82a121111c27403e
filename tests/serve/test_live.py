"""Whatever comes over the wire is taken in order, written down first, counted, and comes out again the same."""

import time
from dataclasses import replace

import numpy as np
import pytest

from rampart.domain.event import HealthEvent
from rampart.record.journal import read_journal
from rampart.sense.recordings import scan_of
from rampart.serve.clocks import WallClock
from rampart.serve.feeds import Datagram
from rampart.serve.live import STOP_WITHIN_S
from rampart.serve.sift import SHED
from tests.serve.running import NOON_S, Running, look, two_radars


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))


def health_of(events) -> list[tuple[str, str]]:
    return [(event.source, event.state) for event in events if isinstance(event, HealthEvent)]


def rejects_in(folder, site) -> dict[str, int]:
    """Return what was refused of the datagrams in a journal, by reason."""
    counts: dict[str, int] = {}
    for kind, time_s, payload in read_journal(folder / "journal"):
        if kind in ("asterix", "plots"):
            for reject in scan_of(kind, payload, time_s, site).rejects:
                counts[reject.reason] = counts.get(reject.reason, 0) + reject.count
    return counts


def test_noise_and_strangers_are_counted_named_and_harm_nothing(tmp_path):
    site = two_radars()
    run = Running(tmp_path, site)
    rng = np.random.default_rng(1)
    good = look(site, 0, NOON_S, (9000.0, 1.0, 0.2))
    stranger = good.replace(bytes((25, 1)), bytes((99, 7)), 1)
    noise = [rng.integers(0, 256, int(n), np.uint8).tobytes() for n in rng.integers(1, 1400, 20)]
    run.send(good, *noise, b"\x30", stranger, good + bytes(8), look(site, 1, NOON_S + 0.1))
    events = run.stop()
    assert ("99/7", "degraded") in health_of(events)
    assert any("99/7" in line for line in run.lines)
    journal = [payload for kind, _, payload in read_journal(tmp_path / "journal") if kind == "asterix"]
    assert journal == [good, *noise, b"\x30", stranger, good + bytes(8), look(site, 1, NOON_S + 0.1)]
    assert rejects_in(tmp_path, site)["unknown source"] == 1
    assert run.engine.condition.refused["duplicate", "karkh"] == 1
    assert run.replayed() == (tmp_path / "events.jsonl").read_bytes()


def test_a_radar_that_falls_silent_is_lost_and_the_other_is_not(tmp_path):
    site = two_radars()
    run = Running(tmp_path, site)
    for k in range(4):
        run.send(look(site, 0, NOON_S + 0.5 * k), look(site, 1, NOON_S + 0.5 * k + 0.2))
    for k in range(4, 24):
        run.send(look(site, 0, NOON_S + 0.5 * k))
    run.send(look(site, 1, NOON_S + 12.0))
    events = run.stop()
    assert health_of(events) == [("rusafa", "degraded"), ("rusafa", "lost"), ("rusafa", "ok")]
    assert [line.split("health  ")[1].split(":")[0] for line in run.lines if "health" in line] == [
        "rusafa degraded", "rusafa lost", "rusafa ok",
    ]  # fmt: skip
    assert run.replayed() == (tmp_path / "events.jsonl").read_bytes()


def test_late_and_swapped_datagrams_are_taken_as_they_come(tmp_path):
    site = two_radars()
    run = Running(tmp_path, site)
    times_s = [0.0, 1.0, 0.5, 2.0, 1.5, 3.0]
    run.send(*(look(site, 0, NOON_S + t, (9000.0 - 100.0 * t, 1.0, 0.2)) for t in times_s))
    run.stop()
    came_s = [time_s - NOON_S for kind, time_s, _ in read_journal(tmp_path / "journal") if kind == "asterix"]
    assert came_s == times_s
    ticks_s = [time_s for kind, time_s, _ in read_journal(tmp_path / "journal") if kind == "tick"]
    assert ticks_s == sorted(set(ticks_s))
    assert not run.engine.condition.refused
    assert run.replayed() == (tmp_path / "events.jsonl").read_bytes()


def test_time_passes_where_nothing_comes_in(tmp_path):
    run = Running(tmp_path, two_radars(), WallClock())
    time.sleep(1.5)
    run.stop()
    ticks_s = [time_s for kind, time_s, _ in read_journal(tmp_path / "journal") if kind == "tick"]
    assert len(ticks_s) >= 3
    assert np.allclose(np.diff(ticks_s), 0.25)


def test_a_flood_at_the_feeds_own_time_is_sifted_counted_and_replays(tmp_path, monkeypatch):
    site = two_radars()
    run = Running(tmp_path, site)
    monkeypatch.setattr("rampart.serve.live.MANY_OCTETS", 0)
    rng = np.random.default_rng(2)
    crowd = [tuple(row) for row in rng.uniform([1e3, 0.0, 0.05], [2e4, 6.0, 1.0], (300, 3))]
    run.send(look(site, 0, NOON_S, *crowd), look(site, 1, NOON_S + 0.1, (9000.0, 1.0, 0.2)))
    run.send(look(site, 0, NOON_S + 0.5, *crowd[:10]))
    run.stop()
    kinds = [kind for kind, _, _ in read_journal(tmp_path / "journal") if kind not in ("tick", "note")]
    assert set(kinds) == {"plots"}
    kept = sum(
        len(scan_of(kind, payload, time_s, site).plots)
        for kind, time_s, payload in read_journal(tmp_path / "journal")
        if kind == "plots"
    )
    assert rejects_in(tmp_path, site) == {SHED: 311 - kept}
    assert 11 < kept < 60
    assert any("flood over" in line and f"{311 - kept} plots shed" in line for line in run.lines)
    assert run.replayed() == (tmp_path / "events.jsonl").read_bytes()


def test_live_takes_no_simulated_target_for_real(tmp_path):
    site = replace(two_radars(), mode="live")
    run = Running(tmp_path, site)
    run.send(look(site, 0, NOON_S, (9000.0, 1.0, 0.2), (9500.0, 1.1, 0.2)))
    run.stop()
    assert rejects_in(tmp_path, site) == {"simulated target": 2}


def test_after_a_stop_a_long_queue_is_left_and_counted(tmp_path):
    site = two_radars()
    run = Running(tmp_path, site)
    payload = look(site, 0, NOON_S)
    run.send(payload)
    run.stop()
    time.sleep(STOP_WITHIN_S)
    run.live._take([Datagram(1.0, 0, payload)] * 50)
    assert (run.live.datagrams, run.live.left) == (1, 50)
