"""A warning whose projectile is still tracked is taken back by two people only, and the record names both."""

import json
import time
from dataclasses import replace

import numpy as np
import pytest

from rampart.attack import AttackBook
from rampart.domain.track import COASTING, CONFIRMED, ENDED
from rampart.domain.wire import incident_json, iso_time
from rampart.engine import Engine
from rampart.feed import input_of
from rampart.serve.desk import DONE, WAITS, Desk, Offer, decide
from rampart.serve.operators import Paper, add_operator, new_id, signed_paper, unlock, verified
from tests.warn.places import make_box, make_forecast, make_site

WORDS = "a long passphrase"
NOW_S = 1000.0


@pytest.fixture
def engine(tmp_path, monkeypatch):
    """Return an engine that has warned one zone of track 7, which comes down 20 s later; amal and omar are known."""
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    for name in ("amal", "omar"):
        add_operator(name, WORDS)
    engine = Engine(make_site((make_box("aim", 0.0, 0.0, 500.0),)))
    forecast = make_forecast(
        7, time_s=NOW_S, impact_at_s=NOW_S + 20.0, first_plot_s=NOW_S - 3.0, last_plot_s=NOW_S
    )
    (alert,) = engine.policy.step(NOW_S, [forecast], np.array([[0.9]]), ())
    assert (alert.action, alert.tracks) == ("raise", (7,))
    seen(engine, CONFIRMED)
    return engine


def seen(engine: Engine, status: int) -> None:
    """Let track 7 be in the engine's table, with this status."""
    engine.tracks = replace(engine.tracks, id=np.array([7]), status=np.array([status]))


def paper(engine: Engine, verb: str, by: str, **told) -> tuple[str, bytes]:
    """Return the id and the content of a paper that somebody signed now."""
    now_s = time.time()
    values = {"id": new_id(now_s), "time_s": now_s, "site": engine.site.id, "mode": "test"} | told
    signed = Paper(verb=verb, by=by, **values)
    return signed.id, signed_paper(signed, unlock(by, WORDS))


def next_offer(desk: Desk) -> Offer:
    latest_s = time.monotonic() + 5.0
    while not (offers := desk.taken()):
        assert time.monotonic() < latest_s
        time.sleep(0.02)
    (offer,) = offers
    return offer


def test_two_people_take_back_the_warning_of_a_tracked_projectile_and_the_record_names_them(engine, tmp_path):
    (alert,) = engine.policy.open_alerts()
    attack = alert.alert.removesuffix("-aim")
    book = engine.books[attack] = AttackBook(attack, engine.site)
    notes: list[str] = []
    desk = Desk(tmp_path / "requests", engine.site, notes.append)
    desk.start()
    request, asked = paper(engine, "cancel", "amal", target=alert.alert)
    (desk.folder / f"{request}.json").write_bytes(asked)
    outcome, words, command = decide(next_offer(desk), engine, NOW_S + 1.0)
    assert (outcome, command) == (WAITS, None)
    assert words.endswith("a projectile of this warning is still tracked")
    assert [still.alert for still in engine.policy.open_alerts()] == [alert.alert]
    told = {"id": request, "request_sha256": verified(asked).sha256}
    (desk.folder / f"{request}.release.json").write_bytes(paper(engine, "release", "omar", **told)[1])
    outcome, words, command = decide(next_offer(desk), engine, NOW_S + 2.0)
    assert (outcome, words) == (DONE, "cancel by amal, released by omar")
    (event,) = engine.step(input_of(command, engine.site))
    desk.answer(request, outcome, words)
    desk.stop()
    assert notes == [f"request {request}: done: cancel by amal, released by omar"]
    assert (event.action, event.time) == ("cancel", iso_time(NOW_S + 2.0))
    assert (event.manual.by, event.manual.released_by, event.manual.request) == ("amal", "omar", request)
    assert engine.policy.open_alerts() == ()
    kept = json.loads(incident_json(book.close([], simulated=False)))["alerts"][-1]
    assert kept["manual"] == {
        "request": request, "by": "amal", "released_by": "omar", "until": iso_time(NOW_S + 2.0),
    }  # fmt: skip


@pytest.mark.parametrize(("status", "outcome"), [(CONFIRMED, WAITS), (COASTING, WAITS), (ENDED, DONE)])
def test_one_person_suffices_only_where_nothing_of_it_is_tracked_any_more(engine, status, outcome):
    seen(engine, status)
    (alert,) = engine.policy.open_alerts()
    _, asked = paper(engine, "cancel", "amal", target=alert.alert)
    assert decide(Offer(verified(asked)), engine, NOW_S + 1.0)[0] == outcome
