"""Writes the invented terrain and aircraft of docs/examples/hard-night: two ridges and a valley between them.

    python tools/hard_night.py

It needs rasterio. The same files come out every time.
"""

import math
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).resolve().parents[1] / "docs/examples/hard-night"
MIDDLE_DEG = 30.0, -45.0
SIDE_DEG, NODES = 0.30, 151
START = datetime(2026, 3, 21, 2, 0, tzinfo=UTC)
M_PER_DEG = 111_200.0


def main() -> None:
    """Write both files."""
    write_terrain(FOLDER / "terrain.tif")
    (FOLDER / "aircraft.csv").write_text(aircraft())
    sys.stdout.write(f"{FOLDER}: terrain.tif, aircraft.csv\n")


def heights_m() -> np.ndarray:
    """Return (NODES, NODES) heights, rows from north to south: a floor at 120 m, ridges east and west of it."""
    axis_deg = np.linspace(-0.5 * SIDE_DEG, 0.5 * SIDE_DEG, NODES)
    east_m, north_m = np.meshgrid(axis_deg * M_PER_DEG * math.cos(math.radians(30.0)), -axis_deg * M_PER_DEG)
    bend_m = 600.0 * np.sin(north_m / 3500.0)
    west = 560.0 * np.exp(-(((east_m + 6700.0 - bend_m) / 1500.0) ** 2))
    east = 330.0 * np.exp(-(((east_m - 3300.0 - bend_m) / 900.0) ** 2))
    knolls = 40.0 * np.sin(east_m / 700.0) * np.sin(north_m / 900.0)
    far = 1.0 - np.exp(-((east_m / 2500.0) ** 2))
    return 120.0 + west + east + knolls * far


def write_terrain(path: Path) -> None:
    """Write the heights as a GeoTIFF in whole metres."""
    import rasterio
    from rasterio.transform import from_origin

    step_deg = SIDE_DEG / (NODES - 1)
    west_deg, north_deg = (
        MIDDLE_DEG[1] - 0.5 * (SIDE_DEG + step_deg),
        MIDDLE_DEG[0] + 0.5 * (SIDE_DEG + step_deg),
    )
    with rasterio.open(
        path, "w", driver="GTiff", width=NODES, height=NODES, count=1, dtype="int16", crs="EPSG:4326",
        transform=from_origin(west_deg, north_deg, step_deg, step_deg), compress="deflate", predictor=2,
    ) as file:  # fmt: skip
        file.write(np.rint(heights_m()).astype(np.int16), 1)


def aircraft() -> str:
    """Return a helicopter that circles over the town and an aeroplane that passes, a fix every 2 s."""
    lines = ["time,id,latitude_deg,longitude_deg,height_m"]
    for k in range(53):
        time = (START + timedelta(seconds=2 * k - 2)).isoformat().replace("+00:00", "Z")
        turn_rad = 2.0 * math.pi * 2 * k / 60.0
        lines.append(
            f"{time},helicopter,{_place(400.0 * math.sin(turn_rad), 400.0 * math.cos(turn_rad) + 900.0)},420.0"
        )
        lines.append(
            f"{time},aeroplane,{_place(-9000.0 + 180.0 * k, 4000.0 - 60.0 * k)},{2500.0 - 8.0 * k:.1f}"
        )
    return "\n".join(lines) + "\n"


def _place(east_m: float, north_m: float) -> str:
    latitude_deg = MIDDLE_DEG[0] + north_m / M_PER_DEG
    longitude_deg = MIDDLE_DEG[1] + east_m / M_PER_DEG / math.cos(math.radians(30.0))
    return f"{latitude_deg:.6f},{longitude_deg:.6f}"


if __name__ == "__main__":
    main()
