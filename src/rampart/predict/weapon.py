"""Rocket, mortar or artillery: the shapes' evidence together with how fast and how steeply each class
flies."""

import numpy as np

from rampart.numerics.jit import kernel
from rampart.predict.priors import (
    ARTILLERY,
    CLASS_HABITS,
    CLASS_RATE,
    MORTAR,
    NO_CLASS,
    ROCKET,
    SHAPE_CLASS,
    SHAPE_WEIGHT,
)

CLASSES = (ROCKET, MORTAR, ARTILLERY)
EVIDENCE_SHARE = 0.5
"""No real projectile has one of the library's curves, so the shapes' evidence counts for less than it
says."""
CLASS_EVIDENCE_SHARE = 0.75
"""The same for the class, which asks only what the curve resembles most: between the two, stated probabilities
come true with curves of the library and with others."""
MOST_EVIDENCE = 12.0
SURPRISE = 0.03
"""Share of projectiles that fly like none of the habits: evenly over these spans."""
ROOT_TURN = np.sqrt(2.0 * np.pi)
SPEED_SPAN, STEEPNESS_SPAN_RAD = 3.0, np.pi / 2.0
BOOST_CERTAIN = 6.0
"""Nats by which a burnt beginning must be the better story before it counts as seen."""


HABIT_ROWS = 2
HABITS = np.zeros((len(CLASSES), 2, HABIT_ROWS, 3))
"""`CLASS_HABITS` of speed and steepness as (class, of what, row, (weight, mean, spread)); rows without weight are
none."""
HABITS[..., 2] = 1.0
for _kind, _habits in CLASS_HABITS.items():
    HABITS[_kind, 0, : len(_habits.log_speed)] = _habits.log_speed
    HABITS[_kind, 1, : len(_habits.steepness_rad)] = _habits.steepness_rad
BOOST_SEEN = np.array([CLASS_HABITS[k].boost_seen for k in CLASSES])


def habit_likelihoods(state_enu: np.ndarray, ground_up_m: float, boost_nats: float) -> np.ndarray:
    """Return (3,), how likely each class flies so: `state_enu (9,)` is that of the first coasting plot.

    Speed and steepness are carried back to the height of the ground by energy alone.
    """
    out = np.empty(len(CLASSES))
    weigh_habits(state_enu, float(ground_up_m), float(boost_nats), out)
    return out


@kernel
def weigh_habits(state_enu, ground_up_m, boost_nats, out_likelihood):
    """Fill `out_likelihood (3,)`: how likely speed and steepness, and a burn seen or not, are in each class."""
    fallen = 2.0 * 9.81 * max(state_enu[2] - ground_up_m, 0.0)
    across = np.sqrt(state_enu[3] ** 2 + state_enu[4] ** 2)
    rise = np.sqrt(state_enu[5] ** 2 + fallen)
    log_speed = np.log(max(np.sqrt(across**2 + rise**2), 1.0))
    steepness = np.arctan2(rise, across)
    for k in range(HABITS.shape[0]):
        likelihood = BOOST_SEEN[k] if boost_nats > BOOST_CERTAIN else 1.0 - BOOST_SEEN[k]
        for i in range(2):
            x, span = (log_speed, SPEED_SPAN) if i == 0 else (steepness, STEEPNESS_SPAN_RAD)
            bell = 0.0
            for row in range(HABIT_ROWS):
                off = (x - HABITS[k, i, row, 1]) / HABITS[k, i, row, 2]
                bell += HABITS[k, i, row, 0] * np.exp(-0.5 * off * off) / HABITS[k, i, row, 2]
            likelihood *= (1.0 - SURPRISE) * bell / ROOT_TURN + SURPRISE / span
        out_likelihood[k] = likelihood


def shape_weights(
    log_evidence: np.ndarray, habits: np.ndarray, evidence_share: float = EVIDENCE_SHARE
) -> np.ndarray:
    """Return (5,), the weight of each shape, from `log_evidence (5,)` (-inf: none) and `habits (3,)`.

    A shape that speaks for no class takes the mean of the classes' habits.
    """
    weight = np.empty(len(log_evidence))
    weigh_shapes(log_evidence, habits, evidence_share, weight)
    return weight


@kernel
def weigh_shapes(log_evidence, habits, evidence_share, out_weight):
    """Fill `out_weight (5,)`, which sums to 1: what is known beforehand where no shape weighs anything."""
    best, total = log_evidence.max(), 0.0
    mean_habit = habits.sum() / habits.shape[0]
    for k in range(log_evidence.shape[0]):
        out_weight[k] = 0.0
        if np.isfinite(log_evidence[k]):
            own = mean_habit if SHAPE_CLASS[k] == NO_CLASS else habits[SHAPE_CLASS[k]]
            behind = max(log_evidence[k] - best, -2.0 * MOST_EVIDENCE)
            out_weight[k] = SHAPE_WEIGHT[k] * own * np.exp(evidence_share * behind)
            total += out_weight[k]
    for k in range(log_evidence.shape[0]):
        out_weight[k] = out_weight[k] / total if total > 0.0 else SHAPE_WEIGHT[k]


def class_probabilities(weight: np.ndarray, habits: np.ndarray) -> np.ndarray:
    """Return (3,) over CLASS_NAMES from the shapes' weights (5,); those of no class follow the habits."""
    out = np.empty(len(CLASSES))
    weigh_classes(weight, habits, out)
    return out


@kernel
def weigh_classes(weight, habits, out_probability):
    """Fill `out_probability (3,)` as `class_probabilities` says."""
    unclaimed, total = 0.0, 0.0
    out_probability[:] = 0.0
    for shape in range(weight.shape[0]):
        if SHAPE_CLASS[shape] == NO_CLASS:
            unclaimed += weight[shape]
        else:
            out_probability[SHAPE_CLASS[shape]] += weight[shape]
    for k in range(habits.shape[0]):
        share = out_probability[k] + unclaimed * habits[k] / habits.sum()
        out_probability[k] = share * CLASS_RATE[k]
        total += out_probability[k]
    for k in range(habits.shape[0]):
        out_probability[k] /= total
