"""Zones are repaired where that is harmless, else refused with feature, ring, vertex and value."""

import json
import math
from importlib.resources import files

import numpy as np
import pymap3d
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from rampart.errors import ConfigError
from rampart.warn.rings import first_crossing
from rampart.warn.zones import ZoneShapes, read_zones, zones_and_repairs, zones_of
from tests.warn.places import FRAME, REAL_ZONES, make_box, make_site, make_zone, read_real_zones

SQUARE = [[44.0, 33.0], [45.0, 33.0], [45.0, 34.0], [44.0, 34.0], [44.0, 33.0]]
HOLE = [[44.2, 33.2], [44.2, 33.4], [44.4, 33.4], [44.4, 33.2], [44.2, 33.2]]


def feature(rings=(SQUARE,), shape="Polygon", /, **properties):
    own = {"id": "a", "name": "A", "kind": "public", "population": 10, "shelter_s": 30} | properties
    own = {name: value for name, value in own.items() if value is not ...}
    return {"type": "Feature", "properties": own, "geometry": {"type": shape, "coordinates": list(rings)}}


def text(*features, **others):
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | others, ensure_ascii=False)


def refusal(document):
    with pytest.raises(ConfigError) as caught:
        zones_of(document if isinstance(document, str) else text(document), "z.geojson")
    said = str(caught.value)
    assert said.startswith("z.geojson")
    assert "\n" not in said
    assert caught.value.exit_status == 2
    return said


def area_deg2(zone):
    return sum(shapely.Polygon(np.degrees(r[0]), [np.degrees(h) for h in r[1:]]).area for r in zone.polygons)


def test_a_zone_is_read_in_radians():
    zones, repairs = zones_and_repairs(
        text(feature([SQUARE, HOLE], name={"en": "A", "ar": "أ"})), "z.geojson"
    )
    assert repairs == ()
    assert (zones[0].id, zones[0].names, zones[0].kind) == ("a", {"en": "A", "ar": "أ"}, "public")
    assert (zones[0].population, zones[0].shelter_s) == (10.0, 30.0)
    assert np.degrees(zones[0].polygons[0][0]) == pytest.approx(np.array(SQUARE))
    assert np.degrees(zones[0].polygons[0][1]) == pytest.approx(np.array(HOLE))
    assert not zones[0].polygons[0][0].flags.writeable


def test_what_is_missing_has_a_sensible_default():
    zone = zones_of(text(feature(id=7, name=..., kind=..., population=..., shelter_s=None)), "z")[0]
    assert (zone.id, zone.name, zone.kind, zone.population, zone.shelter_s) == ("7", "7", "public", 0.0, 30.0)


def test_heights_and_other_properties_are_passed_over():
    ring = [[*position, 34.0] for position in SQUARE]
    zone = zones_of(text(feature([ring], note="x", shelter_assumed=True, names="also")), "z")[0]
    assert zone.polygons[0][0].shape == (5, 2)


@pytest.mark.parametrize(
    ("ring", "said"),
    [
        (SQUARE[:-1], "ring 1: closed"),
        ([SQUARE[0], *SQUARE[:3], SQUARE[2], *SQUARE[3:]], "ring 1: 2 repeated vertices left out"),
        ([*SQUARE, SQUARE[0]], "ring 1: 1 repeated vertices left out"),
        (SQUARE[::-1], "turned"),
    ],
)
def test_the_harmless_is_repaired_and_said(ring, said):
    zones, repairs = zones_and_repairs(text(feature([ring])), "z.geojson")
    assert len(repairs) == 1
    assert said in repairs[0]
    outer = np.degrees(zones[0].polygons[0][0])
    assert np.array_equal(outer[0], outer[-1])
    assert len(outer) == 5
    assert shapely.LinearRing(outer).is_ccw
    assert area_deg2(zones[0]) == pytest.approx(1.0)


