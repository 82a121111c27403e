"""How well radars are aligned by air traffic, and what that does to a salvo's forecast. All simulated."""

import copy
import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.airways import airways_csv, recorded_csv
from rampart.config import read_scenario
from rampart.domain.scan import Scan
from rampart.domain.site import Site
from rampart.engine import Engine
from rampart.evaluate.record import RunRecord, seen_of
from rampart.evaluate.score import score
from rampart.runner import packaged_scenario
from rampart.sense.common import AZIMUTH_ERROR, CLOCK_ERROR, RANGE_ERROR
from rampart.sense.registration import Registration
from rampart.simulate.scenario import RadarTruth, Scenario, Traffic
from rampart.simulate.sensor import observe
from rampart.simulate.truth import Truth, fly_scenario

TITLE = "Two radars aligned by air traffic (simulated): 0.1°, 20 m and 60 ms between them, ten minutes"

LEARN_S = 600.0
SALVO_S = 60.0
SEEDS = (1, 2, 3)
SALVOS = 6
JUDGED_S = (5, 10, 15)
ERRORS = (
    RadarTruth("karkh", -10.0, math.radians(-0.05), 0.0, -0.03),
    RadarTruth("rusafa", 10.0, math.radians(0.05), 0.0, 0.03),
)
"""What is put in: half of the difference each."""
ONE_SIDED = (RadarTruth("karkh"), RadarTruth("rusafa", 20.0, math.radians(0.1), 0.0, 0.06))
NO_ERRORS = (RadarTruth("karkh"), RadarTruth("rusafa"))


class Unlearnt(Registration):
    """Learns nothing, for comparison."""

    def step(self, tracks, now_s):
        """Learn nothing."""


@dataclass(frozen=True)
class Left:
    """What is left after learning: the greatest of both radars' range (m) and azimuth (degrees) errors, and of the
    offset between their clocks (ms)."""

    range_m: float
    azimuth_deg: float
    clock_ms: float


def left_of(registration: Registration, errors: tuple[RadarTruth, ...]) -> Left:
    """Return what is left of the errors that were put in."""
    true = np.array(
        [[e.range_bias_m, e.azimuth_bias_rad, e.elevation_bias_rad, e.clock_offset_s] for e in errors]
    )
    off = registration.errors - true
    return Left(
        float(np.abs(off[:, RANGE_ERROR]).max()),
        math.degrees(np.abs(off[:, AZIMUTH_ERROR]).max()),
        1e3 * abs(float(off[1, CLOCK_ERROR] - off[0, CLOCK_ERROR])),
    )


def learn(engine: Engine, scenario: Scenario, seed: int) -> None:
    """Let an engine watch the scenario's traffic."""
    for look in observe(
        Truth((), engine.site.world), scenario, engine.site, np.random.default_rng([seed, 1])
    ):
        engine.step(Scan(look.time_s, look.plots, (look.radar,)))


def salvo_rms_m(engine: Engine, scenario: Scenario, seed: int) -> dict[int, tuple[float, float, int]]:
    """Return (RMS error in m, share in the 90 % ellipse, forecasts) of one salvo's forecasts by seconds of track."""
    engine = copy.deepcopy(engine)
    truth = fly_scenario(scenario, engine.site, np.random.default_rng([seed, 2]))
    looks = list(observe(truth, scenario, engine.site, np.random.default_rng([seed, 3])))
    events = [event for look in looks for event in engine.step(Scan(look.time_s, look.plots, (look.radar,)))]
    seen = seen_of(looks, len(truth.projectiles))
    marks = score(RunRecord(events, engine.incident([]), engine.site, truth, seen))
    return {row["tracked_s"]: (row["rmse_m"], row["coverage_90"], row["n"]) for row in marks["impact"]}


