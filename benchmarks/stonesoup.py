"""Stone Soup on the same plots, judged by the same measures; in an environment of its own, else its rows say so."""

import json
import math
import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.tracks import CLUTTER, Marks, Moment, Pace, judge
from rampart.domain.scan import Scan
from rampart.domain.site import Site

PEERS = "RAMPART_PEERS"
"""Environment variable: a Python that has Stone Soup, in an environment of its own."""
SCRIPT = Path(__file__).parent / "peers" / "stonesoup_tracks.py"
METHODS = {"gnn": "Stone Soup GNN, UKF", "jpda": "Stone Soup JPDA, EKF"}
LIMIT_S = 60.0
"""CPU seconds that one run may take; what it did until then is judged."""

Skies = Sequence[tuple[np.ndarray, np.ndarray, np.ndarray]]
"""For each scan what is in cover (n,), where (n, 3), and where the rest flies (h, 3)."""


def is_here() -> bool:
    """Return whether there is a Python that has Stone Soup."""
    python = os.environ.get(PEERS, "")
    if not python or not Path(python).exists():
        return False
    return (
        subprocess.run([python, "-c", "import stonesoup"], check=False, capture_output=True).returncode == 0
    )


def follow(
    method: str,
    site: Site,
    scans: Sequence[Scan],
    whose: Sequence[np.ndarray],
    skies: Skies,
    first_plot_s: dict[int, float],
    limit_s: float = LIMIT_S,
) -> tuple[Marks, Pace, int]:
    """Return marks, pace and the number of scans that it got through, of `method` on one run.

    `whose` says for each scan whose plots its are, (n,).
    """
    radar = site.radars[0]
    given = {
        "lowest_rad": radar.min_elevation_rad,
        "highest_rad": radar.max_elevation_rad,
        "nearest_m": radar.min_range_m,
        "farthest_m": radar.max_range_m,
        "detection": radar.detection_probability,
        "false_plots": radar.false_plots_per_scan,
        "doppler": radar.measures_range_rate,
        "sigma": np.nan_to_num(radar.sigma).tolist(),
        "radars": len(site.radars),
        "places_m": [one.frame.origin_enu_m.tolist() for one in site.radars],
        "limit_s": limit_s,
        "scans": [_scan(scan, own, site) for scan, own in zip(scans, whose, strict=True)],
    }
    command = [os.environ[PEERS], str(SCRIPT), method]
    done = subprocess.run(
        command, input=json.dumps(given), capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONPATH": ""},
    )  # fmt: skip
    log = json.loads(done.stdout)
    moments = [_moment(*each) for each in zip(scans[: len(log)], skies, log, strict=False)]
    until_s = moments[-1].time_s if moments else -math.inf
    begun = {thing: first_s for thing, first_s in first_plot_s.items() if first_s <= until_s}
    plots = np.array([len(scan.plots) for scan in scans[: len(log)]])
    return judge(moments, begun), Pace(np.array([each["spent_s"] for each in log]), plots), len(log)


def _scan(scan: Scan, whose: np.ndarray, site: Site) -> dict:
    """Return a scan in the site's axes, azimuth counter-clockwise from east."""
    rows = []
    for row, thing in zip(range(len(scan.plots)), whose.tolist(), strict=True):
        radar = int(scan.plots.radar[row])
        range_m, azimuth_rad, elevation_rad, rate_mps = scan.plots.measurement[row].tolist()
        level = math.cos(elevation_rad)
        own = np.array(
            [level * math.sin(azimuth_rad), level * math.cos(azimuth_rad), math.sin(elevation_rad)]
        )
        east, north, up = (site.radars[radar].frame.rotation.T @ own).tolist()
        rate_mps = None if math.isnan(rate_mps) else rate_mps
        angles = math.atan2(north, east), math.asin(up)
        rows.append([float(scan.plots.time_s[row]), *angles, range_m, rate_mps, radar, max(thing, CLUTTER)])
    return {"time_s": scan.time_s, "plots": rows}


def _moment(scan: Scan, sky, told: dict) -> Moment:
    tracks = told["tracks"]
    place_m = np.array([place for _, place, *_ in tracks]).reshape(-1, 3)
    velocity_mps = np.array([velocity for _, _, velocity, *_ in tracks]).reshape(-1, 3)
    age_s = np.array([age_s for *_, age_s, _ in tracks]).reshape(-1, 1)
    ids, took = (np.array([track[i] for track in tracks], np.int64) for i in (0, 4))
    return Moment(scan.time_s, *sky, ids, place_m + age_s * velocity_mps, took)
