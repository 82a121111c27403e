"""Simulated plots as ASTERIX CAT015 edition 1.2 bytes; the tests hold every byte against libasterix."""

import math

import numpy as np

from rampart.domain.scan import AZIMUTH, ELEVATION, RANGE, RANGE_RATE, Plots
from rampart.domain.site import Site
from rampart.simulate.look import RadarLook

TIME_LSB_S = 1.0 / 128.0
RANGE_LSB_M = 0.1
DOPPLER_LSB_MPS = 0.01
DOPPLER_SIGMA_LSB_MPS = 1.0 / 64.0
AZIMUTH_LSB_RAD = math.radians(360.0 / 2**16)
ELEVATION_LSB_RAD = math.radians(180.0 / 2**16)
ANGLE_SIGMA_LSB_RAD = math.radians(45.0 / 2**16)
DAY_S = 86400.0
NORTH_MARKER, SECTOR_CROSSING = 1, 2
"""Message types of category 034."""
SECTOR_LSB_RAD = math.radians(360.0 / 2**8)
MOST_RECORDS = 1000
"""A block's length has 16 bits; a busier look is several blocks in one datagram."""
MESSAGE_TYPE = bytes((3 << 1,))
"""I015/000: measurement plot, routine."""
DESCRIPTOR = bytes((3 << 4,))
"""I015/020: one station, a simulated target."""


def encode_look(look: RadarLook, site: Site) -> bytes:
    """Return the blocks of one look: a record a plot, or a CAT034 north marker where nothing was seen.

    An antenna that turns says first, in CAT034, which sector it has passed.
    """
    radar = site.radars[look.radar]
    source = bytes((radar.sac, radar.sic))
    ticks = ticks_of_day(np.append(look.plots.time_s, look.time_s))
    records = [_record(source, int(tick), row) for tick, row in zip(ticks, _rows(look.plots), strict=False)]
    parts = range(0, len(records), MOST_RECORDS)
    blocks = b"".join(_block(15, b"".join(records[first : first + MOST_RECORDS])) for first in parts)
    if records and math.isnan(look.sector_rad):
        return blocks
    return _service(source, int(ticks[-1]), look.sector_rad) + blocks


def _service(source: bytes, ticks: int, sector_rad: float) -> bytes:
    """Return a CAT034 block: a sector crossing, or the north marker for the first sector and for none."""
    time = ticks.to_bytes(3, "big")
    if math.isnan(sector_rad) or sector_rad < SECTOR_LSB_RAD:
        return _block(34, bytes((0xE0,)) + source + bytes((NORTH_MARKER,)) + time)
    sector = bytes((round(sector_rad / SECTOR_LSB_RAD) % 256,))
    return _block(34, bytes((0xF0,)) + source + bytes((SECTOR_CROSSING,)) + time + sector)


def _block(category: int, body: bytes) -> bytes:
    return bytes((category,)) + (len(body) + 3).to_bytes(2, "big") + body


def _record(source: bytes, ticks: int, items: dict[int, bytes]) -> bytes:
    """Return one record: field specification, then source, type, descriptor, time and the measured items."""
    present = (1, 2, 4, 6, *items)
    octets = [0] * ((max(present) + 6) // 7)
    for number in present:
        octets[(number - 1) // 7] |= 0x80 >> (number - 1) % 7
    for i in range(len(octets) - 1):
        octets[i] |= 0x01
    head = bytes(octets) + source + MESSAGE_TYPE + DESCRIPTOR + ticks.to_bytes(3, "big")
    return head + b"".join(items.values())


def _rows(plots: Plots) -> list[dict[int, bytes]]:
    """Return for each plot its measured items by field number; one that is not measured is left out."""
    z, sigma = plots.measurement, plots.sigma
    columns = {
        20: _pair(0xA0, z[:, RANGE], RANGE_LSB_M, 3, sigma[:, RANGE], RANGE_LSB_M, 3),
        21: _pair(0xC0, z[:, RANGE_RATE], DOPPLER_LSB_MPS, 3, sigma[:, RANGE_RATE], DOPPLER_SIGMA_LSB_MPS, 2),
        22: _pair(0xA0, z[:, AZIMUTH], AZIMUTH_LSB_RAD, 2, sigma[:, AZIMUTH], ANGLE_SIGMA_LSB_RAD, 2),
        23: _pair(0xA0, z[:, ELEVATION], ELEVATION_LSB_RAD, 2, sigma[:, ELEVATION], ANGLE_SIGMA_LSB_RAD, 2),
        24: _signal(plots.snr_db),
    }
    rows = [{number: column[row] for number, column in columns.items()} for row in range(len(plots))]
    return [{number: item for number, item in row.items() if item} for row in rows]


def _pair(
    subfields: int, value, lsb: float, octets: int, sigma, sigma_lsb: float, sigma_octets: int
) -> list[bytes]:
    """Return for each plot the compound item of a quantity and its deviation; empty where not measured."""
    counts = np.rint(np.nan_to_num(value) / lsb).astype(np.int64) % (1 << 8 * octets)
    spreads = np.clip(np.rint(np.nan_to_num(sigma) / sigma_lsb), 1, (1 << 8 * sigma_octets) - 1).astype(
        np.int64
    )
    return [
        bytes((subfields,)) + int(count).to_bytes(octets, "big") + int(spread).to_bytes(sigma_octets, "big")
        if known
        else b""
        for count, spread, known in zip(counts, spreads, np.isfinite(value), strict=True)
    ]


def _signal(snr_db: np.ndarray) -> list[bytes]:
    """Return the compound item of the path's quality: the direct path's signal-to-noise ratio."""
    counts = np.clip(np.rint(np.nan_to_num(snr_db)), -128, 127).astype(np.int64) % 256
    return [
        bytes((0x40, int(n))) if known else b"" for n, known in zip(counts, np.isfinite(snr_db), strict=True)
    ]


def ticks_of_day(time_s: np.ndarray) -> np.ndarray:
    """Return times of day in units of 1/128 s."""
    day = round(DAY_S / TIME_LSB_S)
    return np.rint((time_s % DAY_S) / TIME_LSB_S).astype(np.int64) % day


def quantise(plots: Plots) -> Plots:
    """Return the plots as they read after a journey through CAT015: to the least significant bit."""
    z, sigma = plots.measurement.copy(), plots.sigma.copy()
    lsb = (RANGE_LSB_M, AZIMUTH_LSB_RAD, ELEVATION_LSB_RAD, DOPPLER_LSB_MPS)
    sigma_lsb = (RANGE_LSB_M, ANGLE_SIGMA_LSB_RAD, ANGLE_SIGMA_LSB_RAD, DOPPLER_SIGMA_LSB_MPS)
    for column in range(4):
        z[:, column] = np.rint(z[:, column] / lsb[column]) * lsb[column]
        sigma[:, column] = np.maximum(np.rint(sigma[:, column] / sigma_lsb[column]), 1.0) * sigma_lsb[column]
    z[:, AZIMUTH] %= 2.0 * math.pi
    time_s = np.rint(plots.time_s / TIME_LSB_S) * TIME_LSB_S
    return Plots(time_s, plots.radar.copy(), z, sigma, plots.snr_db.copy())
