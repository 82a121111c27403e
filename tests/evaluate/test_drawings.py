"""The drawings: whole XML, every mark where it belongs, no label upon another."""

import math
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from rampart.evaluate import svg
from rampart.evaluate.map_places import draw_labels, zone_states
from rampart.evaluate.map_svg import NARROW, WIDE, draw_detail, draw_overview, shrinking, site_plane
from rampart.evaluate.map_window import window_about
from rampart.evaluate.metrics import ellipse_axes
from rampart.evaluate.plane import plane_at
from rampart.evaluate.story import tell
from rampart.evaluate.timeline_svg import draw_timeline
from rampart.evaluate.words import LocalClock
from tests.evaluate.salvo import make_night, quiet_context

NIGHT = make_night()
RUN = NIGHT.run
STORY = tell(RUN.incident, RUN.events, RUN.site, NIGHT.truth, NIGHT.score)
CLOCK = LocalClock("Asia/Baghdad")


def marks(drawing: str, style: str) -> list[ElementTree.Element]:
    """Return the marks that bear all classes of `style`."""
    root = ElementTree.fromstring(drawing)
    wanted = set(style.split())
    return [each for each in root.iter() if wanted <= set(each.get("class", "").split())]


def overview(story=STORY, launch_sites=RUN.incident.launch_sites, size=WIDE) -> str:
    return draw_overview(story, launch_sites, RUN.site, NIGHT.places, size)


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_overview_shows_every_mark_once(size):
    drawing = overview(size=size)
    assert len(marks(drawing, "path projectile")) == 7
    assert len(marks(drawing, "end-guess")) == 7
    assert len(marks(drawing, "end-true")) == 6
    assert len(marks(drawing, "end-burst")) == 1
    assert len(marks(drawing, "radar-mast")) == 2
    assert len(marks(drawing, "zone")) == len(RUN.site.zones)
    assert len(marks(drawing, "zone protected")) == 1
    assert len(marks(drawing, "line-river")) == 1
    assert len(marks(drawing, "scale-bar")) == len(marks(drawing, "north")) == 1
    assert len(marks(drawing, "badge")) == 7


def test_the_launch_area_is_never_drawn_finer_than_300_m():
    sharp = [msgspec.structs.replace(RUN.incident.launch_sites[0], radius_90_m=40.0)]
    (circle,) = marks(overview(launch_sites=sharp), "launch-area")
    (bar,) = marks(overview(launch_sites=sharp), "scale-bar")
    start, *_, end = [float(pair.split(",")[0]) for pair in bar.get("points").split()]
    px_per_m = (end - start) / 2000.0
    assert float(circle.get("r")) / px_per_m == pytest.approx(300.0, rel=0.02)
    assert marks(overview(launch_sites=[]), "launch-area") == []


def test_the_reach_of_a_radar_is_drawn_where_it_crosses_the_map():
    near = tuple(replace(radar, max_range_m=4000.0) for radar in RUN.site.radars)
    crossed = draw_overview(STORY, (), replace(RUN.site, radars=near), None, WIDE)
    assert len(marks(crossed, "cover")) == 2
    assert marks(overview(), "cover") == []


def test_the_detail_shows_all_ends_inside_it():
    drawing = draw_detail(STORY, RUN.site, NIGHT.places, WIDE)
    assert len(marks(drawing, "end-true")) == 6
    for ring in marks(drawing, "end-guess"):
        assert 0.0 < float(ring.get("cx")) < WIDE.width
    assert draw_detail(replace(STORY, projectiles=(), unseen=()), RUN.site, None, WIDE) is None


def test_forecasts_shown_shrink_by_half_at_least():
    for row in STORY.projectiles:
        shown = [ellipse_axes(guess.cov_m2, 0.9)[0] for guess in shrinking(row.guesses, 3000.0)]
        assert 2 <= len(shown) <= 4
        assert shown[0] <= 3000.0
        assert all(later <= earlier / 2.0 for earlier, later in pairwise(shown))


def test_arabic_names_run_from_the_right():
    names = [name for name in marks(overview(), "label") if name.get("lang") == "ar"]
    assert len(names) > 5
    assert all(name.get("direction") == "rtl" for name in names)


