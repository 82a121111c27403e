"""Open tracks from vote to vote: told anew, renamed, withdrawn, let go, ended; plots that are taken for good."""

import itertools

import numpy as np
import pytest

from rampart.domain.track import END_WITHDRAWN, NOT_ENDED
from rampart.track.bank import empty_work
from rampart.track.confirmed import ConfirmedTracks
from rampart.track.elect import SETTLED, SURE, UNSURE
from rampart.track.motions import sky_of
from rampart.track.radars import radars_of
from rampart.track.ring import TAKEN, RecentPlots
from rampart.track.settings import MOTIONS, TrackSettings
from tests.track.births import mixed_births
from tests.track.sky import make_site

pytestmark = pytest.mark.uncompiled


class Votes:
    """Confirmed tracks that hear of one vote after the other, each on rows made by hand."""

    def __init__(self):
        site, settings, count = make_site(), TrackSettings(), len(MOTIONS)
        radars = radars_of(site.radars, settings)
        shared = (radars, settings.rules(), sky_of(site, settings), empty_work(count))
        self.tracks, self.recent = ConfirmedTracks(count, *shared), RecentPlots()
        self._mint = itertools.count(1)
        self._old = None

    def hear(self, look, *rows):
        """Publish rows, each (plots, state), after a look; return whether plots were taken for good."""
        bank, ring = mixed_births(*((plots, 30.0) for plots, _ in rows), motions=len(MOTIONS))
        if self._old is not None:
            for column in ("held", "shown", "use"):
                ring.rows[column] = self._old.rows[column]
        self.recent.ring, self.recent.use, self._old = ring, ring.rows["use"], ring
        self.recent.next, self.recent.look = 3 * look + 3, look + 1
        state = np.array([state for _, state in rows], np.int64)
        return self.tracks.publish(
            bank, len(rows), np.arange(len(rows)), state, self.recent, lambda: next(self._mint)
        )

    def close(self, now_s):
        """Return {id: (reason, plots)} of the table."""
        part = self.tracks.close(now_s, self.recent)
        lengths = [length for _, length in part.histories]
        return dict(
            zip(part.id.tolist(), zip(part.columns.reason.tolist(), lengths, strict=True), strict=True)
        )


def test_an_open_track_takes_back_what_it_was():
    votes = Votes()
    assert not votes.hear(2, ([0, 3, 6], SURE), ([1, 4], UNSURE))
    assert votes.close(1.0) == {1: (NOT_ENDED, 3)}
    assert not votes.hear(3, ([0, 4, 6, 9], SURE), ([1, 3, 7], SURE))
    assert votes.close(1.5) == {1: (NOT_ENDED, 4), 2: (NOT_ENDED, 3)}
    assert votes.tracks._tracks[0].history.serials.tolist() == [0, 4, 6, 9]
    assert not np.any(votes.recent.use == TAKEN)
    assert votes.hear(4, ([0, 4, 6, 9, 12], SETTLED), ([1, 3, 7], SURE))
    assert np.flatnonzero(votes.recent.use == TAKEN).tolist() == [0, 4, 6, 9, 12]


def test_what_only_others_have_is_withdrawn_and_ends():
    votes = Votes()
    votes.hear(2, ([0, 3, 6], SURE), ([1, 4, 7], SURE))
    votes.close(1.0)
    votes.hear(3, ([0, 3, 7, 10], SURE))
    table = votes.close(1.5)
    assert table == {1: (END_WITHDRAWN, 3), 2: (NOT_ENDED, 4)}
    assert votes.close(1.6).keys() == {2}


def test_what_the_vote_has_lost_goes_on_by_itself():
    votes = Votes()
    votes.hear(2, ([0, 3, 6], SURE), ([1, 4, 7], SURE))
    votes.close(1.0)
    assert votes.hear(3, ([1, 4, 7, 10], SURE))
    assert votes.close(1.5) == {1: (NOT_ENDED, 3), 2: (NOT_ENDED, 4)}
    assert np.flatnonzero(votes.recent.use == TAKEN).tolist() == [0, 3, 6]
    assert not votes.hear(4, ([1, 4, 7, 10], SURE))
    assert votes.close(2.0).keys() == {1, 2}


def test_what_goes_on_by_itself_leaves_others_what_they_took():
    votes = Votes()
    votes.hear(2, ([0, 3, 6], SURE), ([1, 4, 7], SURE))
    votes.close(1.0)
    votes.hear(3, ([1, 3, 7, 10], SURE))
    assert [track.history.serials.tolist() for track in votes.tracks._tracks] == [[0, 6], [1, 3, 7, 10]]


def test_an_open_track_that_ends_leaves_no_plots_to_be_born_again():
    votes = Votes()
    votes.hear(2, ([0, 3, 6], SURE))
    later_s = 60.0  # unseen for so long a thing that drifts is lost
    votes.tracks.bank.log_weight[0] = [-50.0] * 6 + [0.0]
    assert next(iter(votes.close(later_s).values()))[0] != NOT_ENDED
    assert np.flatnonzero(votes.recent.use == TAKEN).tolist() == [0, 3, 6]
    assert votes.hear(3)


def test_an_id_that_was_shown_is_no_other_branchs():
    votes = Votes()
    bank, _ = mixed_births(([0, 3, 6], 30.0), ([0, 3, 7], 20.0), motions=len(MOTIONS))
    bank.rows["id"] = 8
    votes.hear(1)
    votes.recent.look = 3
    votes.tracks.publish(bank, 2, np.array([0]), np.array([SURE]), votes.recent, lambda: 9)
    assert votes.close(1.0).keys() == {8}
    assert bank.rows["id"].tolist() == [0, 0]
