"""The packaged night is as it was reported, its zones cover the city without gaps, assumptions are named."""

import msgspec
import numpy as np
import pytest
import shapely

from rampart.config import read_scenario
from rampart.domain.incident import Claim
from rampart.runner import packaged_scenario
from rampart.simulate.truth import fly_scenario

PATH = packaged_scenario("baghdad-2020-11-17")
CLAIM_KINDS = {
    "projectiles_total", "projectiles_in_place", "killed", "injured", "launch_place", "attack_date", "weapon",
    "defence_used", "intercepted", "responsibility_claimed_by", "responsibility_denied_by", "confirmed_by",
    "declined_to_comment_by", "running_total",
}  # fmt: skip


@pytest.fixture(scope="module")
def night():
    return read_scenario(PATH)


@pytest.fixture(scope="module")
def shapes(night):
    _, site = night
    return {
        zone.id: shapely.MultiPolygon([_polygon(rings) for rings in zone.polygons]) for zone in site.zones
    }


def _polygon(rings) -> shapely.Polygon:
    return shapely.Polygon(np.degrees(rings[0]), [np.degrees(hole) for hole in rings[1:]])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_four_fall_in_the_green_zone_two_outside_and_one_bursts(night, seed):
    scenario, site = night
    truth = fly_scenario(scenario, site, np.random.default_rng([seed, 0]))
    fallen = [projectile.zones for projectile in truth.projectiles if projectile.fate == "ground"]
    assert sorted(fallen) == sorted([("green-zone",)] * 4 + [("medical-city",), ("zawra-park",)])
    (burst,) = [projectile for projectile in truth.projectiles if projectile.fate == "airburst"]
    assert "green-zone" not in burst.zones_endangered
    assert burst.impact_enu_m[2] > 300.0
    assert truth.projectiles[-1].ground_s < scenario.start_s + scenario.duration_s - 30.0
    assert np.ptp([projectile.launch_enu_m[:2] for projectile in truth.projectiles], axis=0).max() < 120.0


def test_every_rocket_flies_over_zones_all_the_way(night, shapes):
    scenario, _ = night
    covered = shapely.union_all(list(shapes.values()))
    for launch in scenario.launches:
        start, aim = (
            (launch.longitude_rad, launch.latitude_rad),
            (launch.aim_longitude_rad, launch.aim_latitude_rad),
        )
        assert covered.contains(shapely.LineString(np.degrees([start, aim])))


def test_the_zones_leave_no_gap_and_do_not_overlap(shapes):
    assert shapely.coverage_is_valid(list(shapes.values()))
    covered = shapely.union_all(list(shapes.values()))
    assert covered.symmetric_difference(shapely.box(*covered.bounds)).area < 1e-9
    assert all(len(shape.geoms) == 1 for shape in shapes.values())
    assert 20 <= len(shapes) <= 32


def test_what_nobody_reported_is_said_to_be_assumed(night):
    scenario, _ = night
    said = " ".join(scenario.assumed)
    for matter in ("type of rocket", "minute", "radars", "wind", "population", "launch area", "police"):
        assert matter in said


def test_every_claim_is_of_a_known_kind_and_says_whose_it_is():
    claims = msgspec.json.decode((PATH.parent / "claims.json").read_bytes(), type=list[Claim])
    assert {claim.what for claim in claims} <= CLAIM_KINDS
    totals = {claim.value for claim in claims if claim.what == "projectiles_total"}
    assert totals == {2, 4, 6, 7}
    assert all(claim.according_to or claim.source for claim in claims if claim.what != "weapon")
