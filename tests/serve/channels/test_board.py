"""Under any sequence of decisions a zone is warned exactly while an alert of it stands, and no channel ends behind."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.errors import ChannelError
from rampart.serve.channels.board import Board
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.notice import WARNING
from tests.serve.alerts import site_in
from tests.serve.channels.channel import ListChannel, event_now, quick_keys

SITE = site_in()
NOTICES = {
    (zone.id, alert, action): Exchange([], SITE, True, print, print)._notice(
        event_now(1, action, alert=f"{alert}-{zone.id}", zone=zone.id), time.time()
    )
    for zone in SITE.zones
    for alert in ("first", "second")
    for action in ("raise", "revise", "clear", "cancel")
}
DECISIONS = st.lists(st.sampled_from(sorted(NOTICES)), max_size=25)
ENDS = {"clear": "clear", "cancel": "cancelled"}


@settings(max_examples=500, deadline=None)
@given(DECISIONS)
def test_a_zone_is_warned_while_any_of_its_alerts_stands(decisions):
    board = Board(SITE.zones)
    open_alerts = {zone.id: set() for zone in SITE.zones}
    for zone, alert, action in decisions:
        state = board.put(NOTICES[zone, alert, action])
        (open_alerts[zone].discard if action in ENDS else open_alerts[zone].add)(alert)
        assert (state.state == WARNING) == bool(open_alerts[zone])
        assert state.state in (WARNING, ENDS.get(action))
        assert {n.event.alert.split("-")[0] for n in state.notices if n.state == WARNING} == open_alerts[zone]
    assert [state.change for state in board.states.values()] == [
        max((i for i, decision in enumerate(decisions, 1) if decision[0] == zone.id), default=0)
        for zone in SITE.zones
    ]


@settings(max_examples=40, deadline=None)
@given(DECISIONS, st.lists(st.sampled_from(["ok", "fault", "crash"]), min_size=1, max_size=8))
def test_a_channel_that_fails_now_and_then_ends_with_the_newest_of_each_alert_and_none_of_another_mode(
    decisions, moods
):
    site = SITE
    test, live = ListChannel("test"), ListChannel("live", "live")
    deliver, left = test.deliver, list(moods)

    def moody(notice):
        mood = left.pop() if left else "ok"
        if mood != "ok":
            raise ChannelError("not now") if mood == "fault" else ValueError("garbage")
        return deliver(notice)

    test.deliver = moody
    keys = quick_keys(first_retry_s=0.0005, longest_retry_s=0.001)
    exchange = Exchange([(test, keys), (live, keys)], site, True, lambda text: None, lambda text: None)
    exchange.start()
    for zone, alert, action in decisions:
        event = event_now(1, action, alert=f"{alert}-{zone}", zone=zone)  # old news would not be sent
        exchange.announce(event, time.time())
        exchange.announce(replace_mode(event), time.time())
    exchange.stop(2.0)
    ended = {notice.event.alert: notice.event.action for notice in test.delivered}
    assert ended == {f"{alert}-{zone}": action for zone, alert, action in decisions}
    assert exchange.refused == len(decisions)
    assert not live.delivered
    assert not live.beats


def replace_mode(event):
    """Return a decision as if it were live."""
    return type(event)(**{name: getattr(event, name) for name in event.__struct_fields__} | {"mode": "live"})
