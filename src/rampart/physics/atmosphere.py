"""The air: density, speed of sound and wind against height, from the standard atmosphere or a sounding."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from rampart.errors import InputError
from rampart.numerics.jit import kernel
from rampart.physics.splines import monotone_at, uniform_spline

DENSITY, SOUND, WIND_EAST, WIND_NORTH = range(4)
"""Quantities of `Air.coefficients`: kg/m3, m/s, m/s, m/s."""

GAS_CONSTANT_JKGK = 287.05287
HEAT_RATIO = 1.4
STANDARD_GRAVITY_MPS2 = 9.80665
GEOPOTENTIAL_RADIUS_M = 6356766.0

# [iso2533] to 80 km, [ussa1976] table 4 above: base of the layer (geopotential m), lapse (K/m)
LAYER_BASE_M = np.array([0.0, 11e3, 20e3, 32e3, 47e3, 51e3, 71e3])
LAYER_LAPSE_KPM = np.array([-6.5e-3, 0.0, 1e-3, 2.8e-3, 0.0, -2.8e-3, -2e-3])
SEA_TEMPERATURE_K = 288.15
SEA_PRESSURE_PA = 101325.0

BOTTOM_M, TOP_M, SPACING_M = -1000.0, 84000.0, 250.0
BLEND_M = 2000.0
"""Height over which a sounding's departure from standard temperature fades beyond its ends."""

SOUNDING_COLUMNS = ("height_m", "pressure_hpa", "temperature_k", "wind_east_mps", "wind_north_mps")


class Air(NamedTuple):
    """The air over a site, as cubic splines on even heights above the ellipsoid, held flat outside.

    `coefficients (n, 4, 4)`: cell, quantity (density, sound, wind east, wind north), rising power of the
    cell's own variable 0...1.
    """

    bottom_m: float
    spacing_m: float
    coefficients: np.ndarray


def standard_air() -> Air:
    """Return the still standard atmosphere, -1...84 km. [iso2533], [ussa1976]."""
    knots_m = _knots_m()
    pressure_pa, temperature_k = standard_pressure_temperature(knots_m)
    still = np.zeros_like(knots_m)
    return _air_from_knots(pressure_pa, temperature_k, still, still)