def test_a_ring_that_touches_itself_is_taken_apart():
    bow = [[44, 33], [45, 33], [44.5, 33.5], [45, 34], [44, 34], [44.5, 33.5], [44, 33]]
    zones, repairs = zones_and_repairs(text(feature([bow])), "z")
    assert "touches itself taken apart" in repairs[0]
    assert len(zones[0].polygons) == 2
    assert area_deg2(zones[0]) == pytest.approx(0.5)
    hole = [[44.0, 33.5], [44.5, 33.7], [44.5, 33.3], [44.0, 33.5]]
    zones, repairs = zones_and_repairs(text(feature([SQUARE, hole])), "z")
    assert area_deg2(zones[0]) == pytest.approx(1.0 - 0.1)


def test_polygons_of_one_zone_may_lie_apart_or_overlap():
    second = [[p + 0.5 for p in position] for position in SQUARE]
    zone = zones_of(text(feature([[SQUARE], [second]], "MultiPolygon")), "z")[0]
    assert len(zone.polygons) == 2
    assert zone.contains(math.radians(34.2), math.radians(45.2))


CROSSED = [[44.0, 33.0], [45.0, 34.0], [45.0, 33.0], [44.0, 34.0], [44.0, 33.0]]
BACK = [[44.0, 33.0], [45.0, 33.0], [45.0, 34.0], [45.0, 33.5], [44.0, 33.0]]
REFUSED = [
    (feature([[*SQUARE[:2], [45.0, 144.0], *SQUARE[3:]]]),
     "zone 'a' (feature 1), ring 1, vertex 3 (coordinates[0][2]): [45.0, 144.0]: wanted a latitude from -90 "
     "to 90, not 144"),
    (feature([[*SQUARE[:2], [245.0, 34.0], *SQUARE[3:]]]),
     "vertex 3 (coordinates[0][2]): [245.0, 34.0]: wanted a longitude"),
    (feature([SQUARE, [*HOLE[:1], ["x", 33.4], *HOLE[2:]]]),
     "ring 2, vertex 2 (coordinates[1][1]): ['x', 33.4]: wanted two numbers"),
    (feature([[*SQUARE[:2], [True, 34.0]]]),
     "vertex 3 (coordinates[0][2]): [True, 34.0]: wanted two numbers"),
    (feature([[*SQUARE[:2], [45.0]]]), "vertex 3 (coordinates[0][2]): [45.0]: wanted [longitude, latitude]"),
    (feature([[*SQUARE[:2], 45.0]]), "vertex 3 (coordinates[0][2]): 45.0: wanted [longitude, latitude]"),
    (feature([SQUARE[:2]]),
     "ring 1 (coordinates[0]): [[44.0, 33.0], [45.0, 33.0]]: wanted at least 3 distinct vertices"),
    (feature([[SQUARE[0], SQUARE[1], SQUARE[0], SQUARE[1]]]), "at least 3 distinct vertices"),
    (feature([[]]), "at least 3 distinct vertices"),
    (feature([CROSSED]),
     "ring 1, vertex 1 (coordinates[0][0]): [44.0, 33.0]: wanted a ring that does not cross itself; "
     "its edge 1-2 meets its edge 3-4"),
    (feature([BACK]),
     "ring 1, vertex 2 (coordinates[0][1]): [45.0, 33.0]: wanted a ring that does not cross itself; "
     "its edge 2-3 meets its edge 3-4"),
    (feature([[SQUARE], [CROSSED]], "MultiPolygon"), "polygon 2, ring 1, vertex 1 (coordinates[1][0][0])"),
    (feature([[[44, 33], [45, 34], [44.3, 33.3]]]), "its edge 1-2 meets its edge 2-3"),
    (feature([SQUARE, [[46, 33], [46.2, 33], [46, 33.2]]]),
     "ring 2, vertex 1 (coordinates[1][0]): [46.0, 33.0]: wanted a hole that lies inside"),
    (feature([SQUARE, HOLE, [[p + 0.125 for p in q] for q in HOLE]]),
     "ring 3, vertex 1 (coordinates[2][0]): [44.325, 33.325]: wanted a hole apart"),
    (feature([SQUARE, SQUARE]), "an area that is left"),
    (feature([[[-170, 1], [170, 1], [170, 2], [-170, 2]]]), "180th meridian"),
    (feature([]), "coordinates: []: wanted a list of rings"),
    (feature([], "MultiPolygon"), "coordinates: []: wanted at least one polygon"),
    (feature([None]), "ring 1 (coordinates[0]): wanted a list of positions"),
    (feature([5], "MultiPolygon"), "polygon 1: coordinates[0]: 5: wanted a list of rings"),
    (feature([44.0, 33.0], "Point"), "geometry: 'Point': wanted a Polygon or MultiPolygon"),
    (feature() | {"geometry": None}, "geometry: 'no geometry': wanted"),
    (feature(id=...), "feature 1: properties.id: wanted a text"),
    (feature(id="  "), "feature 1: properties.id: '  ': wanted"),
    (feature(id="a\nb"), "properties.id: 'a\\nb': wanted"),
    (feature(id=True), "properties.id: True: wanted"),
    (feature(id=..., ID="a"), "properties.ID: 'a': wanted id (did you mean it?)"),
    (feature(population=..., populatoin=3), "properties.populatoin: 3: wanted population"),
    (feature(name={}), "name: {}: wanted a text, or {language: text}"),
    (feature(name={"en": 3}), "name: {'en': 3}: wanted"),
    (feature(kind="military"), "kind: 'military': wanted one of protected, public"),
    (feature(population=-1), "zone 'a' (feature 1): population: -1: wanted a number from 0"),
    (feature(population="many"), "population: 'many': wanted"),
    (feature(shelter_s=90000), "shelter_s: 90000: wanted a number from 0 to 3600"),
    (feature() | {"properties": None}, "feature 1: properties: wanted"),
    ({"type": "Polygon"}, "feature 1: 'Polygon': wanted a GeoJSON Feature"),
    (text(feature(), feature()),
     "feature 2: properties.id: 'a': wanted an id that no other zone has; feature 1 has it"),
    (text(), "features: []: wanted at least one zone"),
    ('{"type": "Feature"}', "type: 'Feature': wanted a GeoJSON FeatureCollection"),
    ("[]", "type: 'list': wanted"),
    ("{", "wanted valid JSON"),
    ('{"type": "FeatureCollection", "features": [NaN]}', "wanted valid JSON"),
    ("[" * 100_000, "wanted valid JSON"),
    (text(feature(), crs={"properties": {"name": "EPSG:3857"}}), "crs"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "said"), REFUSED, ids=[said[-40:] for _, said in REFUSED])
