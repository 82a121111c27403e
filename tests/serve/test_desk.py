"""Warnings by hand: one person for a zone, two for all; what is forged, replayed, old or of one person is refused."""

import json
import time
from dataclasses import replace

import msgspec
import pytest

from rampart.counter import ask, release
from rampart.domain.event import AlertEvent
from rampart.errors import ConfigError, InputError, RequestError
from rampart.serve.cap import verify_alert
from rampart.serve.clocks import WallClock
from rampart.serve.desk import Desk
from rampart.serve.operators import Paper, add_operator, new_id, operators_folder, signed_paper, unlock
from tests.serve.running import Running
from tests.sites import make_site, square_zone

WORDS = "a long passphrase"
FIRST = "20201117T170500Z-00000001"


@pytest.fixture
def server(tmp_path, monkeypatch):
    """Return a run by the wall's clock with a desk, and operators amal and omar."""
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    for name in ("amal", "omar"):
        add_operator(name, WORDS)
    site = make_site(zones=(square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2)))
    running = Running(tmp_path / "run", replace(site, mode="test"), WallClock())
    running.live.desk = desk = Desk(running.folder / "requests", site, running.lines.append)
    desk.start()
    yield running
    if desk.is_alive():
        close(running)


def close(server) -> list[AlertEvent]:
    """End the run; its journal gives the same events again."""
    server.live.desk.stop()
    events = server.stop()
    assert server.replayed() == (server.folder / "events.jsonl").read_bytes()
    return [event for event in events if isinstance(event, AlertEvent)]


def put(server, verb: str = "raise", by: str = "amal", **changes) -> str:
    """Sign a paper as somebody and put it into the folder; return the desk's answer."""
    now_s = time.time()
    values = {"site": server.site.id, "mode": "test", "zones": ("aim",), "duration_s": 60.0, "time_s": now_s}
    paper = Paper(**({"id": new_id(now_s), "verb": verb, "by": by} | values | changes))
    return lay(server, paper.id, signed_paper(paper, unlock(by, WORDS)))


def lay(server, request: str, content: bytes) -> str:
    (server.folder / "requests" / f"{request}.json").write_bytes(content)
    answer = server.folder / "requests" / f"{request}.answer"
    latest_s = time.monotonic() + 5.0
    while not answer.exists():
        assert time.monotonic() < latest_s
        time.sleep(0.02)
    return json.loads(answer.read_text())["words"]


def test_one_person_warns_a_zone_and_takes_it_back_and_two_warn_all(server):
    assert "done: raise by amal" in ask(
        server.folder, "amal", WORDS, "raise", zones=("aim",), duration_s=60.0
    )
    said = ask(server.folder, "amal", WORDS, "raise", every_zone=True, duration_s=60.0)
    assert "waits" in said
    request = said.split()[1].rstrip(":")
    with pytest.raises(RequestError, match="a second person is wanted"):
        release(server.folder, "amal", WORDS, request)
    assert "raise by amal, released by omar" in release(server.folder, "omar", WORDS, request)
    assert "cancel by omar" in ask(server.folder, "omar", WORDS, "cancel", target=request)
    alerts = close(server)
    told = [(alert.zone, alert.action, alert.manual.by, alert.manual.released_by) for alert in alerts]
    assert told == [
        ("aim", "raise", "amal", ""),
        ("aim", "raise", "amal", "omar"),
        ("far", "raise", "amal", "omar"),
        ("aim", "cancel", "omar", ""),
        ("far", "cancel", "omar", ""),
    ]
    files = sorted((server.folder / "alerts").glob("*.xml"))
    assert len(files) == 5
    assert "Take cover now" in verify_alert(files[0])
    assert "was raised by hand" in files[0].read_text()
    assert "We apologise" in files[-1].read_text()


def test_what_is_forged_old_replayed_or_of_another_mode_is_refused(server):
    assert "signed 90 s ago" in put(server, time_s=time.time() - 90.0)
    assert "this is test-site in mode test".replace("test-site", server.site.id) in put(server, mode="live")
    assert "unknown zone: nowhere" in put(server, zones=("nowhere",))
    assert "duration" in put(server, duration_s=1e9)
    assert "no open alert" in put(server, "cancel", target="none")
    assert "no request" in put(server, "end")
    paper = Paper(
        new_id(0.0), "raise", "amal", time.time(), server.site.id, "test", ("aim",), duration_s=60.0
    )
    forged = signed_paper(paper, unlock("omar", WORDS))
    assert "the signature is not amal's" in lay(server, paper.id, forged)
    assert "is not known here" in lay(server, "strange", forged.replace(b"amal", b"nobo"))
    assert "not a signed request" in lay(server, "garbage", b"\xff\x00{")
    good = replace_id(paper, FIRST)
    assert "raise by amal" in lay(server, FIRST, good)
    assert "a copy of another request" in lay(server, "second", good)
    (server.folder / "requests" / f"{FIRST}.answer").unlink()
    server.live.desk._done.discard(FIRST)
    assert "replayed" in lay(server, FIRST, good)
    assert [alert.action for alert in close(server)] == ["raise"]


def replace_id(paper: Paper, request: str) -> bytes:
    return signed_paper(msgspec.structs.replace(paper, id=request), unlock("amal", WORDS))


def test_keys_of_operators_are_guarded(server, tmp_path):
    assert oct((operators_folder() / "amal.key").stat().st_mode & 0o777) == "0o600"
    with pytest.raises(ConfigError, match="this is not it"):
        unlock("amal", "a wrong passphrase")
    with pytest.raises(InputError, match="a name that no operator has yet"):
        add_operator("amal", WORDS)
    with pytest.raises(InputError, match="at least 8"):
        add_operator("short", "short")
    with pytest.raises(InputError, match="folder of a running"):
        ask(tmp_path, "amal", WORDS, "raise", zones=("aim",), duration_s=60.0)
