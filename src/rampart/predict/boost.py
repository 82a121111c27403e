"""Thrust: how many leading plots were made under it, and the broad area that is all there is to say while it
lasts."""

import numpy as np

from rampart.domain.scan import RANGE_RATE
from rampart.numerics.jit import kernel
from rampart.physics.drag import SHAPE_CURVES
from rampart.physics.flight import LANDED
from rampart.physics.motion import STATE_SIZE
from rampart.physics.variation import ground_with_transition
from rampart.predict.fit import CLIP_2, Fitter
from rampart.predict.landing import Landing
from rampart.predict.normal import add_sight, begin, misses, robust, solve_step
from rampart.predict.path import carry, lay_curve, look, start_transition
from rampart.predict.priors import LOG_DRAG_PRIORS, ROCKET_SHAPE
from rampart.predict.problem import BUMP, PARAMETERS, TILT, Task
from rampart.predict.sights import Radars, Sights, place_precision_each, places_each
from rampart.predict.spread import LONGEST_FLIGHT_S, add_ahead

LONGEST_BURN_S = 8.0
"""Plots later than this after the first are taken to be coasting."""
MOST_LEADING = 64
UNTESTED_S = 0.8
LEAST_THRUST_MPS2 = 15.0
COST_OF_LEAVING_OUT = 8.0
COST_WITHOUT_RATE = 5.0
"""Cost of calling one plot burning: what a coasting plot costs itself (2), and the room that unknown thrust
gives the next plot over that which radar noise gives it, ln of about 400; 20 where no range rate is
measured."""
FEWEST_COASTING = 3
"""Plots needed after burn-out before a coasting fit is believed."""


def choose_leading(
    fitter: Fitter, task: Task, last: int, parameters: np.ndarray, bias: np.ndarray
) -> tuple[int, float]:
    """Return how many of the first `last` plots were made under thrust, and by how much that is the better story
    (nats), from what `tabulate_leading` tells about `parameters (11,)` and `bias (r, 4)`.
    """
    costs, rows, missed = np.empty(last + 1), np.empty((last, 4, PARAMETERS)), np.empty((last, 4))
    best = fitter.caller(tabulate_leading)(
        parameters, bias, task, last, fitter.room, fitter.spare, rows, missed, costs
    )
    if best > 1:
        best = not_untested(best, costs, task.sights, fitter.radars)
    return best, float(costs[0] - costs[best]) if np.isfinite(costs[best]) else 0.0


@kernel
def tabulate_leading(parameters, bias, task, last, room, normal, rows, missed, out_costs):
    """Fill `out_costs (last + 1,)`: for each count of leading plots left out, the cost of that and of a coasting fit of
    the rest; return the count of the least cost, 0 where there is none.

    Linear about `parameters (11,)` and `bias (r, 4)`, so that all counts come from one flight. INF where there is no
    solution, or where the cost cannot be less than that of all sights: fewer sights cost less, so that the cost from a
    later index on bounds it from below. `rows (last, 4, 11)` and `missed (last, 4)` are room to work in.
    """
    cost = begin(parameters, bias, task, normal)
    lay_curve(task.library, parameters[TILT], parameters[BUMP], room.curve)
    state, transition = np.empty(STATE_SIZE), np.empty((STATE_SIZE, PARAMETERS))
    shares, weights = np.empty(last), np.empty(last)
    step, bias_step = np.empty(PARAMETERS), np.empty(bias.shape)
    for i in range(STATE_SIZE):
        state[i] = parameters[i]
    start_transition(transition)
    sights, time_s = task.sights, 0.0
    for k in range(sights.time_s.shape[0]):
        if sights.time_s[k] != time_s:
            carry(state, transition, sights.time_s[k] - time_s, task, room)
            time_s = sights.time_s[k]
        look(k, state, transition, task, room)
        squares, _ = misses(k, room.z, bias, sights, room.miss)
        share, weight = robust(squares, CLIP_2)
        if k < last:
            weights[k], shares[k] = weight, share
            for c in range(4):
                missed[k, c] = room.miss[c]
                for j in range(PARAMETERS):
                    rows[k, c, j] = room.rows[c, j]
        else:
            add_sight(k, weight, room.miss, room.rows, sights, normal)
            cost += share
    most, least, best, penalty = cost + shares.sum(), 0.0, 0, 0.0
    for k in range(last):
        penalty += leaving_out(k, sights)
    for k in range(last, -1, -1):
        if k < last:
            add_sight(k, weights[k], missed[k], rows[k], sights, normal)
            cost += shares[k]
            penalty -= leaving_out(k, sights)
        out_costs[k] = np.inf
        if k == 0 or penalty + least <= most:
            promised, _, good = solve_step(normal, 0.0, room, step, bias_step)
            if good:
                least = cost - promised
                out_costs[k] = least + penalty
    for k in range(1, last + 1):
        best = k if out_costs[k] < out_costs[best] else best
    return best


