"""The desk of a live run: operators' signed requests from `DIR/requests`, verified, put to the engine, answered."""

import json
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from rampart.domain.scan import ByHandAct
from rampart.domain.site import Site
from rampart.engine import Engine
from rampart.errors import OutputError, RequestError
from rampart.feed import Entry, command_entry
from rampart.serve.operators import MOST_OCTETS, REQUEST, Verified, verified

LOOK_EVERY_S = 0.2
RELEASE_WITHIN_S = 120.0
"""A request that needs a second person is void after so long."""
FRESH_S, AHEAD_S = 60.0, 5.0
"""A paper is taken so long after it was signed, and so much before, for clocks that differ."""
LEAST_S, MOST_S = 60.0, 4 * 3600.0
DONE, REFUSED, WAITS = "done", "refused", "waits"


@dataclass(frozen=True, slots=True)
class Offer:
    """A verified request, and its release where a second operator has given one."""

    request: Verified
    release: Verified | None = None


class Desk(threading.Thread):
    """Looks into the folder and verifies; `offers` are taken by the engine's loop, which answers with `answer`.

    Files: `ID.json`, `ID.release.json`, and of the desk's own `ID.answer` and `desk.json`. Nothing is answered twice.
    """

    def __init__(self, folder: Path, site: Site, note: Callable[[str], None]):
        super().__init__(name="desk", daemon=True)
        self.folder, self._site, self._note = folder, site, note
        self._offers: deque[Offer] = deque()
        self._answers: deque[tuple[str, str, str]] = deque()
        self._pending: dict[str, Verified] = {}
        self._released: set[str] = set()
        self._ending = threading.Event()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            facts = {"site": site.id, "mode": site.mode, "zones": [zone.id for zone in site.zones]}
            _write(folder / "desk.json", json.dumps(facts, ensure_ascii=False))
        except OSError as error:
            raise OutputError(str(folder), f"a folder that can be written ({error.strerror})") from error
        self._done = {path.stem for path in folder.glob("*.answer") if not _waits(path)}

    def run(self) -> None:
        """Look until `stop`."""
        while not self._ending.wait(LOOK_EVERY_S):
            try:
                self._write_answers()
                self._look()
            except Exception as error:
                # whatever lies there: the next request is looked at
                self._note(f"desk: {type(error).__name__}: {error!a}")

    def stop(self) -> None:
        """Give the last answers."""
        self._ending.set()
        self.join()
        self._write_answers()

    def taken(self) -> list[Offer]:
        """Return the offers that wait; returns at once."""
        offers = []
        while self._offers:
            offers.append(self._offers.popleft())
        return offers

    def answer(self, request: str, outcome: str, words: str) -> None:
        """Answer a request; the desk's thread writes it."""
        self._answers.append((request, outcome, words))

    def _write_answers(self) -> None:
        while self._answers:
            request, outcome, words = self._answers.popleft()
            if outcome != WAITS:
                self._done.add(request)
                self._pending.pop(request, None)
            self._note(f"request {request}: {outcome}: {words}")
            _write(self.folder / f"{request}.answer", json.dumps({"outcome": outcome, "words": words}))

    def _look(self) -> None:
        now_s = time.time()
        names = sorted(entry.name for entry in os.scandir(self.folder) if entry.name.endswith(".json"))
        for odd in (name for name in names if not name.isprintable() and name not in self._done):
            self._done.add(odd)
            self._note(f"request {odd[:80]!a}: {REFUSED}: no id of a request")
        for name in names:
            request, is_release = name.removesuffix(".json"), name.endswith(".release.json")
            request = request.removesuffix(".release")
            new = request not in (self._released if is_release else self._pending)
            if name != "desk.json" and name.isprintable() and request not in self._done and new:
                try:
                    (self._take_release if is_release else self._take_request)(request, now_s)
                except RequestError as error:
                    self._refuse(request, is_release, str(error))
        for request, pending in list(self._pending.items()):
            if now_s - pending.paper.time_s > RELEASE_WITHIN_S:
                self.answer(request, REFUSED, f"expired: not released within {RELEASE_WITHIN_S:.0f} s")

    def _refuse(self, request: str, is_release: bool, why: str) -> None:
        """Refuse; a release that is not good leaves the request open for one that is."""
        if is_release and request in self._pending:
            self._note(f"request {request}: a release is refused: {why}")
            _write(self.folder / f"{request}.answer", json.dumps({"outcome": WAITS, "words": why}))
            (self.folder / f"{request}.release.json").unlink(missing_ok=True)
            return
        self._done.add(request)
        self.answer(request, REFUSED, why)

    def _take_request(self, request: str, now_s: float) -> None:
        paper = self._read(f"{request}.json", request, now_s)
        if paper.paper.verb not in ("raise", "cancel"):
            raise RequestError(f"no request: {paper.paper.verb[:20]!r}")
        if paper.paper.verb == "raise" and not LEAST_S <= paper.paper.duration_s <= MOST_S:
            raise RequestError(f"a duration of {LEAST_S / 60:.0f} to {MOST_S / 60:.0f} minutes is wanted")
        self._pending[request] = paper
        self._offers.append(Offer(paper))

    def _take_release(self, request: str, now_s: float) -> None:
        if request not in self._pending:
            raise RequestError("a release of a request that is not known")
        asked, release = self._pending[request], self._read(f"{request}.release.json", request, now_s)
        if release.paper.verb != "release" or release.paper.request_sha256 != asked.sha256:
            raise RequestError("the release is for another request")
        if release.paper.by == asked.paper.by or release.key == asked.key:
            raise RequestError("a second person is wanted: the one who asked cannot release")
        self._released.add(request)
        self._offers.append(Offer(asked, release))

    def _read(self, name: str, request: str, now_s: float) -> Verified:
        path = self.folder / name
        try:
            if path.is_symlink() or path.stat().st_size > MOST_OCTETS:
                raise RequestError("no plain file of a request")
            paper = verified(path.read_bytes())
        except OSError as error:
            raise RequestError(f"not readable ({error.strerror})") from error
        told = paper.paper
        if told.id != request:
            raise RequestError("a copy of another request")
        if not REQUEST.fullmatch(request):
            # it could pass for the name of something else
            raise RequestError("no id of a request")
        if (told.site, told.mode) != (self._site.id, self._site.mode):
            raise RequestError(
                f"for {told.site[:40]} in mode {told.mode[:10]}: this is {self._site.id} in mode {self._site.mode}"
            )
        if not -AHEAD_S <= now_s - told.time_s <= FRESH_S:
            raise RequestError(f"expired: signed {now_s - told.time_s:.0f} s ago")
        return paper


