"""What holds for the policy whatever happens: random sequences held against a naive model."""

import math
import os

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from rampart.warn.policy import REVISE_EVERY_S, SLIGHT_FACTOR, SPARE_S, Policy
from tests.warn.places import make_box, make_forecast, make_site

ZONES = tuple(make_box(name, 3000 * i, 0, 500) for i, name in enumerate("abc"))
chances = st.sampled_from([0.0, 0.0, 0.001, 0.01, 0.02, 0.0299, 0.03, 0.05, 0.3, 0.99, 1.0])
SEQUENCES = int(os.environ.get("RAMPART_SEQUENCES", "300"))
SHELTER_S = ZONES[0].shelter_s
rows = st.lists(chances, min_size=3, max_size=3)


class Sequences(RuleBasedStateMachine):
    """Projectiles come, change, end and are cancelled; time passes in steps of any size."""

    @initialize(
        clear_after_s=st.sampled_from([0.0, 10.0, 60.0]), attack_gap_s=st.sampled_from([5.0, 60.0, 300.0])
    )
    def begin(self, clear_after_s, attack_gap_s):
        self.site = make_site(ZONES, clear_after_s=clear_after_s, attack_gap_s=attack_gap_s)
        self.policy = Policy(self.site)
        self.now_s, self.tracks = 1000.0, {}
        self.open, self.raised, self.last_s = {}, {}, {}
        self.cancelled, self.reached_s = set(), {}

    def hear(self, track, row, in_s, fate=0.0, gone=()):
        known = self.tracks.setdefault(track, {"first_s": self.now_s - 2.0})
        known |= {"row": np.array(row), "at_s": self.now_s + in_s, "ended": fate > 0.0}
        forecast = make_forecast(
            track, time_s=self.now_s, impact_at_s=known["at_s"], last_plot_s=self.now_s,
            first_plot_s=known["first_s"], fate=np.array([fate, 0.0, 0.0, 0.0]),
        )  # fmt: skip
        self.judge(self.policy.step(self.now_s, [forecast], known["row"][None], gone))

    @rule(row=rows, in_s=st.floats(0.0, 90.0))
    def appear(self, row, in_s):
        self.hear(len(self.tracks), row, in_s)

    @precondition(lambda self: self.tracks)
    @rule(draw=st.data(), row=rows, in_s=st.floats(0.0, 90.0), fate=st.sampled_from([0.0, 0.0, 1.0]))
    def change(self, draw, row, in_s, fate):
        alive = [track for track, known in self.tracks.items() if not known["ended"]]
        if alive:
            self.hear(draw.draw(st.sampled_from(alive)), row, in_s, fate)

    @rule(seconds=st.sampled_from([0.25, 0.25, 1.0, 5.0, 31.0, 400.0]))
    def wait(self, seconds):
        self.now_s += seconds
        self.judge(self.policy.tick(self.now_s))

    @precondition(lambda self: self.open)
    @rule(draw=st.data())
    def cancel(self, draw):
        alert = draw.draw(st.sampled_from(sorted(self.open)))
        self.cancelled |= {(track, self.open[alert]) for track in self.tracks}
        self.judge(self.policy.cancel(self.now_s, alert), cancelled=alert)

    def judge(self, alerts, cancelled=None):
        for alert in alerts:
            assert alert.time_s == self.now_s
            assert 0.0 <= alert.probability <= 1.0
            if alert.action == "raise":
                assert alert.alert not in self.open
                assert alert.probability >= self.site.warning.raise_probability
                assert alert.impact_time_s >= self.now_s
                assert alert.tracks
                self.open[alert.alert] = alert.zone
            elif alert.action == "revise":
                assert alert.alert in self.open
                assert self.now_s - self.last_s[alert.alert] >= REVISE_EVERY_S
            else:
                assert math.isnan(alert.impact_time_s)
                assert (alert.action == "cancel") == (alert.alert == cancelled)
                del self.open[alert.alert]
                if alert.action == "clear":
                    self.nothing_is_expected(alert)
            self.last_s[alert.alert] = self.now_s
            attack = alert.alert.removesuffix(f"-{alert.zone}")
            assert self.raised.setdefault((attack, alert.zone), alert.alert) == alert.alert

    def nothing_is_expected(self, alert):
        for track in alert.tracks:
            known = self.tracks[track]
            if known["row"]["abc".index(alert.zone)] >= self.site.warning.raise_probability:
                assert self.now_s >= known["at_s"] + self.site.warning.clear_after_s
        for track, known in self.tracks.items():
            mine = self.policy.attack_of(track) == alert.alert.removesuffix(f"-{alert.zone}")
            danger = known["row"]["abc".index(alert.zone)] >= self.site.warning.raise_probability
            if mine and danger and (track, alert.zone) not in self.cancelled:
                assert self.now_s > known["at_s"], "no clear while a projectile is still expected"

    @invariant()
    def whoever_is_in_danger_is_warned(self):
        if not hasattr(self, "policy"):
            return
        open_zones = {(a.alert.removesuffix(f"-{a.zone}"), a.zone) for a in self.policy.open_alerts()}
        assert {a.alert for a in self.policy.open_alerts()} == set(self.open)
        self.reached_s = {k: at_s for k, at_s in self.reached_s.items() if k[0] in self.policy.open_attacks}
        for attack in self.policy.open_attacks:
            for column, zone in enumerate("abc"):
                flying = []
                for track, known in self.tracks.items():
                    expected = self.now_s <= known["at_s"] and (track, zone) not in self.cancelled
                    if expected and self.policy.attack_of(track) == attack:
                        flying.append((known["row"][column], known["at_s"]))
                safe = math.prod(1.0 - p for p, _ in flying)
                if 1.0 - safe < self.site.warning.raise_probability * (1 + 1e-12):
                    self.reached_s.pop((attack, zone), None)
                    continue
                waited_s = self.now_s - self.reached_s.setdefault((attack, zone), self.now_s)
                sure = 1.0 - safe >= SLIGHT_FACTOR * self.site.warning.raise_probability * (1 + 1e-12)
                counted = [
                    fly for fly in flying if fly[0] >= 0.5 * self.site.warning.raise_probability
                ] or flying
                soonest_s = min(at_s for _, at_s in counted)
                in_time = waited_s < 1.0 and soonest_s >= self.now_s + SHELTER_S + SPARE_S
                assert (attack, zone) in open_zones or (in_time and not sure)

    def teardown(self):
        if hasattr(self, "policy"):
            for _ in range(3):
                self.now_s += 1000.0
                self.judge(self.policy.tick(self.now_s))
            assert self.open == {}, "no alert without an end"
            assert self.policy.attack_id is None


TestSequences = Sequences.TestCase
TestSequences.settings = settings(max_examples=SEQUENCES, stateful_step_count=25, deadline=None)
