"""Whatever comes over the wire, a siren sounds what its sender said last, and nothing that its sender did not say."""

import re
import signal
import socket
import subprocess
import sys
import time
import wave
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from rampart.channelkeys import SirenKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place, channels_of
from rampart.serve.channels.siren import SirenChannel
from rampart.serve.channels.siren_frame import FrameMaker, SirenKey, heartbeat_of, next_epoch, siren_key
from rampart.serve.siren_receiver import CALM, CANCELLED, CLEARED, PLAYER_FAILED, WARNING, Player, Siren
from tests.serve.alerts import site_in
from tests.serve.channels.channel import QUICK, event_now, wait_for
from tests.serve.test_feeds import free_port

ROOT = Path(__file__).parents[3]
KEYS = {mode: SirenKey(mode, Ed25519PrivateKey.generate()) for mode in ("live", "exercise", "test")}
PUBLIC = {mode: bytes.fromhex(key.public_hex) for mode, key in KEYS.items()}


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))


def siren_for(mode: str = "live", **options) -> Siren:
    return Siren({"green zone"}, mode, PUBLIC[mode], **options)


def test_a_siren_keeps_the_greatest_and_ignores_the_old_and_the_replayed():
    maker, siren = FrameMaker(KEYS["live"], 5), siren_for()
    warn, clear = (maker.frame("green zone", state, "live", 60.0) for state in (WARNING, CLEARED))
    assert siren.hear(warn, 0.0) == "taken"
    assert siren.state(0.0) == WARNING
    assert siren.hear(clear, 1.0) == "taken"
    assert [siren.hear(frame, 1.0) for frame in (warn, clear)] == ["old", "old"]
    assert siren.state(1.0) == CLEARED
    restarted = FrameMaker(KEYS["live"], 6).frame("green zone", WARNING, "live", 60.0)
    assert siren.hear(restarted, 2.0) == "taken"
    assert siren.hear(maker.frame("green zone", CLEARED, "live", 60.0), 2.0) == "old"
    assert siren.state(2.0) == WARNING


def test_a_warning_ends_by_itself_and_silence_is_a_fault():
    maker, siren = FrameMaker(KEYS["live"], 5), siren_for()
    siren.hear(maker.frame("green zone", WARNING, "live", 20.0), 100.0)
    assert [siren.state(now_s) for now_s in (119.9, 120.1)] == [WARNING, CALM]
    assert [siren.is_silent(now_s) for now_s in (104.0, 106.0)] == [False, True]


