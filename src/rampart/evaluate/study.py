"""Many runs of one scenario as one set of figures, each with its 95 % confidence interval.

Shares have Wilson's interval [wilson]; everything else the percentiles of a bootstrap over whole runs [efron], of
fixed seed, because the projectiles of one run share its air and its radars' errors.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from rampart.evaluate.metrics import weighted_median

CONFIDENCE_Z = 1.959964
DRAWS, CHUNK = 2000, 100
BOOTSTRAP_SEED = 17112020
COVERAGES = ("coverage_50", "coverage_90", "coverage_95")
LIMITS = (2.5, 97.5)

Score = Mapping[str, Any]
Figure = dict[str, float | int | None]


def study_of(scores: Sequence[Score]) -> dict[str, Any]:
    """Return the figures of many score.json, in order of their seeds; the same scores give the same figures."""
    return {
        "projectiles": sum(s["projectiles"] for s in scores),
        "confirmed": share(sum(s["confirmed"] for s in scores), sum(s["projectiles"] for s in scores)),
        "false_tracks": count_figure([s["false_tracks"] for s in scores]),
        "impact": [_impact_row(scores, tracked_s) for tracked_s in _times(scores)],
        "launch": _launch(scores),
        "warning": _warning(scores),
        "gospa_m": {
            part: mean_figure([s["gospa_m"][part] for s in scores])
            for part in ("total", "localisation", "missed", "false")
        },
    }


def share(count: int, n: int) -> Figure:
    """Return a share with Wilson's interval; None of nothing. [wilson]."""
    if n == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    p, z2 = count / n, CONFIDENCE_Z**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = CONFIDENCE_Z / (1 + z2 / n) * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return {"value": _digits(p), "low": _digits(low), "high": _digits(high), "n": n}


def mean_figure(values: Sequence[float | None]) -> Figure:
    """Return the mean over the runs that have a value, with its interval."""
    known = np.array([value for value in values if value is not None], float)
    return bootstrapped(lambda weight: weight @ known / weight.sum(axis=1), len(known))


def count_figure(counts: Sequence[int]) -> Figure:
    """Return the mean number in a run; where none was ever seen, what so many runs leave possible: a Poisson law
    with a higher mean than `high` would have shown one with 97.5 %."""
    if len(counts) and not any(counts):
        return {"value": 0.0, "low": 0.0, "high": _digits(-np.log(0.025) / len(counts)), "n": len(counts)}
    return mean_figure(counts)


