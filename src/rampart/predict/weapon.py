"""Rocket, mortar or artillery: the shapes' evidence together with how fast and how steeply each class
flies."""

import numpy as np

from rampart.predict.priors import (
    ARTILLERY,
    CLASS_HABITS,
    CLASS_RATE,
    MORTAR,
    NO_CLASS,
    ROCKET,
    SHAPE_CLASS,
    SHAPE_WEIGHT,
    ClassHabits,
)

CLASSES = (ROCKET, MORTAR, ARTILLERY)
EVIDENCE_SHARE = 0.5
"""No real projectile has one of the library's curves, so the shapes' evidence counts for less than it
says."""
MOST_EVIDENCE = 12.0
SURPRISE = 0.03
"""Share of projectiles that fly like none of the habits: evenly over these spans."""
SPEED_SPAN, STEEPNESS_SPAN_RAD = 3.0, np.pi / 2.0
BOOST_CERTAIN = 6.0
"""Nats by which a burnt beginning must be the better story before it counts as seen."""


def habit_likelihoods(state_enu: np.ndarray, ground_up_m: float, boost_nats: float) -> np.ndarray:
    """Return (3,), how likely each class flies so: `state_enu (9,)` is that of the first coasting plot.

    Speed and steepness are carried back to the height of the ground by energy alone.
    """
    fallen = 2.0 * 9.81 * max(state_enu[2] - ground_up_m, 0.0)
    across = np.hypot(state_enu[3], state_enu[4])
    rise = np.sqrt(state_enu[5] ** 2 + fallen)
    log_speed = np.log(max(np.hypot(across, rise), 1.0))
    steepness = np.arctan2(rise, across)
    return np.array([_likelihood(CLASS_HABITS[k], log_speed, steepness, boost_nats) for k in CLASSES])


def _likelihood(habits: ClassHabits, log_speed: float, steepness_rad: float, boost_nats: float) -> float:
    speed = _mixture(log_speed, habits.log_speed, SPEED_SPAN)
    steep = _mixture(steepness_rad, habits.steepness_rad, STEEPNESS_SPAN_RAD)
    return speed * steep * (habits.boost_seen if boost_nats > BOOST_CERTAIN else 1.0 - habits.boost_seen)


def _mixture(x: float, rows: np.ndarray, span: float) -> float:
    weight, mean, spread = rows.T
    bell = weight / (np.sqrt(2.0 * np.pi) * spread) * np.exp(-0.5 * ((x - mean) / spread) ** 2)
    return (1.0 - SURPRISE) * float(bell.sum()) + SURPRISE / span


def shape_weights(log_evidence: np.ndarray, habits: np.ndarray) -> np.ndarray:
    """Return (5,), the weight of each shape's component, from `log_evidence (5,)` (-inf: none) and `habits
    (3,)`.

    A shape that speaks for no class takes the mean of the classes' habits.
    """
    own = np.where(SHAPE_CLASS == NO_CLASS, habits.mean(), habits[np.maximum(SHAPE_CLASS, 0)])
    best = np.max(log_evidence)
    behind = np.maximum(log_evidence - best, -2.0 * MOST_EVIDENCE) if np.isfinite(best) else np.zeros(5)
    weight = np.where(np.isfinite(log_evidence), SHAPE_WEIGHT * own * np.exp(EVIDENCE_SHARE * behind), 0.0)
    total = weight.sum()
    return weight / total if total > 0.0 else SHAPE_WEIGHT.copy()


def class_probabilities(weight: np.ndarray, habits: np.ndarray) -> np.ndarray:
    """Return (3,) over CLASS_NAMES from the shapes' weights (5,); those of no class follow the habits."""
    out = np.zeros(len(CLASSES))
    for shape, kind in enumerate(SHAPE_CLASS):
        if kind != NO_CLASS:
            out[kind] += weight[shape]
    out += weight[SHAPE_CLASS == NO_CLASS].sum() * habits / habits.sum()
    out *= CLASS_RATE
    return out / out.sum()