@pytest.mark.parametrize("mode", ["exercise", "test"])
def test_an_exercise_cannot_sound_a_live_siren(mode):
    siren = siren_for("live")
    own = FrameMaker(KEYS[mode], 5)
    assert siren.hear(own.frame("green zone", WARNING, mode, 60.0), 0.0) == "foreign"
    with pytest.raises(ChannelError, match=f"for {mode}: no frame of mode live"):
        own.frame("green zone", WARNING, "live", 60.0)
    # even where somebody forces the mode into the frame: the key is another
    forced = FrameMaker(SirenKey("live", KEYS[mode].private_key), 5)
    assert siren.hear(forced.frame("green zone", WARNING, "live", 60.0), 0.0) == "forged"
    # nor does the live key sound a siren under another mode
    mixed = FrameMaker(SirenKey(mode, KEYS["live"].private_key), 5)
    assert siren.hear(mixed.frame("green zone", WARNING, mode, 60.0), 0.0) == "foreign"
    assert siren.state(0.0) == CALM
    site = site_in(mode)
    live = SirenKeys(mode="live", to=["udp://127.0.0.1:9"])
    assert channels_of([live], Place(site, Path(), Path())) == []
    channel = SirenChannel(live, "live", Place(site, Path(), Path()))
    with pytest.raises(ChannelError, match=f"mode {mode}"):
        channel.deliver(Exchange([], site, True, print, print)._notice(event_now(mode=mode), time.time()))
    channel.close()


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_random_octets_flipped_bits_disorder_and_duplicates(data):
    maker, siren = FrameMaker(KEYS["live"], 5), siren_for()
    states = data.draw(st.lists(st.sampled_from([CALM, WARNING, CLEARED, CANCELLED]), min_size=1, max_size=6))
    frames = [maker.frame("green zone", state, "live", 60.0) for state in states]
    sent = data.draw(st.lists(st.sampled_from(range(len(frames))), max_size=12))
    greatest = -1
    for i in sent:
        junk = data.draw(st.one_of(st.binary(max_size=200), st.integers(0, len(frames[i]) * 8 - 1)))
        if isinstance(junk, int):
            flipped = bytearray(frames[i])
            flipped[junk // 8] ^= 1 << junk % 8
            junk = bytes(flipped)
        assert siren.hear(junk, 0.0) != "taken"
        assert (siren.hear(frames[i], 0.0) == "taken") == (i > greatest)
        greatest = max(greatest, i)
        assert siren.state(0.0) == states[greatest]


def test_a_restart_of_the_siren_lets_nothing_old_in():
    maker, siren = FrameMaker(KEYS["live"], 5), siren_for()
    warn = maker.frame("green zone", WARNING, "live", 60.0)
    siren.hear(maker.frame("", CALM, "live", 5.0), 0.0)
    again = siren_for(memory=(*siren.greatest, siren.newest_ms))
    assert again.hear(warn, 0.0) == "old"
    assert again.hear(maker.frame("green zone", WARNING, "live", 60.0), 0.0) == "taken"


def test_keys_and_epochs_are_kept_and_epochs_only_grow(tmp_path):
    key = siren_key("live")
    assert siren_key("live").public_hex == key.public_hex
    assert (tmp_path / "keys/siren-live.pub").read_text() == key.public_hex
    assert siren_key("test").public_hex != key.public_hex
    assert (tmp_path / "keys/siren-live.pem").stat().st_mode & 0o77 == 0
    epochs = [next_epoch("live", None, now_ms) for now_ms in (1000, 2000, 500, 2001)]
    assert epochs == [1000, 2000, 2001, 2002]
    (tmp_path / "keys/siren-live.epoch").write_text("torn")
    assert next_epoch("live", None, 7) == 7
    (tmp_path / "keys/siren-test.pem").write_text("nothing")
    with pytest.raises(ConfigError, match="wanted a private key"):
        siren_key("test")


def test_a_heartbeat_is_believed_from_its_own_siren_alone():
    own = Ed25519PrivateKey.generate()
    siren = siren_for()
    siren.hear(FrameMaker(KEYS["live"], 5).frame("green zone", WARNING, "live", 60.0), 0.0)
    octets = siren.heartbeat("roof", own, 0.0, PLAYER_FAILED)
    beat = heartbeat_of(octets, "live", {"roof": own.public_key()})
    assert (beat.state, beat.epoch, beat.counter, beat.faults) == (WARNING, 5, 1, PLAYER_FAILED)
    assert heartbeat_of(octets, "test", {"roof": own.public_key()}) is None
    assert heartbeat_of(octets, "live", {"roof": Ed25519PrivateKey.generate().public_key()}) is None
    assert heartbeat_of(octets, "live", {}) is None
    assert heartbeat_of(octets[:-1], "live", {"roof": own.public_key()}) is None
    assert heartbeat_of(b"RSIR", "live", {"roof": own.public_key()}) is None


def test_a_player_that_cannot_sound_says_so(tmp_path):
    player = Player(f"{sys.executable} -c exit(3)", "test", tmp_path)
    player.show(WARNING)
    player._process.wait()
    player.show(WARNING)
    assert player.failed
    with wave.open(str(tmp_path / "warning.wav")) as file:
        assert file.getnframes() == 4 * file.getframerate()
    missing = Player("/no/such/player", "live", tmp_path)
    missing.show(CLEARED)
    missing.show(CALM)
    assert missing.failed


def test_a_real_siren_sounds_is_heard_of_and_missed(tmp_path):
    port = free_port()
    played = tmp_path / "played"
    script = tmp_path / "play.sh"
    script.write_text(f"#!/bin/sh\nbasename $1 >> {played}\nexec sleep 30\n")
    script.chmod(0o755)
    siren_key("test")
    argv = [
        "--zone",
        "green zone",
        "--key",
        str(tmp_path / "keys/siren-test.pub"),
        "--mode",
        "test",
        "--name",
        "roof",
    ]
    argv += ["--listen", f"127.0.0.1:{port}", "--folder", str(tmp_path / "siren"), "--command", str(script)]
    file = ROOT / "src/rampart/serve/siren_receiver.py"
    process = subprocess.Popen([sys.executable, str(file), *argv], stdout=subprocess.PIPE, text=True)
    try:
        own = re.search(r"key ([0-9a-f]{64})", process.stdout.readline())[1]
        table = {
            "kind": "siren",
            "mode": "test",
            "to": [f"udp://127.0.0.1:{port}"],
            "sirens": {"roof": own},
        } | QUICK
        keys = msgspec.convert(table | {"silent_after_s": 0.6}, SirenKeys)
        told: list[str] = []
        channels = channels_of([keys], Place(site_in(), tmp_path, tmp_path))
        exchange = Exchange(channels, site_in(), True, lambda text: None, told.append)
        exchange.start()
        channel = channels[0][0]
        wait_for(lambda: "roof" in channel.heard)
        exchange.announce(event_now(), time.time())
        wait_for(lambda: played.exists() and "warning.wav" in played.read_text())
        exchange.announce(event_now(2, "clear"), time.time())
        wait_for(lambda: "all-clear.wav" in played.read_text())
        assert not told
        process.send_signal(signal.SIGSTOP)
        wait_for(lambda: any("siren roof is silent" in line for line in told))
        process.send_signal(signal.SIGCONT)
        wait_for(lambda: any(line.endswith("ok") for line in told))
        # a clean end of the sender: the siren says that it hears nobody
        exchange.stop(0.5)
    finally:
        process.terminate()
        process.wait(5.0)
    assert process.returncode == 0
    assert (tmp_path / "siren/memory").stat().st_size == 24


def test_a_receiver_says_in_one_line_what_is_wrong(tmp_path):
    file = ROOT / "src/rampart/serve/siren_receiver.py"
    argv = ["--zone", "z", "--key", str(tmp_path / "none"), "--mode", "test", "--folder", str(tmp_path)]
    done = subprocess.run([sys.executable, str(file), *argv], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("rampart siren: [Errno 2]")
    assert len(file.read_text().splitlines()) < 200


def test_a_table_with_a_wrong_siren_key_or_zone_is_refused(tmp_path):
    place = Place(site_in(), tmp_path, tmp_path)
    with pytest.raises(ConfigError, match="64 hexadecimal digits"):
        SirenChannel(SirenKeys(mode="test", to=["udp://127.0.0.1:9"], sirens={"roof": "xyz"}), "s", place)
    with pytest.raises(ConfigError, match="zones of this site"):
        SirenChannel(SirenKeys(mode="test", to=["udp://127.0.0.1:9"], zones=("elsewhere",)), "s", place)


def test_frames_reach_a_multicast_group(tmp_path):
    port = free_port()
    heard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    heard.bind(("239.255.0.77", port))
    request = socket.inet_aton("239.255.0.77") + socket.inet_aton("127.0.0.1")
    heard.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    heard.settimeout(2.0)
    keys = SirenKeys(mode="test", to=[f"udp://239.255.0.77:{port}"], interface="127.0.0.1")
    site = site_in()
    channel = SirenChannel(keys, "s", Place(site, tmp_path, tmp_path))
    channel.beat(Exchange([], site, True, print, print).beat_now())
    siren = Siren(set(), "test", bytes.fromhex(channel.maker.key.public_hex))
    assert siren.hear(heard.recv(2048), 0.0) == "taken"
    heard.close()
    channel.close()
