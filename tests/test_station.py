"""What a live run says at its end, and with which exit status."""

import time

from typer.testing import CliRunner

from rampart import station
from rampart.cli import app
from rampart.errors import FaultError
from rampart.serve.channels.exchange import Exchange
from rampart.station import fault_line
from tests.serve.channels.channel import event_now
from tests.sites import make_site


def test_a_run_in_which_something_failed_ends_with_one_line_and_status_1(monkeypatch, tmp_path):
    assert fault_line(0, [], True) == ""
    assert "3 alerts have no signed file; the journal" in fault_line(
        3, ["alert a: no signed file: full"], True
    )
    exchange = Exchange([], make_site(), True, lambda text: None, lambda text: None)
    assert exchange.announce(event_now(1, zone="nowhere"), time.time()) is None
    line = fault_line(0, [*exchange.faults], False)
    assert "1 times, the last: alert " in line
    assert "'nowhere' is unknown or without an area; nothing is sent; the journal is not whole" in line
    monkeypatch.setattr(station, "serve", lambda *_: ("the last words", line))
    done = CliRunner().invoke(app, ["serve", str(tmp_path / "site.toml")])
    assert done.output == "the last words\n"
    assert isinstance(done.exception, FaultError)
    assert (str(done.exception), done.exception.exit_status) == (line, 1)
