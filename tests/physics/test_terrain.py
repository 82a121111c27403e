"""The ground: bilinear between nodes, held outside, and read from GeoTIFFs that rasterio writes."""

import sys

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from rampart.errors import InputError
from rampart.physics import terrain as terrain_module
from rampart.physics.geodesy import geodetic_from_enu, height_of_enu
from rampart.physics.terrain import (
    flat_terrain,
    ground_height_m,
    ground_slope,
    read_geotiff,
    terrain_from_grid,
)

GRID = terrain_from_grid(-100.0, 200.0, 50.0, np.array([[1.0, 2.0, 4.0], [3.0, 8.0, 5.0]]))


@pytest.mark.uncompiled
def test_height_is_bilinear_between_nodes_and_held_outside():
    assert ground_height_m(-100.0, 200.0, GRID) == 1.0
    assert ground_height_m(-50.0, 250.0, GRID) == 8.0
    assert ground_height_m(-75.0, 225.0, GRID) == pytest.approx((1 + 2 + 3 + 8) / 4)
    assert ground_height_m(-25.0, 200.0, GRID) == pytest.approx(3.0)
    assert ground_height_m(900.0, 900.0, GRID) == ground_height_m(0.0, 250.0, GRID) == 5.0
    assert ground_height_m(-900.0, -900.0, GRID) == 1.0
    assert np.isfinite(ground_height_m(np.nan, np.inf, GRID))


@pytest.mark.uncompiled
def test_the_slope_is_the_derivative_of_the_height():
    for east, north in [(-88.0, 211.0), (-20.0, 240.0)]:
        height, rise_e, rise_n = ground_slope(east, north, GRID)
        assert height == ground_height_m(east, north, GRID)
        by_east = ground_height_m(east + 0.1, north, GRID) - ground_height_m(east - 0.1, north, GRID)
        by_north = ground_height_m(east, north + 0.1, GRID) - ground_height_m(east, north - 0.1, GRID)
        assert (rise_e, rise_n) == pytest.approx((by_east / 0.2, by_north / 0.2))
    assert ground_slope(500.0, 900.0, GRID) == (5.0, 0.0, 0.0)
    assert ground_slope(1e4, -2e4, flat_terrain(34.0)) == (34.0, 0.0, 0.0)


def test_a_grid_knows_its_highest_node_and_refuses_nonsense():
    assert GRID.highest_m == 8.0
    assert flat_terrain(-20.0).highest_m == -20.0
    for grid, spacing in [(np.ones((1, 5)), 1.0), (np.full((2, 2), np.nan), 1.0), (np.ones((2, 2)), 0.0)]:
        with pytest.raises(ValueError, match="a grid of"):
            terrain_from_grid(0.0, 0.0, spacing, grid)


def plane_m(lat_deg, lon_deg):
    """A plane in degrees, so that interpolation in the file loses nothing."""
    return 200.0 + 3000.0 * (lat_deg - 33.3) - 2000.0 * (lon_deg - 44.4)


def write_geographic(path, gap=None, west=44.35, north=33.40, pixels=(130, 140), step=1e-3):
    lon = west + step * (np.arange(pixels[1]) + 0.5)
    lat = north - step * (np.arange(pixels[0]) + 0.5)
    grid = plane_m(lat[:, None], lon[None, :]).astype(np.float32)
    if gap is not None:
        grid[gap] = -9999.0
    with rasterio.open(
        path, "w", driver="GTiff", width=pixels[1], height=pixels[0], count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, step, step), nodata=-9999.0,
    ) as file:  # fmt: skip
        file.write(grid, 1)


