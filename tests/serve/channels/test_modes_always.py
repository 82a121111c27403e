"""An exercise never reaches a live channel: random decisions in runs whose mode changes at random."""

import os
import time
from dataclasses import replace

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from rampart.channelkeys import WebhookKeys
from rampart.domain.alert import Manual
from rampart.publish import Publisher
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.worker import Worker
from rampart.warn.manual import ManualAlerts
from rampart.warn.policy import Policy
from tests.serve.channels.channel import ListChannel
from tests.warn.test_policy_always import Sequences

MODES = ("live", "exercise", "test")
SEQUENCES = int(os.environ.get("RAMPART_SEQUENCES", "40"))
modes = st.sampled_from(MODES)


class QuickChannel(ListChannel):
    """One that is handed decisions at once too, as a siren's is."""

    def at_once(self, notice):
        self.delivered.append(notice)


class Modes(Sequences):
    """The policy's sequences and warnings by hand, told to channels of all modes; the mode changes now and then."""

    @initialize(
        clear_after_s=st.sampled_from([0.0, 60.0]), attack_gap_s=st.sampled_from([5.0, 300.0]), mode=modes
    )
    def begin(self, clear_after_s, attack_gap_s, mode):
        super().begin(clear_after_s, attack_gap_s)
        self.channels = [
            kind(f"{kind.__name__} {m}", m) for m in MODES for kind in (ListChannel, QuickChannel)
        ]
        self.said, self.requests, self.expected, self.faults = [], 0, dict.fromkeys(MODES, 0), []
        self.enter(mode)

    def enter(self, mode):
        """Begin a run of a mode, with every channel there is; what stood in the run before is handed to it too."""
        self.site = replace(self.site, mode=mode)
        self.policy, self.manual = Policy(self.site), ManualAlerts(self.site.id, mode)
        self.publisher = Publisher(self.site)
        self.tracks, self.open, self.raised, self.last_s = {}, {}, {}, {}
        self.cancelled, self.reached_s = set(), {}
        # a new run's attacks are later ones
        self.now_s += 1000.0
        keys = [
            (channel, WebhookKeys(mode=channel.mode, url="http://127.0.0.1:9")) for channel in self.channels
        ]
        self.exchange = Exchange(keys, self.site, False, lambda text: None, self.faults.append)
        # whoever hands it over: workers of all channels, as if somebody had joined them to this run
        self.joined = [
            Worker(channel, key, self.exchange.beat_now, lambda text: None, lambda *_: None)
            for channel, key in keys
        ]
        for event in self.said:
            assert (self.exchange.announce(event, time.time()) is None) == (event.mode != mode)
            self.expected[mode] += event.mode == mode
        self.said = []

    @rule(mode=modes)
    def change_mode(self, mode):
        self.deliver()
        self.enter(mode)

    @rule(zones=st.sampled_from([("a",), ("a", "b", "c")]), seconds=st.sampled_from([1.0, 60.0]))
    def raise_by_hand(self, zones, seconds):
        self.requests += 1
        manual = Manual(f"r{self.requests}", "amal", "omar", self.now_s + seconds)
        self.tell(self.manual.raise_in(self.now_s, zones, manual))

    @precondition(lambda self: self.manual.standing)
    @rule(draw=st.data())
    def cancel_by_hand(self, draw):
        target = draw.draw(st.sampled_from(sorted(self.manual.standing)))
        self.tell(self.manual.cancel(self.now_s, target, Manual("c", "amal", "omar", self.now_s)))

    def judge(self, alerts, cancelled=None):
        super().judge(alerts, cancelled)
        self.tell(alerts)
        self.tell(self.manual.tick(self.now_s))

    def tell(self, alerts):
        for alert in alerts:
            event = self.publisher.alert(alert)
            self.said.append(event)
            notice = self.exchange.announce(event, time.time())
            assert notice is not None
            self.expected[self.site.mode] += 1
            for worker in self.joined:
                worker.hand_over(notice)

    def deliver(self):
        """Let the workers deliver what waits, here and now."""
        for worker in [*self.exchange.workers, *self.joined]:
            worker.stop(10.0)
            worker.run()

    @invariant()
    def no_channel_has_heard_of_another_mode(self):
        for channel in getattr(self, "channels", ()):
            assert all(notice.event.mode == channel.mode for notice in channel.delivered)

    def teardown(self):
        if hasattr(self, "channels"):
            super().teardown()
            assert not self.manual.standing, "no alert without an end"
            self.deliver()
            self.no_channel_has_heard_of_another_mode()
            for channel in self.channels:
                at_once = isinstance(channel, QuickChannel)
                assert len(channel.delivered) >= at_once * self.expected[channel.mode]
                # what is old news by the time it is delivered is left out
                assert self.expected[channel.mode] or not channel.delivered


TestModes = Modes.TestCase
TestModes.settings = settings(max_examples=SEQUENCES, stateful_step_count=20, deadline=None)