def test_the_wrong_is_refused_with_its_place_and_value(document, said):
    assert said in refusal(document)


def test_a_file_is_read_or_refused(tmp_path):
    path = tmp_path / "z.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + text(feature()).encode())
    assert read_zones(path)[0].id == "a"
    path.write_bytes(b"\xff")
    with pytest.raises(ConfigError, match="byte 0: wanted UTF-8"):
        read_zones(path)
    with pytest.raises(ConfigError, match="No such file"):
        read_zones(tmp_path / "nowhere")


def test_the_packaged_zones_need_no_repair():
    path = files("rampart") / "scenarios" / "baghdad-2020-11-17" / "zones.geojson"
    zones, repairs = zones_and_repairs(path.read_text(), "packaged")
    assert len(zones) >= 20
    assert repairs == ()


def without_repeats(ring):
    corners = np.array(ring, float)
    return corners[np.any(corners != np.roll(corners, 1, axis=0), axis=1)]


points = st.tuples(st.integers(0, 6), st.integers(0, 6)).map(list)


@given(st.lists(points, min_size=3, max_size=7))
def test_any_ring_is_sound_afterwards_or_refused_in_one_line(ring):
    distinct = len({tuple(p) for p in ring})
    if distinct < 3 or (first_crossing(without_repeats(ring)) and not shapely.Polygon(ring).is_valid):
        refusal(feature([ring]))
        return
    if shapely.Polygon(ring).area == 0.0:
        assert "on one line" in refusal(feature([ring]))
        return
    zones, _ = zones_and_repairs(text(feature([ring])), "z.geojson")
    parts = [
        shapely.Polygon(np.degrees(rings[0]), [np.degrees(h) for h in rings[1:]])
        for rings in zones[0].polygons
    ]
    assert all(part.is_valid and part.exterior.is_ccw for part in parts)
    drawn = shapely.make_valid(shapely.Polygon(ring))
    assert shapely.union_all(parts).symmetric_difference(drawn).area < 1e-9