def test_a_geographic_file_is_met_at_every_node(tmp_path, frame):
    write_geographic(tmp_path / "dem.tif")
    terrain = read_geotiff(tmp_path / "dem.tif", frame, 3000.0, geoid_offset_m=-5.0)
    # 0.001 degrees east at 33.3 N is 93 m
    assert terrain.spacing_m == pytest.approx(93.0, abs=1.0)
    rows, columns = terrain.height_m.shape
    axis = terrain.east0_m + terrain.spacing_m * np.arange(columns)
    assert (rows, axis[0] <= -3000.0, axis[-1] >= 3000.0) == (columns, True, True)
    for east, north in [(axis[0], axis[-1]), (axis[10], axis[40]), (axis[33], axis[33])]:
        height = ground_height_m(east, north, terrain)
        up = height - height_of_enu(east, north, 0.0, frame)
        lat, lon, there = geodetic_from_enu(east, north, up, frame)
        assert there == pytest.approx(height, abs=1e-4)
        assert height == pytest.approx(plane_m(np.degrees(lat), np.degrees(lon)) - 5.0, abs=1e-3)


def test_a_projected_file_agrees_with_a_geographic_one(tmp_path, frame):
    from rasterio.warp import transform

    easting, northing = transform("EPSG:4326", "EPSG:32638", [44.42], [33.315])
    west, north, step = easting[0] - 2500.0, northing[0] + 2500.0, 25.0
    x, y = np.meshgrid(west + step * (np.arange(200) + 0.5), north - step * (np.arange(200) + 0.5))
    lon, lat = transform("EPSG:32638", "EPSG:4326", x.ravel(), y.ravel())
    with rasterio.open(
        tmp_path / "utm.tif", "w", driver="GTiff", width=200, height=200, count=1, dtype="float64",
        crs="EPSG:32638", transform=from_origin(west, north, step, step),
    ) as file:  # fmt: skip
        file.write(plane_m(np.array(lat), np.array(lon)).reshape(200, 200), 1)
    write_geographic(tmp_path / "dem.tif")
    projected = read_geotiff(tmp_path / "utm.tif", frame, 2000.0)
    geographic = read_geotiff(tmp_path / "dem.tif", frame, 2000.0, spacing_m=projected.spacing_m)
    assert projected.spacing_m == pytest.approx(25.0)
    assert projected.height_m == pytest.approx(geographic.height_m, abs=1e-2)


def test_gaps_and_places_outside_take_the_nearest_height(tmp_path, frame):
    write_geographic(tmp_path / "gap.tif", gap=np.s_[80:90, 60:80])
    terrain = read_geotiff(tmp_path / "gap.tif", frame, 9000.0)
    assert np.all(np.isfinite(terrain.height_m))
    assert terrain.height_m.min() > -1000.0
    assert terrain.height_m[0, 40] == terrain.height_m[1, 40]  # the file ends 5 km south of the site


def test_a_fine_file_is_sampled_coarser(tmp_path, frame, monkeypatch):
    monkeypatch.setattr(terrain_module, "MOST_NODES", 101)
    write_geographic(tmp_path / "dem.tif", step=1e-5, west=44.4195, north=33.3155, pixels=(100, 100))
    terrain = read_geotiff(tmp_path / "dem.tif", frame, 2000.0)
    assert terrain.height_m.shape == (101, 101)


def test_a_file_that_is_no_help_is_refused_in_one_line(tmp_path, frame, monkeypatch):
    write_geographic(tmp_path / "far.tif", west=10.0, north=50.0)
    with pytest.raises(InputError, match=r"far\.tif: wanted heights within 1000 m of the site"):
        read_geotiff(tmp_path / "far.tif", frame, 1000.0)
    with pytest.raises(InputError, match=r"none\.tif: wanted a readable GeoTIFF"):
        read_geotiff(tmp_path / "none.tif", frame, 1000.0)
    (tmp_path / "text.tif").write_text("not a picture")
    with pytest.raises(InputError, match=r"text\.tif: wanted a readable GeoTIFF"):
        read_geotiff(tmp_path / "text.tif", frame, 1000.0)
    monkeypatch.setitem(sys.modules, "rasterio", None)
    with pytest.raises(InputError, match=r"rampart-cram\[terrain\]"):
        read_geotiff(tmp_path / "far.tif", frame, 1000.0)
