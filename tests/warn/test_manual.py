"""Alerts by hand: each ends, by its time or by a cancel, and no request is acted on twice."""

from hypothesis import given
from hypothesis import strategies as st

from rampart.domain.alert import CANCEL, CLEAR, RAISE, Manual
from rampart.warn.manual import ManualAlerts

ACTS = st.lists(
    st.tuples(
        st.sampled_from(["raise", "cancel", "wait"]),
        st.sampled_from(["a", "b", "c"]),
        st.sampled_from([("x",), ("x", "y"), ("y", "y")]),
        st.floats(1.0, 50.0),
    ),
    max_size=30,
)


@given(ACTS)
def test_no_alert_is_without_an_end_and_none_is_raised_twice(acts):
    alerts, said, now_s = ManualAlerts("here", "test"), [], 1000.0
    for act, request, zones, seconds in acts:
        now_s += 5.0
        manual = Manual(request, "amal", "", now_s + seconds)
        if act == "raise":
            said += alerts.raise_in(now_s, zones, manual)
        elif act == "cancel":
            said += alerts.cancel(now_s, request, manual)
        said += alerts.tick(now_s)
    said += alerts.tick(now_s + 100.0)
    raised = [alert.alert for alert in said if alert.action == RAISE]
    ended = [alert.alert for alert in said if alert.action in (CLEAR, CANCEL)]
    assert len(raised) == len(set(raised))
    assert sorted(raised) == sorted(ended)
    assert not alerts.standing
