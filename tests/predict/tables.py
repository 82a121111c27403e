"""Track tables by hand, of one track or a few, as the tracker would hand them over."""

import numpy as np

from rampart.domain.scan import Plots
from rampart.domain.track import CONFIRMED, ENDED, NOT_ENDED, TrackTable


def table(
    *histories: Plots, mean_enu=None, boost=0.02, ballistic=0.95, updated=True, end_reason=NOT_ENDED,
    looks_missed=0.0, now_s=None, first_id=1,
) -> TrackTable:  # fmt: skip
    """Return a table of confirmed tracks with these plots; ended where a reason is given."""
    n = len(histories)
    last_s = np.array([plots.time_s.max() for plots in histories])
    first_s = np.array([plots.time_s.min() for plots in histories])
    ended = end_reason != NOT_ENDED
    return TrackTable(
        time_s=float(last_s.max()) if now_s is None else now_s,
        id=np.arange(first_id, first_id + n),
        status=np.full(n, ENDED if ended else CONFIRMED),
        end_reason=np.full(n, end_reason),
        updated=np.full(n, updated and not ended),
        track_time_s=last_s,
        mean_enu=np.zeros((n, 7)) if mean_enu is None else np.atleast_2d(mean_enu)[:, :7].copy(),
        cov_enu=np.tile(np.diag([400.0] * 3 + [900.0] * 3 + [0.25]), (n, 1, 1)),
        motion_probability=np.tile(
            [ballistic - boost, boost, 0.6 * (1 - ballistic), 0.4 * (1 - ballistic)], (n, 1)
        ),
        first_plot_s=first_s,
        confirmed_s=first_s + 1.0,
        last_plot_s=last_s,
        looks_missed=np.full(n, float(looks_missed)),
        plots=tuple(histories),
    )


def early(plots: Plots, tracked_s: float) -> Plots:
    """Return the plots of the first `tracked_s` seconds."""
    return plots.take(plots.time_s <= plots.time_s.min() + tracked_s)
