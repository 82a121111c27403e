"""What `rampart send` puts on a real wire, as Wireshark's tools capture and read it, is the recording bit for bit."""

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from rampart.config import read_site
from rampart.domain.event import AlertEvent
from rampart.domain.scan import RANGE
from rampart.domain.wire import event_of
from rampart.record.journal import read_journal
from rampart.runner import packaged_scenario, replay
from rampart.sense.asterix import decode
from rampart.sense.capture import udp_payloads
from tests.serve.test_feeds import free_port
from tests.system.conftest import rampart

SITE = packaged_scenario("baghdad-2020-11-17").with_name("site.toml")
GROUP = "239.192.17.6"


def alerts_in(folder: Path) -> list[tuple[str, str, str]]:
    """Return time of day, zone and action of each alert."""
    events = map(event_of, (folder / "events.jsonl").read_bytes().splitlines())
    return [(e.time.split("T")[1], e.zone, e.action) for e in events if isinstance(e, AlertEvent)]


@pytest.fixture(scope="module")
def captured(demo, tmp_path_factory):
    """Return a capture of the demo's night on loopback, and its port; skips where none can be made."""
    if shutil.which("tshark") is None:
        pytest.skip("no tshark on this machine")
    folder = tmp_path_factory.mktemp("wire")
    port = free_port()
    command = [
        "tshark",
        "-q",
        "-i",
        "lo",
        "-f",
        f"udp port {port}",
        "-a",
        "packets:481",
        "-w",
        "night.pcapng",
    ]
    tshark = subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True)
    said = ""
    while "Capturing on" not in said:
        line = tshark.stderr.readline()
        if not line:
            pytest.skip(f"this user may not capture: {said}")
        said += line
    time.sleep(1.0)
    url = f"udp://{GROUP}:{port}"
    rampart("send", demo / "journal", "--to", url, "--interface", "lo", "--speed", "200", folder=folder)
    try:
        tshark.wait(20)
    finally:
        tshark.kill()
    return folder / "night.pcapng", port


def test_the_wire_carries_the_recording_bit_for_bit(demo, captured):
    capture, _ = captured
    payloads, unread = udp_payloads(capture.read_bytes())
    journal = [payload for kind, _, payload in read_journal(demo / "journal") if kind == "asterix"]
    assert [payload for _, payload in payloads] == journal
    assert not unread


def test_tshark_reads_the_plots_that_rampart_reads(demo, captured):
    capture, port = captured
    command = ["tshark", "-r", str(capture), "-d", f"udp.port=={port},asterix", "-T", "fields"]
    command += ["-e", "asterix.category", "-e", "asterix.015_625_R_VALUE"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    site = read_site(SITE)
    # at the times of the night: those of the capture are far from the plots' own
    night = [
        (time_s, payload) for kind, time_s, payload in read_journal(demo / "journal") if kind == "asterix"
    ]
    assert len(shown) == len(night)
    for line, (time_s, payload) in zip(shown, night, strict=True):
        category, _, ranges_m = line.partition("\t")
        assert int(category) == payload[0]
        seen_m = [float(text) for text in ranges_m.split(",") if text]
        assert decode(payload, time_s, site).plots.measurement[:, RANGE].tolist() == pytest.approx(
            seen_m, abs=0.051
        )


def test_a_replay_of_the_capture_gives_the_alerts_of_the_night(demo, captured, tmp_path):
    capture, _ = captured
    replay(capture, SITE, tmp_path / "again")
    assert alerts_in(tmp_path / "again") == alerts_in(demo)