def bootstrapped(figure: Callable[[np.ndarray], np.ndarray], runs: int, n: int | None = None) -> Figure:
    """Return a figure with its interval: `figure` takes how often each run counts, `(draws, runs)`, and returns
    one figure a draw; NaN where a draw has none. `n` is what the figure is over, the runs where not given.
    """
    if runs == 0:
        return {"value": None, "low": None, "high": None, "n": 0}
    value = float(figure(np.ones((1, runs)))[0])
    rng = np.random.default_rng(BOOTSTRAP_SEED)
    drawn = [
        figure(rng.multinomial(runs, np.full(runs, 1.0 / runs), CHUNK).astype(float))
        for _ in range(DRAWS // CHUNK)
    ]
    spread = np.concatenate(drawn)
    low, high = (
        np.percentile(spread[np.isfinite(spread)], LIMITS) if np.any(np.isfinite(spread)) else (value,) * 2
    )
    return {
        "value": _digits(value),
        "low": _digits(low),
        "high": _digits(high),
        "n": runs if n is None else n,
    }


def _digits(value: float) -> float | None:
    """Return a figure to six significant digits: no more than any of them means."""
    return float(f"{value:.6g}") if np.isfinite(value) else None


def _times(scores: Sequence[Score]) -> list[int]:
    return sorted({row["tracked_s"] for s in scores for row in s["impact"]})


def _impact_row(scores: Sequence[Score], tracked_s: int) -> dict[str, Any]:
    """Return the errors at one time tracked: RMS, bound, how the one stands to the other, coverages."""
    rows = [row for s in scores for row in s["impact"] if row["tracked_s"] == tracked_s]
    n = np.array([row["n"] for row in rows], float)
    square = n * np.array([row["rmse_m"] for row in rows]) ** 2
    bound = n * np.array([np.nan if row["bound_m"] is None else row["bound_m"] for row in rows]) ** 2
    known = np.isfinite(bound)

    def root(over: np.ndarray, under: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        def of(weight: np.ndarray) -> np.ndarray:
            with np.errstate(invalid="ignore", divide="ignore"):
                return np.sqrt((weight @ over) / (weight @ under))

        return of

    row: dict[str, Any] = {
        "tracked_s": tracked_s,
        "n": int(n.sum()),
        "rmse_m": bootstrapped(root(square, n), len(rows), int(n.sum())),
        "bound_m": bootstrapped(root(bound[known], n[known]), int(known.sum()), int(n[known].sum())),
        "over_bound": bootstrapped(root(square[known], bound[known]), int(known.sum()), int(n[known].sum())),
    }
    for name in COVERAGES:
        row[name] = share(sum(round(own[name] * own["n"]) for own in rows), int(n.sum()))
    return row


def _launch(scores: Sequence[Score]) -> dict[str, Any]:
    """Return how often the launch areas held what they should, and how often there were as many as in truth."""
    found = [s["launch"] for s in scores if s["launch"]["sites_found"]]
    held = [round(own["coverage_90"] * own["sites_found"]) for own in found if own["coverage_90"] is not None]
    judged = [own["sites_found"] for own in found if own["coverage_90"] is not None]
    return {
        "coverage_90": share(sum(held), sum(judged)),
        "sites_right": share(sum(own["sites_found"] == own["sites_true"] for own in found), len(found)),
    }


def _warning(scores: Sequence[Score]) -> dict[str, Any]:
    """Return who was warned over all runs, and how early beside the ideal."""
    own = [s["warning"] for s in scores]
    hit = sum(w["zones_hit"] for w in own)
    return {
        "zones_hit": hit,
        "zones_warned": share(sum(w["zones_warned"] for w in own), hit),
        "zones_missed": count_figure([w["zones_missed"] for w in own]),
        "zones_needless": count_figure([w["zones_needless"] for w in own]),
        "seconds_median": _median_figure(own, "seconds"),
        "ideal_seconds_median": _median_figure(own, "ideal_seconds"),
        "share_with_time_to_shelter": mean_figure([w["share_with_time_to_shelter"] for w in own]),
        "needless_person_minutes": mean_figure([w["needless_person_minutes"] for w in own]),
        "trade_off": _trade_off([w["trade_off"] for w in own if "trade_off" in w]),
    }


def _trade_off(own: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return what each threshold that was tried missed and cost over all runs; `own` marks the site's."""
    rows = []
    for tried in zip(*own, strict=True):
        hit = sum(one["zones_hit"] for one in tried)
        seconds = [s for one in tried for s in one["seconds"]]
        rows.append(
            {
                "raise_probability": tried[0]["raise_probability"],
                "own": tried[0]["own"],
                "zones_missed": share(sum(one["zones_missed"] for one in tried), hit),
                "zones_needless": mean_figure([one["zones_needless"] for one in tried]),
                "needless_person_minutes": mean_figure([one["needless_person_minutes"] for one in tried]),
                "share_with_time_to_shelter": mean_figure(
                    [one["share_with_time_to_shelter"] for one in tried]
                ),
                "seconds_median": _digits(float(np.median(seconds))) if seconds else None,
            }
        )
    return rows


def seconds_of(scores: Sequence[Score], key: str) -> list[tuple[int, float]]:
    """Return (run, seconds) of every zone in danger; one without a warning had none."""
    return [
        (run, float(zone[key] or 0.0))
        for run, s in enumerate(scores)
        for zone in s["warning"]["zones"]
        if zone["projectiles"]
    ]


def _median_figure(own: Sequence[Mapping[str, Any]], key: str) -> Figure:
    """Return the median over all zones in danger."""
    pairs = sorted(seconds_of([{"warning": w} for w in own], key), key=lambda pair: pair[1])
    if not pairs:
        return bootstrapped(lambda weight: weight[:, 0], 0)
    run, seconds = np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])
    return bootstrapped(lambda weight: weighted_median(seconds, weight[:, run]), len(own), len(pairs))