def standard_pressure_temperature(height_m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return pressure (n,) Pa and temperature (n,) K of the standard atmosphere at geometric heights (n,)."""
    height_m = np.asarray(height_m, np.float64)
    potential_m = GEOPOTENTIAL_RADIUS_M * height_m / (GEOPOTENTIAL_RADIUS_M + height_m)
    base_k, base_pa = _layer_bases()
    layer = np.clip(np.searchsorted(LAYER_BASE_M, potential_m, side="right") - 1, 0, None)
    lapse, above_m = LAYER_LAPSE_KPM[layer], potential_m - LAYER_BASE_M[layer]
    temperature_k = base_k[layer] + lapse * above_m
    fall = STANDARD_GRAVITY_MPS2 / GAS_CONSTANT_JKGK
    even = lapse == 0.0
    exponent = np.where(
        even,
        -fall * above_m / base_k[layer],
        -fall / np.where(even, 1.0, lapse) * np.log(temperature_k / base_k[layer]),
    )
    return base_pa[layer] * np.exp(exponent), temperature_k


def _layer_bases() -> tuple[np.ndarray, np.ndarray]:
    """Return temperature (7,) K and pressure (7,) Pa at the layers' bases."""
    fall = STANDARD_GRAVITY_MPS2 / GAS_CONSTANT_JKGK
    kelvin, pascal = [SEA_TEMPERATURE_K], [SEA_PRESSURE_PA]
    for depth_m, lapse in zip(np.diff(LAYER_BASE_M), LAYER_LAPSE_KPM[:-1], strict=True):
        top_k = kelvin[-1] + lapse * depth_m
        exponent = (
            -fall * depth_m / kelvin[-1] if lapse == 0.0 else -fall / lapse * np.log(top_k / kelvin[-1])
        )
        kelvin.append(top_k)
        pascal.append(pascal[-1] * np.exp(exponent))
    return np.array(kelvin), np.array(pascal)


def air_from_sounding(height_m, pressure_pa, temperature_k, wind_east_mps, wind_north_mps) -> Air:
    """Return the air of a sounding of n >= 2 levels at rising heights, each argument (n,).

    Between levels the logarithm of pressure, the temperature and the wind follow shape-keeping cubics.
    Beyond its ends pressure keeps its ratio to the standard's, the temperature's departure fades over
    BLEND_M, and the wind of the end level holds.
    """
    height_m = np.asarray(height_m, np.float64)
    knots_m = _knots_m()
    inside_m = np.clip(knots_m, height_m[0], height_m[-1])
    standard_pa, standard_k = standard_pressure_temperature(knots_m)
    edge_pa, edge_k = standard_pressure_temperature(inside_m)
    fade = np.exp(-np.abs(knots_m - inside_m) / BLEND_M)
    pressure = np.exp(monotone_at(knots_m, height_m, np.log(pressure_pa))) * standard_pa / edge_pa
    temperature = standard_k + (monotone_at(knots_m, height_m, temperature_k) - edge_k) * fade
    east = monotone_at(knots_m, height_m, wind_east_mps)
    north = monotone_at(knots_m, height_m, wind_north_mps)
    return _air_from_knots(pressure, temperature, east, north)


def with_wind(air: Air, wind_east_mps: float, wind_north_mps: float) -> Air:
    """Return the same air with this wind (the way the air moves), constant with height, added to its own."""
    coefficients = air.coefficients.copy()
    coefficients[:, WIND_EAST, 0] += wind_east_mps
    coefficients[:, WIND_NORTH, 0] += wind_north_mps
    return Air(air.bottom_m, air.spacing_m, coefficients)


def read_sounding(path: Path | str) -> Air:
    """Return the air of a sounding's CSV with the columns SOUNDING_COLUMNS.

    Raises InputError naming file, row, column and value where the file is not that.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(str(path), f"a readable CSV file ({error})") from None
    rows = list(csv.reader(text.splitlines()))
    header = tuple(name.strip() for name in rows[0]) if rows else ()
    if set(header) != set(SOUNDING_COLUMNS) or len(header) != len(SOUNDING_COLUMNS):
        raise InputError(f"{path}, row 1", "the columns " + ", ".join(SOUNDING_COLUMNS), ",".join(header))
    numbered = [(number, row) for number, row in enumerate(rows[1:], 2) if any(row)]
    levels = [_read_level(path, number, row, header) for number, row in numbered]
    if len(levels) < 2:
        raise InputError(str(path), "at least two levels", len(levels))
    for (number, _), below, level in zip(numbered[1:], levels[:-1], levels[1:], strict=True):
        if not level[0] > below[0]:
            where = f"{path}, row {number}, column height_m"
            raise InputError(where, "heights that rise from row to row", level[0])
    height_m, pressure_hpa, temperature_k, east_mps, north_mps = np.array(levels).T
    return air_from_sounding(height_m, 100.0 * pressure_hpa, temperature_k, east_mps, north_mps)


def _read_level(path: Path, number: int, row: list[str], header: tuple[str, ...]) -> list[float]:
    """Return one level in the order of SOUNDING_COLUMNS."""
    if len(row) != len(header):
        raise InputError(f"{path}, row {number}", f"{len(header)} values", ",".join(row))
    level = dict(zip(header, row, strict=True))
    values = []
    for column in SOUNDING_COLUMNS:
        where = f"{path}, row {number}, column {column}"
        try:
            value = float(level[column])
        except ValueError:
            raise InputError(where, "a number", level[column]) from None
        if not np.isfinite(value) or (column in ("pressure_hpa", "temperature_k") and value <= 0.0):
            raise InputError(where, "a finite number, above zero for pressure and temperature", level[column])
        values.append(value)
    return values


def _knots_m() -> np.ndarray:
    return np.arange(BOTTOM_M, TOP_M + 0.5 * SPACING_M, SPACING_M)


def _air_from_knots(pressure_pa, temperature_k, wind_east_mps, wind_north_mps) -> Air:
    """Return the splines through values at the knots, each (n + 1,); the gas is dry and ideal."""
    density = pressure_pa / (GAS_CONSTANT_JKGK * temperature_k)
    sound = np.sqrt(HEAT_RATIO * GAS_CONSTANT_JKGK * temperature_k)
    values = np.stack([density, sound, wind_east_mps, wind_north_mps], axis=1)
    return Air(BOTTOM_M, SPACING_M, uniform_spline(values))


@kernel
def air_at(height_m, air):
    """Return (density_kgm3, sound_mps, wind_east_mps, wind_north_mps) at a height above the ellipsoid."""
    x = (height_m - air.bottom_m) / air.spacing_m
    if not x > 0.0:  # a NaN too: the cell must exist whatever comes
        x = 0.0
    cells = air.coefficients.shape[0]
    if x > cells:
        x = float(cells)
    cell = min(int(x), cells - 1)
    s = x - cell
    c = air.coefficients
    return (
        c[cell, 0, 0] + s * (c[cell, 0, 1] + s * (c[cell, 0, 2] + s * c[cell, 0, 3])),
        c[cell, 1, 0] + s * (c[cell, 1, 1] + s * (c[cell, 1, 2] + s * c[cell, 1, 3])),
        c[cell, 2, 0] + s * (c[cell, 2, 1] + s * (c[cell, 2, 2] + s * c[cell, 2, 3])),
        c[cell, 3, 0] + s * (c[cell, 3, 1] + s * (c[cell, 3, 2] + s * c[cell, 3, 3])),
    )


@kernel
def air_slope_at(height_m, air):
    """Return what `air_at` does and then the four derivatives by height, zero outside the splines."""
    x = (height_m - air.bottom_m) / air.spacing_m
    per_m = 1.0 / air.spacing_m
    if not x > 0.0:
        x, per_m = 0.0, 0.0
    cells = air.coefficients.shape[0]
    if x > cells:
        x, per_m = float(cells), 0.0
    cell = min(int(x), cells - 1)
    s = x - cell
    c = air.coefficients
    density, sound, wind_east, wind_north = air_at(height_m, air)
    return (
        density,
        sound,
        wind_east,
        wind_north,
        per_m * (c[cell, 0, 1] + s * (2.0 * c[cell, 0, 2] + s * 3.0 * c[cell, 0, 3])),
        per_m * (c[cell, 1, 1] + s * (2.0 * c[cell, 1, 2] + s * 3.0 * c[cell, 1, 3])),
        per_m * (c[cell, 2, 1] + s * (2.0 * c[cell, 2, 2] + s * 3.0 * c[cell, 2, 3])),
        per_m * (c[cell, 3, 1] + s * (2.0 * c[cell, 3, 2] + s * 3.0 * c[cell, 3, 3])),
    )
