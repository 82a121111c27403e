"""A salvo's births, scan by scan: what is shown never vanishes unsaid, and tracks share no plot, however tight."""

import numpy as np
import pytest

from benchmarks.followed import reference_site, scan_at
from benchmarks.rockets import salvo, scans_of
from rampart.domain.track import ENDED, TENTATIVE
from rampart.track import tentative
from rampart.track.tracker import Tracker

SCANS, FALSE_PLOTS = 40, 50.0


def follow(seed, count):
    """Yield the table of each scan of so many rockets that leave one place within 3 s."""
    rng = np.random.default_rng(seed)
    rockets = salvo(rng, count, 3.0)
    scans = scans_of(rng, rockets, SCANS, FALSE_PLOTS)
    tracker = Tracker(reference_site(false_plots=FALSE_PLOTS))
    for k, plots in enumerate(scans[:SCANS]):
        yield tracker.step(scan_at(k, plots, {}), np.array([FALSE_PLOTS]))


def check(tables):
    """Assert that no track vanishes without an end or comes again, and return the newest table."""
    before, over, table = set(), set(), None
    for table in tables:
        shown = {
            i
            for i, status in zip(table.id.tolist(), table.status.tolist(), strict=True)
            if status != TENTATIVE
        }
        ended = set(table.id[table.status == ENDED].tolist())
        assert len(set(table.id.tolist())) == len(table)
        assert before <= shown
        assert not shown & over
        before, over = shown - ended, over | ended
        taken = [
            (time_s, range_m)
            for i in np.flatnonzero(table.is_live())
            for time_s, range_m in zip(table.plots[i].time_s, table.plots[i].measurement[:, 0], strict=True)
        ]
        assert len(set(taken)) == len(taken)
    return table


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_what_is_shown_goes_on_until_it_ends(seed):
    table = check(follow(seed, 16))
    assert np.count_nonzero(table.is_live()) == 16


def test_too_many_branches_cost_the_unlikely_and_nothing_that_is_shown(monkeypatch):
    monkeypatch.setattr(tentative, "MOST_ROWS", 256)
    table = check(follow(1, 40))
    assert 30 <= np.count_nonzero(table.is_live()) <= 42
