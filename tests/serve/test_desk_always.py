"""What two people must do is never done by one: random requests while a rocket flies, at the real desk and engine."""

import itertools
import os
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from rampart.domain.event import AlertEvent
from rampart.domain.scan import Command, Scan, Tick
from rampart.engine import Engine
from rampart.feed import input_of
from rampart.serve.desk import Desk, decide
from rampart.serve.operators import Paper, add_operator, signed_paper, unlock, verified
from rampart.simulate.sensor import observe
from rampart.simulate.truth import fly_scenario
from tests.simulate.test_truth import launch, scenario
from tests.sites import make_site, square_zone

WORDS = "a long passphrase"
PEOPLE = ("amal", "omar")
SEQUENCES = int(os.environ.get("RAMPART_SEQUENCES", "25"))
SITE = make_site(zones=(square_zone("aim", 33.305, 44.400), square_zone("far", 33.5, 44.2)))
people = st.sampled_from(PEOPLE)


class Desks(RuleBasedStateMachine):
    """One rocket flies, is warned of and comes down; people ask, release and cancel what stands, rightly or not."""

    keys, scans = {}, []

    @initialize(in_the_air=st.sampled_from([True, True, False]))
    def begin(self, in_the_air):
        self.folder = tempfile.TemporaryDirectory()
        self.notes = []
        self.desk = Desk(Path(self.folder.name), SITE, self.notes.append)
        self.engine, self.coming = Engine(SITE), iter(self.scans)
        self.count = itertools.count()
        self.papers, self.releases = {}, {}
        self.open, self.kept_up, self.ended = {}, {}, set()
        while not self.open and in_the_air:
            self.fly(1)
        self.engine.step(Tick(max(self.engine.time_s, self.scans[0].time_s)))

    @rule(scans=st.sampled_from([1, 5, 5, 30, 400]))
    def fly(self, scans):
        for scan in itertools.islice(self.coming, scans):
            self.judge(self.engine.step(scan))

    @rule(seconds=st.sampled_from([0.25, 5.0, 61.0]))
    def wait(self, seconds):
        end_s = self.engine.time_s + seconds
        while self.engine.time_s < end_s:
            self.judge(self.engine.step(Tick(self.engine.time_s + 0.25)))

    @rule(by=people, zones=st.sampled_from([("aim",), ("far",), ("aim", "far"), ("far", "far"), ()]))
    def ask_for_alert(self, by, zones):
        self.ask("raise", by, zones=zones, every_zone=not zones, duration_s=60.0)

    @precondition(lambda self: self.open or self.papers)
    @rule(by=people, draw=st.data(), named=st.sampled_from(["alert", "alert", "alert", "zone", "request"]))
    def ask_for_cancel(self, by, draw, named):
        targets = {"alert": sorted(self.open), "zone": ["aim", "far"], "request": sorted(self.papers)}[named]
        if targets:
            self.ask("cancel", by, target=draw.draw(st.sampled_from(targets)))

    @precondition(lambda self: self.papers)
    @rule(draw=st.data(), by=people, signer=people, of_another=st.booleans())
    def release(self, draw, by, signer, of_another):
        request = draw.draw(st.sampled_from(sorted(self.papers)))
        meant = draw.draw(st.sampled_from(sorted(self.papers))) if of_another else request
        paper = Paper(request, "release", by, time.time(), SITE.id, SITE.mode,
                      request_sha256=self.papers[meant][1])  # fmt: skip
        if by == signer and meant == request:
            self.releases.setdefault(request, set()).add(by)
        self.lay(f"{request}.release", signed_paper(paper, self.keys[signer]))

    def ask(self, verb, by, **wishes):
        request = f"20201117T170500Z-{next(self.count):08x}"
        paper = Paper(request, verb, by, time.time(), SITE.id, SITE.mode, **wishes)
        content = signed_paper(paper, self.keys[by])
        self.papers[request] = (paper, verified(content).sha256)
        self.lay(request, content)

    def lay(self, name, content):
        """Put a file before the desk; do what it and the rule allow, as the live run does."""
        (self.desk.folder / f"{name}.json").write_bytes(content)
        self.desk._look()
        for offer in self.desk.taken():
            outcome, words, command = decide(offer, self.engine, self.engine.time_s)
            tracked = {int(t) for t in self.engine.tracks.id[np.asarray(self.engine.tracks.is_live(), bool)]}
            self.desk.answer(offer.request.paper.id, outcome, words)
            if command is not None:
                self.judge(self.engine.step(input_of(command, SITE)), offer.request.paper, tracked)
        self.desk._write_answers()

    def judge(self, events, paper=None, tracked=frozenset()):
        for event in (event for event in events if isinstance(event, AlertEvent)):
            if paper is not None:
                self.done_by_the_right_people(event, paper, tracked)
            if event.action == "raise":
                assert event.alert not in self.open
                self.kept_up[event.alert] = set()
            if event.action in ("clear", "cancel"):
                assert event.action == "clear" or paper is not None, "nobody asked for it"
                del self.open[event.alert]
                self.ended.add(event.alert)
            else:
                self.open[event.alert] = event
            self.kept_up[event.alert] |= set(event.tracks)

    def done_by_the_right_people(self, event, paper, tracked):
        asked, _ = self.papers[event.manual.request if event.action == "raise" else paper.id]
        assert event.manual.by == asked.by
        zones = set(asked.zones) or {"aim", "far"}
        automatic = "-manual-" not in event.alert
        if (asked.verb == "raise" and len(zones) > 1) or (automatic and self.kept_up[event.alert] & tracked):
            assert event.manual.released_by in self.releases[asked.id] - {asked.by}

    def teardown(self):
        if not hasattr(self, "engine"):
            return
        self.fly(10_000)
        self.engine.step(Command(self.engine.time_s, "end"))
        for _ in range(60):
            self.wait(5.0)
            if not self.open:
                break
        assert not self.open, "every alert ends"
        self.folder.cleanup()


@pytest.fixture(scope="module", autouse=True)
def keys(tmp_path_factory):
    """Operators' keys, unlocked once; the looks at one rocket."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAMPART_KEYS", str(tmp_path_factory.mktemp("keys")))
        for name in PEOPLE:
            add_operator(name, WORDS)
            Desks.keys[name] = unlock(name, WORDS)
        night = scenario(launch("rocket-122mm", 11.0), duration_s=45.0)
        truth = fly_scenario(night, SITE, np.random.default_rng(1))
        looks = observe(truth, night, SITE, np.random.default_rng(2))
        Desks.scans = [Scan(look.time_s, look.plots, (look.radar,)) for look in looks]
        yield


TestDesks = Desks.TestCase
TestDesks.settings = settings(max_examples=SEQUENCES, stateful_step_count=14, deadline=None)
