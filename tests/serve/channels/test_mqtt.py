"""A broker always knows where each zone stands, and that nobody is there any more when nobody is."""

import json
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("paho.mqtt")

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from rampart.channelkeys import MqttKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place, channels_of
from rampart.serve.channels.mqtt import MqttChannel
from tests.serve.alerts import site_in
from tests.serve.channels.channel import QUICK, ListChannel, event_now, quick_keys, wait_for
from tests.serve.channels.peers import Broker, free_tcp_port, needs_mosquitto, write_certificate

ROOT = Path(__file__).parents[3]
TOPIC = "rampart/here/test"
GREEN = f"{TOPIC}/zone/green%20zone/state"
PUBLISHER = """
import sys, time
from pathlib import Path
from rampart.channelkeys import MqttKeys
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place
from rampart.serve.channels.mqtt import MqttChannel
from tests.serve.alerts import site_in
site = site_in()
channel = MqttChannel(MqttKeys(mode="test", host="127.0.0.1", port=int(sys.argv[1])), "m", Place(site, Path(), Path()))
channel.beat(Exchange([], site, True, print, print).beat_now())
print("ready", flush=True)
time.sleep(60)
"""


class Listener:
    """A second client: what it was told, by topic; `retained` what the broker held when it came."""

    def __init__(self, port: int):
        self.told: dict[str, str] = {}
        self.all: list[tuple[str, str]] = []
        self.client = Client(CallbackAPIVersion.VERSION2)
        self.client.on_message = self._on_message
        self.client.connect("127.0.0.1", port)
        self.client.subscribe("#", qos=1)
        self.client.loop_start()

    def state(self, topic: str = GREEN) -> str:
        return json.loads(self.told[topic])["state"] if self.told.get(topic) else ""

    def close(self) -> None:
        self.client.disconnect()
        self.client.loop_stop()

    def _on_message(self, client, userdata, message) -> None:
        self.told[message.topic] = message.payload.decode()
        self.all.append((message.topic, message.payload.decode()))


@pytest.fixture
def broker(tmp_path):
    broker = Broker(tmp_path, "allow_anonymous true")
    yield broker
    broker.kill()


def exchange_to(port: int, tmp_path, *others, site=None, **changes):
    """Return a running exchange with a channel to the broker, and what it told."""
    site = site or site_in()
    keys = MqttKeys(mode="test", host="127.0.0.1", port=port, **(QUICK | {"timeout_s": 1.0} | changes))
    told: list[str] = []
    channels = channels_of([keys], Place(site, tmp_path, tmp_path))
    exchange = Exchange([*channels, *others], site, True, lambda text: None, told.append)
    exchange.start()
    return exchange, channels[0][0], told


@needs_mosquitto
def test_states_are_retained_found_by_home_assistant_and_put_right(broker, tmp_path):
    exchange, _, told = exchange_to(broker.port, tmp_path)
    exchange.announce(event_now(), time.time())
    wait_for(lambda: exchange.workers[0].delivered == 1)
    late = Listener(broker.port)
    wait_for(lambda: late.state() == "warning")
    said = json.loads(late.told[GREEN])
    assert (said["zone"], said["mode"], said["probability"]) == ("green zone", "test", 0.53)
    wait_for(lambda: late.told.get(f"{TOPIC}/availability") == "online")
    wait_for(lambda: sum(topic.endswith("/config") for topic in late.told) == 4)
    config = {topic: json.loads(text) for topic, text in late.told.items() if topic.endswith("/config")}
    zone = next(c for t, c in config.items() if "binary_sensor" in t and c["state_topic"] == GREEN)
    assert (zone["device_class"], zone["availability_topic"]) == ("safety", f"{TOPIC}/availability")
    assert zone["name"] == "TEST Green Zone"
    assert len({c["unique_id"] for c in config.values()}) == 4
    # somebody else writes over it: seen, and put right
    late.client.publish(GREEN, '{"state": "calm"}', qos=1, retain=True)
    wait_for(lambda: any("somebody else wrote" in line for line in told))
    wait_for(lambda: late.state() == "warning")
    exchange.announce(event_now(2, "clear"), time.time())
    wait_for(lambda: late.state() == "clear")
    exchange.stop(1.0)
    wait_for(lambda: late.told.get(f"{TOPIC}/availability") == "offline")
    late.close()


@needs_mosquitto
def test_whoever_subscribed_to_a_zone_that_is_no_more_hears_it_until_the_next_run(broker, tmp_path):
    without = replace(site_in(), zones=tuple(zone for zone in site_in().zones if zone.id != "ring"))
    ring = f"{TOPIC}/zone/ring/state"
    exchange, _, told = exchange_to(broker.port, tmp_path)
    listener = Listener(broker.port)
    wait_for(lambda: json.loads(listener.told.get(ring, "{}")).get("state") == "calm")
    version = json.loads(listener.told[ring])["zone_version"]
    assert version == {zone.id: zone.version for zone in site_in().zones}["ring"]
    exchange.set_zones(without.zones)
    wait_for(lambda: json.loads(listener.told[ring])["state"] == "gone")
    exchange.set_zones(site_in().zones)
    wait_for(lambda: json.loads(listener.told[ring])["state"] == "calm")
    exchange.stop(1.0)
    # the run after does not know it: said for as long as that lasts, to whoever comes late too
    exchange, _, told = exchange_to(broker.port, tmp_path, site=without)
    exchange.zones_were(site_in().zones)
    wait_for(lambda: json.loads(listener.told[ring])["state"] == "gone")
    wait_for(lambda: "gone: ring" in listener.told.get(f"{TOPIC}/system", ""))
    assert any(line.startswith("ZONES HAVE CHANGED since the run before: gone: ring") for line in told)
    late = Listener(broker.port)
    wait_for(lambda: json.loads(late.told.get(ring, "{}")).get("state") == "gone")
    assert not any("ring" in topic for topic in late.told if topic.endswith("/config"))
    exchange.stop(1.0)
    exchange, _, told = exchange_to(broker.port, tmp_path, site=without)
    wait_for(lambda: listener.told[ring] == "")
    assert not any("ZONES" in line for line in told)
    exchange.stop(1.0)
    late.close()
    listener.close()


