"""What a receiver gets can be checked, comes once however often it is sent, and goes nowhere else."""

import json
import socket
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from rampart.channelkeys import CapKeys, WebhookKeys
from rampart.errors import ChannelError, ConfigError
from rampart.serve.cap import AlertFiles, verify_alert
from rampart.serve.channels.cap_post import CapChannel
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place, channels_of
from rampart.serve.channels.post import Poster
from rampart.serve.channels.webhook import WebhookChannel, signature_of
from rampart.serve.keys import own_key
from tests.serve.alerts import site_in
from tests.serve.channels.channel import QUICK, ListChannel, event_now, quick_keys, wait_for

SECRET = "a secret of some length"


class Receiver(ThreadingHTTPServer):
    """A real HTTP server; `mood` says how it answers, `got` what it was sent."""

    daemon_threads = True

    def __init__(self, port: int = 0):
        super().__init__(("127.0.0.1", port), Answering)
        self.mood, self.got = "ok", []
        self.url = f"http://127.0.0.1:{self.server_address[1]}/alerts?to=1"
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def kinds(self) -> list[str]:
        return [json.loads(body)["kind"] for _, body in self.got]


class Answering(BaseHTTPRequestHandler):
    """Answers as its server's mood is."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers, body))
        mood = self.server.mood
        if mood == "hang":
            time.sleep(0.6)
        elif mood == "garbage":
            self.wfile.write(b"\x00\xffwhatever\r\n\r\n")
        elif mood == "drip":
            for _ in range(20):
                self.wfile.write(b"H")
                self.wfile.flush()
                time.sleep(0.05)
        elif mood.startswith("http"):
            self.send_response(307)
            self.send_header("Location", mood)
            self.end_headers()
        else:
            self.send_response({"ok": 200, "busy": 503, "never": 400}[mood])
            self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def receiver(tmp_path):
    (tmp_path / "secret").write_text(SECRET + "\n")
    server = Receiver()
    yield server
    server.shutdown()
    server.server_close()


def running(receiver, tmp_path, *others, **changes):
    """Return a running exchange with a webhook to the receiver, and what it told."""
    table = QUICK | {"beat_s": 60.0, "mode": "test", "url": receiver.url, "secret_file": "secret"} | changes
    site = site_in()
    told: list[str] = []
    channels = channels_of([WebhookKeys(**table)], Place(site, tmp_path, tmp_path))
    exchange = Exchange([*channels, *others], site, True, told.append, told.append)
    exchange.start()
    return exchange, told


def test_a_decision_comes_signed_and_can_be_checked(receiver, tmp_path):
    exchange, _ = running(receiver, tmp_path)
    wait_for(lambda: receiver.kinds() == ["alive"])
    exchange.announce(event_now(), time.time())
    wait_for(lambda: exchange.workers[0].delivered == 1)
    headers, body = receiver.got[1]
    timestamp = headers["X-Rampart-Timestamp"]
    assert abs(int(timestamp) - time.time()) < 5.0
    assert headers["X-Rampart-Signature"] == f"v1={signature_of(SECRET.encode(), timestamp, body)}"
    assert headers["X-Rampart-Signature"] != f"v1={signature_of(SECRET.encode(), timestamp, body + b' ')}"
    said = json.loads(body)
    assert (said["action"], said["zone"], said["mode"], said["site"]) == (
        "raise",
        "green zone",
        "test",
        "here",
    )
    assert not [name for name in said if "launch" in name]
    assert headers["Idempotency-Key"] == f"{said['alert']}.1.raise"
    exchange.stop(0.5)


@pytest.mark.parametrize("mood", ["busy", "garbage", "hang", "drip", "redirect", "refuse"])
def test_a_receiver_in_any_mood_delays_no_other_and_gets_it_in_the_end(receiver, tmp_path, mood):
    elsewhere = Receiver()
    good = ListChannel("good")
    receiver.mood = elsewhere.url if mood == "redirect" else "ok" if mood == "refuse" else mood
    if mood == "refuse":
        receiver.shutdown()
        receiver.server_close()
    exchange, told = running(receiver, tmp_path, (good, quick_keys()), timeout_s=0.15)
    begin_s = time.monotonic()
    exchange.announce(event_now(), time.time())
    wait_for(lambda: good.delivered)
    assert time.monotonic() - begin_s < 1.0
    wait_for(lambda: any("channel webhook-test lost" in line for line in told))
    assert exchange.workers[0].delivered == 0
    if mood == "refuse":
        again = Receiver(receiver.server_address[1])
    else:
        again = receiver
        receiver.mood = "ok"
    wait_for(lambda: exchange.workers[0].delivered == 1)
    keys = {headers["Idempotency-Key"] for headers, body in again.got if json.loads(body)["kind"] == "alert"}
    assert len(keys) == 1
    assert not elsewhere.got
    exchange.stop(0.5)
    for server in {elsewhere, again}:
        server.shutdown()
        server.server_close()


def test_a_hopeless_answer_is_not_tried_again(receiver, tmp_path):
    exchange, told = running(receiver, tmp_path)
    wait_for(lambda: receiver.got)
    receiver.mood = "never"
    exchange.announce(event_now(), time.time())
    wait_for(lambda: exchange.workers[0].failed == 1)
    assert receiver.kinds().count("alert") == 1
    assert any("NOT DELIVERED" in line and "answered 400" in line for line in told)
    exchange.stop(0.5)


def test_signed_files_are_posted_as_they_were_written(receiver, tmp_path, monkeypatch):
    monkeypatch.setenv("RAMPART_KEYS", str(tmp_path / "keys"))
    site = site_in()
    path = AlertFiles(tmp_path / "alerts", site, own_key("test")).write(event_now())
    keys = CapKeys(mode="test", url=receiver.url, **QUICK)
    exchange = Exchange(channels_of([keys], Place(site, tmp_path, tmp_path)), site, True, print, print)
    exchange.start()
    notice = exchange.announce(event_now(), time.time())
    exchange.publish(notice, path.name, path.read_bytes())
    wait_for(lambda: receiver.got)
    headers, body = receiver.got[0]
    assert headers["Content-Type"] == "application/cap+xml"
    (tmp_path / "got.xml").write_bytes(body)
    assert "valid" in verify_alert(tmp_path / "got.xml")
    channel = CapChannel(CapKeys(mode="live", url=receiver.url), "live", Place(site, tmp_path, tmp_path))
    with pytest.raises(ChannelError, match="no signed file of mode live"):
        channel.deliver(notice)
    exchange.stop(0.5)
    assert len(receiver.got) == 1


def test_wrong_tables_are_refused_and_no_secret_is_shown(tmp_path, monkeypatch):
    place = Place(site_in(), tmp_path, tmp_path)
    (tmp_path / "short").write_text("short")
    with pytest.raises(ConfigError, match="at least 16") as refused:
        WebhookChannel(WebhookKeys(mode="test", url="http://h/", secret_file="short"), "w", place)
    assert "short" not in str(refused.value)
    monkeypatch.setenv("HOOK", SECRET)
    with pytest.raises(ConfigError, match="not both"):
        WebhookChannel(
            WebhookKeys(mode="test", url="http://h/", secret_file="x", secret_env="HOOK"), "w", place
        )
    for url in ("ftp://h/", "http://user:pass@h/", "http://", "http://h:99999/"):
        with pytest.raises(ConfigError, match="url"):
            Poster(url, 1.0, None, "w")
    with pytest.raises(ConfigError, match="PEM"):
        Poster("https://h/", 1.0, tmp_path / "none", "w")
    channel = WebhookChannel(WebhookKeys(mode="live", url="http://h/", secret_env="HOOK"), "w", place)
    notice = Exchange([], site_in(), True, print, print)._notice(event_now(), time.time())
    with pytest.raises(ChannelError, match="for live"):
        channel.deliver(notice)


def test_nobody_there_is_an_error_in_words():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(ChannelError, match="refused"):
        Poster(f"http://127.0.0.1:{port}/", 1.0, None, "w").post(b"{}", {})
