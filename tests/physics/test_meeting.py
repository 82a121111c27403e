"""Coming down: on flat ground, a slope, a grazed ridge, a file's hills; and what never comes down."""

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_origin

from rampart.physics.flight import (
    LANDED,
    NO_CROSSING,
    UNDERGROUND,
    fly,
    fly_to_ground,
    fly_to_ground_each,
    trajectory,
)
from rampart.physics.geodesy import geodetic_from_enu
from rampart.physics.terrain import flat_terrain, ground_height_m, read_geotiff, terrain_from_grid


def clearance_m(state, terrain, frame):
    return geodetic_from_enu(*state[:3], frame)[2] - ground_height_m(state[0], state[1], terrain)


def landed(state, world, curve, terrain, step_s=0.25, max_s=120.0):
    out = np.empty(9)
    time_s, status = fly_to_ground(state, world, curve, terrain, step_s, max_s, out)
    return time_s, status, out


def assert_meets(state, terrain, frame, world, curve, step_s=0.25):
    """The flight ends within 1 mm of the ground and has stood clear of it at every moment before."""
    time_s, status, end = landed(state, world, curve, terrain, step_s)
    assert status == LANDED
    assert abs(clearance_m(end, terrain, frame)) < 1e-3
    states = np.empty((400, 9))
    trajectory(state, np.linspace(1e-3, time_s - 1e-3, 400), world, curve, 0.05, states)
    assert min(clearance_m(s, terrain, frame) for s in states) > 0.0
    again = np.empty(9)
    fly(state, time_s, world, curve, step_s, again)
    assert end == pytest.approx(again, abs=1e-6)
    return time_s, end


@pytest.mark.uncompiled
@pytest.mark.parametrize("step_s", [0.25, 1.0])
def test_flat_ground_follows_the_ellipsoid(step_s, frame, world, ground, mortar_curve):
    low = np.array([900.0, -4000.0, 30.0, 120.0, 30.0, 10.0, -7.0, 0.0, 0.0])
    assert_meets(low, ground, frame, world, mortar_curve, step_s)


def test_a_far_flight_meets_the_curved_ground_below_the_tangent_plane(
    frame, world, ground, rocket_state, rocket_curve
):
    _, end = assert_meets(rocket_state, ground, frame, world, rocket_curve)
    assert end[2] < -15.0


@pytest.mark.parametrize("slope", [-0.2, 0.0, 0.15, 0.5])
def test_sloped_ground(slope, frame, world, mortar_state, mortar_curve):
    axis = -6000.0 + 50.0 * np.arange(241)
    terrain = terrain_from_grid(-6000.0, -6000.0, 50.0, 34.0 - slope * np.add.outer(0.3 * axis, axis))
    _, end = assert_meets(mortar_state, terrain, frame, world, mortar_curve)
    assert end[2] == pytest.approx(-slope * (end[0] + 0.3 * end[1]), abs=2.0)


def ridge(crest_m, spacing_m=40.0):
    """Flat ground at 34 m with a wall of one node across the way at 480 m west."""
    axis = -2000.0 + spacing_m * np.arange(101)
    height = np.full((101, 101), 34.0)
    height[:, np.argmin(np.abs(axis + 480.0))] = crest_m
    return terrain_from_grid(axis[0], axis[0], spacing_m, height)


@pytest.mark.uncompiled
@pytest.mark.parametrize("step_s", [0.1, 0.25, 1.0])
def test_a_ridge_is_grazed_by_a_hand_and_missed_by_a_hand(step_s, frame, world, mortar_curve):
    level = np.array([200.0, 0.0, 60.0, -230.0, 5.0, 4.0, -7.5, 0.0, 0.0])
    states = np.empty((1, 9))
    # what height has it over the crest? step it there
    at_s = 680.0 / 226.0
    for _ in range(20):
        trajectory(level, np.array([at_s]), world, mortar_curve, 0.02, states)
        at_s += (-480.0 - states[0, 0]) / states[0, 3]
    over_m = geodetic_from_enu(*states[0, :3], frame)[2]
    time_s, status, end = landed(level, world, mortar_curve, ridge(over_m + 0.05), step_s)
    assert status == LANDED
    assert time_s == pytest.approx(at_s, abs=0.05)
    assert end[0] == pytest.approx(-480.0, abs=1.0)
    assert abs(clearance_m(end, ridge(over_m + 0.05), frame)) < 1e-3
    beyond_s, status, end = landed(level, world, mortar_curve, ridge(over_m - 0.05), step_s)
    assert status == LANDED
    assert beyond_s > time_s + 0.5
    assert end[0] < -600.0