@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=3, max_size=8, unique=True))
def test_a_crossing_is_found_where_shapely_sees_none_or_one(corners):
    ring = np.round(np.array(corners), 3)
    if len(np.unique(ring, axis=0)) == len(ring) and shapely.Polygon(ring).is_valid:
        assert first_crossing(ring) is None


def test_shapes_lie_where_pymap3d_puts_them_and_grow_by_the_danger_radius():
    zone = make_zone("a", [(900, 100), (2100, 100), (2100, 1300), (900, 1300), (900, 100)])
    lonlat_rad = zone.polygons[0][0]
    place = pymap3d.geodetic2enu(
        lonlat_rad[:, 1], lonlat_rad[:, 0], 34.0, FRAME.latitude_rad, FRAME.longitude_rad, 34.0, deg=False
    )
    shapes = ZoneShapes((zone,), make_site((zone,), danger_radius_m=150.0))
    oracle = shapely.Polygon(np.column_stack(place[:2])).buffer(150.0, quad_segs=200)
    assert shapes.grown[0].symmetric_difference(oracle).area < 3000.0
    assert shapes.grown[0].hausdorff_distance(oracle) < 2.0
    arrays = shapes.arrays
    assert shapely.LinearRing(arrays.vertex_enu_m).is_ccw
    assert np.all(
        np.hypot(*(arrays.vertex_enu_m - arrays.circle_enu_m[0, :2]).T) <= arrays.circle_enu_m[0, 2]
    )


def test_a_long_border_is_straight_on_the_map_not_on_the_plane():
    corners = [(44.0, 34.0), (45.0, 34.0), (45.0, 33.9), (44.0, 33.9)]
    zone = zones_of(text(feature([corners])), "z")[0]
    shapes = ZoneShapes((zone,), make_site((zone,), danger_radius_m=0.0))
    middle = pymap3d.geodetic2enu(34.0, 44.475, 34.0, 33.315, 44.42, 34.0)[:2]
    assert shapes.grown[0].boundary.distance(shapely.Point(middle)) < 1.0


def test_holes_and_parts_keep_their_places_in_the_arrays():
    hole = [(-200, -200), (200, -200), (200, 200), (-200, 200), (-200, -200)][::-1]
    ring = make_zone("ring", [(-900, -900), (900, -900), (900, 900), (-900, 900), (-900, -900)], hole)
    arrays = ZoneShapes((ring, make_box("b", 5000, 0, 100)), make_site(danger_radius_m=50.0)).arrays
    assert list(arrays.zone_start) == [0, 2, 3]
    assert not shapely.LinearRing(arrays.vertex_enu_m[arrays.ring_start[1] : arrays.ring_start[2]]).is_ccw
    assert arrays.circle_enu_m[1, :2] == pytest.approx([5000, 0], abs=1.0)
    assert len(ZoneShapes((), make_site())) == 0


@pytest.mark.skipif(not REAL_ZONES.exists(), reason=f"{REAL_ZONES} is not here")
def test_real_zones_are_all_sound():
    zones = read_real_zones()
    assert len(zones) == 1449
