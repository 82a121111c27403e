"""The page in a real browser: no request, no error, nothing wider than the screen, in light and in dark."""

import shutil
import subprocess

import pytest

from rampart.evaluate.report import write_report
from tests.evaluate.salvo import context_of, make_night, quiet_context

BROWSER = shutil.which("chromium")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = pytest.mark.skipif(BROWSER is None, reason="chromium is not installed")

WIDER_THAN_THE_PAGE = """() => [...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect();
  if (each.closest("svg") && each.tagName !== "svg") return false;
  if (each.closest("thead") && getComputedStyle(each.closest("thead")).position === "absolute") return false;
  return box.width > 0 && (box.right > innerWidth + 1 || box.left < -1);
}).map((each) => each.tagName + "." + (each.getAttribute("class") || "") + ": " + each.textContent.slice(0, 40))"""

LABELS_OUTSIDE = """() => [...document.querySelectorAll("svg.map, svg.timeline")].flatMap((drawing) => {
  const frame = drawing.getBoundingClientRect();
  return [...drawing.querySelectorAll("text")].filter((label) => {
    const box = label.getBoundingClientRect();
    const over = Math.max(box.right - frame.right, frame.left - box.left, box.bottom - frame.bottom);
    return frame.width > 0 && over > 2;
  }).map((label) => label.textContent);
})"""

CELLS_OVERLAP = """() => [...document.querySelectorAll("tbody tr")].flatMap((row) => {
  const cells = [...row.children].map((cell) => {
    const range = document.createRange();
    range.selectNodeContents(cell);
    return [range.getBoundingClientRect(), cell.textContent.trim()];
  }).filter(([box]) => box.width > 0);
  return cells.flatMap(([a, words], i) => cells.slice(i + 1).filter(([b]) =>
    a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1
  ).map(([, other]) => words + " | " + other));
})"""


@pytest.fixture(scope="module")
def browser():
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    written = {}
    for name, context in (("night", context_of(make_night())), ("quiet", quiet_context())):
        (folder / name).mkdir()
        written[name] = write_report(folder / name, context)
    return written


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
@pytest.mark.parametrize("name", ["night", "quiet"])
def test_the_page_stands_alone_and_fits(browser, pages, name, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    requests, complaints = [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(pages[name].as_uri())
    page.wait_for_load_state("networkidle")
    assert [url for url in requests if not url.startswith(("data:", "file:"))] == []
    assert len([url for url in requests if url.startswith("file:")]) == 1
    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER_THAN_THE_PAGE) == []
    assert page.evaluate(LABELS_OUTSIDE) == []
    assert page.evaluate(CELLS_OVERLAP) == []
    shown = page.locator("svg.overview:visible")
    assert shown.count() == 1
    assert shown.locator(".end-true").count() == (6 if name == "night" else 0)
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark is (scheme == "dark")
    context.close()


def test_a_projectile_is_pointed_out_everywhere(browser, pages):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(pages["night"].as_uri())
    page.locator('tr[data-key="p3"]').hover()
    assert page.locator(".chosen").count() == page.locator('[data-key="p3"]').count() > 5
    page.locator("h1").hover()
    assert page.locator(".chosen").count() == 0
    page.close()


def test_nothing_is_lost_without_scripts(browser, pages):
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(pages["night"].as_uri())
    assert page.locator("svg.timeline:visible .lane-projectile").count() == 7
    assert page.locator("#projectiles + .table tbody tr").count() == 7
    context.close()


def test_it_prints_on_white_in_a_few_pages(browser, pages, tmp_path):
    page = browser.new_page()
    page.emulate_media(media="print", color_scheme="dark")
    page.goto(pages["night"].as_uri())
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.pdf(path=tmp_path / "report.pdf", format="A4", prefer_css_page_size=True)
    page.close()
    content = (tmp_path / "report.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    if shutil.which("pdfinfo"):
        told = subprocess.run(
            ["pdfinfo", tmp_path / "report.pdf"], capture_output=True, text=True, check=True
        ).stdout
        assert 4 <= int(told.split("Pages:")[1].split()[0]) <= 9
