"""What the campaign's records say: ratios to the bound with their spread, coverage, reliability of probabilities."""

from itertools import pairwise

import numpy as np

from benchmarks.shots import PRIOR
from rampart.predict.priors import NO_CLASS

REGIONS = (0.5, 0.9, 0.95)
BOOTSTRAPS, SEED = 200, 3
SURE, FEWEST, NAMED_AFTER_S = 0.9, 20, 10.0
BINS = (0.0, 0.01, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.0)


def accuracy_rows(truth: str, rate: bool, records: np.ndarray, after_s) -> list[dict]:
    """Return a row for each time and estimator: the fit of the right shape where there is one, the mixture."""
    rows = []
    for who in ("right shape", "mixture") if records["right"].any() else ("mixture",):
        for k, time_s in enumerate(after_s):
            own = records[records["after"] == k]
            if who == "right shape":
                own = own[own["right"]]
                miss_2, nees, inside = (
                    own["right_m2"],
                    own["right_nees"],
                    1.0 - np.exp(-0.5 * own["right_nees"]),
                )
                least_2 = own["bound_m2"]
            else:
                miss_2, nees, inside, least_2 = own["mix_m2"], own["mix_nees"], own["denser"], own["least_m2"]
            good = np.isfinite(miss_2) & np.isfinite(own["bound_m2"])
            if good.sum() >= FEWEST:
                if truth != PRIOR:  # then that posterior is not exact
                    least_2 = np.full(len(miss_2), np.nan)
                row = {
                    "truth": truth,
                    "Doppler": "yes" if rate else "no",
                    "estimate": who,
                    "after s": f"{time_s:g}",
                }
                columns = (miss_2, own["bound_m2"], least_2, nees, inside)
                rows.append(row | _accuracy(*(column[good] for column in columns)))
    return rows


def _accuracy(miss_2, bound_2, least_2, nees, inside) -> dict:
    """Return the columns of one row; `least_2`: the least mean square of any method that is not told the shape."""
    row = {
        "flights": len(miss_2), "RMS m": f"{np.sqrt(miss_2.mean()):.1f}", "bound m": f"{np.sqrt(bound_2.mean()):.1f}",
        "RMS / bound": _ratio(miss_2, bound_2), "each over its bound": _ratio(miss_2 / bound_2, np.ones(len(miss_2))),
        "RMS / exact mixture's": _ratio(miss_2, least_2) if np.isfinite(least_2).all() else "",
    }  # fmt: skip
    for region in REGIONS:
        row[f"in {100 * region:g} %"] = _share(inside < region)
    row["NEES"] = f"{nees.mean():.2f} ± {nees.std() / np.sqrt(len(nees)):.2f}"
    return row


def _ratio(miss_2: np.ndarray, bound_2: np.ndarray) -> str:
    """Return the root of the ratio of means with its spread by bootstrap over flights."""
    rng = np.random.default_rng(SEED)
    drawn = rng.integers(len(miss_2), size=(BOOTSTRAPS, len(miss_2)))
    again = np.sqrt(miss_2[drawn].mean(axis=1) / bound_2[drawn].mean(axis=1))
    return f"{np.sqrt(miss_2.mean() / bound_2.mean()):.3f} ± {again.std():.3f}"


def _share(true: np.ndarray) -> str:
    """Return a share in percent with its standard error."""
    share = np.mean(true) if len(true) else np.nan
    error = np.sqrt(max(share * (1.0 - share), 0.0) / max(len(true), 1))
    return f"{100 * share:.1f} ± {100 * error:.1f} %"


def odds_rows(truth: str, rate: bool, records: np.ndarray, after_s) -> list[dict]:
    """Return rows of calibration: zones by their stated probability, classes by theirs."""
    words = f"{truth}, {'Doppler' if rate else 'no Doppler'}"
    rows = []
    stated, hit = records["zone_p"].ravel(), records["zone_hit"].ravel()
    for low, high in pairwise(BINS):
        own = (stated >= low) & ((stated < high) | (high == 1.0))
        if own.sum() >= 50:
            rows.append(
                _odds(
                    words,
                    f"zone stated {100 * low:g}-{100 * high:g} %",
                    own.sum(),
                    stated[own].mean(),
                    hit[own],
                )
            )
    named = records[records["kind"] != NO_CLASS]
    at = named[named["after"] == list(after_s).index(NAMED_AFTER_S)]
    if len(at) >= FEWEST:
        most, call, apart = at["classes"].max(axis=1), at["classes"].argmax(axis=1), at["separable"]
        sure, when = most >= SURE, f"after {NAMED_AFTER_S:g} s"
        right = call[sure] == at["kind"][sure]
        rows.append(
            _odds(words, f"class {when}, of those called at 0.9", sure.sum(), most[sure].mean(), right)
        )
        rows.append(
            _odds(words, f"class {when}, called at 0.9 of a separable set", apart.sum(), np.nan, sure[apart])
        )
    most, right = named["classes"].max(axis=1), named["classes"].argmax(axis=1) == named["kind"]
    for low in (0.34, 0.5, 0.6, 0.7, 0.8, 0.9, 0.97):
        high = {0.34: 0.5, 0.9: 0.97, 0.97: 1.001}.get(low, low + 0.1)
        own = (most >= low) & (most < high)
        if own.sum() >= 50:
            rows.append(
                _odds(
                    words, f"class stated {low:g}-{min(high, 1.0):g}", own.sum(), most[own].mean(), right[own]
                )
            )
    return rows


def _odds(words, what, count, stated, true) -> dict:
    said = f"{100 * stated:.1f} %" if np.isfinite(stated) else ""
    return {
        "truth": words,
        "what": what,
        "cases": int(count),
        "stated": said,
        "came true": _share(np.asarray(true)),
    }
