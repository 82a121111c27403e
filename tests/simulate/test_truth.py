"""Launches land on their aims, out-of-reach aims are refused, and the launch itself stays inside."""

import json
import math

import numpy as np
import pytest

from rampart.errors import InputError, ReachError
from rampart.physics.atmosphere import standard_air, with_wind
from rampart.physics.drag import SHAPE_CURVES, cd_at
from rampart.physics.flight import fly_to_ground
from rampart.physics.geodesy import enu_from_geodetic
from rampart.simulate.catalogue import catalogue, weapon
from rampart.simulate.launcher import varied_round
from rampart.simulate.scenario import Launch, RadarTruth, Scenario
from rampart.simulate.truth import fly_scenario, truth_json
from tests.sites import make_site

AIR = with_wind(standard_air(), 3.0, -2.0)
AIM = math.radians(33.3050), math.radians(44.4000)
M_PER_RAD_EAST = 6.378e6 * math.cos(math.radians(33.3))


def launch(name: str, km: float, **changes) -> Launch:
    """Return a launch `km` east of the aim."""
    place = {"latitude_rad": AIM[0], "longitude_rad": AIM[1] + km * 1e3 / M_PER_RAD_EAST}
    aim = {"aim_latitude_rad": AIM[0], "aim_longitude_rad": AIM[1]}
    return Launch(**({"weapon": name, "time_s": 1.0} | place | aim | changes))


def scenario(*launches: Launch, **changes) -> Scenario:
    fields = {
        "title": "t",
        "start_s": 1605632700.0,
        "seed": 1,
        "duration_s": 60.0,
        "launches": launches,
        "air": AIR,
    }
    return Scenario(**(fields | changes))


def fly(*launches: Launch, seed: int = 1):
    return fly_scenario(scenario(*launches), make_site(), np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("name", "km", "arc"),
    [
        ("mortar-60mm", 1.5, "high"),
        ("mortar-81mm", 3.0, "high"),
        ("mortar-120mm", 5.0, "low"),
        ("rocket-107mm", 5.0, "low"),
        ("rocket-122mm", 11.0, "low"),
        ("rocket-122mm", 11.0, "high"),
        ("artillery-155mm", 12.0, "low"),
        ("artillery-155mm", 12.0, "high"),
    ],
)
def test_a_launch_comes_down_on_its_aim(name, km, arc):
    site = make_site()
    (projectile,) = fly(launch(name, km, arc=arc)).projectiles
    aim = enu_from_geodetic(*AIM, site.frame.height_m, site.frame)
    assert np.hypot(*(projectile.ground_enu_m[:2] - aim[:2])) < 1.0
    rising = projectile.velocity_enu_mps[len(projectile.time_s) // 20]
    steep = rising[2] > np.hypot(rising[0], rising[1])
    assert steep == (arc == "high")


def test_dispersion_spreads_a_salvo_as_it_says():
    """Chance of a false alarm 1 in 1,000: 60 draws of a standard deviation lie within 30 % of it."""
    site = make_site()
    salvo = fly(launch("mortar-81mm", 3.0, count=30, interval_s=1.0, dispersion_m=100.0), seed=5).projectiles
    aim = np.array(enu_from_geodetic(*AIM, site.frame.height_m, site.frame))
    miss = np.array([projectile.ground_enu_m for projectile in salvo])[:, :2] - aim[:2]
    assert 70.0 < np.std(miss) < 130.0
    assert np.allclose(np.diff([projectile.launch_s for projectile in salvo]), 1.0)


def test_an_aim_out_of_reach_is_refused_with_the_reach():
    with pytest.raises(
        ReachError, match=r"launch\[0\]: '30.0 km': wanted an aim that rocket-122mm reaches.*km away"
    ):
        fly(launch("rocket-122mm", 30.0))


def test_an_aim_too_near_is_refused_with_both_ends_of_the_reach():
    with pytest.raises(ReachError, match=r"launch\[0\]: '0.3 km': wanted .* arc, \d\.\d to 2\d\.\d km"):
        fly(launch("rocket-122mm", 0.3))


def test_a_message_names_the_file_of_the_scenario():
    night = scenario(launch("slingshot", 1.0), source="night.toml")
    with pytest.raises(InputError, match=r"^night.toml: launch\[0\].weapon: "):
        fly_scenario(night, make_site(), np.random.default_rng(1))


@pytest.mark.parametrize(
    ("name", "quoted_km"),
    [
        ("mortar-60mm", 3.5),
        ("mortar-81mm", 5.65),
        ("mortar-120mm", 7.0),
        ("rocket-107mm", 8.5),
        ("rocket-122mm", 20.0),
        ("artillery-155mm", 18.0),
    ],
)
def test_the_reach_is_about_the_quoted_one(name, quoted_km):
    """Encyclopaedic reaches, within 15 %: one make differs from the middle of its kind by some percent."""
    with pytest.raises(ReachError) as refused:
        fly(launch(name, 60.0))
    reach_km = float(refused.value.wanted.split("at most ")[1].split()[0])
    assert reach_km == pytest.approx(quoted_km, rel=0.15)


def test_an_unknown_weapon_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"launch\[0\].weapon: 'slingshot': wanted one of mortar-60mm"):
        fly(launch("slingshot", 1.0))


