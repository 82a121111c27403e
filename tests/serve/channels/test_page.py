"""The public page in a real browser: warned within a second, mirrored, and a fault where nobody answers."""

import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="uvicorn (requirements/run.txt) is not installed")

from rampart.channelkeys import PageKeys
from rampart.errors import ConfigError
from rampart.serve.channels.exchange import Exchange
from rampart.serve.channels.making import Place
from rampart.serve.channels.notice import CALM, WARNING, ZoneState
from rampart.serve.channels.page import OVER_SHOWN_S, PageChannel, shown
from tests.serve.channels.channel import event_now, wait_for
from tests.serve.test_feeds import free_port
from tests.warn.places import make_box, make_site

CHROMIUM = Path("/usr/bin/chromium")
GREEN = make_box("green zone", 0, 0, 500)
LATIN = replace(make_box("karrada", 3000, 0, 500), names={"en": "Karrada"})


class Pages:
    """A page channel in an exchange whose engine is alive until told otherwise."""

    def __init__(self, mode: str = "live"):
        self.site = make_site((GREEN, LATIN), mode=mode)
        keys = PageKeys(port=free_port(), beat_s=0.2)
        self.channel = PageChannel(keys, "page", Place(self.site, Path(), Path()))
        self.exchange = Exchange([(self.channel, keys)], self.site, True, lambda _: None, lambda _: None)
        self.alive, self.url = True, f"http://127.0.0.1:{self.channel.port}"
        self.exchange.start()
        self._heart = threading.Thread(target=self._beat, daemon=True)
        self._heart.start()
        wait_for(lambda: self.answers("/z/karrada/state"))

    def say(self, seq: int, action: str, **changes) -> None:
        self.exchange.announce(event_now(seq, action, mode=self.site.mode, **changes), time.time())

    def answers(self, path: str) -> bool:
        try:
            with urllib.request.urlopen(self.url + path, timeout=2.0) as answer:
                return answer.status == 200
        except OSError:
            return False

    def stop(self) -> None:
        self.alive = False
        self._heart.join()
        self.exchange.stop(2.0)

    def _beat(self) -> None:
        while self.alive:
            self.exchange.alive()
            time.sleep(0.1)


@pytest.fixture
def pages():
    running = Pages()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip("Chromium is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield started
        started.close()


def test_a_screen_warns_within_a_second_and_says_a_fault_when_nobody_answers(pages, browser):
    screen = browser.new_page()
    asked: list[str] = []
    screen.on("request", lambda request: asked.append(request.url))
    screen.goto(f"{pages.url}/z/green%20zone?lang=ar")
    screen.wait_for_selector("body.calm.live")
    assert screen.evaluate("document.documentElement.dir") == "rtl"
    begin_s = time.monotonic()
    pages.say(1, "raise", in_s=20.0)
    screen.wait_for_selector("body.warning.counting")
    assert time.monotonic() - begin_s < 1.0
    assert 17 <= int(screen.inner_text("#number")) <= 20
    assert "احتموا فورًا" in screen.inner_text("#headline")
    screen.reload()
    screen.wait_for_selector("body.warning.counting")
    pages.say(2, "clear")
    screen.wait_for_selector("body.clear")
    place = screen.locator("#place").bounding_box()
    assert place["x"] > 600, "the place's name stands at the right where one reads from the right"
    pages.stop()
    screen.wait_for_selector("body.fault", timeout=8000)
    assert all(url.startswith(pages.url) for url in asked)


def test_an_engine_that_is_not_heard_of_is_a_fault_on_every_screen(pages, browser):
    screen = browser.new_page()
    screen.goto(f"{pages.url}/z/karrada?lang=ar")
    screen.wait_for_selector("body.calm")
    assert "لا يوجد اسم" in screen.inner_text("#detail"), "that the name is missing is seen"
    pages.alive = False
    screen.wait_for_selector("body.fault", timeout=6000)
    assert "متوقف" in screen.inner_text("#headline")


def test_the_pages_are_small_and_let_nothing_in(pages):
    octets = 0
    for path in ("/z/green%20zone", "/page.css", "/page.js"):
        with urllib.request.urlopen(pages.url + path, timeout=2.0) as answer:
            octets += len(answer.read())
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert octets < 60_000
    for path in ("/z/nowhere", "/page.html", "/z/nowhere/state", "/..%2f..%2fpyproject.toml"):
        assert not pages.answers(path)
    with pytest.raises(OSError, match="405"):
        urllib.request.urlopen(f"{pages.url}/z/karrada/state", data=b"{}", timeout=2.0)


def test_an_all_clear_is_calm_after_a_while_and_a_port_in_use_is_refused(pages):
    state = ZoneState(GREEN, "clear", since_s=1000.0)
    assert shown(state, pages.site, "ok", 1000.0 + OVER_SHOWN_S - 1.0)["stage"] == "clear"
    assert shown(state, pages.site, "ok", 1000.0 + OVER_SHOWN_S + 1.0)["stage"] == CALM
    assert shown(replace(state, state=WARNING), pages.site, "ok", 9e9)["stage"] == WARNING
    with pytest.raises(ConfigError, match="a port that is free"):
        PageChannel(PageKeys(port=pages.channel.port), "again", Place(pages.site, Path(), Path()))
