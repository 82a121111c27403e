"""Draws how surely a simulated radar sees a projectile in one look, against distance and height.

    python tools/radar_coverage.py docs/examples/hard-night/scenario.toml town coverage.png [WEAPON ...]

It needs matplotlib. The projectile falls towards the radar at 60 degrees; across the line of sight it is seen much
farther. Level ground is assumed: hills are not drawn. Detection by the closed form of `simulate.echo`.
"""

import math
import sys
from pathlib import Path

import numpy as np

from rampart.config import read_scenario
from rampart.domain.site import Radar
from rampart.simulate.beam import scan_of
from rampart.simulate.crosssection import BODIES, section_m2
from rampart.simulate.echo import detection_probability, mean_snr
from rampart.simulate.sight import bent_elevation_rad, ground_ray
from rampart.simulate.surroundings import RadarModel

FALL_RAD = math.radians(60.0)


def main() -> None:
    """Draw the figure that the command line asks for."""
    if len(sys.argv) < 4 or not set(sys.argv[4:]) <= set(BODIES):
        sys.exit(f"wanted SCENARIO.toml RADAR OUT.png [WEAPON ...] of {', '.join(BODIES)}")
    scenario, site = read_scenario(Path(sys.argv[1]))
    radar = next((radar for radar in site.radars if radar.id == sys.argv[2]), None)
    model = scenario.radar_model_of(sys.argv[2])
    if radar is None or model is None:
        sys.exit(f"{sys.argv[1]}: {sys.argv[2]!r}: wanted a radar with a [[radar_model]]")
    draw(radar, model, sys.argv[4:] or ["mortar-60mm", "mortar-120mm"], Path(sys.argv[3]))


def draw(radar: Radar, model: RadarModel, weapons: list[str], path: Path) -> None:
    """Write the figure, a panel a weapon."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    ground_m = np.linspace(200.0, 20e3, 300)
    height_m = np.linspace(5.0, 6e3, 240)
    figure, axes = pyplot.subplots(
        1, len(weapons), figsize=(5.5 * len(weapons), 4.4), sharey=True, layout="constrained", squeeze=False
    )
    for axis, weapon in zip(axes[0], weapons, strict=True):
        share = coverage(radar, model, weapon, ground_m, height_m)
        filled = axis.contourf(
            ground_m / 1e3, height_m / 1e3, share, np.linspace(0.0, 1.0, 11), cmap="cividis"
        )
        axis.contour(ground_m / 1e3, height_m / 1e3, share, [0.5, 0.9], colors="white", linewidths=0.8)
        axis.set_title(f"{weapon}, falling towards the radar")
        axis.set_xlabel("distance over the ground, km")
    axes[0][0].set_ylabel("height over the radar, km")
    figure.colorbar(filled, ax=axes, label="probability of detection in one look")
    figure.suptitle("Simulated; the radar is assumed", fontsize="medium")
    figure.savefig(path, dpi=80)


def coverage(
    radar: Radar, model: RadarModel, weapon: str, ground_m: np.ndarray, height_m: np.ndarray
) -> np.ndarray:
    """Return (heights, distances): the probability of detection in one look, 0 out of cover."""
    scan = scan_of(radar, model)
    share = np.zeros((len(height_m), len(ground_m)))
    for i, up_m in enumerate(height_m):
        for j, out_m in enumerate(ground_m):
            range_m, straight_rad = math.hypot(out_m, up_m), math.atan2(up_m, out_m)
            seen_rad = bent_elevation_rad(straight_rad, range_m, model.refraction_k)
            inside = radar.min_range_m <= range_m <= radar.max_range_m
            if not inside or not radar.min_elevation_rad <= seen_rad <= radar.max_elevation_rad:
                continue
            met = scan.meetings(lambda _, seen_rad=seen_rad: (model.boresight_azimuth_rad, seen_rad), 0.0)
            section = section_m2(BODIES[weapon], math.cos(FALL_RAD - straight_rad), model.wavelength_m)
            gain, _ = ground_ray(seen_rad, 10.0, model)
            if met:
                share[i, j] = detection_probability(
                    gain * mean_snr(section, range_m, met[0].loss_db, model), model
                )
    return share


if __name__ == "__main__":
    main()