def test_a_burst_ends_the_flight_in_the_air_and_remembers_the_ground():
    (projectile,) = fly(launch("rocket-122mm", 11.0, fate="airburst", burst_s=12.0)).projectiles
    assert projectile.impact_s == projectile.launch_s + 12.0 == projectile.time_s[-1]
    assert projectile.impact_enu_m[2] > 300.0
    assert projectile.ground_s > projectile.impact_s + 3.0
    assert projectile.state_at(projectile.impact_s + 0.1) is None
    assert projectile.state_at(projectile.launch_s - 0.1) is None


def test_a_burst_after_the_fall_is_refused():
    with pytest.raises(InputError, match=r"launch\[0\].burst_s: 99.0: wanted less than the"):
        fly(launch("mortar-81mm", 3.0, fate="airburst", burst_s=99.0))


def test_between_its_rows_a_trajectory_is_smooth():
    (projectile,) = fly(launch("rocket-122mm", 11.0)).projectiles
    middle_s = 0.5 * (projectile.time_s[200] + projectile.time_s[201])
    position, velocity = projectile.state_at(middle_s)
    before, after = (projectile.state_at(middle_s + h)[0] for h in (-0.01, 0.01))
    assert 0.5 * (before + after) == pytest.approx(position, abs=0.01)
    assert (after - before) / 0.02 == pytest.approx(velocity, rel=1e-4)


def test_truth_json_tells_where_it_fell_and_nothing_of_how_it_was_launched():
    site = make_site()
    truth = fly(launch("rocket-122mm", 11.0), launch("mortar-81mm", 3.0, fate="airburst", burst_s=9.0))
    document = truth_json(truth, site)
    for entry in document["projectiles"]:
        wanted = {"id", "weapon", "fate", "launch", "impact", "zones", "zones_endangered"}
        assert set(entry) - {"would_impact"} == wanted
        assert set(entry["launch"]) == {"time", "latitude_deg", "longitude_deg"}
    assert "would_impact" in document["projectiles"][1]
    assert document["projectiles"][0]["zones"] == ["centre"]
    text = json.dumps(document)
    assert not any(word in text for word in ("speed", "velocity", "elevation", "bearing", "charge"))


def test_the_true_flight_is_not_the_estimator_s_model():
    """No library curve, with the drag parameter that fits best, brings the true rocket to its place."""
    (projectile,) = fly(launch("rocket-122mm", 11.0)).projectiles
    site = make_site()
    after = int(np.searchsorted(projectile.time_s, projectile.burnout_s)) + 1
    state = np.zeros(9)
    state[:3], state[3:6] = projectile.position_enu_m[after], projectile.velocity_enu_mps[after]
    for curve in SHAPE_CURVES:
        misses = []
        for log_drag in np.linspace(projectile.log_drag - 1.5, projectile.log_drag + 1.5, 61):
            state[6], end = log_drag, np.empty(9)
            fly_to_ground(state, site.world, curve, site.terrain, 0.25, 200.0, end)
            misses.append(np.hypot(*(end[:2] - projectile.ground_enu_m[:2])))
        assert min(misses) > 3.0


def test_a_projectile_shown_as_text_keeps_its_flight_to_itself():
    (projectile,) = fly(launch("mortar-81mm", 3.0)).projectiles
    assert "velocity" not in repr(projectile)


def test_a_rocket_leaves_burn_out_at_the_speed_of_its_kind():
    (projectile,) = fly(launch("rocket-122mm", 11.0)).projectiles
    row = int(np.searchsorted(projectile.time_s, projectile.burnout_s - 1e-6))
    assert np.linalg.norm(projectile.velocity_enu_mps[row]) == pytest.approx(690.0, rel=0.05)


def test_no_true_drag_curve_is_the_estimator_s():
    for kind in catalogue():
        mach, cd = np.array(kind.drag_points).T
        for curve in SHAPE_CURVES:
            library = np.array([cd_at(m, curve) for m in mach])
            assert np.abs(cd / cd[0] - library / library[0]).max() > 0.05


def test_rounds_of_one_kind_differ():
    kind = weapon("rocket-122mm")
    rng = np.random.default_rng(2)
    rounds = [varied_round(kind, rng.standard_normal(2), rng.standard_normal(2)) for _ in range(200)]
    assert 0.03 < np.std([r.log_drag for r in rounds]) < 0.12
    assert len({w.name for w in catalogue()}) == 6


@pytest.mark.parametrize(
    "changes", [{"count": 0}, {"fate": "airburst"}, {"fate": "lost"}, {"arc": "flat"}, {"time_s": -1.0}]
)
def test_a_launch_that_makes_no_sense_is_refused(changes):
    with pytest.raises(InputError):
        launch("mortar-81mm", 3.0, **changes)


def test_a_scenario_finds_the_errors_of_a_radar():
    errors = RadarTruth("karkh", 3.0)
    assert scenario(radar_truth=(errors,)).radar_truth_of("karkh") is errors
    assert scenario().radar_truth_of("karkh") is None
    with pytest.raises(InputError):
        scenario(duration_s=0.0)
