"""The after-action report in a real browser: no request, nothing wider than the screen, a few pages on paper."""

import os
import shutil
import subprocess

import pytest

from rampart import account
from rampart.after_action import write
from rampart.ledger.importing import import_table
from rampart.ledger.sample import sample_path
from rampart.ledger.store import Ledger
from tests.evaluate.test_report_browser import WIDER_THAN_THE_PAGE
from tests.ledger.run_folder import write_run

BROWSER = shutil.which("chromium")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.skipif(BROWSER is None, reason="chromium is not installed"),
    pytest.mark.skipif(os.environ.get("RAMPART_KERNELS") == "python", reason="flies a night"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """Return the reports of a sensed attack and of one that is only told of."""
    folder = tmp_path_factory.mktemp("after-action")
    ledger = Ledger.open(folder / "ledger.sqlite")
    run = folder / "run"
    run.mkdir()
    account.take(ledger, write_run(run))
    import_table(ledger, sample_path())
    names = {"night": ledger.resolve("baghdad"), "entry": ledger.resolve("2020-12-20")}
    return {name: write(ledger, own, folder / f"{name}.html") for name, own in names.items()}


@pytest.mark.parametrize(("name", "most_pages"), [("night", 9), ("entry", 3)])
def test_the_report_stands_alone_fits_and_prints(pages, tmp_path, name, most_pages):
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        requests = []
        for width in (400, 1280):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("request", lambda request: requests.append(request.url))
            page.goto(pages[name].as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(WIDER_THAN_THE_PAGE) == []
            assert page.locator("svg.overview:visible").count() == (1 if name == "night" else 0)
        assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        page.pdf(path=tmp_path / "report.pdf", format="A4", prefer_css_page_size=True)
        browser.close()
    if shutil.which("pdfinfo"):
        command = ["pdfinfo", tmp_path / "report.pdf"]
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        assert 1 <= int(told.split("Pages:")[1].split()[0]) <= most_pages