def decide(offer: Offer, engine: Engine, now_s: float | None) -> tuple[str, str, Entry | None]:
    """Return the outcome of an offer, in words too, and the command for the engine where it is to be done.

    One person suffices for one zone's alert and for cancelling what nobody tracks any more; else two are wanted.
    """
    paper = offer.request.paper
    zones = tuple(zone.id for zone in engine.site.zones) if paper.every_zone else paper.zones
    known = {zone.id for zone in engine.site.zones}
    if now_s is None:
        return REFUSED, "the feeds have not begun: there is no time yet", None
    if paper.id in engine.manual.requests:
        return REFUSED, "replayed: it has been acted on before", None
    if paper.verb == "raise" and (not zones or not known.issuperset(zones)):
        return REFUSED, f"unknown zone: {', '.join(sorted(set(zones) - known)) or 'none is named'}", None
    if paper.verb == "cancel" and not _stands(paper.target, engine):
        return REFUSED, f"no open alert: {paper.target[:120]}", None
    why = _second_person_for(paper.verb, zones, paper.target, engine)
    if why and offer.release is None:
        return WAITS, f"a second operator must release it within {RELEASE_WITHIN_S:.0f} s: {why}", None
    by, released_by = paper.by, offer.release.paper.by if offer.release else ""
    act = ByHandAct(paper.verb, paper.id, by, released_by, zones, paper.target, paper.duration_s)
    released = f", released by {released_by}" if released_by else ""
    entry = command_entry(now_s, "by hand", msgspec.json.encode(act).decode())
    return DONE, f"{paper.verb} by {by}{released}", entry


def _stands(target: str, engine: Engine) -> bool:
    by_hand = engine.manual.standing.values()
    requests = {alert.manual.request for alert in by_hand if alert.manual}
    return target in requests | set(engine.manual.standing) or any(
        alert.alert == target for alert in engine.policy.open_alerts()
    )


def _second_person_for(verb: str, zones: tuple[str, ...], target: str, engine: Engine) -> str:
    """Return why a second person is wanted; empty where one suffices."""
    if verb == "raise":
        return f"it is for {len(set(zones))} zones" if len(set(zones)) > 1 else ""
    live = {int(track) for track in engine.tracks.id[np.asarray(engine.tracks.is_live(), bool)]}
    # those too that endangered the zone and may do so again
    kept_up = {
        track
        for attack in engine.policy.attacks
        for warning in attack.warnings.values()
        if warning.open and warning.alert == target
        for track in warning.expected_s
    }
    return "a projectile of this warning is still tracked" if kept_up & live else ""


def _waits(path: Path) -> bool:
    try:
        return json.loads(path.read_text()).get("outcome") == WAITS
    except (OSError, ValueError, AttributeError):
        return False


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.partial")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