def test_hills_of_a_file(tmp_path, frame, world, mortar_state, mortar_curve):
    west, north, step = 44.38, 33.35, 5e-4
    lon, lat = west + step * (np.arange(160) + 0.5), north - step * (np.arange(140) + 0.5)
    hills = 90.0 + 60.0 * np.sin(lon[None, :] * 900.0) * np.cos(lat[:, None] * 1100.0)
    with rasterio.open(
        tmp_path / "hills.tif", "w", driver="GTiff", width=160, height=140, count=1, dtype="float32",
        crs="EPSG:4326", transform=from_origin(west, north, step, step),
    ) as file:  # fmt: skip
        file.write(hills.astype(np.float32), 1)
    terrain = read_geotiff(tmp_path / "hills.tif", frame, 3000.0)
    state = mortar_state.copy()
    state[2] += 160.0
    for turn in np.radians([0.0, 70.0, 140.0, 210.0, 280.0]):
        east, north = state[3], state[4]
        state[3], state[4] = (
            east * np.cos(turn) - north * np.sin(turn),
            east * np.sin(turn) + north * np.cos(turn),
        )
        assert_meets(state, terrain, frame, world, mortar_curve)


@pytest.mark.uncompiled
def test_starts_under_on_and_over_the_ground(world, ground, mortar_curve):
    up = np.array([0.0, 0.0, 0.0, 50.0, 0.0, 60.0, -7.0, 0.0, 0.0])
    time_s, status, end = landed(up, world, mortar_curve, ground)
    assert (status, time_s > 10.0) == (LANDED, True)  # it stands on the ground and rises
    down = up.copy()
    down[5] = -60.0
    assert landed(down, world, mortar_curve, ground)[:2] == (0.0, LANDED)
    deep = up.copy()
    deep[2] = -5.0
    time_s, status, end = landed(deep, world, mortar_curve, ground)
    assert (time_s, status) == (0.0, UNDERGROUND)
    assert np.array_equal(end, deep)
    time_s, status, end = landed(up, world, mortar_curve, ground, max_s=3.0)
    assert (time_s, status) == (pytest.approx(3.0), NO_CROSSING)
    expected = np.empty(9)
    fly(up, 3.0, world, mortar_curve, 0.25, expected)
    assert end == pytest.approx(expected, abs=1e-9)


@pytest.mark.uncompiled
def test_back_in_time_leads_to_where_it_rose_from_the_ground(world, ground, mortar_curve):
    start = np.array([700.0, 300.0, 0.0, 60.0, -40.0, 90.0, -7.0, 0.0, 0.0])
    start[2] = -start[:2] @ start[:2] / 12.74e6 + 1e-4
    aloft = np.empty(9)
    fly(start, 7.0, world, mortar_curve, 0.25, aloft)
    time_s, status, back = landed(aloft, world, mortar_curve, ground, max_s=-60.0)
    assert status == LANDED
    assert time_s == pytest.approx(-7.0, abs=1e-3)
    assert back[:3] == pytest.approx(start[:3], abs=0.1)


@pytest.mark.uncompiled
def test_each_is_one_after_the_other(world, ground, mortar_curve):
    rows = np.array([[0.0, 0.0, h, 20.0, 5.0, 30.0, -7.0, 0.0, 0.0] for h in (1.0, 40.0, -30.0)])
    out, time_s, status = np.empty((3, 9)), np.empty(3), np.empty(3, np.int64)
    fly_to_ground_each(rows, world, mortar_curve, ground, 0.5, 60.0, out, time_s, status)
    for i in range(3):
        one_s, one_status, one = landed(rows[i], world, mortar_curve, ground, 0.5, 60.0)
        assert (time_s[i], status[i]) == (one_s, one_status)
        assert np.array_equal(out[i], one)
    assert status.tolist() == [LANDED, LANDED, UNDERGROUND]


def test_raised_flat_ground_is_met_sooner(world, mortar_state, mortar_curve):
    times = [landed(mortar_state, world, mortar_curve, flat_terrain(h))[0] for h in (-100.0, 0.0, 34.0)]
    assert times == sorted(times, reverse=True)