@kernel
def leaving_out(k, sights):
    """Return the cost of calling sight `k` burning."""
    return COST_OF_LEAVING_OUT if sights.precision[k, RANGE_RATE] > 0.0 else COST_WITHOUT_RATE


def not_untested(best: int, costs: np.ndarray, sights: Sights, radars: Radars) -> int:
    """Return how many leading plots to leave out where the least of `costs (last + 1,)` is at `best` of them.

    Plots over more than UNTESTED_S are left out only where their places gather speed: what flies under power all the
    way is no coast with a burnt beginning.
    """
    if sights.time_s[best - 1] - sights.time_s[0] <= UNTESTED_S:
        return best
    leading = Sights(*(column[: best + 1] for column in sights))
    places = places_each(leading, radars)
    if gathers_speed(leading.time_s, places, place_precision_each(leading, places, radars)):
        return best
    short = int(np.searchsorted(sights.time_s, sights.time_s[0] + UNTESTED_S, side="right"))
    return int(np.argmin(costs[: short + 1]))


def gathers_speed(time_s: np.ndarray, places_enu_m: np.ndarray, precision: np.ndarray) -> bool:
    """Return whether places (n, 3) at times (n,) speed up along their way, by more than noise may."""
    known = precision > 0.0
    if np.count_nonzero(known) < 3:
        return False
    since_s, places, weight = time_s[known] - time_s[0], places_enu_m[known], np.sqrt(precision[known])
    way = places[-1] - places[0]
    along = (places - places[0]) @ (way / max(float(np.linalg.norm(way)), 1.0))
    design = np.stack([np.ones(len(since_s)), since_s, 0.5 * since_s**2], axis=1) * weight[:, None]
    information = design.T @ design
    if np.linalg.cond(information) > 1e12:
        return False
    gain_mps2 = np.linalg.solve(information, design.T @ (along * weight))[2]
    spread = np.sqrt(np.linalg.inv(information)[2, 2])
    return bool(gain_mps2 > max(LEAST_THRUST_MPS2, 2.0 * spread))


SPEED_TO_COME_MPS = np.array([0.0, 130.0, 280.0, 450.0])
SPEED_TO_COME_WEIGHT = np.array([0.3, 0.3, 0.25, 0.15])
SPEED_TO_COME_SIGMA_MPS = 70.0
"""What an unknown motor may still add, as a mixture."""
BURNING_VELOCITY_SIGMA_MPS = 30.0
"""How far a coasting filter's velocity may be off while thrust lasts."""


def burning_landings(
    mean_enu: np.ndarray, cov_enu: np.ndarray, site, step_s: float
) -> tuple[np.ndarray, list[Landing]]:
    """Return weights and landings of a projectile still under thrust: a filter's `mean_enu (7,)` and
    `cov_enu (7, 7)`, and every speed that may still come."""
    speed = max(float(np.linalg.norm(mean_enu[3:6])), 1.0)
    ahead = mean_enu[3:6] / speed
    covariance = cov_enu[:6, :6] + np.diag([0.0] * 3 + [BURNING_VELOCITY_SIGMA_MPS**2] * 3)
    covariance[3:, 3:] += SPEED_TO_COME_SIGMA_MPS**2 * np.outer(ahead, ahead)
    landings = []
    for more_mps in SPEED_TO_COME_MPS:
        kinematics = np.concatenate([mean_enu[:3], mean_enu[3:6] + more_mps * ahead])
        landings.append(coast(kinematics, covariance, ROCKET_SHAPE, site, step_s))
    return SPEED_TO_COME_WEIGHT, landings


def coast(kinematics_enu: np.ndarray, covariance: np.ndarray, shape: int, site, step_s: float) -> Landing:
    """Return where `kinematics_enu (6,)` with `covariance (6, 6)` comes down, its drag that of the prior."""
    log_drag, log_drag_sigma = LOG_DRAG_PRIORS[shape]
    state = np.concatenate([kinematics_enu, [log_drag, 0.0, 0.0]])
    landed, rows = np.empty(STATE_SIZE), np.zeros((3, STATE_SIZE))
    time_s, status = ground_with_transition(
        state, site.world, SHAPE_CURVES[shape], site.terrain, step_s, LONGEST_FLIGHT_S, landed, rows
    )
    full = np.zeros((STATE_SIZE, STATE_SIZE))
    full[:6, :6] = covariance
    full[6, 6] = log_drag_sigma**2
    full[7, 7] = full[8, 8] = site.wind_sigma_mps**2
    spread = rows @ full @ rows.T
    if status == LANDED:
        add_ahead(rows, site.wind_sigma_mps, spread)
    return Landing(int(status), landed[:2].copy(), float(time_s), 0.5 * (spread + spread.T))