def scenarios(
    folder: Path, errors: tuple[RadarTruth, ...], seed: int, recorded: bool
) -> tuple[Site, Scenario, Scenario] | None:
    """Return the site, ten minutes of traffic, and the packaged salvo after them; None without the recording."""
    packaged, site = read_scenario(packaged_scenario("baghdad-2020-11-17"))
    whole_s, rng = LEARN_S + SALVO_S, np.random.default_rng([seed, 0])
    text = (
        recorded_csv(site, packaged.start_s, whole_s)
        if recorded
        else airways_csv(site, packaged.start_s, whole_s, rng)
    )
    if text is None:
        return None
    path = folder / f"traffic-{seed}-{recorded}.csv"
    path.write_text(text)
    night = replace(
        packaged, launches=(), traffic=(Traffic(str(path)),), radar_truth=errors, duration_s=LEARN_S
    )
    salvo = replace(night, start_s=packaged.start_s + LEARN_S, launches=packaged.launches, duration_s=SALVO_S)
    return site, night, salvo


def measure() -> list[dict]:
    """Return rows: what is left of the errors for each kind of traffic, and the forecasts of salvos thereafter."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name, errors, recorded in (
            ("airways, half on each radar", ERRORS, False),
            ("airways, all on one radar", ONE_SIDED, False),
            ("recorded over Zurich, half on each", ERRORS, True),
        ):
            engines = _learnt(Path(folder), errors, recorded, SEEDS if not recorded else SEEDS[:1])
            if not engines:
                rows.append({"what": name, "figure": "not measured: the recording is not here"})
                continue
            left = [left_of(engine.condition.registration, errors) for engine in engines]
            azimuth, range_, clock = (
                max(getattr(one, part) for one in left) for part in ("azimuth_deg", "range_m", "clock_ms")
            )
            figure = f"{azimuth:.4f}°, {range_:.2f} m, {clock:.1f} ms"
            rows.append({"what": f"{name}: most left, seeds: {len(left)}", "figure": figure})
        rows += _salvo_rows(Path(folder))
    return rows


def _learnt(folder: Path, errors, recorded: bool, seeds) -> list[Engine]:
    engines = []
    for seed in seeds:
        if (made := scenarios(folder, errors, seed, recorded)) is None:
            return []
        site, night, _ = made
        engines.append(Engine(site, simulated=True))
        learn(engines[-1], night, seed)
    return engines


def _salvo_rows(folder: Path) -> list[dict]:
    """Return the rows on salvos: the same salvos and noise without errors, with them, and with them learnt."""
    found: dict[str, list] = {}
    for name, errors, learns in (
        ("no errors", NO_ERRORS, True),
        ("learnt", ERRORS, True),
        ("not learnt", ERRORS, False),
    ):
        site, night, salvo = scenarios(folder, errors, SEEDS[0], False)
        engine = Engine(site, simulated=True)
        if not learns:
            engine.condition.registration = Unlearnt(site.radars)
        learn(engine, night, SEEDS[0])
        found[name] = [salvo_rms_m(engine, salvo, seed) for seed in range(SALVOS)]
    rows = []
    for tracked_s in JUDGED_S:
        rms = {name: _pooled(salvos, tracked_s) for name, salvos in found.items()}
        figures = ", ".join(
            f"{name} {rms_m:.0f} m ({inside:.0%} in the 90 % ellipse)"
            for name, (rms_m, inside) in rms.items()
        )
        ratio = rms["learnt"][0] / rms["no errors"][0]
        rows.append(
            {
                "what": f"salvo's forecast after {tracked_s} s of track, {SALVOS} salvos",
                "figure": f"{figures}; learnt / no errors {ratio:.2f}",
            }
        )
    return rows


def _pooled(salvos: list[dict], tracked_s: int) -> tuple[float, float]:
    """Return the RMS error and the share within the 90 % ellipse over all salvos."""
    own = np.array([salvo[tracked_s] for salvo in salvos if tracked_s in salvo])
    weight = own[:, 2] / own[:, 2].sum()
    return float(np.sqrt((weight * own[:, 0] ** 2).sum())), float((weight * own[:, 1]).sum())


if __name__ == "__main__":
    for row in measure():
        print(row)