@needs_mosquitto
def test_a_publisher_that_is_killed_leaves_its_last_will(broker):
    process = subprocess.Popen(
        [sys.executable, "-c", PUBLISHER, str(broker.port)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdout.readline() == b"ready\n"
    listener = Listener(broker.port)
    wait_for(lambda: listener.told.get(f"{TOPIC}/availability") == "online")
    process.kill()
    process.wait()
    wait_for(lambda: listener.told[f"{TOPIC}/availability"] == "offline")
    listener.close()
    late = Listener(broker.port)
    wait_for(lambda: late.told.get(f"{TOPIC}/availability") == "offline")
    late.close()


@needs_mosquitto
def test_a_broker_that_starts_again_has_the_state_again(broker, tmp_path):
    exchange, _, told = exchange_to(broker.port, tmp_path)
    exchange.announce(event_now(), time.time())
    wait_for(lambda: exchange.workers[0].delivered == 1)
    broker.kill()
    wait_for(lambda: any("channel mqtt-test degraded" in line for line in told))
    exchange.announce(event_now(2, "revise", in_s=9.0), time.time())
    broker.start()
    listener = Listener(broker.port)
    wait_for(lambda: listener.state() == "warning")
    wait_for(lambda: exchange.workers[0].delivered == 2)
    assert [text for topic, text in listener.all if topic == GREEN and '"warning"' not in text] == []
    wait_for(lambda: told[-1].endswith("ok"))
    exchange.stop(1.0)
    listener.close()


def test_a_broker_that_hangs_or_is_not_there_delays_no_other_channel(tmp_path):
    hanging = socket.create_server(("127.0.0.1", 0))
    good = ListChannel("good")
    exchange, _, told = exchange_to(hanging.getsockname()[1], tmp_path, (good, quick_keys()), timeout_s=0.2)
    begin_s = time.monotonic()
    for seq in range(1, 20):
        exchange.announce(event_now(seq, alert=f"a{seq}"), time.time())
    wait_for(lambda: len(good.delivered) == 19)
    assert time.monotonic() - begin_s < 1.0
    wait_for(lambda: any("channel mqtt-test lost" in line and "no answer" in line for line in told))
    exchange.stop(0.5)
    hanging.close()


@needs_mosquitto
def test_user_password_and_tls(tmp_path, monkeypatch):
    certificate, key = write_certificate(tmp_path)
    passwords = tmp_path / "passwords"
    done = subprocess.run(["mosquitto_passwd", "-b", "-c", str(passwords), "rampart", "s3cret"], check=False)
    assert done.returncode == 0
    lines = [
        "allow_anonymous false",
        f"password_file {passwords}",
        f"certfile {certificate}",
        f"keyfile {key}",
    ]
    broker = Broker(tmp_path, *lines)
    monkeypatch.setenv("BROKER_PASSWORD", "s3cret")
    site = site_in()
    place = Place(site, tmp_path, tmp_path)
    keys = MqttKeys(
        mode="test", host="127.0.0.1", port=broker.port, tls=True, ca_file="peer.pem", timeout_s=1.0,
        user="rampart", password_env="BROKER_PASSWORD",
    )  # fmt: skip
    beat = Exchange([], site, True, print, print).beat_now()
    channel = MqttChannel(keys, "m", place)
    assert channel.beat(beat) == ""
    channel.close()
    (tmp_path / "wrong").write_text("guess\n")
    wrong = MqttKeys(
        mode="test", host="127.0.0.1", port=broker.port, tls=True, ca_file="peer.pem", timeout_s=0.3,
        user="rampart", password_file="wrong",
    )  # fmt: skip
    channel = MqttChannel(wrong, "m", place)
    with pytest.raises(ChannelError, match=r"refused|no answer"):
        channel.beat(beat)
    channel.close()
    broker.kill()


def test_a_missing_secret_or_another_mode_is_refused(tmp_path):
    place = Place(site_in(), tmp_path, tmp_path)
    base = {"mode": "live", "host": "127.0.0.1", "port": free_tcp_port()}
    with pytest.raises(ConfigError, match="NOT_SET"):
        MqttChannel(MqttKeys(**base, user="u", password_env="NOT_SET"), "m", place)
    with pytest.raises(ConfigError, match="No such file"):
        MqttChannel(MqttKeys(**base, user="u", password_file="none"), "m", place)
    with pytest.raises(ConfigError, match="certificates"):
        MqttChannel(MqttKeys(**base, tls=True, ca_file="none"), "m", place)
    channel = MqttChannel(MqttKeys(**base), "m", place)
    notice = Exchange([], site_in(), True, print, print)._notice(event_now(), time.time())
    with pytest.raises(ChannelError, match="topics are for live"):
        channel.deliver(replace(notice))
    assert channels_of([MqttKeys(**base)], place) == []