def test_quiet_skies_are_drawn_too():
    context = quiet_context()
    story = tell(context.incident, context.events, context.site)
    drawing = draw_overview(story, (), context.site, None, WIDE)
    assert len(marks(drawing, "path aircraft")) == 2
    assert len(marks(drawing, "path other")) == 1
    assert draw_timeline(story, CLOCK, WIDE) is None
    nothing = replace(story, others=())
    assert marks(draw_overview(nothing, (), context.site, None, WIDE), "zone")


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["wide", "narrow"])
def test_the_timeline_shows_each_moment(size):
    drawing = draw_timeline(STORY, CLOCK, size)
    assert len(marks(drawing, "lane-projectile")) == 7
    assert len(marks(drawing, "first-plot")) == len(marks(drawing, "confirmed")) == 7
    assert len(marks(drawing, "first-forecast")) == 7
    assert len(marks(drawing, "lane-zone")) == len(STORY.zones)
    assert len(marks(drawing, "raised")) == sum(row.raised_s is not None for row in STORY.zones)
    assert len(marks(drawing, "to-shelter")) == len(STORY.hit)
    assert marks(drawing, "would-impact")
    ticks = [tick.text for tick in marks(drawing, "tick")]
    assert ticks == sorted(ticks)
    assert all(tick.startswith("20:05:") for tick in ticks)


def test_a_zone_without_alarm_says_so():
    events = [e for e in RUN.events if getattr(e, "zone", "") != "green-zone"]
    story = tell(RUN.incident, events, RUN.site, NIGHT.truth, NIGHT.score)
    assert zone_states(story.zones)["green-zone"] == "missed"
    assert "no alarm" in draw_timeline(story, CLOCK, WIDE)
    assert "url(#missed-wide)" in overview(story)


def test_an_alarm_without_projectiles_has_a_timeline():
    story = replace(STORY, projectiles=(), zones=tuple(row for row in STORY.zones if not row.hit))
    assert len(marks(draw_timeline(story, CLOCK, WIDE), "lane-zone")) == len(story.zones)


def test_an_attack_that_nobody_sensed_has_a_timeline():
    zones = tuple(replace(row, raised_s=None, cleared_s=None) for row in STORY.zones if row.hit)
    assert zones
    story = replace(STORY, projectiles=(), zones=zones)
    assert len(marks(draw_timeline(story, CLOCK, WIDE), "lane-zone")) == len(zones)
    blank = tuple(replace(row, first_fall_s=None) for row in zones)
    assert draw_timeline(replace(story, zones=blank), CLOCK, WIDE)


@settings(max_examples=50)
@given(arrays(float, st.tuples(st.integers(1, 9), st.just(2)), elements=st.floats(-30000, 30000)))
def test_a_window_holds_its_points_in_its_shape(points):
    window = window_about(points, plane_at(33.3, 44.4), 800.0, 0.5, 0.9)
    pixels = window.pixel_m(points)
    assert (pixels >= 0.0).all()
    assert (pixels <= [window.width, window.height]).all()
    assert 0.5 - 1e-9 <= window.height / window.width <= 0.9 + 1e-9
    assert window.width_m / window.width == pytest.approx(window.height_m / window.height)


@given(
    st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300), st.floats(5, 120), st.booleans()), max_size=25)
)
def test_labels_never_cover_one_another(wanted):
    labels, taken = svg.Labels(400.0, 300.0), []
    for x, y, width, centred in wanted:
        corner = labels.place(x, y, width, 14.0, centred=centred)
        if corner is not None:
            taken.append((corner[0], corner[1], corner[0] + width, corner[1] + 14.0))
    for i, a in enumerate(taken):
        assert a[0] >= 0
        assert a[2] <= 400
        for b in taken[:i]:
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]


def test_names_are_escaped_and_left_out_where_full():
    window = window_about(np.array([[0.0, 0.0], [9000.0, 5000.0]]), site_plane(RUN.site), 100.0, 0.5, 0.9)
    crowded = draw_labels(STORY, (), RUN.site, NIGHT.places, window, 14.0)
    assert crowded.count("<text") < len(RUN.site.zones)
    assert (
        svg.text(0, 0, "<b>&", "x") == '<text class="x" x="0" y="0" text-anchor="start">&lt;b&gt;&amp;</text>'
    )
    assert svg.text(0, 0, "ا", "x", "start", "ar").count('text-anchor="end"') == 1


def test_shapes_are_where_they_are_asked_for():
    points = [tuple(map(float, pair.split(","))) for pair in svg.star(5, 5, 4, "s").split('"')[3].split()]
    assert max(math.dist((5, 5), point) for point in points) == pytest.approx(4.0, abs=0.1)
    assert svg.number(-0.04) == "0"
